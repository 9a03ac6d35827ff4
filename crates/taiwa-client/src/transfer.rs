//! The bytes of a release on their way to a server, and back.
//!
//! **Invariants.** Bytes may take as long as they need on the slowest line that is reckoned with, and the server's work
//! with them comes on top. A server that does not answer small questions meanwhile is not waited for.
#![expect(clippy::disallowed_methods, reason = "edge: waits between two questions")]

use std::time::Duration;

use reqwest::{Method, StatusCode};
use taiwa_api::admin;
use taiwa_model::Digest;
use tokio::time::{sleep, timeout};

use crate::{CallError, Server, client::IN_TIME, trust::REQUEST};

/// Bytes a second of the slowest line that is reckoned with.
const SLOWEST: usize = 512 << 10;
/// How long a server may work on a release before it is stored: compiling, and the decisions that it tries.
const WORK: Duration = Duration::from_secs(65);
/// How a server is listened to that is at work for long.
const EAR: Ear = Ear { look: Duration::from_secs(1), answer: Duration::from_secs(3), silences: 3 };

/// How it is found out that nobody is there any more.
#[derive(Clone, Copy, Debug)]
struct Ear {
    /// Between two small questions.
    look: Duration,
    /// How long the answer to one may take.
    answer: Duration,
    /// So many without an answer, one after another, and nobody is there.
    silences: u32,
}

impl Ear {
    /// The longest that a silent server is waited for.
    fn patience(self) -> Duration {
        (self.look + self.answer) * self.silences
    }
}

/// How long so many bytes may take on their way.
fn on_the_way(bytes: usize) -> Duration {
    Duration::from_secs(u64::try_from(bytes.div_ceil(SLOWEST)).unwrap_or(u64::MAX))
}

impl Server {
    /// Stores a release; it is durable, compiled and warm afterwards.
    ///
    /// # Errors
    /// [`CallError`]; a server that answers nothing else meanwhile is [`CallError::Unreachable`] after some seconds.
    pub async fn store(
        &self,
        digest: &Digest,
        bytes: Vec<u8>,
    ) -> Result<admin::ReleaseStored, CallError> {
        self.store_while(digest, bytes, EAR).await
    }

    async fn store_while(
        &self,
        digest: &Digest,
        bytes: Vec<u8>,
        ear: Ear,
    ) -> Result<admin::ReleaseStored, CallError> {
        let limit = WORK + on_the_way(bytes.len());
        let request = self.request(Method::PUT, &format!("/admin/v1/releases/{digest}"));
        let request = request.timeout(limit).header("content-type", "application/octet-stream");
        tokio::select! {
            biased;
            stored = self.json(request.body(bytes)) => stored,
            () = self.falls_silent(ear) => {
                let seconds = ear.patience().as_secs();
                Err(self.silent(format!("{IN_TIME}, and for {seconds} s none to small questions")))
            }
        }
    }

    /// Until the server has answered nothing for a while.
    async fn falls_silent(&self, ear: Ear) {
        let mut silences = 0;
        while silences < ear.silences {
            sleep(ear.look).await;
            match timeout(ear.answer, self.group("there")).await {
                Err(_) | Ok(Err(CallError::Unreachable { .. })) => silences += 1,
                Ok(_) => silences = 0,
            }
        }
    }

    /// The bytes of a release; `None` if it is not stored there. They are verified against the digest.
    ///
    /// # Errors
    /// [`CallError`]; bytes of another digest are [`CallError::Strange`].
    pub async fn release(&self, digest: &Digest) -> Result<Option<Vec<u8>>, CallError> {
        self.release_while(digest, REQUEST).await
    }

    /// The same, where neither the beginning nor the next piece may take longer than so long.
    async fn release_while(
        &self,
        digest: &Digest,
        pause: Duration,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let limit = REQUEST + on_the_way(taiwa_release::MAX_RELEASE_BYTES);
        let request = self.request(Method::GET, &format!("/admin/v1/releases/{digest}"));
        let response = self.within(pause, request.timeout(limit).send()).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let mut response = self.accepted(response).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = self.within(pause, response.chunk()).await? {
            if bytes.len() + chunk.len() > taiwa_release::MAX_RELEASE_BYTES {
                return Err(self.strange("more bytes than a release may have"));
            }
            bytes.extend_from_slice(&chunk);
        }
        if Digest::of(&bytes) == *digest {
            Ok(Some(bytes))
        } else {
            Err(self.strange("the bytes do not have the digest that was asked for"))
        }
    }

    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, CallError> {
        let done = timeout(limit, work).await.map_err(|_| self.silent(IN_TIME.to_owned()))?;
        done.map_err(|it| self.unreachable(&it))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{net::TcpListener, time::Instant};

    use super::*;
    use crate::http;

    const QUICK: Ear =
        Ear { look: Duration::from_millis(10), answer: Duration::from_millis(100), silences: 3 };

    #[test]
    fn a_limit_grows_with_the_bytes() {
        let seconds = [0, 1, 40_000, 1 << 20, 64 << 20].map(|it| on_the_way(it).as_secs());
        assert_eq!(seconds, [0, 1, 1, 2, 128]);
        assert_eq!(EAR.patience().as_secs(), 12);
    }

    /// A server that takes connections, and answers requests which begin so with `404`, others never.
    async fn somebody(answers: &'static str) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut seen = [0; 4096];
                    // Ready may be a mistake.
                    let length = loop {
                        stream.readable().await.ok();
                        match stream.try_read(&mut seen) {
                            Ok(length) => break length,
                            Err(it) if it.kind() == std::io::ErrorKind::WouldBlock => {}
                            Err(_) => break 0,
                        }
                    };
                    if !answers.is_empty() && seen[..length].starts_with(answers.as_bytes()) {
                        let no = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                        stream.try_write(no.as_bytes()).ok();
                        return;
                    }
                    std::future::pending::<()>().await;
                });
            }
        });
        Server::new(&http().unwrap(), "staging-1".into(), &url, None)
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn a_frozen_server_is_not_waited_for_to_the_end() {
        let said = run(async {
            let (server, begun) = (somebody("").await, Instant::now());
            let digest = Digest::of(b"x");
            let stored = server.store_while(&digest, b"x".to_vec(), QUICK);
            let stored = timeout(Duration::from_secs(20), stored).await;
            let error = stored.expect("it is given up").expect_err("nobody answers");
            assert!(begun.elapsed() >= QUICK.patience(), "{:?}", begun.elapsed());
            error.to_string()
        });
        assert!(said.contains("staging-1") && said.contains("small questions"), "{said}");
        let said = run(async {
            let server = somebody("").await;
            let (digest, pause) = (Digest::of(b"x"), Duration::from_millis(100));
            let asked = timeout(Duration::from_secs(20), server.release_while(&digest, pause));
            asked.await.expect("it is given up").expect_err("nobody answers").to_string()
        });
        assert!(said.contains(IN_TIME), "{said}");
    }

    #[test]
    fn a_server_that_is_at_work_is_waited_for() {
        run(async {
            let (server, digest) = (somebody("GET /v1/group").await, Digest::of(b"x"));
            let stored = server.store_while(&digest, b"x".to_vec(), QUICK);
            assert!(timeout(QUICK.patience() * 4, stored).await.is_err(), "it is still waited for");
        });
    }
}
