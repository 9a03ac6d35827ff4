//! Measures over HTTP, each beside what it could be at best in the same run: decisions beside a server that looks at
//! nothing, durable events beside a file that is only appended to; and deployments on two servers.
//!
//! Server and client have a thread each; the writer of the store, which is part of a server, has one more. The loops are
//! closed (the next request follows the answer), both servers answer as many bytes, turns are taken A B A B, medians are
//! printed. Deliberately absent: limits and verdicts. A benchmark is not a test.
//!
//! Long because it is both ends of the wire, each as bare as can be, and nobody else needs them.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time, starts threads and prints a table"
)]

use std::{
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::FileExt as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use taiwa_deployer::{Order, Server as Remote, Stage, Watch, execute, states};
use taiwa_model::{Components, Timestamp};
use taiwa_plan::{
    Bundle, Envelope, Plan, Policy, Proposal, PublicKey, Server as Member, Wish, plan, propose,
};
use taiwa_release::{Release, diff};
use taiwa_runtime::{Config, Server, print_key};
use taiwa_stories::generated;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Turns of each side; odd, so that there is a middle one.
const TURNS: usize = 5;
/// How long one turn lasts.
const TURN: Duration = Duration::from_secs(1);
/// Connections of the throughput rows.
const MANY: usize = 64;
/// Bytes of the file that is only appended to, written once before, so that it does not grow while it is measured.
const LOG_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of one event in the file that is only appended to.
const EVENT_BYTES: usize = 300;
/// So many more offers make a workspace of 2,000 files.
const LARGE: usize = 1_287;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("| what | taiwa | at best | ratio |\n|---|---|---|---|");
    for candidates in [9, 100, 1_000] {
        let bulk = if candidates < 10 { 1 } else { candidates };
        let point = if candidates < 10 { "home-tiles" } else { generated::POINT };
        let world = World::start(bulk)?;
        world.client.block_on(world.deploy(0))?;
        world.decisions(candidates, point)?;
        if candidates < 10 {
            world.events()?;
        }
    }
    World::start(LARGE)?.deployments()
}

