//! Measures decisions over HTTP beside a bare server in the same run, and a deployment on two servers.
//!
//! Server and client have a thread each; both servers answer as many bytes. The bare one reads a request, looks at
//! nothing and answers: what is left between the two is taiwa. Turns are taken A B A B, medians are printed.
//! Deliberately absent: limits and verdicts. A benchmark is not a test.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time, starts threads and prints a table"
)]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::json;
use taiwa_deployer::{Order, Server as Remote, Stage, Watch, execute, states};
use taiwa_model::{Components, Timestamp};
use taiwa_plan::{Bundle, Envelope, Policy, Proposal, PublicKey, Server as Member, Wish, plan, propose};
use taiwa_release::Release;
use taiwa_runtime::{Config, Server, print_key};
use taiwa_stories::generated;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Turns of each side; odd, so that there is a middle one.
const TURNS: usize = 5;
/// How long one turn lasts.
const TURN: Duration = Duration::from_millis(1500);
/// Connections of the throughput rows.
const MANY: usize = 64;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("| what | taiwa | bare server | ratio |\n|---|---|---|---|");
    for candidates in [9, 100, 1_000] {
        let bulk = if candidates < 10 { 1 } else { candidates };
        let point = if candidates < 10 { "home-tiles" } else { generated::POINT };
        let world = World::start(bulk)?;
        let took = world.deploy()?;
        world.measure(candidates, point)?;
        println!("| deploy to 2 servers, from the plan to verified, release of {} KB | {took} ms | | |", world.bytes / 1000);
    }
    Ok(())
}

/// Two servers of one group, each on a thread of its own, and the bare one.
struct World {
    policy: Policy,
    remotes: Vec<Remote>,
    release: Release,
    bytes: usize,
    address: SocketAddr,
    client: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

struct Silent;

impl Watch for Silent {
    fn saw(&self, _: &Stage) {}
}

impl World {
    fn start(bulk: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let client = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ports = [free()?, free()?];
        let mut proposal = Proposal::new("bench".into());
        proposal.protected = Some(false);
        for (index, port) in ports.iter().enumerate() {
            let key = PublicKey::parse(&print_key(&folder.path().join(index.to_string()))?)?;
            let url = format!("http://127.0.0.1:{port}");
            proposal.servers.push(Member { id: format!("s-{index}").into(), url, key });
        }
        let document = propose(&proposal, now()).map_err(|it| format!("{it:?}"))?;
        let envelope = Envelope::unsigned(&document)?;
        let policy = Policy::accept(&envelope)?;
        for (index, port) in ports.iter().enumerate() {
            let config = Config {
                listen: SocketAddr::from(([127, 0, 0, 1], *port)),
                policy: Some(envelope.clone()),
                ..Config::new(folder.path().join(index.to_string()))
            };
            serve(config)?;
        }
        let http = taiwa_deployer::http()?;
        let members = policy.document().servers.iter();
        let remotes = members.map(|it| Remote::new(&http, it.id.clone(), &it.url, None)).collect();
        let release = Release::seal(components(bulk))?;
        let bytes = release.bytes().len();
        let address = SocketAddr::from(([127, 0, 0, 1], ports[0]));
        Ok(Self { policy, remotes, release, bytes, address, client, _folder: folder })
    }

    /// Plans and carries out the first deployment; gives its time in milliseconds.
    fn deploy(&self) -> Result<u64, Failure> {
        self.client.block_on(async {
            let group = states(&self.policy, &self.remotes).await.group;
            let wish = Wish::change(self.release.digest());
            let plan = plan(&self.policy, &group, &wish, now()).map_err(|it| format!("{it:?}"))?;
            let bundle = Bundle::new(&plan, Vec::new())?;
            let order = Order {
                bundle: &bundle,
                plan: &plan,
                policy: &self.policy,
                servers: &self.remotes,
                bytes: self.release.bytes(),
            };
            Ok(execute(&order, &Silent).await?.total_ms)
        })
    }

    fn measure(&self, candidates: usize, point: &str) -> Result<(), Failure> {
        let body = json!({
            "channel": "web-store", "point": point, "audience": { "customer_id": "c-1" }, "locale": "en",
            "attributes": { "tier": "gold", "interests": ["espresso"], "points": 600, "age": 34 },
        });
        let once = request("POST", "/v1/decide", &body.to_string());
        let start = json!({ "channel": "web-store", "audience": { "customer_id": "c-2" }, "locale": "en",
            "attributes": { "tier": "gold", "interests": ["espresso"], "points": 600, "age": 34 } });
        let answer = self.client.block_on(ask(self.address, &request("POST", "/v1/sessions", &start.to_string())))?;
        let started: serde_json::Value = serde_json::from_slice(&answer)?;
        let session = started["session"].as_str().ok_or("no session was started")?;
        let of_session = request("GET", &format!("/v1/sessions/{session}/offers?point={point}"), "");
        for (what, request) in [("one-shot decision", &once), ("decision in a session", &of_session)] {
            let size = self.client.block_on(ask(self.address, request))?.len();
            let bare = bare(size)?;
            self.throughput(&format!("{what}, {candidates} candidates, {MANY} connections"), request, bare)?;
            self.latency(&format!("{what}, {candidates} candidates, 1 connection"), request, bare)?;
        }
        Ok(())
    }

