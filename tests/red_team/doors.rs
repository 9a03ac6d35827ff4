//! One attempt at a time, at whatever door.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value as Json, json};
use taiwa_api::{Door, Scope};
use taiwa_model::Digest;
use taiwa_plan::{Bundle, Envelope, Epoch, Move, Phase, Receipt};
use taiwa_testkit::{Reply, request_with};

use crate::{
    loot::{Loot, RUNNER, STRANGER, TANAKA, sign},
    site::{Site, receipt},
};

/// What came of an attempt.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// What was tried.
    pub(crate) what: &'static str,
    /// Requests that it took.
    pub(crate) requests: u64,
    /// Whether a door that moves servers said yes; a repeat of what was done before may.
    pub(crate) granted: bool,
    /// Nothing was missing but people.
    pub(crate) only_people: bool,
}

pub(crate) struct Attacker<'a> {
    pub(crate) site: &'a Site,
    pub(crate) loot: Loot,
    /// Bytes of a release, to put something else under its name.
    pub(crate) bytes: Vec<u8>,
    /// Keys of the other doors, and of the other environment.
    pub(crate) tokens: Vec<String>,
    came: Came,
}

impl<'a> Attacker<'a> {
    pub(crate) fn new(site: &'a Site, loot: Loot, bytes: Vec<u8>, tokens: Vec<String>) -> Self {
        Self { site, loot, bytes, tokens, came: Came::default() }
    }

    /// One attempt.
    pub(crate) fn attempt(&mut self) -> Came {
        self.came = Came::default();
        self.came.what = match self.loot.roll(20) {
            0..=3 => self.walk(),
            4..=6 => self.prepare(),
            7..=9 => self.activate(),
            10 | 11 => self.learn(),
            12 | 13 => self.coup(),
            14 => self.say(),
            15 => self.abort(),
            16 => self.swap(),
            17 => self.ask_as_peer(),
            18 => self.other_keys(),
            _ => self.fuzz(),
        };
        std::mem::take(&mut self.came)
    }

    fn server(&mut self) -> usize {
        self.loot.roll(self.site.servers.len())
    }

    /// A door that moves servers was asked.
    fn saw(&mut self, reply: &Reply) {
        self.came.requests += 1;
        self.came.granted |= reply.status == 200;
        let reasons = reasons(reply);
        let people = reasons.iter().all(|it| it == "approval-missing");
        self.came.only_people |= !reasons.is_empty() && people;
        assert!(reply.status < 500 || reply.status == 501, "{}: {}", reply.status, reply.json());
    }

    fn receipts(&mut self, bundle: &Bundle) -> Vec<Envelope> {
        (0..self.loot.roll(5)).map(|_| self.loot.receipt(bundle)).collect()
    }

