//! The simulated world: servers with their disks and clocks, everything that anybody ever signed, and what the
//! invariants remember.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{Digest, ServerId, Timestamp};
use taiwa_plan::{
    Bundle, Envelope, Epoch, InDoubt, Move, Phase, Plan, Policy, PolicyDocument, Reading, Receipt,
    server::{Entry, Refused, Rest, ServerState, Sight, Transition, restart, settle, unready},
};

use super::{Dice, Tally, courier::Courier, invariants::Violation};
use crate::world::{SATO, SERVERS, TANAKA, in_s, production, sign, signed, threshold};

/// A rule that this world breaks, to see that the simulation finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The attacker holds the keys of as many people as must approve.
    OneKeyMore,
    /// Who is in doubt says that it is ready.
    NoDrain,
    /// Who moves on from a doubt does not wait.
    NoWait,
    /// An anchor that is alone says that it is ready.
    NotAlone,
    /// The anchor's disk forgets.
    AnchorForgets,
    /// Couriers forge the promises of servers.
    ForgedReceipts,
    /// A policy may be changed by one signature.
    WeakPolicy,
}

/// A bundle that exists, and what is true of it.
pub(super) struct Artefact {
    pub(super) plan: Plan,
    pub(super) digest: Digest,
    pub(super) bundle: Bundle,
    pub(super) honest: bool,
    /// When the first of its approvals expires.
    pub(super) expires: Timestamp,
    /// The same with a `pull`, once somebody who may has signed one.
    pub(super) pulled: Option<Bundle>,
    /// The same with what an ordinary change needs, for an emergency.
    pub(super) ratified: Option<Bundle>,
}

/// One server.
pub(super) struct Node {
    pub(super) state: ServerState,
    /// What it has seen of its peers since it started.
    pub(super) sight: Sight,
    pub(super) journal: Vec<Entry>,
    /// How far its wall clock is off, in seconds.
    pub(super) off_s: i64,
    /// When its floor was set, in true time.
    pub(super) floor_s: i64,
    /// It cannot be reached, and balancers have noticed.
    pub(super) away: bool,
    /// Its disk was replaced at some time.
    pub(super) replaced: bool,
    /// The highest epoch and generation that it ever signed.
    pub(super) signed: (Epoch, u64),
}

/// Everything.
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) flaw: Option<Flaw>,
    /// The policies in order; all signed as they have to be.
    pub(super) policies: Vec<Policy>,
    /// Policies that only the attacker wants.
    pub(super) coups: Vec<Policy>,
    pub(super) now_s: i64,
    pub(super) nodes: Vec<Node>,
    pub(super) artefacts: Vec<Artefact>,
    /// Every receipt that anybody has ever seen.
    pub(super) receipts: Vec<(Envelope, Receipt)>,
    /// Answers of peers on their way: from whom, to whom, asked when.
    pub(super) answers: Vec<(usize, usize, Receipt, i64)>,
    /// A signed state over a challenge that was used up.
    pub(super) stale: Option<(usize, Envelope)>,
    pub(super) statements: Vec<Envelope>,
    /// Two honest ones, and one who carries the attacker's plans just as carefully.
    pub(super) couriers: [Courier; 3],
    pub(super) releases: usize,
    // What the invariants remember.
    pub(super) of_generation: BTreeMap<u64, (Digest, Option<Rest>)>,
    pub(super) committed: BTreeSet<(Digest, Move)>,
    pub(super) ended: BTreeSet<Epoch>,
    pub(super) rejected: BTreeSet<Digest>,
    pub(super) violation: Option<Violation>,
    pub(super) tally: Tally,
}

fn document() -> PolicyDocument {
    let two = || vec![threshold("manager", 1), threshold("touchpoint-manager", 1)];
    PolicyDocument {
        emergency: two(),
        policy: two(),
        hold: vec!["touchpoint-manager".into()],
        in_doubt: InDoubt::Drain,
        ..production()
    }
}

pub(super) fn accepted(document: &PolicyDocument, by: &[u8]) -> Policy {
    let mut envelope = Envelope::unsigned(document).unwrap();
    for seed in by {
        envelope.signatures.extend(signed(document, *seed).signatures);
    }
    Policy::accept(&envelope).unwrap()
}

