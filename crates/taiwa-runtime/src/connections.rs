//! Connections: taken, shaken hands with, served, and let go.
//!
//! Invariants: nothing that one caller sends or leaves out ends the loop or holds another one up; a caller who has not
//! said what it wants costs a connection for [`HANDSHAKE_MAX`] and [`HEADERS_MAX`] at most; a connection counts from the
//! moment it is taken.
//! Deliberately absent: what is said over a connection.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

/// Connections at a time, those that shake hands included; further ones wait to be taken.
const CONNECTIONS_MAX: usize = 8_192;
/// How long a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long a caller whose handshake failed is still read from, and how many bytes: a connection that is closed with
/// bytes unread takes the alert, which says why, with it.
const LINGER_MAX: Duration = Duration::from_secs(1);
/// See [`LINGER_MAX`].
const LINGER_MAX_BYTES: u64 = 64 * 1024;
/// How long the first bytes of a connection, and the headers of a request, may take to arrive.
const HEADERS_MAX: Duration = Duration::from_secs(10);
/// Bytes of the headers of a request at most.
const HEADERS_MAX_BYTES: usize = 32 * 1024;
/// How often the other end of an HTTP/2 connection is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// How long requests in work are waited for at the end.
const DRAIN_MAX: Duration = Duration::from_secs(20);
/// How long nothing is accepted after a failure to accept: no file handle is free.
const PAUSE: Duration = Duration::from_millis(100);

/// What every connection of one listener is served with.
struct Line {
    builder: Builder<TokioExecutor>,
    service: TowerToHyperService<Router>,
    tls: Option<TlsAcceptor>,
    stopped: watch::Receiver<bool>,
}

impl Line {
    fn new(router: Router, tls: Option<TlsAcceptor>, stopped: watch::Receiver<bool>) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_MAX)
            .max_buf_size(HEADERS_MAX_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .max_header_list_size(32 * 1024);
        Self { builder, service: TowerToHyperService::new(router), tls, stopped }
    }

    /// One connection, until it ends. Its failures are the caller's.
    async fn converse(&self, stream: TcpStream, watcher: Watcher) {
        let Some(tls) = &self.tls else { return self.serve(stream, watcher).await };
        let mut stopped = self.stopped.clone();
        let shaken = tokio::select! {
            shaken = timeout(HANDSHAKE_MAX, tls.accept(stream).into_fallible()) => shaken,
            // Nothing was asked yet, so nothing has to be finished.
            () = ended(&mut stopped) => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.serve(stream, watcher).await,
            Ok(Err((error, stream))) => {
                tracing::debug!(%error, "a TLS handshake failed");
                drop(timeout(LINGER_MAX, linger(stream)).await);
            }
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        watcher: Watcher,
    ) {
        let io = TokioIo::new(Prompt::new(stream, HEADERS_MAX));
        drop(watcher.watch(self.builder.serve_connection(io, self.service.clone())).await);
    }
}

/// Takes connections until it is told to stop, then lets those in work finish.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    let line = Arc::new(Line::new(router, tls, stopped.clone()));
    let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    loop {
        let full = connections.len() >= CONNECTIONS_MAX;
        tokio::select! {
            accepted = listener.accept(), if !full => {
                let Ok((stream, _)) = accepted else {
                    // It passes when others end; trying at once would only burn the processor they need.
                    drop(timeout(PAUSE, ended(&mut stopped)).await);
                    continue;
                };
                drop(stream.set_nodelay(true));
                let (line, watcher) = (line.clone(), graceful.watcher());
                connections.spawn(async move { line.converse(stream, watcher).await });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = ended(&mut stopped) => break,
        }
    }
    drop(listener);
    if timeout(DRAIN_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still in work at the end");
    }
    connections.shutdown().await;
}

/// Says that no more is said, and lets the caller read what was.
async fn linger(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(LINGER_MAX_BYTES), &mut tokio::io::sink()).await?;
    Ok(())
}

async fn ended(stopped: &mut watch::Receiver<bool>) {
    // An error means that the server itself is gone, which is an end too.
    drop(stopped.wait_for(|it| *it).await);
}

/// What an HTTP/2 connection begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that fails unless it is known in time which HTTP is spoken. From then on hyper has limits of its own; before,
/// while it guesses, it has none.
struct Prompt<S> {
    stream: S,
    guess: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> Prompt<S> {
    fn new(stream: S, limit: Duration) -> Self {
        Self { stream, guess: Some((0, Box::pin(sleep_until(Instant::now() + limit)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        let Some((seen, limit)) = &mut this.guess else { return polled };
        if polled.is_pending() && limit.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let (rest, new) = (&PREFACE[*seen..], &buf.filled()[before..]);
        if new.len() < rest.len() && rest.starts_with(new) {
            *seen += new.len();
        } else {
            this.guess = None;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{Tls, acceptor};
    use axum::routing::get;

    fn tls() -> TlsAcceptor {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (made.cert.pem().into(), made.signing_key.serialize_pem().into());
        acceptor(&Tls { cert, key, client_ca: None }).unwrap()
    }

    /// Sends the beginning of something and waits; how the connection ends, and how long that took.
    async fn check(tls: Option<TlsAcceptor>, sent: &[u8], expected: Duration) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", get(|| async { "here" }));
        let mut servers = JoinSet::new();
        servers.spawn(accept(listener, router, tls.clone(), stopped));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let start = Instant::now();
        let mut answer = Vec::new();
        drop(timeout(expected * 3, stream.read_to_end(&mut answer)).await.expect("it ends"));
        let took = start.elapsed();
        assert!(took >= expected && took < expected * 2, "{took:?} {answer:?}");
        // The loop goes on, and ends when it is told to.
        if tls.is_none() {
            let mut next = TcpStream::connect(address).await.unwrap();
            next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            next.read_to_end(&mut answer).await.unwrap();
            assert!(answer.ends_with(b"here"), "{answer:?}");
        }
        stop.send_replace(true);
        servers.join_next().await.unwrap().unwrap();
    }

    /// The clock of tokio stands still, and goes on by itself when everybody waits.
    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_go_on_is_cut_off() {
        check(None, b"", HEADERS_MAX).await;
        check(None, b"PRI * HTTP/2.0\r\n", HEADERS_MAX).await;
        check(None, b"GET / HTTP/1.1\r\nhost:", HEADERS_MAX).await;
        check(Some(tls()), b"", HANDSHAKE_MAX).await;
        check(Some(tls()), b"\x16\x03\x01\x02\x00\x01", HANDSHAKE_MAX).await;
    }

    #[tokio::test]
    async fn a_handshake_in_work_does_not_hold_up_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        servers.spawn(accept(listener, Router::new(), Some(tls()), stopped));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
        stop.send_replace(true);
        timeout(HANDSHAKE_MAX / 2, servers.join_next()).await.expect("it ends").unwrap().unwrap();
    }
}
