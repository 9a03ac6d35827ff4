//! Servers that are none: silent ones, babbling ones, ones that hold back a real server's answers.
#![expect(clippy::disallowed_methods, reason = "tests own threads")]

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How such a server behaves.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Takes connections and never answers.
    Silent,
    /// Answers every request with these bytes.
    Babbles(Vec<u8>),
    /// Hands everything on to a real server, but keeps silent to requests whose first line begins with this.
    HoldsBack {
        /// The real server.
        behind: SocketAddr,
        /// The beginning of the request, such as `POST /admin/v1/preparation`.
        request: String,
    },
    /// Hands everything on to a real server, but says to the first requests whose first line begins with this that it has
    /// as much to do as it takes.
    Busy {
        /// The real server.
        behind: SocketAddr,
        /// The beginning of the request, such as `PUT /admin/v1/releases`.
        request: String,
        /// How many requests are answered so.
        times: usize,
    },
    /// Hands everything on to a real server; but once a request has come whose first line begins with one text, it hangs up
    /// on those that begin with the other.
    Leaves {
        /// The real server.
        behind: SocketAddr,
        /// The beginning of the request after which it leaves, such as `POST /admin/v1/activation`.
        after: String,
        /// The beginning of the requests that are answered no more.
        request: String,
    },
    /// Hands everything on to a real server, and changes a text in every answer into another of the same length.
    Rewrites {
        /// The real server.
        behind: SocketAddr,
        /// What is changed.
        before: String,
        /// Into what.
        after: String,
    },
}

/// A server that is none.
#[derive(Debug)]
pub struct Fake {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    held: Arc<AtomicUsize>,
}

impl Fake {
    /// Listens at an address.
    ///
    /// # Errors
    /// When somebody else does.
    pub fn at(address: SocketAddr, manner: Manner) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (over, held) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let fake = Self { address, over: over.clone(), held: held.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (manner, over, held) = (manner.clone(), over.clone(), held.clone());
                thread::spawn(move || serve(stream, &manner, &over, &held).ok());
            }
        });
        Ok(fake)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests wait for an answer that never comes; of a busy one how many it was asked,
    /// of one that leaves how many made it do so.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).ok();
    }
}

/// What a server answers that has as much to do as it takes.
const BUSY: &str = r#"{"type":"urn:taiwa:problem:overloaded","title":"The server is overloaded","status":503,"detail":"other releases are being stored","code":"overloaded"}"#;

/// Between two looks at whether the test is over.
const LOOK: Duration = Duration::from_millis(50);

fn serve(
    mut stream: TcpStream,
    manner: &Manner,
    over: &AtomicBool,
    held: &AtomicUsize,
) -> io::Result<()> {
    stream.set_read_timeout(Some(LOOK))?;
    let mut seen = Vec::new();
    while !seen.contains(&b'\n') {
        if over.load(Ordering::SeqCst) || !more(&mut stream, &mut seen)? {
            return Ok(());
        }
    }
    match manner {
        Manner::Babbles(bytes) => stream.write_all(bytes),
        Manner::HoldsBack { behind, request } if !seen.starts_with(request.as_bytes()) => {
            relay(stream, TcpStream::connect(behind)?, &seen, (over, None))
        }
        Manner::Leaves { behind, after, request } => {
            if seen.starts_with(request.as_bytes()) && held.load(Ordering::SeqCst) > 0 {
                return Ok(());
            }
            held.fetch_add(usize::from(seen.starts_with(after.as_bytes())), Ordering::SeqCst);
            relay(stream, TcpStream::connect(behind)?, &seen, (over, None))
        }
        Manner::Rewrites { behind, before, after } => {
            let change = Some((before.as_bytes(), after.as_bytes()));
            relay(stream, TcpStream::connect(behind)?, &seen, (over, change))
        }
        Manner::Busy { behind, request, times } => {
            let asked = seen.starts_with(request.as_bytes());
            if asked && held.fetch_add(1, Ordering::SeqCst) < *times {
                // What was sent along is read, or the answer would be lost with the connection.
                while !whole(&seen) && !over.load(Ordering::SeqCst) {
                    more(&mut stream, &mut seen)?;
                }
                let length = BUSY.len();
                let first = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n";
                let kind = "content-type: application/problem+json\r\n";
                write!(stream, "{first}{kind}content-length: {length}\r\n\r\n{BUSY}")?;
                return Ok(());
            }
            relay(stream, TcpStream::connect(behind)?, &seen, (over, None))
        }
        Manner::Silent | Manner::HoldsBack { .. } => {
            held.fetch_add(1, Ordering::SeqCst);
            while !over.load(Ordering::SeqCst) && more(&mut stream, &mut seen)? {}
            Ok(())
        }
    }
}

/// Whether a request has come to its end.
fn whole(seen: &[u8]) -> bool {
    let Some(end) = seen.windows(4).position(|it| it == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(seen.get(..end).unwrap_or_default()).to_lowercase();
    let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
    seen.len() >= end + 4 + length.unwrap_or(0)
}

/// Reads what is there; false once the other side has gone.
fn more(stream: &mut TcpStream, seen: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer) {
        Ok(0) => Ok(false),
        Ok(bytes) => {
            seen.extend_from_slice(buffer.get(..bytes).unwrap_or_default());
            Ok(true)
        }
        Err(error)
            if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
        {
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// A text, and what stands in its place.
type Change<'a> = Option<(&'a [u8], &'a [u8])>;

/// Carries one request and its answer; the connection ends with them, so that each request is looked at.
fn relay(
    mut near: TcpStream,
    mut far: TcpStream,
    seen: &[u8],
    (over, change): (&AtomicBool, Change<'_>),
) -> io::Result<()> {
    far.set_read_timeout(Some(LOOK))?;
    // One request a connection: the real server closes after its answer.
    let text = String::from_utf8_lossy(seen).into_owned();
    match text.split_once("\r\n") {
        Some((first, rest)) => {
            far.write_all(format!("{first}\r\nconnection: close\r\n{rest}").as_bytes())?;
        }
        None => far.write_all(seen)?,
    }
    let (mut buffer, mut back) = (Vec::new(), Vec::new());
    loop {
        let near_open = more(&mut near, &mut buffer)?;
        far.write_all(&buffer)?;
        buffer.clear();
        let far_open = more(&mut far, &mut back)?;
        // What is changed has to be there whole.
        if change.is_none() || !far_open {
            near.write_all(&changed(&back, change))?;
            back.clear();
        }
        if !near_open || !far_open || over.load(Ordering::SeqCst) {
            return Ok(());
        }
    }
}

/// The bytes, with each text in the place of another.
fn changed(bytes: &[u8], change: Change<'_>) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if let Some((before, after)) = change {
        let found = bytes.windows(before.len()).enumerate().filter(|it| it.1 == before);
        for at in found.map(|it| it.0) {
            out[at..at + before.len()].copy_from_slice(after);
        }
    }
    out
}
