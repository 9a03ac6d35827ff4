//! A small world: staging with two servers, production with three, people, a runner; and a case, which
//! is a good request of which a test changes one thing.
//! Long because it is one world, and its parts are of no use alone.

use std::{cell::RefCell, collections::BTreeMap, sync::LazyLock};

use serde_json::json;
use taiwa_model::{Digest, EnvironmentName, PersonId, RoleName, RunnerId, ServerId, Timestamp};
use taiwa_plan::{
    Approve, Authorship, Body, Built, Bundle, Choices, Envelope, Epoch, Evidence, EvidenceResult,
    InDoubt, Move, Namespace, Origin, Person, Phase, Plan, PlanKind, Policy, PolicyDocument,
    PublicKey, RanOn, Reading, Receipt, Runner, SecretKey, Separation, Server, Signature,
    Signer as _, Step, Threshold, digest_of_commits,
    server::{Preparation, ServerState, prepare, store},
};

/// The instant at which everything happens unless a test says otherwise.
pub(crate) const NOW: &str = "2026-11-21T10:00:00Z";

pub(crate) const STAGING_ANCHOR: u8 = 11;
pub(crate) const SERVERS: [(&str, u8); 3] = [("tokyo-1", 21), ("tokyo-2", 22), ("tokyo-3", 23)];
pub(crate) const TANAKA: u8 = 31;
pub(crate) const TANAKA_TOO: u8 = 32;
pub(crate) const SATO: u8 = 33;
pub(crate) const SUZUKI: u8 = 34;
pub(crate) const ITO: u8 = 35;
pub(crate) const RUNNER: u8 = 41;
pub(crate) const STRANGER: u8 = 99;

/// The key of a seed; made once in each thread, because making it costs as much as a signature.
pub(crate) fn secret(seed: u8) -> SecretKey {
    thread_local! {
        static KEYS: RefCell<BTreeMap<u8, SecretKey>> = const { RefCell::new(BTreeMap::new()) };
    }
    KEYS.with_borrow_mut(|keys| {
        keys.entry(seed).or_insert_with(|| SecretKey::from_seed(&[seed; 32]).unwrap()).clone()
    })
}

/// A statement with the signature of a seed's key. The same key over the same bytes gives the same signature, so each
/// thread remembers some; the check of a signer's work that [`Envelope::add_signature`] makes has tests of its own.
pub(crate) fn signed<T: Body>(body: &T, seed: u8) -> Envelope {
    type Known = BTreeMap<(u8, Namespace, Vec<u8>), Signature>;
    thread_local! {
        static SIGNED: RefCell<Known> = const { RefCell::new(BTreeMap::new()) };
    }
    let mut envelope = Envelope::unsigned(body).unwrap();
    let signature = SIGNED.with_borrow_mut(|known| {
        if known.len() > 10_000 {
            known.clear();
        }
        let what = (seed, envelope.kind, envelope.payload.clone());
        let sign = || {
            let key = secret(seed);
            let sig = key.sign(envelope.kind.as_str(), &envelope.message()).unwrap();
            Signature { key: key.public_key().fingerprint(), sig }
        };
        known.entry(what).or_insert_with(sign).clone()
    });
    envelope.signatures.push(signature);
    envelope
}

pub(crate) fn key(seed: u8) -> PublicKey {
    secret(seed).public_key().clone()
}

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    static NOW_READ: LazyLock<Timestamp> = LazyLock::new(|| time(NOW));
    *NOW_READ
}

/// So many seconds from now (negative: before).
pub(crate) fn in_s(seconds: i64) -> Timestamp {
    now().plus_millis(seconds * 1000)
}

pub(crate) fn at(seconds: i64) -> Reading {
    Reading::once(in_s(seconds))
}

pub(crate) fn release(name: &str) -> Digest {
    Digest::of_kind("release", name.as_bytes())
}

