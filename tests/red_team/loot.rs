//! What the attacker has, and the sentences that can be made of it: everything that was ever sent, every token, the
//! runner's key, what is put on staging, and the keys of one of the two people who must approve.
//!
//! A sentence is a bundle (an honest plan, a changed one, its own; statements copied from anywhere, signed anew with stolen
//! keys, damaged, of another type, with another's signature beside) and receipts (of any server, epoch and plan, changed or
//! forged). Deliberately absent: forging signatures.

use taiwa_model::{Digest, RoleName, Timestamp};
use taiwa_plan::{
    Absent, Approve, Bundle, Envelope, Epoch, Evidence, EvidenceResult, Hold, Lift, Move,
    Namespace, Payload, Phase, Plan, PlanKind, Pull, RanOn, Receipt, Reject, SecretKey,
    Signer as _, Step,
};
use taiwa_testkit::Random;

/// Seeds of the keys of everybody who plays.
pub(crate) const TANAKA: u8 = 1;
pub(crate) const SATO: u8 = 2;
pub(crate) const RUNNER: u8 = 3;
pub(crate) const STRANGER: u8 = 4;
/// Whoever must approve, and as what.
pub(crate) const APPROVERS: [(u8, &str); 2] = [(TANAKA, "manager"), (SATO, "touchpoint-manager")];
/// The attacker's share of them: one of two people, under every name; the pipeline; a key that nobody knows.
pub(crate) const STOLEN: [u8; 3] = [TANAKA, RUNNER, STRANGER];

pub(crate) fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32]).expect("a key")
}

pub(crate) struct Loot {
    pub(crate) dice: Random,
    pub(crate) keys: Vec<u8>,
    pub(crate) now: Timestamp,
    pub(crate) plans: Vec<Plan>,
    /// Whole bundles that were carried out, or could have been.
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) statements: Vec<Envelope>,
    pub(crate) receipts: Vec<Envelope>,
    /// States of the origin's anchor that it runs the release of `own`.
    pub(crate) origin: Vec<Envelope>,
    /// The attacker's own plan, from what is live to what runs on staging, with no evidence yet.
    pub(crate) own: Plan,
    pub(crate) releases: Vec<Digest>,
    /// The generation of staging.
    pub(crate) staging: u64,
}

