//! A server in a thread, a client of forty lines, and a small release.
#![expect(clippy::disallowed_methods, reason = "tests do IO")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use serde_json::{Value, json};
use taiwa_model::{Components, Digest, Scope as Folder, Scoped, Timestamp};
use taiwa_plan::Envelope;
use taiwa_release::Release;
use taiwa_runtime::{Config, Key, ManualClock, RunError, Scope, Server};
use tokio::sync::oneshot;

pub(crate) const ADMIN: &str = "admin-token-of-the-test";
pub(crate) const CLIENT: &str = "client-token-of-the-test";

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        let json = self.json();
        assert!(self.status < 300, "{} {json:#}", self.status);
        json
    }

    /// The code of a problem; everything that a problem must be is checked on the way.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status, json["code"].as_str()), (status, Some(code)), "{json:#}");
        assert_eq!(self.kind, "application/problem+json");
        assert_eq!(
            (json["status"].as_u64(), json["title"].is_string()),
            (Some(u64::from(status)), true)
        );
        json
    }
}

/// A server in a thread.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) data: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2027-03-01T10:00:00Z").unwrap()
}

pub(crate) fn config(data: &Path, clock: &Arc<ManualClock>) -> Config {
    let mut config = Config::new(data);
    config.clock = clock.clone();
    config.keys = vec![
        Key::new(ADMIN, &[Scope::Admin]).unwrap(),
        Key::new(CLIENT, &[Scope::Decide, Scope::Ingest]).unwrap(),
    ];
    config
}

impl Running {
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(data, None).unwrap()
    }

    pub(crate) fn with(data: &Path, policy: Option<Envelope>) -> Result<Self, RunError> {
        Self::at(data, policy, now())
    }

    pub(crate) fn at(
        data: &Path,
        policy: Option<Envelope>,
        at: Timestamp,
    ) -> Result<Self, RunError> {
        Self::of(data, at, |config| config.policy = policy)
    }

    /// With whatever else it is told.
    pub(crate) fn of(
        data: &Path,
        at: Timestamp,
        more: impl FnOnce(&mut Config),
    ) -> Result<Self, RunError> {
        let clock = Arc::new(ManualClock::new(at));
        let mut config = config(data, &clock);
        more(&mut config);
        let (stop, stopped) = oneshot::channel::<()>();
        let (opened, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(async move {
                match Server::open(config).await {
                    Ok(server) => {
                        opened.send(Ok((server.address(), server.admin_address()))).unwrap();
                        server.serve(async move { drop(stopped.await) }).await;
                    }
                    Err(error) => opened.send(Err(error)).unwrap(),
                }
            });
        });
        let (address, admin) = address.recv().unwrap()?;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Self { address, admin, clock, data: data.to_owned(), stop, thread })
    }

    /// Ends it as asked, waits, and starts another on the same data.
    pub(crate) fn again(self) -> Self {
        let data = self.data.clone();
        drop(self);
        Self::start(&data)
    }

    pub(crate) fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A server that refuses early may close before all of the body was sent.
        drop(stream.write_all(request));
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        let end =
            bytes.windows(4).position(|it| it == b"\r\n\r\n").expect("an answer with headers");
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let field = |name: &str| head.lines().find_map(|it| it.strip_prefix(name)).map(str::trim);
        let kind = field("content-type:").unwrap_or_default().to_owned();
        Answer { status, kind, bytes: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
        self.raw(&[head.as_bytes(), body].concat())
    }

    /// As administrator.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.inside(None, method, path, body)
    }

    /// As administrator, in a sandbox.
    pub(crate) fn inside(
        &self,
        sandbox: Option<&str>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {ADMIN}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(sandbox.map(|it| ("taiwa-sandbox", it)));
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, &headers, &body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, body)
    }

    pub(crate) fn put_release(&self, release: &Release) -> Answer {
        let path = format!("/admin/v1/releases/{}", release.digest());
        self.send("PUT", &path, &[("authorization", &format!("Bearer {ADMIN}"))], release.bytes())
    }

    /// A session of a customer.
    #[track_caller]
    pub(crate) fn session(&self, customer: &str) -> String {
        let body = json!({ "channel": "web-store", "audience": { "customer_id": customer } });
        let started = self.post("/v1/sessions", &body).ok();
        started["session"].as_str().unwrap().to_owned()
    }

    /// What the hero shows in a session.
    #[track_caller]
    pub(crate) fn hero(&self, session: &str) -> Vec<String> {
        let path = format!("/v1/sessions/{session}/offers?point=hero");
        offers(&self.get(&path).ok())
    }
}