fn person(id: &str, seeds: &[u8], roles: &[&str]) -> Person {
    Person {
        id: PersonId::new(id),
        keys: seeds.iter().map(|it| key(*it)).collect(),
        emails: vec![format!("{id}@example.com")],
        roles: roles.iter().map(|it| RoleName::new(*it)).collect(),
    }
}

pub(crate) fn threshold(role: &str, count: u64) -> Threshold {
    Threshold { role: RoleName::new(role), count }
}

/// Production: protected, three servers, manager and touchpoint-manager approve.
pub(crate) fn production() -> PolicyDocument {
    let server = |(id, seed): (&str, u8)| Server {
        id: ServerId::new(id),
        url: format!("http://127.0.0.1:72{seed}"),
        key: key(seed),
    };
    PolicyDocument {
        format: 1,
        environment: EnvironmentName::new("production"),
        issued: time("2026-11-01T00:00:00Z"),
        version: 1,
        previous: None,
        protected: true,
        origin: Some(Origin {
            environment: EnvironmentName::new("staging"),
            anchor_key: key(STAGING_ANCHOR),
            soak_s: 5,
        }),
        anchor: ServerId::new("tokyo-1"),
        servers: SERVERS.map(server).to_vec(),
        retired: vec![],
        people: vec![
            person("tanaka", &[TANAKA, TANAKA_TOO], &["manager"]),
            person("sato", &[SATO], &["touchpoint-manager"]),
            person("suzuki", &[SUZUKI], &["manager", "touchpoint-manager"]),
            person("ito", &[ITO], &[]),
        ],
        bots: vec![],
        runners: vec![Runner {
            id: RunnerId::new("ci"),
            key: key(RUNNER),
            gates: vec!["scenarios".to_owned()],
        }],
        approvals: vec![threshold("manager", 1), threshold("touchpoint-manager", 1)],
        rollback: vec![threshold("manager", 1)],
        emergency: vec![],
        policy: vec![threshold("manager", 1)],
        hold: vec![],
        separation: Separation::Off,
        gates: BTreeMap::from([("scenarios".to_owned(), json!({ "max_age_s": 86_400 }))]),
        freeze: vec![],
        windows: vec![],
        max_age_s: 604_800,
        in_doubt: InDoubt::Serve,
        lease_s: 10,
        deadline_s: 15,
        skew_s: 5,
    }
}

/// Staging: unprotected, two servers.
pub(crate) fn staging() -> PolicyDocument {
    let server = |id: &str, seed| Server {
        id: ServerId::new(id),
        url: format!("http://127.0.0.1:71{seed}"),
        key: key(seed),
    };
    PolicyDocument {
        environment: EnvironmentName::new("staging"),
        protected: false,
        origin: None,
        anchor: ServerId::new("s-1"),
        servers: vec![server("s-1", STAGING_ANCHOR), server("s-2", 12)],
        people: vec![],
        runners: vec![],
        approvals: vec![],
        rollback: vec![],
        policy: vec![],
        gates: BTreeMap::new(),
        ..production()
    }
}

pub(crate) fn accept(document: &PolicyDocument) -> Policy {
    Policy::accept(&signed(document, TANAKA)).unwrap()
}

pub(crate) fn approve(role: &str) -> Approve {
    Approve {
        environment: EnvironmentName::new("production"),
        issued: in_s(-60),
        plan: Digest::of(b"filled in by the case"),
        role: RoleName::new(role),
        parachute: false,
        expires: in_s(3600),
        comment: String::new(),
    }
}

pub(crate) fn passed(to: Digest) -> Evidence {
    Evidence {
        environment: EnvironmentName::new("production"),
        issued: in_s(-300),
        gate: "scenarios".to_owned(),
        release: to,
        ran_on: RanOn {
            environment: EnvironmentName::new("staging"),
            servers: vec![ServerId::new("s-1"), ServerId::new("s-2")],
            generation: 3,
        },
        result: EvidenceResult::Passed,
        numbers: [("run", 4), ("passed", 4), ("failed", 0)]
            .map(|(name, number)| (name.to_owned(), number))
            .into(),
        attempt: 1,
        started: in_s(-320),
        ended: in_s(-310),
        inputs: BTreeMap::from([(
            "scenarios".to_owned(),
            json!([Digest::of(b"a scenario").to_string()]),
        )]),
    }
}

