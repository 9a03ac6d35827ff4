//! A receiver of webhooks: a real HTTP server that keeps every request, and answers as it is told.
#![expect(clippy::disallowed_methods, reason = "tests own threads")]

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value as Json;

/// Most bytes of a request that are read.
const MAX_BYTES: usize = 1 << 20;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The first line.
    pub line: String,
    /// The headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    pub body: String,
}

impl Received {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or(Json::Null)
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[derive(Debug, Default)]
struct Shared {
    came: Mutex<Vec<Received>>,
    /// What is answered next; then 200.
    answers: Mutex<VecDeque<u16>>,
    over: AtomicBool,
}

/// A server that takes webhooks.
#[derive(Debug)]
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    /// Listens at an address; port 0 is any free one.
    ///
    /// # Errors
    /// When somebody else does.
    pub fn at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let inner = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if inner.over.load(Ordering::SeqCst) {
                    break;
                }
                serve(&stream, &inner).ok();
            }
        });
        Ok(Self { address, shared })
    }

    /// The next requests are answered with these, and then with 200.
    pub fn answer(&self, statuses: &[u16]) {
        let mut answers = self.shared.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend(statuses);
    }

    /// What has come since it was asked last.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.shared.came.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        TcpStream::connect(self.address).ok();
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(MAX_BYTES as u64));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; usize::min(length, MAX_BYTES)];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let received = Received { line: line.trim_end().to_owned(), headers, body };
    shared.came.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    let mut answers = shared.answers.lock().unwrap_or_else(PoisonError::into_inner);
    let status = answers.pop_front().unwrap_or(200);
    drop(answers);
    let mut out = stream;
    write!(out, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}
