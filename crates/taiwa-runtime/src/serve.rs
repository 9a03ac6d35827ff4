//! From a configuration to a server that answers, and to its end.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use taiwa_plan::{SecretKey, Signer as _};
use taiwa_store::{DataDir, StoreError};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    Config, ConfigError,
    app::{App, GROUP_RATE, REQUESTS_MAX, Rate, UPLOADS_MAX},
    connections::accept,
    http::{Listener, router},
    ids,
    keys::Keys,
    meters::Meters,
    peers::Peers,
    protocol::{self, StartError},
    sandboxes::Sandboxes,
    shelf::Shelf,
    tasks::Tasks,
    tls::{self, TlsError},
    world::World,
};

/// Why a server does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is not taken.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate, its key or the authority for clients is not taken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client that asks the peers cannot be made.
    #[error("peers cannot be asked: {0}")]
    Peers(#[from] taiwa_client::TrustError),
    /// The data directory does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The protocol does not come up.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        why: String,
    },
}

/// A server that listens, and does not answer yet.
pub struct Server {
    app: Arc<App>,
    public: (TcpListener, SocketAddr),
    admin: Option<(TcpListener, SocketAddr)>,
    tls: Option<TlsAcceptor>,
    warnings: Vec<String>,
    // Held until the very end, so that no other process takes the directory before all is written.
    _data: DataDir,
}

/// The public key of the server whose data is in this directory, as a line of OpenSSH; made if there is none. Works beside
/// a running server.
///
/// # Errors
/// When the directory cannot be used.
pub fn print_key(data: &Path) -> Result<String, RunError> {
    let text = match DataDir::existing_key(data)? {
        Some(text) => text,
        None => secret_text(&DataDir::open(data)?)?,
    };
    let key = SecretKey::from_openssh(&text).map_err(|it| StartError::Key(it.to_string()))?;
    Ok(key.public_key().as_str().to_owned())
}

/// What asks the peers: a server shows them the certificate that it shows everybody.
fn peer_http(
    tls: Option<&tls::Tls>,
    ca: Option<Vec<u8>>,
) -> Result<taiwa_client::Http, taiwa_client::TrustError> {
    let client = tls.map(|it| [it.cert.as_slice(), b"\n", it.key.as_slice()].concat());
    taiwa_client::http_with(&taiwa_client::Trust { ca, client })
}

fn secret_text(data: &DataDir) -> Result<String, RunError> {
    let made =
        ids::random::<32>().map_err(|it| StartError::Key(it.to_string())).and_then(|seed| {
            let key = SecretKey::from_seed(&seed).map_err(|it| StartError::Key(it.to_string()))?;
            key.to_openssh().map_err(|it| StartError::Key(it.to_string()))
        })?;
    Ok(data.key(|| made)?)
}

impl Server {
    /// Opens everything, and listens.
    ///
    /// # Errors
    /// When anything of it cannot be opened; nothing answers then.
    pub async fn open(config: Config) -> Result<Self, RunError> {
        config.check()?;
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let data = DataDir::open(&config.data)?;
        let text = secret_text(&data)?;
        let key = SecretKey::from_openssh(&text).map_err(|it| StartError::Key(it.to_string()))?;
        let public = listen(config.listen).await?;
        let admin = match config.admin_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let store = Arc::new(data.store()?);
        let shelf = Arc::new(Shelf::new(Arc::new(data.releases()?), config.clock.clone()));
        let start = protocol::Start {
            store: store.clone(),
            shelf: shelf.clone(),
            clock: config.clock.clone(),
            key,
            policy: config.policy.clone(),
            server: config.server.clone(),
            url: url(tls.as_ref(), public.1),
        };
        let protocol = Arc::new(protocol::open(start)?);
        let version = protocol.policy().document().version;
        config.check_policy(version)?;
        let warnings = warnings(&config, version);
        let app = Arc::new(App {
            keys: Keys(config.keys),
            world: Arc::new(World::new(store, config.clock.clone())?),
            clock: config.clock,
            shelf,
            protocol,
            peers: Peers::new(peer_http(config.tls.as_ref(), config.peer_ca)?),
            sandboxes: Sandboxes::default(),
            meters: Meters::default(),
            exposure: crate::exposure::Exposure::open(data.note("exposure.json")),
            requests: Arc::new(Semaphore::new(REQUESTS_MAX)),
            uploads: Semaphore::new(UPLOADS_MAX),
            group_rate: Rate::new(GROUP_RATE),
            ending: AtomicBool::new(false),
            store_fails: AtomicBool::new(false),
        });
        Ok(Self { app, public, admin, tls, warnings, _data: data })
    }

    /// Where touchpoints ask.
    pub const fn address(&self) -> SocketAddr {
        self.public.1
    }

    /// Where administration is.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.as_ref().map_or(self.public.1, |it| it.1)
    }

    /// Where touchpoints ask, as a URL.
    pub fn url(&self) -> String {
        url(self.tls.as_ref(), self.address())
    }

    /// Where administration is, as a URL.
    pub fn admin_url(&self) -> String {
        url(self.tls.as_ref(), self.admin_address())
    }

    #[cfg(test)]
    pub(crate) const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// What whoever started the server should read.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Answers until `shutdown` is done, then finishes what is in work.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) {
        let tasks = Tasks::start(&self.app);
        let (stop, stopped) = watch::channel(false);
        let mut listeners = JoinSet::new();
        let which = if self.admin.is_some() { Listener::Public } else { Listener::Every };
        listeners.spawn(accept(
            self.public.0,
            router(&self.app, which),
            self.tls.clone(),
            stopped.clone(),
        ));
        if let Some((listener, _)) = self.admin {
            listeners.spawn(accept(
                listener,
                router(&self.app, Listener::Admin),
                self.tls,
                stopped,
            ));
        }
        shutdown.await;
        self.app.ending.store(true, Ordering::Relaxed);
        stop.send_replace(true);
        while listeners.join_next().await.is_some() {}
        tasks.end().await;
        crate::tasks::note(&self.app);
    }
}

/// Opens a server, answers until `shutdown` is done, and finishes what is in work.
///
/// # Errors
/// When it cannot be opened.
pub async fn run(
    config: Config,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    let server = Server::open(config).await?;
    server.serve(shutdown).await;
    Ok(())
}

fn warnings(config: &Config, version: u64) -> Vec<String> {
    let mut warnings = Vec::new();
    if config.keys.is_empty() {
        warnings.push(
            "NO KEY IS SET: everyone on this machine may do everything with this server \
             (TAIWA_ADMIN_TOKEN, TAIWA_CLIENT_TOKEN)"
                .to_owned(),
        );
    }
    if version == 0 {
        warnings.push(
            "NO POLICY: this server is a group of its own, unprotected, on loopback only (--policy FILE)"
                .to_owned(),
        );
    }
    if config.tls.is_none() && config.reachable().is_some() {
        warnings.push(
            "NO TLS: whoever is between this server and its callers reads and changes what they say, keys \
             included (--tls-cert, --tls-key; or a proxy in front)"
                .to_owned(),
        );
    }
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    warnings
}

fn url(tls: Option<&TlsAcceptor>, address: SocketAddr) -> String {
    let scheme = if tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{address}")
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RunError> {
    let failed = |it: std::io::Error| RunError::Listen { address, why: it.to_string() };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