pub(crate) fn origin_state(to: Digest, issued: Timestamp) -> Receipt {
    Receipt {
        environment: EnvironmentName::new("staging"),
        issued,
        server: ServerId::new("s-1"),
        policy: Digest::of(b"staging's policy"),
        phase: Phase::State,
        plan: None,
        step: None,
        epoch: Epoch { version: 1, counter: 3 },
        generation: 3,
        release: Some(to),
        challenge: None,
        doubt: false,
    }
}

/// Changes a server's state, given the plan's digest.
type ChangeState = Box<dyn FnMut(&mut ServerState, Digest)>;

/// A good request to a server, one part of which a test changes before it is put together.
pub(crate) struct Case {
    pub(crate) document: PolicyDocument,
    pub(crate) server: ServerId,
    pub(crate) plan: Plan,
    /// Signer and approval; the plan's digest is filled in if it is the place holder.
    pub(crate) approvals: Vec<(u8, Approve)>,
    pub(crate) evidence: Vec<(u8, Evidence)>,
    /// Evidence that comes along without being named by the plan.
    pub(crate) more_evidence: Vec<(u8, Evidence)>,
    pub(crate) origin: Vec<(u8, Receipt)>,
    pub(crate) extra: Vec<Envelope>,
    pub(crate) state: ChangeState,
    pub(crate) at: Reading,
    pub(crate) step: Move,
}

impl Case {
    /// The first release `to` for production.
    pub(crate) fn new() -> Self {
        Self::of(&release("espresso"), None, 0)
    }

    /// From a release at a generation to another.
    pub(crate) fn of(to: &Digest, from: Option<Digest>, base: u64) -> Self {
        let document = production();
        let plan = Plan {
            format: 1,
            environment: document.environment.clone(),
            policy: Digest::of(b"filled in by the case"),
            anchor: document.anchor.clone(),
            servers: document.members(),
            kind: PlanKind::Change,
            from,
            base,
            to: *to,
            target: base + 1,
            steps: vec![Step::ALL],
            contributors: vec![],
            unknown: vec![],
            evidence: BTreeMap::new(),
            choices: Choices::default(),
            parachute_until: None,
            not_after: in_s(86_400),
            ledger: None,
        };
        Self {
            document,
            server: ServerId::new("tokyo-1"),
            plan,
            approvals: vec![(TANAKA, approve("manager")), (SATO, approve("touchpoint-manager"))],
            evidence: vec![(RUNNER, passed(*to))],
            more_evidence: vec![],
            origin: vec![
                (STAGING_ANCHOR, origin_state(*to, in_s(-120))),
                (STAGING_ANCHOR, origin_state(*to, in_s(-10))),
            ],
            extra: vec![],
            state: Box::new(|_, _| ()),
            at: at(0),
            step: Move::FIRST,
        }
    }

    /// The first release for production, where whoever wrote it cannot approve it. It was written by these people, and
    /// by others whom nobody knows.
    pub(crate) fn separated(people: &[&str], unknown: &[&str]) -> Self {
        let mut case = Self::new();
        case.document.separation = Separation::On;
        case.document.gates.insert("authorship".to_owned(), json!({ "max_age_s": 86_400 }));
        case.document.runners[0].gates.push("authorship".to_owned());
        case.plan.contributors = people.iter().map(|it| PersonId::new(*it)).collect();
        case.plan.unknown = unknown.iter().map(|it| (*it).to_owned()).collect();
        case.evidence.push((RUNNER, case.wrote()));
        case
    }