pub(crate) fn offers(answer: &Value) -> Vec<String> {
    let names = answer["offers"].as_array().unwrap().iter();
    names.map(|it| it["offer"].as_str().unwrap().to_owned()).collect()
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_none_or(|it| it.is_ok()));
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn offer(components: &mut Components, name: &str, more: &Value) {
    let mut value = json!({
        "title": { "und": name },
        "treatments": { "web-store": { "en": { "headline": format!("{name} for you") } } },
    });
    for (field, content) in more.as_object().unwrap() {
        value[field] = content.clone();
    }
    let content = read(value);
    components
        .offers
        .insert(name.into(), Scoped { scope: Folder::Channel("web-store".into()), content });
}

/// A small shop: a kit that is shown twice a day at most and only to people who bought no kit, a coupon, a fallback.
pub(crate) fn components() -> Components {
    let mut all = Components {
        workspace: Some(read(json!({
            "format": 1, "title": { "und": "Shop" }, "locales": ["en"], "time_zone": "Asia/Tokyo", "currency": "JPY",
        }))),
        audience: Some(read(json!({
            "levels": [
                { "name": "customer", "key": "customer_id" },
                { "name": "visitor", "key": "visitor_id" },
            ],
            "attributes": {
                "tier": { "type": "enum", "values": ["basic", "gold"], "default": "basic" },
                "age": { "type": "int" },
            },
            "consent": { "personal": { "default": "denied" } },
        }))),
        ..Components::default()
    };
    all.channels.insert("web-store".into(), read(json!({
        "title": { "und": "Web store" }, "direction": "inbound",
        "zones": { "home": {} },
        "interaction_points": {
            "hero": { "zone": "home", "offers": 1, "fallback": "newsletter" },
            "strip": { "zone": "home", "offers": 2 },
        },
        "categories": { "shop": {}, "response": {} },
        "events": {
            "purchase": { "category": "shop", "properties": { "amount": { "type": "number" } } },
            "banner_shown": { "category": "response", "properties": { "offer": { "type": "string", "optional": true } } },
        },
        "responses": { "shown": ["banner_shown"] },
    })));
    all.strategies.insert(
        "web-store".into(),
        read(json!({ "rules": [
        { "zone": "home", "segment": "everyone", "offer": "kit", "score": { "fixed": 90.0 } },
        { "zone": "home", "segment": "gold", "offer": "coupon", "score": { "fixed": 50.0 } },
    ] })),
    );
    let segment = json!({ "title": { "und": "Gold" }, "when": "profile.tier == \"gold\"" });
    let shared = Folder::Shared;
    all.segments.insert("gold".into(), Scoped { scope: shared, content: read(segment) });
    offer(
        &mut all,
        "kit",
        &json!({
            "cap": { "shown": 2, "per": "1d" },
            "eligible": "!seen(\"web-store/purchase\", \"30d\")",
        }),
    );
    offer(&mut all, "coupon", &json!({}));
    offer(&mut all, "newsletter", &json!({}));
    all
}

pub(crate) fn release() -> Release {
    Release::seal(components()).unwrap()
}

/// The same shop, where the coupon goes to everybody.
pub(crate) fn other_release() -> Release {
    let mut all = components();
    let strategy = all.strategies.get_mut("web-store").unwrap();
    strategy.rules[1].segment = "everyone".into();
    Release::seal(all).unwrap()
}

pub(crate) fn sha(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}
