//! One HTTP request over a plain connection, so that a test can also send what no client would.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value as Json;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }
}

/// Sends a request and reads the answer to its end.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn request(
    address: SocketAddr,
    door: (&str, &str),
    token: &str,
    body: &[u8],
) -> io::Result<Reply> {
    let key = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
    let headers = [("authorization", key.as_str())];
    request_with(address, door, &headers[usize::from(key.is_empty())..], body)
}

/// The same with headers of one's own, which are sent as they are.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub fn request_with(
    address: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let kind =
        if body.first() == Some(&b'{') { "application/json" } else { "application/octet-stream" };
    let more: Vec<String> = headers.iter().map(|it| format!("{}: {}\r\n", it.0, it.1)).collect();
    let more = more.concat();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{more}content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    // A server may refuse, answer and close before it has read everything.
    let sent = stream.write_all(body);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let reply = parse(&answer);
    reply.ok_or_else(|| sent.err().unwrap_or_else(|| io::Error::other("no answer in HTTP")))
}

fn parse(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Reply { status, body: answer.get(end + 4..)?.to_vec() })
}