    /// Evidence that says of the plan's release what the plan says.
    pub(crate) fn wrote(&self) -> Evidence {
        let built = |release| Built { release, commit: Some("c".repeat(40)) };
        let said = Authorship {
            policy: *self.policy().digest(),
            from: self.plan.from.map(built),
            to: built(self.plan.to),
            commits: digest_of_commits(["c"]),
            contributors: self.plan.contributors.clone(),
            unknown: self.plan.unknown.clone(),
        };
        let gate = "authorship".to_owned();
        let (numbers, inputs) = (said.numbers(1), said.inputs());
        Evidence { gate, numbers, inputs, ..passed(self.plan.to) }
    }

    /// A rollback needs no evidence and no origin, and a manager only.
    pub(crate) fn rollback(to: &Digest, from: Digest, base: u64) -> Self {
        let mut case = Self::of(to, Some(from), base);
        case.plan.kind = PlanKind::Rollback;
        case.evidence.clear();
        case.origin.clear();
        case.approvals.truncate(1);
        case
    }

    pub(crate) fn policy(&self) -> Policy {
        accept(&self.document)
    }

    /// The plan with what it has to name filled in, and the bundle.
    pub(crate) fn bundle(&self) -> (Plan, Digest, Bundle) {
        let place_holder = Digest::of(b"filled in by the case");
        let mut plan = self.plan.clone();
        if plan.policy == place_holder {
            plan.policy = *self.policy().digest();
        }
        let sign = |(seed, it): &(u8, Evidence)| signed(it, *seed);
        let mut statements: Vec<_> = self.evidence.iter().map(sign).collect();
        if plan.evidence.is_empty() {
            for ((_, evidence), envelope) in self.evidence.iter().zip(&statements) {
                let of_gate = plan.evidence.entry(evidence.gate.clone()).or_default();
                of_gate.push(envelope.digest());
            }
        }
        statements.extend(self.more_evidence.iter().map(sign));
        let digest = Plan::digest_of(&plan.to_bytes().unwrap());
        for (seed, approve) in &self.approvals {
            let mut approve = approve.clone();
            if approve.plan == place_holder {
                approve.plan = digest;
            }
            statements.push(signed(&approve, *seed));
        }
        for (seed, receipt) in &self.origin {
            statements.push(signed(receipt, *seed));
        }
        statements.extend(self.extra.iter().cloned());
        let bundle = Bundle::new(&plan, statements).unwrap();
        (plan, digest, bundle)
    }

    /// The server's state: the release stored, and what the test changed.
    pub(crate) fn server_state(&mut self) -> ServerState {
        let fresh = ServerState::fresh(&self.policy(), self.server.clone());
        let mut state = store(&fresh, self.plan.to).state;
        let digest = self.bundle().1;
        (self.state)(&mut state, digest);
        state
    }
}

/// Signs a receipt with the key of its server.
pub(crate) fn sign(receipt: &Receipt) -> Envelope {
    let seed = SERVERS.iter().find(|it| it.0 == receipt.server.as_str()).unwrap().1;
    signed(receipt, seed)
}

/// The states of the three servers, each with `to` stored, prepared in turn, and their receipts.
pub(crate) fn prepared(case: &Case) -> (Vec<ServerState>, Vec<Envelope>) {
    let policy = case.policy();
    let bundle = case.bundle().2;
    let mut word = None;
    let mut states = Vec::new();
    let mut receipts = Vec::new();
    for (id, _) in SERVERS {
        let fresh = ServerState::fresh(&policy, ServerId::new(id));
        let state = store(&fresh, case.plan.to).state;
        let request = Preparation { bundle: &bundle, step: Move::FIRST, word: word.as_ref() };
        let done = prepare(&policy, &state, &request, &case.at).unwrap();
        let receipt = sign(&done.receipt.unwrap());
        word.get_or_insert_with(|| receipt.clone());
        states.push(done.state);
        receipts.push(receipt);
    }
    (states, receipts)
}
