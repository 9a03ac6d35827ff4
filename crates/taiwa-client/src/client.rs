//! One runtime server, as seen from outside: each call has a time limit, and its failure says what the server said.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use taiwa_api::{Code, Problem, admin, v1};
use taiwa_model::ServerId;
use taiwa_plan::{Bundle, Envelope, Move};

use crate::trust::{Http, deepest};

/// Most bytes of an answer that are read, but for the bytes of a release.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// What is said of a server that was waited for.
pub(crate) const IN_TIME: &str = "no answer in time";

/// A secret that cannot be printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes the secret.
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How a server signs its questions to a peer: the peer's id and the path, to the header's text.
type Sign = dyn Fn(&ServerId, &str) -> Option<String> + Send + Sync;

/// A server that asks another one proves itself by its own key instead of a secret.
#[derive(Clone)]
pub struct PeerKey(Arc<Sign>);

impl PeerKey {
    /// Takes what signs: the target's id and the path, to the text of the header [`PEER_HEADER`].
    pub fn new(sign: impl Fn(&ServerId, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(sign))
    }
}

impl std::fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PeerKey(…)")
    }
}

/// The header in which a peer's signed question goes.
pub const PEER_HEADER: &str = "taiwa-peer";

/// A server of an environment.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its id in the policy.
    pub id: ServerId,
    /// Where it answers, without a slash at the end.
    pub url: String,
    token: Option<Token>,
    peer: Option<PeerKey>,
    http: Http,
}

/// Why a call to a server came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection, no answer in time, or an answer cut off.
    #[error("{server} at {url} cannot be reached: {what}")]
    Unreachable {
        /// The server.
        server: ServerId,
        /// Its address.
        url: String,
        /// What happened, without secrets.
        what: String,
    },
    /// The server answered no.
    #[error("{server} says no: {}", .problem.detail)]
    Refused {
        /// The server.
        server: ServerId,
        /// What it said.
        problem: Box<Problem>,
    },
    /// The answer is not what this door gives: another program, or another version.
    #[error("{server} at {url} gave an answer that is none of a taiwa runtime: {what}")]
    Strange {
        /// The server.
        server: ServerId,
        /// Its address.
        url: String,
        /// What was wrong with it.
        what: String,
    },
}

impl CallError {
    /// Whether the server answered at all.
    pub const fn is_answer(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Whether the server has as much to do as it takes, and did nothing.
    pub fn is_busy(&self) -> bool {
        self.problem().is_some_and(|it| it.code == Code::Overloaded)
    }

    /// The refusal, if it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused { problem, server: _ } => Some(problem),
            Self::Unreachable { .. } | Self::Strange { .. } => None,
        }
    }
}

impl Server {
    /// A server with its address and the key that opens its doors.
    pub fn new(http: &Http, id: ServerId, url: &str, token: Option<Token>) -> Self {
        Self {
            id,
            url: url.trim_end_matches('/').to_owned(),
            token,
            peer: None,
            http: http.clone(),
        }
    }

    /// The same server, asked by a peer of its group.
    #[must_use]
    pub fn by_peer(mut self, key: PeerKey) -> Self {
        self.peer = Some(key);
        self
    }

    /// The signed state, over a fresh challenge.
    ///
    /// # Errors
    /// [`CallError`]; the signature is the caller's to check.
    pub async fn group(&self, challenge: &str) -> Result<admin::GroupAnswer, CallError> {
        let request = self.request(Method::GET, "/v1/group").query(&[("challenge", challenge)]);
        self.json(request).await
    }