/// Two servers of one group, each on a thread of its own, and the bare one.
struct World {
    policy: Policy,
    remotes: Vec<Remote>,
    /// Two releases that differ in ten offers.
    releases: [Release; 2],
    address: SocketAddr,
    client: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
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
        let components = components(bulk);
        let mut changed = components.clone();
        for offer in changed.offers.values_mut().take(10) {
            offer.content.value += 1.0;
        }
        let releases = [Release::seal(components)?, Release::seal(changed)?];
        let address = SocketAddr::from(([127, 0, 0, 1], ports[0]));
        Ok(Self { policy, remotes, releases, address, client, folder })
    }

    /// Asks the servers what they run, and plans the way to one of the releases.
    async fn planned(&self, which: usize) -> Result<Plan, Failure> {
        let group = states(&self.policy, &self.remotes).await.group;
        let wish = Wish::change(self.releases[which].digest());
        Ok(plan(&self.policy, &group, &wish, now()).map_err(|it| format!("{it:?}"))?)
    }

    /// Plans and carries out a deployment, to the moment when every server is seen to run it.
    async fn deploy(&self, which: usize) -> Result<(), Failure> {
        let plan = self.planned(which).await?;
        let bundle = Bundle::new(&plan, Vec::new())?;
        let order = Order {
            bundle: &bundle,
            plan: &plan,
            step: taiwa_plan::Move::FIRST,
            live: plan.base,
            policy: &self.policy,
            servers: &self.remotes,
            bytes: self.releases[which].bytes(),
        };
        execute(&order, &Silent).await?;
        Ok(())
    }

    /// What `taiwa plan` does once the marked release is built: ask the servers, plan, fetch what is live, compare.
    async fn compare(&self, which: usize) -> Result<usize, Failure> {
        let plan = self.planned(which).await?;
        let live = plan.from.ok_or("nothing is live")?;
        let bytes = self.remotes[0].release(&live).await?.ok_or("the live release is gone")?;
        let live = Release::read(&bytes)?;
        Ok(diff(Some(live.components()), self.releases[which].components()).changes.len())
    }

    fn deployments(&self) -> Result<(), Failure> {
        let (mut new, mut plans, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..2 * TURNS {
            if turn > 0 {
                let begun = Instant::now();
                self.client.block_on(self.compare(turn % 2))?;
                plans.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            let begun = Instant::now();
            self.client.block_on(self.deploy(turn % 2))?;
            let times = if turn < 2 { &mut new } else { &mut known };
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        let release = &self.releases[0];
        let (count, size) = (release.components().ids().len(), release.bytes().len() / 1000);
        let rows = [
            ("plan: two servers asked, live release fetched, compared", &mut plans),
            (
                "deploy to two servers, from the question to verified, a release they never had",
                &mut new,
            ),
            ("the same, a release that they have stored", &mut known),
        ];
        for (what, times) in rows {
            println!("| {what}; {count} components, {size} KB | {:.0} ms | | |", middle(times));
        }
        Ok(())
    }

    fn decisions(&self, candidates: usize, point: &str) -> Result<(), Failure> {
        let attributes =
            json!({ "tier": "gold", "interests": ["espresso"], "points": 600, "age": 34 });
        let (mut once, mut of_session) = (Vec::new(), Vec::new());
        for person in 0..MANY {
            let key = format!("c-{person}");
            let body = json!({ "channel": "web-store", "point": point, "audience": { "customer_id": key },
                "locale": "en", "attributes": attributes });
            once.push(request("POST", "/v1/decide", &body.to_string()));
            let body = json!({ "channel": "web-store", "audience": { "customer_id": key }, "locale": "en",
                "attributes": attributes });
            let start = request("POST", "/v1/sessions", &body.to_string());
            let answer = self.client.block_on(ask(self.address, &start))?;
            let answer: serde_json::Value = serde_json::from_slice(&answer)?;
            let session = answer["session"].as_str().ok_or("no session was started")?;
            let path = format!("/v1/sessions/{session}/offers?point={point}");
            of_session.push(request("GET", &path, ""));
        }
        for (what, requests) in [("one-shot decision", once), ("decision in a session", of_session)]
        {
            let size = self.client.block_on(ask(self.address, &requests[0]))?.len();
            let bare = bare(size)?;
            let asks: Asks = Arc::new(move |connection, out| {
                out.extend_from_slice(&requests[connection % MANY]);
            });
            self.throughput(
                &format!("{what}, {candidates} candidates, {size} bytes, {MANY} connections"),
                &asks,
                bare,
            )?;
            self.latency(&format!("{what}, {candidates} candidates, 1 connection"), &asks, bare)?;
        }
        Ok(())
    }

    fn throughput(&self, what: &str, asks: &Asks, bare: SocketAddr) -> Result<(), Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            for (rates, address) in [(&mut ours, self.address), (&mut theirs, bare)] {
                rates.push(per_second(self.client.block_on(load(address, asks, MANY))?.len()));
            }
        }
        print_rates(what, &mut ours, &mut theirs);
        Ok(())
    }

    fn latency(&self, what: &str, asks: &Asks, bare: SocketAddr) -> Result<(), Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            for (times, address) in [(&mut ours, self.address), (&mut theirs, bare)] {
                times.extend(self.client.block_on(load(address, asks, 1))?);
            }
        }
        for (name, part) in [("p50", 0.50), ("p99", 0.99)] {
            let (a, b) = (quantile(&mut ours, part), quantile(&mut theirs, part));
            println!("| {what}, {name} | {a:.0} µs | {b:.0} µs | {:.2} |", a / b);
        }
        Ok(())
    }

    /// Events that are durable when they are answered, each with an id of its own, of a hundred people a connection.
    fn events(&self) -> Result<(), Failure> {
        let numbers = AtomicU64::new(0);
        let asks: Asks = Arc::new(move |connection, out| {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let person = number % 100;
            let body = format!(
                "{{\"channel\":\"web-store\",\"audience\":{{\"customer_id\":\"e-{connection}-{person}\"}},\
                 \"event\":\"add_to_cart\",\"properties\":{{\"sku\":\"kenya-250\",\"price\":12.5}},\
                 \"message_id\":\"m-{number}\"}}"
            );
            out.extend_from_slice(&request("POST", "/v1/events", &body));
        });
        let mut file = std::fs::File::create(self.folder.path().join("log"))?;
        file.write_all(&vec![b' '; LOG_BYTES])?;
        file.sync_all()?;
        for connections in [1, MANY] {
            let (mut ours, mut theirs, mut times) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..TURNS {
                let took = self.client.block_on(load(self.address, &asks, connections))?;
                ours.push(per_second(took.len()));
                times.extend(took);
                theirs.push(per_second(append(&file, connections)?));
            }
            let what = format!(
                "durable events, {connections} connections; at best: appended and synced together"
            );
            print_rates(&what, &mut ours, &mut theirs);
            let (p50, p99) = (quantile(&mut times, 0.50), quantile(&mut times, 0.99));
            println!(
                "| durable events, {connections} connections, p50 and p99 | {p50:.0} µs, {p99:.0} µs | | |"
            );
        }
        Ok(())
    }
}