    /// The whole way of a deployer; where there is a no it goes on with receipts of its own making.
    fn walk(&mut self) -> &'static str {
        let (bundle, step) = (self.loot.best(), Move::FIRST);
        let mut words: Vec<Envelope> = Vec::new();
        for server in 0..self.site.servers.len() {
            let word = words.first().cloned().unwrap_or_else(|| self.loot.receipt(&bundle));
            let reply = self.site.prepare(server, (&bundle, step), &[word]);
            self.saw(&reply);
            words.push(receipt(reply).unwrap_or_else(|_| self.loot.receipt(&bundle)));
        }
        for server in 0..self.site.servers.len() {
            let reply = self.site.activate(server, (&bundle, step), &words);
            self.saw(&reply);
        }
        "the whole way"
    }

    fn prepare(&mut self) -> &'static str {
        let (server, bundle, step) = (self.server(), self.loot.bundle(), self.loot.step());
        let receipts = self.receipts(&bundle);
        let reply = self.site.prepare(server, (&bundle, step), &receipts);
        self.saw(&reply);
        "a promise"
    }

    fn activate(&mut self) -> &'static str {
        let (server, bundle, step) = (self.server(), self.loot.bundle(), self.loot.step());
        let receipts = self.receipts(&bundle);
        let reply = self.site.activate(server, (&bundle, step), &receipts);
        self.saw(&reply);
        "a switch"
    }

    fn learn(&mut self) -> &'static str {
        let (server, bundle) = (self.server(), self.loot.bundle());
        let (receipts, policies) = (self.receipts(&bundle), self.policies());
        let body = json!({ "bundle": bundle, "receipts": receipts, "policies": policies });
        let reply = self.site.post(server, "/admin/v1/convergence", &body);
        self.saw(&reply);
        "catching up"
    }

    /// Policies of its own, as if they were earlier ones.
    fn policies(&mut self) -> Vec<Envelope> {
        (0..self.loot.roll(2)).map(|_| self.policy()).collect()
    }

    /// A policy under which the attacker alone decides.
    fn policy(&mut self) -> Envelope {
        let now = &self.site.policy;
        let mut document = now.document().clone();
        document.version += self.loot.one(&[0, 1, 1, 1, 2]);
        document.previous = self.loot.one(&[Some(*now.digest()), Some(*now.digest()), None]);
        match self.loot.roll(7) {
            0 => document.protected = false,
            1 => document.people.retain(|it| it.id.as_str() == "tanaka"),
            2 => {
                let own = document.people[0].keys.clone();
                document.people[1].keys = own;
            }
            3 => document.people[0].roles.push("touchpoint-manager".into()),
            4 => document.approvals.truncate(1),
            5 => document.anchor = "production-2".into(),
            _ => document.gates.clear(),
        }
        if self.loot.roll(2) == 0 {
            document.policy.truncate(1);
        }
        let mut envelope = Envelope::unsigned(&document).expect("a policy");
        for _ in 0..=self.loot.roll(3) {
            let key = crate::loot::secret(self.loot.key());
            envelope.add_signature(&key).expect("a signature");
        }
        if self.loot.roll(3) == 0 {
            // Whoever signed the one before.
            envelope.signatures.extend(now.envelope().signatures.clone());
        }
        envelope
    }

    fn coup(&mut self) -> &'static str {
        let policy = self.policy();
        let server = self.server();
        let reply = self.site.post(server, "/admin/v1/policy", &json!({ "policy": policy }));
        self.saw(&reply);
        "a policy"
    }

    fn say(&mut self) -> &'static str {
        let (server, word) = (self.server(), self.loot.word());
        self.came.requests += 1;
        self.site.post(server, "/admin/v1/statements", &json!({ "statement": word }));
        "a statement"
    }

    /// Whoever holds the token may end an attempt; no attempt is under way.
    fn abort(&mut self) -> &'static str {
        let server = self.server();
        let version = self.loot.one(&[1, 1, 2]);
        let epoch = Epoch { version, counter: self.loot.roll(9) as u64 };
        self.came.requests += 1;
        self.site.ask(server, ("DELETE", &format!("/admin/v1/preparation/{epoch}")), b"");
        "an abort"
    }

    /// Something else under the digest of what is live or stored.
    fn swap(&mut self) -> &'static str {
        let mut bytes = self.bytes.clone();
        let at = self.loot.roll(bytes.len());
        match self.loot.roll(4) {
            0 => bytes[at] ^= 1,
            1 => bytes.truncate(at),
            2 => bytes.push(b' '),
            _ => {}
        }
        let known: Vec<_> =
            self.loot.releases.iter().copied().filter(|it| *it != Digest::of(&bytes)).collect();
        let (server, digest) = (self.server(), self.loot.one(&known));
        let path = format!("/admin/v1/releases/{digest}");
        let reply = self.site.ask(server, ("PUT", &path), &bytes);
        self.came.requests += 1;
        self.came.granted |= reply.status < 400;
        "another release under a name"
    }

    /// Questions that only a server of the group may ask, and a server made to sign one.
    fn ask_as_peer(&mut self) -> &'static str {
        let server = self.server();
        let other = 1 - server.min(1);
        let path = self.loot.one(&[
            "/v1/group/bundle".to_owned(),
            format!("/admin/v1/releases/{}", self.loot.own.to),
        ]);
        let asked =
            Digest::of_kind("peer", format!("{}\0{path}", self.site.servers[server].0).as_bytes());
        let challenge = format!("peer:{}", asked.hex());
        let made = self.site.ask(other, ("GET", &format!("/v1/group?challenge={challenge}")), b"");
        assert_ne!(made.status, 200, "a server signed a question of a stranger");
        let (_, state) = self.site.state(other, "mine");
        let question = Receipt { phase: Phase::State, challenge: Some(challenge), ..state };
        let key = self.loot.one(&[TANAKA, RUNNER, STRANGER]);
        let header = BASE64.encode(sign(&question, key).to_bytes().expect("text"));
        let address = self.site.servers[server].1;
        let reply = request_with(address, ("GET", &path), &[("taiwa-peer", &header)], b"")
            .expect("an answer");
        self.came.requests += 3;
        assert!([401, 429].contains(&reply.status), "a stranger asked as a peer: {}", reply.status);
        "a peer's question"
    }

    /// Every door of an administrator, with keys that do not open it.
    fn other_keys(&mut self) -> &'static str {
        let guarded = |it: &&Door| matches!(it.scope(), Some(Scope::Admin | Scope::Read));
        let doors: Vec<Door> = Door::ALL.iter().filter(guarded).copied().collect();
        let (door, server, token) =
            (self.loot.one(&doors), self.server(), self.loot.one(&self.tokens.clone()));
        let digest = self.loot.own.to.to_string();
        let words = [
            ("{digest}", digest.as_str()),
            ("{epoch}", "1.3"),
            ("{sandbox}", "x"),
            ("{level}", "customer"),
            ("{key}", "x"),
        ];
        let path = words.iter().fold(door.path().to_owned(), |path, it| path.replace(it.0, it.1));
        let bundle = self.loot.best();
        let body = json!({ "bundle": bundle, "move": "step-1", "receipts": [] }).to_string();
        let method = door.method().as_str().to_uppercase();
        let headers = [("authorization", token.as_str())];
        let headers = &headers[usize::from(token.is_empty())..];
        let address = self.site.servers[server].1;
        let reply =
            request_with(address, (&method, &path), headers, body.as_bytes()).expect("an answer");
        self.came.requests += 1;
        assert!(
            [401, 403].contains(&reply.status),
            "{method} {path} with `{token}`: {}",
            reply.status
        );
        "another key"
    }

    /// A body that is right but for one thing, anywhere in it.
    fn fuzz(&mut self) -> &'static str {
        let doors = [
            "/admin/v1/preparation",
            "/admin/v1/activation",
            "/admin/v1/convergence",
            "/admin/v1/policy",
            "/admin/v1/statements",
        ];
        let (server, bundle) = (self.server(), self.loot.best());
        let receipts = self.receipts(&bundle);
        let path = self.loot.one(&doors);
        let mut body = match path {
            "/admin/v1/policy" => json!({ "policy": self.policy() }),
            "/admin/v1/statements" => json!({ "statement": self.loot.word() }),
            "/admin/v1/convergence" => json!({ "bundle": bundle, "receipts": receipts }),
            _ => json!({ "bundle": bundle, "move": "step-1", "receipts": receipts }),
        };
        for _ in 0..=self.loot.roll(2) {
            self.damage(&mut body);
        }
        let mut text = body.to_string().into_bytes();
        match self.loot.roll(4) {
            0 => {
                let at = self.loot.roll(text.len());
                text[at] = u8::try_from(self.loot.roll(256)).unwrap_or_default();
            }
            1 => text.truncate(self.loot.roll(text.len())),
            2 => {
                // The same member twice, the second one another.
                let more = format!(",\"bundle\":{},\"policy\":null}}", json!(self.loot.best()));
                text.pop();
                text.extend(more.into_bytes());
            }
            _ => {}
        }
        let reply = self.site.ask(server, ("POST", path), &text);
        let moves = path != "/admin/v1/statements";
        self.came.requests += 1;
        self.came.granted |= moves && reply.status == 200;
        assert!(reply.status < 500 || reply.status == 501, "{path}: {}", reply.json());
        "a damaged body"
    }

    /// Changes one value somewhere below.
    fn damage(&mut self, value: &mut Json) {
        let odd = [
            json!(null),
            json!(-1),
            json!(1e300),
            json!(""),
            json!([]),
            json!({}),
            json!(true),
            json!("\u{0}"),
        ];
        match value {
            Json::Object(fields) if !fields.is_empty() && self.loot.roll(6) > 0 => {
                let names: Vec<String> = fields.keys().cloned().collect();
                let name = self.loot.one(&names);
                match self.loot.roll(8) {
                    0 => drop(fields.remove(&name)),
                    1 => drop(fields.insert(format!("{name}x"), json!(1))),
                    _ => fields.get_mut(&name).into_iter().for_each(|it| self.damage(it)),
                }
            }
            Json::Array(items) if !items.is_empty() && self.loot.roll(6) > 0 => {
                let at = self.loot.roll(items.len());
                match self.loot.roll(6) {
                    0 => drop(items.remove(at)),
                    1 => items.push(items[at].clone()),
                    _ => self.damage(&mut items[at]),
                }
            }
            Json::String(text) if self.loot.roll(2) == 0 => {
                let at = self.loot.roll(text.chars().count().max(1));
                *text = text
                    .chars()
                    .enumerate()
                    .map(|it| if it.0 == at { 'A' } else { it.1 })
                    .collect();
            }
            other => *other = self.loot.one(&odd),
        }
    }
}

/// The words of all refusals of an answer.
pub(crate) fn reasons(reply: &Reply) -> Vec<String> {
    let answer = reply.json();
    let refusals = answer["refusals"].as_array().cloned().unwrap_or_default();
    refusals.iter().filter_map(|it| it["reason"].as_str().map(ToOwned::to_owned)).collect()
}