    /// What proves the present state.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn group_bundle(&self) -> Result<admin::GroupBundle, CallError> {
        self.json(self.request(Method::GET, "/v1/group/bundle")).await
    }

    /// What the server says about itself.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn status(&self) -> Result<admin::Status, CallError> {
        self.json(self.request(Method::GET, "/admin/v1/status")).await
    }

    /// Prepares a move: at the anchor without receipts, elsewhere with the anchor's `prepared` receipt.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn prepare(
        &self,
        bundle: &Bundle,
        step: Move,
        receipts: &[Envelope],
    ) -> Result<Envelope, CallError> {
        let body = serde_json::json!({ "bundle": bundle, "move": step, "receipts": receipts });
        self.receipt(self.request(Method::POST, "/admin/v1/preparation").json(&body)).await
    }

    /// Activates what was prepared.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn activate(
        &self,
        bundle: &Bundle,
        step: Move,
        receipts: &[Envelope],
    ) -> Result<Envelope, CallError> {
        let body = serde_json::json!({ "bundle": bundle, "move": step, "receipts": receipts });
        self.receipt(self.request(Method::POST, "/admin/v1/activation").json(&body)).await
    }

    /// Ends an attempt at the anchor; its answer is a `state`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn abort(&self, epoch: &str) -> Result<Envelope, CallError> {
        self.receipt(self.request(Method::DELETE, &format!("/admin/v1/preparation/{epoch}"))).await
    }

    /// Hands over a rejection, a hold or a lift.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn statement(
        &self,
        statement: &Envelope,
    ) -> Result<admin::StatementAnswer, CallError> {
        let body = serde_json::json!({ "statement": statement });
        self.json(self.request(Method::POST, "/admin/v1/statements").json(&body)).await
    }

    /// Gives the next version of the policy.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn rotate(&self, policy: &Envelope) -> Result<admin::PolicyAnswer, CallError> {
        let body = serde_json::json!({ "policy": policy });
        self.json(self.request(Method::POST, "/admin/v1/policy").json(&body)).await
    }

    /// Brings a server that was left behind to a later generation: by the word of the anchor that committed it, and a
    /// state of the anchor in force.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn converge(
        &self,
        bundle: &Bundle,
        receipts: &[&Envelope],
        policies: &[Envelope],
    ) -> Result<Envelope, CallError> {
        let body =
            serde_json::json!({ "bundle": bundle, "receipts": receipts, "policies": policies });
        self.receipt(self.request(Method::POST, "/admin/v1/convergence").json(&body)).await
    }

    /// One decision without a session.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn decide(&self, question: &v1::DecideOnce) -> Result<v1::DecisionAnswer, CallError> {
        self.json(self.request(Method::POST, "/v1/decide").json(question)).await
    }

    /// Any door: for scenarios, which go through the ordinary ones.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
        sandbox: Option<&str>,
    ) -> Result<T, CallError> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(sandbox) = sandbox {
            request = request.header("taiwa-sandbox", sandbox);
        }
        self.json(request).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let question = self.peer.as_ref().and_then(|it| (it.0)(&self.id, path));
        let request = match question {
            Some(text) => request.header(PEER_HEADER, text),
            None => request,
        };
        match &self.token {
            Some(Token(secret)) => request.bearer_auth(secret),
            None => request,
        }
    }

    async fn receipt(&self, request: RequestBuilder) -> Result<Envelope, CallError> {
        let answer: admin::ReceiptAnswer = self.json(request).await?;
        self.envelope(&answer.receipt)
    }

    /// The signed object of an answer, as the protocol reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn envelope(&self, wire: &admin::Envelope) -> Result<Envelope, CallError> {
        let value = serde_json::to_value(wire).map_err(|it| self.strange(&it.to_string()))?;
        serde_json::from_value(value).map_err(|it| self.strange(&it.to_string()))
    }

    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, CallError> {
        let response = request.send().await.map_err(|it| self.unreachable(&it))?;
        let response = self.accepted(response).await?;
        let bytes = self.body(response, MAX_ANSWER_BYTES).await?;
        serde_json::from_slice(&bytes).map_err(|it| self.strange(&it.to_string()))
    }

    /// An answer of success, or the problem in it.
    pub(crate) async fn accepted(&self, response: Response) -> Result<Response, CallError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let bytes = self.body(response, MAX_ANSWER_BYTES).await?;
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => {
                Err(CallError::Refused { server: self.id.clone(), problem: Box::new(problem) })
            }
            Err(_) => Err(self.strange(&format!("status {status}"))),
        }
    }

    async fn body(&self, mut response: Response, limit: usize) -> Result<Vec<u8>, CallError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|it| self.unreachable(&it))? {
            if bytes.len() + chunk.len() > limit {
                return Err(self.strange(&format!("more than {limit} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> CallError {
        self.silent(if error.is_timeout() { IN_TIME.to_owned() } else { deepest(error) })
    }

    pub(crate) fn silent(&self, mut what: String) -> CallError {
        what.truncate(what.char_indices().nth(200).map_or(what.len(), |it| it.0));
        CallError::Unreachable { server: self.id.clone(), url: self.url.clone(), what }
    }

    pub(crate) fn strange(&self, what: &str) -> CallError {
        CallError::Strange { server: self.id.clone(), url: self.url.clone(), what: what.to_owned() }
    }
}
