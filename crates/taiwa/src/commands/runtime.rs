//! `taiwa runtime`

use std::{net::SocketAddr, path::PathBuf};

use taiwa_model::ServerId;
use taiwa_plan::Envelope;
use taiwa_runtime::{Config, Key, Part, RunError, Scope, Server, Tls};

use crate::{
    Cx, Exit, Failure,
    edge::{files, signals},
};

/// Run a runtime server
///
/// Keys: `TAIWA_ADMIN_TOKEN` (every door) and `TAIWA_CLIENT_TOKEN` (decide and ingest), at least 16 bytes each. Without any, a
/// server on loopback works and says so. It goes on with the release that it last activated.
///
/// TLS: a certificate and its key make both addresses answer HTTPS only; files are in PEM and read once, at the start.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where touchpoints ask
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7101")]
    listen: SocketAddr,
    /// Where administration is; without it at the same address
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,
    /// The folder of its data; made if it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Its TLS certificate, and those between it and the authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, not encrypted
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Every caller needs a certificate of this authority, also for `/healthz`
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// An authority of the other servers' certificates, beside those of this machine
    #[arg(long, value_name = "FILE")]
    peer_ca: Option<PathBuf>,
    /// Its first policy: what `taiwa policy propose` wrote and people signed
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Its id in the policy; needed only where the policy has several servers and none has its key
    #[arg(long, value_name = "ID")]
    name: Option<ServerId>,
    /// Make its key if there is none, print the public one, and end
    #[arg(long)]
    print_key: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let data = cx.path(&args.data);
    if args.print_key {
        let key = taiwa_runtime::print_key(&data)
            .map_err(|it| Failure::world("store-failed", it.to_string()))?;
        cx.print(key);
        return Ok(Exit::Yes);
    }
    let config = Config {
        listen: args.listen,
        admin_listen: args.admin_listen,
        tls: tls(cx, args)?,
        peer_ca: args.peer_ca.as_ref().map(|it| files::read_file(&cx.path(it))).transpose()?,
        keys: keys(cx)?,
        policy: args.policy.as_ref().map(|it| policy(&cx.path(it))).transpose()?,
        server: args.name.clone(),
        ..Config::new(data)
    };
    logs(cx);
    signals::runtime()?.block_on(async {
        let server = Server::open(config).await.map_err(|it| failed(cx, args, &it))?;
        cx.announce(format!("a runtime server answers on {}", server.url()));
        if args.admin_listen.is_some() {
            cx.announce(format!("administration on {}", server.admin_url()));
        }
        server
            .serve(async {
                signals::next().await;
            })
            .await;
        Ok(Exit::Yes)
    })
}

/// What the flags name, as it is in the files.
fn tls(cx: &Cx<'_>, args: &Args) -> Result<Option<Tls>, Failure> {
    let (Some(cert), Some(key)) = (&args.tls_cert, &args.tls_key) else { return Ok(None) };
    let read = |it: &PathBuf| files::read_file(&cx.path(it));
    let client_ca = args.client_ca.as_ref().map(read).transpose()?;
    Ok(Some(Tls { cert: read(cert)?, key: read(key)?, client_ca }))
}

/// Why the server does not start; where a file of TLS is wrong, which one.
fn failed(cx: &Cx<'_>, args: &Args, error: &RunError) -> Failure {
    let why = match error {
        RunError::Tls(why) => why,
        RunError::Config(why) => return Failure::usage(why.to_string()),
        _ => return Failure::world("runtime-failed", error.to_string()),
    };
    let file = match why.part() {
        Part::Cert => &args.tls_cert,
        Part::Key => &args.tls_key,
        Part::ClientCa => &args.client_ca,
    };
    let file = cx.path(file.as_deref().unwrap_or_else(|| "".as_ref()));
    Failure::wrong("tls-unusable", format!("{}: {why}", file.display()))
}

fn keys(cx: &Cx<'_>) -> Result<Vec<Key>, Failure> {
    let wanted = [
        ("TAIWA_ADMIN_TOKEN", &Scope::ALL[..]),
        ("TAIWA_CLIENT_TOKEN", &[Scope::Decide, Scope::Ingest][..]),
    ];
    let mut keys = Vec::new();
    for (name, scopes) in wanted {
        if let Some(secret) = cx.var(name) {
            keys.push(
                Key::new(secret, scopes)
                    .map_err(|it| Failure::wrong("weak-key", format!("{name}: {it}")))?,
            );
        }
    }
    Ok(keys)
}

fn policy(path: &std::path::Path) -> Result<Envelope, Failure> {
    let bytes = files::read_file(path)?;
    Envelope::read(bytes.trim_ascii_end())
        .map_err(|it| Failure::wrong("policy-invalid", format!("{}: {it}", path.display())))
}

/// The server's log goes to stderr, one line an event; `RUST_LOG` says how much. What cannot be written is lost: by default
/// its loss would be said on stderr, too, and that panics where stderr is a file on a full disk.
fn logs(cx: &Cx<'_>) {
    let filter = cx.var("RUST_LOG").unwrap_or("info").to_owned();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .with_ansi(false);
    subscriber.try_init().ok();
}