impl Loot {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.dice.below(sides as u64)).unwrap_or_default()
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    pub(crate) fn key(&mut self) -> u8 {
        let keys = self.keys.clone();
        self.one(&keys)
    }

    /// So many seconds from now; negative: ago.
    pub(crate) fn in_s(&self, seconds: i64) -> Timestamp {
        self.now.plus_millis(seconds * 1000)
    }

    pub(crate) fn approve(&self, plan: Digest, role: &str) -> Approve {
        Approve {
            environment: "production".into(),
            issued: self.now,
            plan,
            role: RoleName::new(role),
            parachute: false,
            expires: self.in_s(900),
            comment: String::new(),
        }
    }

    /// Evidence that the scenarios of a release passed on staging.
    pub(crate) fn evidence(&self, of: Digest) -> Evidence {
        Evidence {
            environment: "production".into(),
            issued: self.now,
            gate: "scenarios".to_owned(),
            release: of,
            ran_on: RanOn {
                environment: "staging".into(),
                servers: vec!["staging-1".into()],
                generation: self.staging,
            },
            result: EvidenceResult::Passed,
            numbers: [("run", 4), ("passed", 4), ("failed", 0)]
                .map(|it| (it.0.to_owned(), it.1))
                .into(),
            attempt: 1,
            started: self.in_s(-20),
            ended: self.in_s(-10),
            inputs: [("scenarios".to_owned(), serde_json::json!([Digest::of(b"x").to_string()]))]
                .into(),
        }
    }

    /// A plan with evidence that it names, an approval by each of these keys in a role, and the origin's word: everything
    /// that a promotion needs, as far as the keys go.
    pub(crate) fn proven(&self, plan: Plan, approvers: &[(u8, &str)]) -> (Plan, Bundle) {
        let mut plan = plan;
        let mut statements = self.origin.clone();
        if plan.kind == PlanKind::Change {
            let evidence = sign(&self.evidence(plan.to), RUNNER);
            plan.evidence = [("scenarios".to_owned(), vec![evidence.digest()])].into();
            statements.push(evidence);
        }
        let digest = digest_of(&plan);
        let said = approvers.iter().map(|it| sign(&self.approve(digest, it.1), it.0));
        statements.extend(said);
        let bundle = bundle(&plan, statements);
        (plan, bundle)
    }

    /// The best that the attacker can do: nothing is missing but people.
    pub(crate) fn best(&mut self) -> Bundle {
        let mut plan = self.own.clone();
        match self.roll(8) {
            0 => {
                plan.choices.absent =
                    vec![Absent { server: plan.servers[1].clone(), why: "away".into() }];
            }
            1 => plan.steps = vec![Step { share_bp: 100, for_s: 0 }, Step::ALL],
            2 => {
                plan.kind = PlanKind::Emergency;
                plan.choices.revert_at = Some(self.in_s(600));
            }
            3 => {
                plan.kind = PlanKind::Rollback;
                plan.to = self.releases[0];
            }
            4 => plan.choices.again = true,
            _ => {}
        }
        let second = self.key();
        self.proven(plan, &[(TANAKA, "manager"), (second, "touchpoint-manager")]).1
    }

    /// A plan: one that is known, as it is or with some of its fields changed.
    fn plan(&mut self) -> Plan {
        let plans = self.plans.clone();
        let mut plan = self.one(&plans);
        for _ in 0..self.roll(4) {
            self.change(&mut plan);
        }
        plan
    }

    fn change(&mut self, plan: &mut Plan) {
        let releases = self.releases.clone();
        match self.roll(16) {
            0 => plan.to = self.one(&releases),
            1 => plan.from = Some(self.one(&releases)),
            2 => plan.kind = self.one(&[PlanKind::Change, PlanKind::Rollback, PlanKind::Emergency]),
            3 => (plan.from, plan.base) = (self.own.from, self.own.base),
            4 => plan.target = plan.base + 1,
            5 => plan.evidence.clear(),
            6 => plan.choices.again = true,
            7 => plan.choices.revert_at = Some(self.in_s(600)),
            8 => plan.policy = self.own.policy,
            9 => plan.contributors = vec!["sato".into()],
            10 => plan.servers.truncate(1),
            11 => plan.environment = self.one(&["staging".into(), "production".into()]),
            12 => plan.parachute_until = Some(self.in_s(600)),
            13 => plan.anchor = self.one(&["production-2".into(), "production-1".into()]),
            14 => plan.not_after = self.in_s(86_400),
            _ => plan.steps = vec![Step { share_bp: 1, for_s: 0 }, Step::ALL],
        }
    }

    /// A statement: copied, damaged, or freshly signed with a stolen key.
    fn statement(&mut self, plan: &Plan) -> Envelope {
        let known = self.statements.clone();
        let mut envelope = self.one(&known);
        let digest = digest_of(plan);
        match self.roll(9) {
            0 => {}
            1 => {
                let at = self.roll(envelope.payload.len());
                envelope.payload[at] ^= 1 << self.roll(8);
            }
            2 => {
                let kinds =
                    [Namespace::Approve, Namespace::Evidence, Namespace::Pull, Namespace::Policy];
                envelope.kind = self.one(&kinds);
            }
            3 => envelope.signatures.extend(self.one(&known).signatures),
            4 | 5 => {
                let role = self.one(&["manager", "touchpoint-manager", "*", ""]);
                let parachute = self.roll(2) == 0;
                let environment = self.one(&["production", "production", "staging"]).into();
                let plan = self.one(&[digest, digest, Digest::of(b"another plan")]);
                let body = Approve { environment, parachute, ..self.approve(plan, role) };
                envelope = sign(&body, self.key());
            }
            6 => envelope = self.beside(&envelope, digest),
            7 => {
                // Its own signature under another's name.
                envelope = sign(&self.approve(digest, "touchpoint-manager"), TANAKA);
                envelope.signatures[0].key = secret(SATO).public_key().fingerprint();
            }
            _ => {
                let pull = Pull {
                    environment: "production".into(),
                    issued: self.now,
                    plan: digest,
                    step: self.one(&[Move::Back, Move::FIRST]),
                    expires: self.in_s(600),
                };
                envelope = sign(&pull, self.key());
            }
        }
        envelope
    }

    /// What somebody said of another plan, under the attacker's own signature beside theirs.
    fn beside(&mut self, envelope: &Envelope, plan: Digest) -> Envelope {
        let Ok(Payload::Approve(body)) = envelope.open().map(|it| it.payload) else {
            return envelope.clone();
        };
        let mut out = sign(&Approve { plan, ..body }, self.key());
        out.signatures.extend(envelope.signatures.clone());
        out
    }

    pub(crate) fn bundle(&mut self) -> Bundle {
        match self.roll(12) {
            0..=3 => return self.best(),
            4 | 5 => return self.one(&self.bundles.clone()),
            _ => {}
        }
        let mut plan = self.plan();
        let mut statements: Vec<Envelope> = Vec::new();
        for _ in 0..=self.roll(6) {
            statements.push(self.statement(&plan));
        }
        // An attacker who names the evidence that it brings, and approves what it names.
        if self.roll(2) == 0 {
            let evidence = sign(&self.evidence(plan.to), RUNNER);
            plan.evidence.insert("scenarios".to_owned(), vec![evidence.digest()]);
            statements.push(evidence);
            statements.extend(self.origin.clone());
            for role in ["manager", "touchpoint-manager"] {
                statements.push(self.statement(&plan));
                statements.push(sign(&self.approve(digest_of(&plan), role), self.key()));
            }
        }
        let mut bundle = bundle(&plan, statements);
        match self.roll(16) {
            0 if !bundle.plan.is_empty() => {
                let at = self.roll(bundle.plan.len());
                bundle.plan[at] ^= 1;
            }
            1 => bundle.format = 2,
            2 => bundle.policies = vec![self.statements[0].clone()],
            3 => bundle.plan.push(b' '),
            _ => {}
        }
        bundle
    }

    /// A receipt: one that exists, one with a changed field and its old signature, or one by a stolen key.
    pub(crate) fn receipt(&mut self, bundle: &Bundle) -> Envelope {
        let known = self.receipts.clone();
        let envelope = self.one(&known);
        let Ok(Payload::Receipt(receipt)) = envelope.open().map(|it| it.payload) else {
            return envelope;
        };
        let releases = self.releases.clone();
        let plan = Plan::read(&bundle.plan).map_or_else(|_| self.own.clone(), |it| it.0);
        let forged = Receipt {
            plan: Some(bundle.plan_digest()),
            step: Some(self.step()),
            phase: self.one(&[Phase::Prepared, Phase::Committed, Phase::State]),
            epoch: Epoch { version: 1, counter: self.roll(9) as u64 },
            generation: self.one(&[plan.target, receipt.generation]),
            server: self.one(&["production-1", "production-2"]).into(),
            release: Some(self.one(&[releases, vec![plan.to]].concat())),
            ..receipt
        };
        match self.roll(4) {
            0 => Envelope {
                signatures: envelope.signatures,
                ..Envelope::unsigned(&forged).expect("a body")
            },
            1 => sign(&forged, self.key()),
            _ => envelope,
        }
    }

    pub(crate) fn step(&mut self) -> Move {
        self.one(&[Move::FIRST, Move::FIRST, Move::Step(2), Move::Back, Move::Ratify])
    }

    /// A word for the statements' door: what the attacker may say, and what not.
    pub(crate) fn word(&mut self) -> Envelope {
        let key = self.one(&[TANAKA, RUNNER, STRANGER]);
        let (environment, issued) = ("production".into(), self.now);
        let id = format!("hold-{}", self.roll(5));
        match self.roll(5) {
            0 => sign(
                &Hold { environment, issued, id, why: "me".into(), expires: self.in_s(3) },
                key,
            ),
            1 => sign(&Lift { environment, issued, id }, key),
            2 => {
                let plan = self.one(&[digest_of(&self.own), Digest::of(b"another plan")]);
                sign(&Reject { environment, issued, plan, why: "me".into() }, key)
            }
            _ => {
                let plan = self.own.clone();
                self.statement(&plan)
            }
        }
    }
}

pub(crate) fn sign<T: taiwa_plan::Body>(body: &T, key: u8) -> Envelope {
    Envelope::signed(body, &secret(key)).expect("a signature")
}

pub(crate) fn digest_of(plan: &Plan) -> Digest {
    plan.to_bytes().map_or_else(|_| Digest::of(b"no plan"), |it| Plan::digest_of(&it))
}

fn bundle(plan: &Plan, statements: Vec<Envelope>) -> Bundle {
    let plan = plan.to_bytes().unwrap_or_default();
    Bundle { format: 1, plan, statements, policies: Vec::new() }
}
