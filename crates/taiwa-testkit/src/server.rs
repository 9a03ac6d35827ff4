//! One runtime server as a process of its own.
#![expect(clippy::disallowed_methods, reason = "tests read the logs of servers")]

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{answer::send, request, until};

/// How long a server may take to answer for the first time, in seconds.
const START_S: u64 = 30;

/// A runtime server, running or not.
#[derive(Debug)]
pub struct Node {
    /// Its environment.
    pub environment: String,
    /// Its id.
    pub name: String,
    /// Where it answers.
    pub address: SocketAddr,
    /// Its data.
    pub data: PathBuf,
    /// What it says.
    pub log: PathBuf,
    /// The token that opens every door.
    pub token: String,
    child: Option<Child>,
}

impl Node {
    pub(crate) fn new(environment: &str, name: &str, private: &std::path::Path) -> Self {
        Self {
            environment: environment.to_owned(),
            name: name.to_owned(),
            address: free_address(),
            data: private.join(name),
            log: private.join(format!("{name}.log")),
            token: format!("canary-{environment}-0123456789abcdef"),
            child: None,
        }
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether it answers and is ready to be asked.
    pub fn ready(&self) -> bool {
        request(self.address, ("GET", "/readyz"), "", b"").is_ok_and(|it| it.status == 200)
    }

    /// Whether it answers at all.
    pub fn lives(&self) -> bool {
        request(self.address, ("GET", "/healthz"), "", b"").is_ok_and(|it| it.status == 200)
    }

    /// Starts it; `command` is `taiwa` in the surroundings of the world.
    pub(crate) fn start(&mut self, mut command: Command) {
        let (listen, data) = (self.address.to_string(), self.data.display().to_string());
        let policy = format!("environments/{}/policy.json", self.environment);
        command.args(["runtime", "--listen", &listen, "--data", &data, "--name", &self.name]);
        command.args(["--policy", &policy]);
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log);
        command
            .env("TAIWA_ADMIN_TOKEN", &self.token)
            .env("TAIWA_CLIENT_TOKEN", format!("client-{}", self.token))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a file for the log"));
        self.child = Some(command.spawn().expect("the program starts"));
    }

    /// Waits until it answers.
    #[track_caller]
    pub(crate) fn wait(&mut self) {
        until(&format!("{} answers", self.name), START_S, || {
            let ended = self.ended();
            assert!(!ended, "it ended: {}", fs::read_to_string(&self.log).unwrap_or_default());
            self.lives().then_some(())
        });
    }

    /// Whether its process has ended.
    pub fn ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|it| it.try_wait().is_ok_and(|it| it.is_some()))
    }

    /// `kill -TERM`, and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) {
        self.send("TERM");
        until(&format!("{} ends", self.name), START_S, || self.ended().then_some(()));
        self.child = None;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// `kill -STOP`: the machine is there, and silent.
    pub fn freeze(&self) {
        self.send("STOP");
    }

    /// `kill -CONT`.
    pub fn thaw(&self) {
        self.send("CONT");
    }

    /// From now on its files may have so many bytes at most; `None`: any. That is what a full disk is to it, as far as it
    /// was started ignoring `SIGXFSZ`.
    ///
    /// # Panics
    /// Where there is no `prlimit`, which is on Linux only.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or_else(|| "unlimited".to_owned(), |it| it.to_string());
        let Some(child) = &self.child else { return };
        let (pid, limit) = (child.id().to_string(), format!("--fsize={limit}:"));
        let done = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
        assert!(done.is_ok_and(|it| it.success()), "prlimit {limit}");
    }

    fn send(&self, name: &str) {
        if let Some(child) = &self.child {
            send(name, child.id());
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An address on loopback that nobody else uses: on Linux all of 127/8 is this machine, so that even two tests that are
/// given the same port do not meet, and a port stays free while its server is down.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::SeqCst);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.subsec_nanos());
    let [_, _, third, fourth] = (nanos / 1000 + next).to_be_bytes();
    let [.., process] = std::process::id().to_be_bytes();
    let host = if cfg!(target_os = "linux") {
        Ipv4Addr::new(127, process.max(1), third, fourth.clamp(1, 254))
    } else {
        Ipv4Addr::LOCALHOST
    };
    let listener = TcpListener::bind((IpAddr::V4(host), 0)).expect("a free port");
    listener.local_addr().expect("an address")
}