impl World {
    pub(super) fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let mut first = document();
        if flaw == Some(Flaw::WeakPolicy) {
            first.policy.truncate(1);
        }
        let policy = accepted(&first, &[TANAKA, SATO]);
        let node = |(id, _): (&str, u8)| Node {
            // They have met: the anchor has shown everybody that nothing is open.
            state: ServerState {
                fresh_disk: None,
                ..ServerState::fresh(&policy, ServerId::new(id))
            },
            sight: Sight::new(0),
            journal: Vec::new(),
            off_s: 0,
            floor_s: 0,
            away: false,
            replaced: false,
            signed: (Epoch { version: 0, counter: 0 }, 0),
        };
        Self {
            dice: Dice(seed),
            flaw,
            nodes: SERVERS.map(node).into(),
            policies: vec![policy],
            coups: Vec::new(),
            now_s: 0,
            artefacts: Vec::new(),
            receipts: Vec::new(),
            answers: Vec::new(),
            stale: None,
            statements: Vec::new(),
            couriers: Default::default(),
            releases: 0,
            of_generation: BTreeMap::new(),
            committed: BTreeSet::new(),
            ended: BTreeSet::new(),
            rejected: BTreeSet::new(),
            violation: None,
            tally: Tally::default(),
        }
    }

    pub(super) fn newest(&self) -> &Policy {
        self.policies.last().unwrap()
    }

    /// The policy that a server obeys.
    pub(super) fn policy(&self, server: usize) -> &Policy {
        let obeyed = &self.nodes[server].state.policy;
        self.policies.iter().chain(&self.coups).find(|it| it.digest() == obeyed).unwrap()
    }

    /// The anchor of a policy, by its place.
    pub(super) fn anchor(&self, policy: &Policy) -> usize {
        let anchor = &policy.document().anchor;
        self.nodes.iter().position(|it| it.state.server == *anchor).unwrap()
    }

    pub(super) fn at(&self, server: usize) -> Reading {
        let node = &self.nodes[server];
        let elapsed_ms = (self.now_s - node.floor_s) * 1000;
        Reading::of(node.state.floor, in_s(self.now_s + node.off_s), Some(elapsed_ms), 5)
    }

    /// Whether a balancer sends people to a server.
    pub(super) fn unready(&self, server: usize) -> Vec<&'static str> {
        let node = &self.nodes[server];
        let sight = (&node.sight, self.now_s * 1000);
        unready(self.policy(server), &node.state, &self.at(server), sight)
    }

    pub(super) fn ready(&self, server: usize) -> bool {
        let node = &self.nodes[server];
        let reasons = self.unready(server);
        let passed_over = match self.flaw {
            Some(Flaw::NoDrain) => "in-doubt",
            Some(Flaw::NoWait) => "after-doubt",
            Some(Flaw::NotAlone) => "alone",
            _ => "",
        };
        let counts = reasons.iter().any(|it| *it != passed_over);
        !node.away && node.state.active.is_some() && !counts
    }

    /// Makes a transition durable, with whatever can happen around that. The answer, if it arrives.
    pub(super) fn commit(
        &mut self,
        server: usize,
        done: Result<Transition, Refused>,
    ) -> Option<Receipt> {
        let done = done.ok().filter(|_| !self.nodes[server].away)?;
        match self.dice.roll(90) {
            0 => return None, // the disk is full: nothing happened
            1 | 2 => {
                self.restart(server); // it died before: a lost request
                return None;
            }
            _ => {}
        }
        let receipt = self.durable(server, done);
        if self.dice.roll(30) == 0 {
            self.restart(server); // it died after: a lost answer
            return None;
        }
        receipt
    }

    /// Makes a transition durable, and nothing happens around it.
    pub(super) fn durable(&mut self, server: usize, done: Transition) -> Option<Receipt> {
        let receipt = done.receipt.clone();
        self.settle(server, done);
        let receipt = receipt?;
        let signed = &mut self.nodes[server].signed;
        signed.0 = signed.0.max(receipt.epoch);
        if receipt.phase == Phase::Committed {
            signed.1 = signed.1.max(receipt.generation);
        }
        if !self.receipts.iter().any(|it| it.1 == receipt) {
            self.receipts.push((sign(&receipt), receipt.clone()));
        }
        Some(receipt)
    }

    /// The change itself, and what it may break.
    pub(super) fn settle(&mut self, server: usize, done: Transition) {
        if self.nodes[server].away {
            return;
        }
        let node = &mut self.nodes[server];
        if node.state.floor != done.state.floor {
            node.floor_s = self.now_s;
        }
        let before = std::mem::replace(&mut node.state, done.state);
        node.journal.extend(done.entry.clone());
        self.sees(server);
        self.checked(server, &before, done.entry.as_ref());
    }

    /// What a server has in mind follows what is on its disk.
    pub(super) fn sees(&mut self, server: usize) {
        let policy = self.policy(server).clone();
        let Node { state, sight, .. } = &mut self.nodes[server];
        sight.follow(&policy, state, self.now_s * 1000);
    }

    /// Waits end by themselves.
    pub(super) fn waits_end(&mut self) {
        for server in 0..3 {
            let Node { state, sight, .. } = &self.nodes[server];
            if let Some(done) = settle(state, sight, self.now_s * 1000) {
                self.settle(server, done);
            }
        }
    }

    pub(super) fn restart(&mut self, server: usize) {
        let node = &self.nodes[server];
        let wall = in_s(self.now_s + node.off_s);
        let at = Reading::of(node.state.floor, wall, None, 5);
        let present = node.state.stored.clone();
        let done = restart(self.policy(server), &node.state, present, &at);
        self.nodes[server].sight = Sight::new(self.now_s * 1000);
        self.settle(server, done);
        self.nodes[server].floor_s = self.now_s;
    }
}