/// Appends so many events at a time and syncs, for one turn; how many events.
fn append(file: &std::fs::File, together: usize) -> std::io::Result<usize> {
    let events = vec![b'x'; EVENT_BYTES * together];
    let (mut done, mut at, end) = (0, 0, Instant::now() + TURN);
    while Instant::now() < end {
        file.write_all_at(&events, at)?;
        file.sync_data()?;
        at = (at + events.len() as u64) % (LOG_BYTES - events.len()) as u64;
        done += together;
    }
    Ok(done)
}

/// Writes the next request of a connection.
type Asks = Arc<dyn Fn(usize, &mut Vec<u8>) + Send + Sync>;

#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn per_second(done: usize) -> f64 {
    done as f64 / TURN.as_secs_f64()
}

fn print_rates(what: &str, ours: &mut [f64], theirs: &mut [f64]) {
    let (ours, theirs) = (middle(ours), middle(theirs));
    println!("| {what} | {ours:.0}/s | {theirs:.0}/s | {:.2} |", ours / theirs);
}

/// Asks over so many connections for one turn; the time of each answer in microseconds.
async fn load(address: SocketAddr, asks: &Asks, connections: usize) -> Result<Vec<f64>, Failure> {
    let mut tasks = tokio::task::JoinSet::new();
    let end = Instant::now() + TURN;
    for connection in 0..connections {
        let asks = asks.clone();
        tasks.spawn(async move {
            let mut stream = connect(address).await?;
            let (mut buffer, mut request) = (vec![0; 64 * 1024], Vec::new());
            let mut times = Vec::new();
            while Instant::now() < end {
                request.clear();
                asks(connection, &mut request);
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
async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut [u8],
) -> std::io::Result<(usize, usize)> {
    stream.write_all(request).await?;
    let mut have = 0;
    loop {
        have += stream.read(&mut buffer[have..]).await?;
        if let Some((head, length)) = parsed(&buffer[..have]) {
            if !buffer.starts_with(b"HTTP/1.1 20") {
                return Err(std::io::Error::other(
                    String::from_utf8_lossy(&buffer[..have]).into_owned(),
                ));
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

fn thread<F: Future<Output = ()>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || runtime.block_on(work()));
    Ok(())
}

fn free() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn components(bulk: usize) -> Components {
    let files = generated::workspace(bulk).into_iter().map(|(path, bytes)| {
        taiwa_config::InputFile { path, content: taiwa_config::Content::Bytes(bytes) }
    });
    taiwa_config::load(files.collect()).0.components
}

fn now() -> Timestamp {
    let since =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
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
