//! A group of real servers, as whoever holds every token of a deployer reaches it.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::{Value as Json, json};
use taiwa_model::{Digest, ServerId};
use taiwa_plan::{Bundle, Choices, Envelope, Move, Payload, Plan, PlanKind, Policy, Receipt, Step};
use taiwa_testkit::{Reply, World, request};

/// A group of servers; the anchor is the first.
pub(crate) struct Site {
    pub(crate) policy: Policy,
    pub(crate) servers: Vec<(ServerId, SocketAddr)>,
    pub(crate) token: String,
}

impl Site {
    pub(crate) fn of(world: &World, environment: &str) -> Self {
        let text = world.read(&format!("environments/{environment}/policy.json"));
        let envelope = Envelope::read(text.trim_end().as_bytes()).expect("a policy");
        let names = world.names(environment);
        let node = |it: &String| (it.as_str().into(), world.servers[it].address);
        Self {
            policy: Policy::accept(&envelope).expect("a policy that is signed"),
            servers: names.iter().map(node).collect(),
            token: world.servers[&names[0]].token.clone(),
        }
    }

    /// Asks a server at a door, with the token that opens all of them.
    pub(crate) fn ask(&self, server: usize, door: (&str, &str), body: &[u8]) -> Reply {
        let (id, address) = &self.servers[server];
        let answer = request(*address, door, &self.token, body);
        answer.unwrap_or_else(|it| panic!("{id} does not answer {door:?}: {it}"))
    }

    pub(crate) fn post(&self, server: usize, path: &str, body: &Json) -> Reply {
        self.ask(server, ("POST", path), body.to_string().as_bytes())
    }

    /// What a server says about itself.
    pub(crate) fn status(&self, server: usize) -> Json {
        self.ask(server, ("GET", "/admin/v1/status"), b"").json()
    }

    /// The signed state of a server, over a challenge.
    pub(crate) fn state(&self, server: usize, challenge: &str) -> (Envelope, Receipt) {
        let path = format!("/v1/group?challenge={challenge}");
        let answer = self.ask(server, ("GET", &path), b"").json();
        let envelope: Envelope =
            serde_json::from_value(answer["state"].clone()).unwrap_or_else(|_| panic!("{answer}"));
        match envelope.open().map(|it| it.payload) {
            Ok(Payload::Receipt(receipt)) => (envelope, receipt),
            other => panic!("no state: {other:?}"),
        }
    }

    /// Stores a release everywhere.
    pub(crate) fn store(&self, bytes: &[u8]) {
        let path = format!("/admin/v1/releases/{}", Digest::of(bytes));
        for server in 0..self.servers.len() {
            let answer = self.ask(server, ("PUT", &path), bytes);
            assert_eq!(answer.status, 200, "{}", answer.json());
        }
    }

    /// A plan from what is live to a release, with nothing that proves it.
    pub(crate) fn plan(&self, to: Digest) -> Plan {
        let (document, live) = (self.policy.document(), self.state(0, "plan").1);
        Plan {
            format: 1,
            environment: document.environment.clone(),
            policy: *self.policy.digest(),
            anchor: document.anchor.clone(),
            servers: document.members(),
            kind: PlanKind::Change,
            from: live.release,
            base: live.generation,
            to,
            target: live.generation + 1,
            steps: vec![Step::ALL],
            contributors: Vec::new(),
            unknown: Vec::new(),
            evidence: BTreeMap::new(),
            choices: Choices::default(),
            parachute_until: None,
            not_after: live.issued.plus_millis(3_600_000),
            ledger: None,
        }
    }

    pub(crate) fn prepare(
        &self,
        server: usize,
        (bundle, step): (&Bundle, Move),
        word: &[Envelope],
    ) -> Reply {
        let body = json!({ "bundle": bundle, "move": step, "receipts": word });
        self.post(server, "/admin/v1/preparation", &body)
    }

    pub(crate) fn activate(
        &self,
        server: usize,
        (bundle, step): (&Bundle, Move),
        receipts: &[Envelope],
    ) -> Reply {
        let body = json!({ "bundle": bundle, "move": step, "receipts": receipts });
        self.post(server, "/admin/v1/activation", &body)
    }

    /// What a deployer does, as far as the servers let it; every receipt that it got on the way, and the first no.
    pub(crate) fn carry_out(&self, of: (&Bundle, Move)) -> (Vec<Envelope>, Option<Reply>) {
        let mut receipts: Vec<Envelope> = Vec::new();
        for server in 0..self.servers.len() {
            let word = receipts.first().cloned();
            match receipt(self.prepare(server, of, word.as_slice())) {
                Ok(it) => receipts.push(it),
                Err(no) => return (receipts, Some(no)),
            }
        }
        let mut words = receipts.clone();
        for server in 0..self.servers.len() {
            match receipt(self.activate(server, of, &words)) {
                Ok(it) => words = vec![it],
                Err(no) => return (receipts, Some(no)),
            }
            receipts.extend(words.clone());
        }
        (receipts, None)
    }
}

/// The receipt of an answer.
pub(crate) fn receipt(reply: Reply) -> Result<Envelope, Reply> {
    let answer = reply.json();
    if reply.status != 200 {
        return Err(reply);
    }
    serde_json::from_value(answer["receipt"].clone()).map_err(|_| reply)
}