    fn throughput(&self, what: &str, request: &[u8], bare: SocketAddr) -> Result<(), Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            for (rates, address) in [(&mut ours, self.address), (&mut theirs, bare)] {
                let done = self.client.block_on(load(address, request, MANY))?;
                #[expect(clippy::cast_precision_loss, reason = "a rate")]
                rates.push(done.len() as f64 / TURN.as_secs_f64());
            }
        }
        let (ours, theirs) = (middle(&mut ours), middle(&mut theirs));
        println!("| {what} | {ours:.0}/s | {theirs:.0}/s | {:.2} |", ours / theirs);
        Ok(())
    }

    fn latency(&self, what: &str, request: &[u8], bare: SocketAddr) -> Result<(), Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            for (times, address) in [(&mut ours, self.address), (&mut theirs, bare)] {
                times.extend(self.client.block_on(load(address, request, 1))?);
            }
        }
        for (name, part) in [("p50", 0.50), ("p99", 0.99)] {
            let (a, b) = (quantile(&mut ours, part), quantile(&mut theirs, part));
            println!("| {what}, {name} | {a:.0} µs | {b:.0} µs | {:.2} |", a / b);
        }
        Ok(())
    }
}

/// Asks over so many connections for one turn; the time of each answer in microseconds.
async fn load(address: SocketAddr, request: &[u8], connections: usize) -> Result<Vec<f64>, Failure> {
    let mut tasks = tokio::task::JoinSet::new();
    let end = Instant::now() + TURN;
    for _ in 0..connections {
        let request = request.to_vec();
        tasks.spawn(async move {
            let mut stream = connect(address).await?;
            let (mut buffer, mut times) = (vec![0; 64 * 1024], Vec::new());
            while Instant::now() < end {
                let begun = Instant::now();
                exchange(&mut stream, &request, &mut buffer).await?;
                times.push(begun.elapsed().as_secs_f64() * 1e6);
            }
            Ok::<_, std::io::Error>(times)
        });
    }
    let mut all = Vec::new();
    while let Some(times) = tasks.join_next().await {
        all.extend(times??);
    }
    Ok(all)
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn ask(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut stream = connect(address).await?;
    let mut buffer = vec![0; 64 * 1024];
    let (head, end) = exchange(&mut stream, request, &mut buffer).await?;
    Ok(buffer[head..end].to_vec())
}

/// Sends a request and reads its answer; where the body begins and ends. Anything but 200 or 201 is an error.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut [u8]) -> std::io::Result<(usize, usize)> {
    stream.write_all(request).await?;
    let mut have = 0;
    loop {
        have += stream.read(&mut buffer[have..]).await?;
        if let Some((head, length)) = parsed(&buffer[..have]) {
            if !buffer.starts_with(b"HTTP/1.1 20") {
                return Err(std::io::Error::other(String::from_utf8_lossy(&buffer[..have]).into_owned()));
            }
            if have >= head + length {
                return Ok((head, head + length));
            }
        }
    }
}

/// Length of the head and of the body of a message, once the head is whole.
fn parsed(message: &[u8]) -> Option<(usize, usize)> {
    let head = message.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&message[..head]).ok()?;
    let length = text.lines().find_map(|it| {
        let (name, value) = it.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some((head, length.unwrap_or(0)))
}

fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A server that reads a request, looks at nothing, and answers so many bytes.
fn bare(size: usize) -> Result<SocketAddr, Failure> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n{}",
        " ".repeat(size)
    );
    thread(move || async move {
        let Ok(listener) = TcpListener::from_std(listener) else { return };
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                stream.set_nodelay(true).ok();
                let (mut buffer, mut have) = (vec![0; 8192], 0);
                while let Ok(more @ 1..) = stream.read(&mut buffer[have..]).await {
                    have += more;
                    if parsed(&buffer[..have]).is_some_and(|(head, length)| have >= head + length) {
                        have = 0;
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    })?;
    Ok(address)
}

/// A server of taiwa on a thread of its own, for as long as the process lives.
fn serve(config: Config) -> Result<(), Failure> {
    let (up, ready) = std::sync::mpsc::channel();
    thread(move || async move {
        match Server::open(config).await {
            Ok(server) => {
                up.send(Ok(())).ok();
                server.serve(std::future::pending()).await;
            }
            Err(error) => drop(up.send(Err(error.to_string()))),
        }
    })?;
    ready.recv()??;
    Ok(())
}

fn thread<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || runtime.block_on(work()));
    Ok(())
}

fn free() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn components(bulk: usize) -> Components {
    let files = generated::workspace(bulk)
        .into_iter()
        .map(|(path, bytes)| taiwa_config::InputFile { path, content: taiwa_config::Content::Bytes(bytes) });
    taiwa_config::load(files.collect()).0.components
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0)).whole_second()
}

fn middle(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index within the list"
    )]
    let index = ((values.len() as f64 - 1.0) * part) as usize;
    values.get(index).copied().unwrap_or(0.0)
}
