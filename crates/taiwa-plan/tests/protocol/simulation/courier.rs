//! Who carries things to servers: two deployers that follow the script as far as they are let, one that carries the
//! attacker's plans just as carefully, and the attacker, who delivers anything to anyone.

use taiwa_model::Digest;
use taiwa_plan::{
    Envelope, Epoch, GroupState, Move, Phase, PlanKind, Receipt,
    server::{
        Activation, Learning, Preparation, abort, activate, learn, prepare, rotate, state_receipt,
        statement,
    },
};

use super::world::{Flaw, World};
use crate::world::{SATO, SERVERS, STRANGER, sign};

/// A deployer: what it carries, and how far it got.
#[derive(Clone, Copy, Debug)]
pub(super) struct Courier {
    artefact: usize,
    step: Move,
    stage: usize,
}

impl Default for Courier {
    fn default() -> Self {
        Self { artefact: 0, step: Move::FIRST, stage: 0 }
    }
}

impl World {
    /// What every server says of itself over a challenge.
    pub(super) fn group(&self, challenge: &str) -> GroupState {
        let mut group = GroupState::default();
        for server in 0..self.nodes.len() {
            let (state, away) = (&self.nodes[server].state, self.nodes[server].away);
            let seen = if away {
                taiwa_plan::Seen::Unreachable("away".to_owned())
            } else {
                let (policy, at) = (self.policy(server), self.at(server));
                let said = state_receipt(policy, state, Some(challenge), &at).unwrap();
                taiwa_plan::read_state(self.newest(), &state.server, &sign(&said), challenge)
            };
            group.servers.insert(state.server.clone(), seen);
        }
        group
    }

    fn words(&self, phase: Phase, (plan, step): (Digest, Move)) -> Vec<usize> {
        let of = |it: &usize| {
            let receipt = &self.receipts[*it].1;
            receipt.phase == phase && receipt.plan == Some(plan) && receipt.step == Some(step)
        };
        (0..self.receipts.len()).filter(of).collect()
    }

    /// The anchor's latest word of a kind for a move.
    fn by_anchor(&self, phase: Phase, artefact: usize, step: Move) -> Option<usize> {
        let one = &self.artefacts[artefact];
        let mut words = self.words(phase, (one.digest, step)).into_iter();
        words.rfind(|it| self.receipts[*it].1.server == one.plan.anchor)
    }

    pub(super) fn prepare(
        &mut self,
        server: usize,
        of: (usize, Move),
        word: Option<usize>,
    ) -> bool {
        let bundle = self.bundle(of.0, of.1);
        let word = word.map(|it| self.receipts[it].0.clone());
        let request = Preparation { bundle: &bundle, step: of.1, word: word.as_ref() };
        let (policy, at) = (self.policy(server), self.at(server));
        let done = prepare(policy, &self.nodes[server].state, &request, &at);
        self.commit(server, done).is_some()
    }

    pub(super) fn activate(&mut self, server: usize, of: (usize, Move), with: &[Envelope]) -> bool {
        let bundle = self.bundle(of.0, of.1);
        let request = Activation { bundle: &bundle, step: of.1, receipts: with };
        let (policy, at) = (self.policy(server), self.at(server));
        let done = activate(policy, &self.nodes[server].state, &request, &at);
        self.commit(server, done).is_some()
    }

    /// What a deployer takes up next.
    fn takes_up(&mut self, which: usize) -> Courier {
        let place = self.anchor(&self.newest().clone());
        let live = self.nodes[place].state.active.as_ref().map(|it| (it.plan, it.step));
        let of_live = self.artefacts.iter().position(|it| Some(it.digest) == live.map(|it| it.0));
        if let Some(artefact) = of_live.filter(|_| which < 2 && self.dice.roll(3) > 0) {
            let plan = &self.artefacts[artefact].plan;
            let back = plan.from.is_some() && plan.parachute_until.is_some();
            let steps = plan.steps.len() > 1 && live.is_some_and(|it| it.1 == Move::FIRST);
            let emergency = plan.kind == PlanKind::Emergency;
            if emergency && self.dice.roll(2) == 0 {
                self.ratify(artefact);
                return Courier { artefact, step: Move::Ratify, stage: 1 };
            }
            if steps && self.dice.roll(3) > 0 {
                return Courier { artefact, step: Move::Step(2), stage: 1 };
            }
            if back && !emergency {
                self.artefacts[artefact].pulled = Some(self.pull(artefact, SATO));
                return Courier { artefact, step: Move::Back, stage: 1 };
            }
        }
        Courier { artefact: self.plan(which < 2), step: Move::FIRST, stage: 1 }
    }

    /// One step of a courier's script: prepare the anchor, the others, commit, the others, look.
    pub(super) fn courier(&mut self, which: usize) {
        if self.artefacts.is_empty() || self.couriers[which].stage == 0 {
            self.couriers[which] = self.takes_up(which);
            return;
        }
        let Courier { artefact, step, stage } = self.couriers[which];
        let of = (artefact, step);
        let plan = &self.artefacts[artefact].plan;
        let place = self.nodes.iter().position(|it| it.state.server == plan.anchor).unwrap();
        let others: Vec<usize> = (0..3).filter(|it| *it != place).collect();
        let absent = |it: usize| {
            let id = &self.nodes[it].state.server;
            plan.choices.absent.iter().any(|it| it.server == *id)
        };
        let skips = match stage {
            2 | 3 => self.flaw == Some(Flaw::ForgedReceipts) || absent(others[stage - 2]),
            5 | 6 => absent(others[stage - 5]),
            _ => false,
        };
        let ok = skips
            || match stage {
                1 => self.prepare(place, of, None),
                2 | 3 => {
                    let word = self.by_anchor(Phase::Prepared, artefact, step);
                    self.prepare(others[stage - 2], of, word)
                }
                4 => {
                    let said = self.promises(artefact, step);
                    self.activate(place, of, &said)
                }
                5 | 6 => {
                    let word = self.by_anchor(Phase::Committed, artefact, step);
                    let word: Vec<_> = word.iter().map(|it| self.receipts[*it].0.clone()).collect();
                    self.activate(others[stage - 5], of, &word)
                }
                _ => {
                    self.claims(artefact, step);
                    false
                }
            };
        let give_up = !ok && (stage > 6 || self.dice.roll(3) == 0);
        self.couriers[which].stage = if give_up { 0 } else { stage + usize::from(ok) };
    }

    /// The promises that a courier has for a move.
    fn promises(&self, artefact: usize, step: Move) -> Vec<Envelope> {
        let digest = self.artefacts[artefact].digest;
        let words = self.words(Phase::Prepared, (digest, step));
        let mut said: Vec<_> = words.iter().map(|it| self.receipts[*it].0.clone()).collect();
        if self.flaw == Some(Flaw::ForgedReceipts)
            && let Some(own) = self.by_anchor(Phase::Prepared, artefact, step)
        {
            let own = &self.receipts[own].1;
            let forged = |it: (&str, u8)| sign(&Receipt { server: it.0.into(), ..own.clone() });
            said.extend(SERVERS.map(forged));
        }
        said
    }

    /// The attacker delivers anything to anyone.
    pub(super) fn attacker(&mut self) {
        if self.artefacts.is_empty() || self.dice.roll(6) == 0 {
            self.plan(false);
        }
        let (server, artefact) = (self.dice.roll(3), self.dice.roll(self.artefacts.len()));
        let any = (!self.receipts.is_empty()).then(|| self.dice.roll(self.receipts.len()));
        let step = [Move::FIRST, Move::FIRST, Move::Step(2), Move::Back, Move::Ratify];
        let step = step[self.dice.roll(5)];
        match self.dice.roll(7) {
            0 => {
                self.prepare(server, (artefact, step), any);
            }
            1 => {
                // The latest ones, from any plan and epoch, with up to two of them withheld.
                let all = self.receipts.iter().rev().take(12);
                let mut receipts: Vec<_> = all.map(|it| it.0.clone()).collect();
                for _ in 0..self.dice.roll(3).min(receipts.len()) {
                    let which = self.dice.roll(receipts.len());
                    receipts.swap_remove(which);
                }
                self.activate(server, (artefact, step), &receipts);
            }
            2 => {
                let Epoch { version, counter } = self.nodes[server].state.epoch;
                let counter = self.dice.roll(usize::try_from(counter).unwrap() + 2) as u64;
                let epoch = Epoch { version, counter };
                let (policy, at) = (self.policy(server), self.at(server));
                if let Ok(done) = abort(policy, &self.nodes[server].state, epoch, &at) {
                    self.settle(server, done);
                }
            }
            3 => {
                let forged = self.pull(artefact, STRANGER);
                let request = Preparation { bundle: &forged, step: Move::Back, word: None };
                let (policy, at) = (self.policy(server), self.at(server));
                let done = prepare(policy, &self.nodes[server].state, &request, &at);
                self.commit(server, done);
            }
            4 => {
                let coup = self.coup(server);
                let (policy, at) = (self.policy(server), self.at(server));
                if let Ok(done) = rotate(policy, &self.nodes[server].state, &coup, &at) {
                    self.settle(server, done);
                }
            }
            5 => self.teaches(server, artefact, any),
            _ => self.says(server),
        }
    }

    /// Any bundle, with any word, as if a peer were ahead.
    fn teaches(&mut self, server: usize, artefact: usize, word: Option<usize>) {
        let Some(word) = word else { return };
        let bundle = self.artefacts[artefact].bundle.clone();
        let word = self.receipts[word].0.clone();
        let earlier = self.earlier(server);
        // And with the last that anybody said of itself.
        let shown = self
            .stale
            .as_ref()
            .filter(|_| word.payload.len().is_multiple_of(2))
            .map(|it| it.1.clone());
        let shown = shown.as_ref();
        let proof = Learning { bundle: &bundle, word: &word, earlier: &earlier, shown };
        let (policy, at) = (self.policy(server), self.at(server));
        let done = learn(policy, &self.nodes[server].state, &proof, &at);
        self.commit(server, done);
    }

    pub(super) fn earlier(&self, server: usize) -> Vec<taiwa_plan::Policy> {
        let known: Vec<_> = self.policies.iter().map(|it| it.envelope().clone()).collect();
        self.policy(server).earlier(&known)
    }

    /// Somebody's rejection, hold or lift reaches a server; the same may reach another later.
    fn says(&mut self, server: usize) {
        let (sent, rejects) = self.word();
        self.statements.push(sent);
        let which = self.dice.roll(self.statements.len());
        let (policy, at) = (self.policy(server), self.at(server));
        let sent = &self.statements[which];
        if let Ok(done) = statement(policy, &self.nodes[server].state, sent, &at)
            && !self.nodes[server].away
        {
            let last = which + 1 == self.statements.len();
            let anchor = self.nodes[server].state.is_anchor(policy);
            self.rejected.extend(rejects.filter(|_| last && anchor));
            self.tally.held += usize::from(done.entry.is_some_and(|it| it.what == "held"));
            let (policy, at) = (self.policy(server), self.at(server));
            let sent = &self.statements[which];
            let done = statement(policy, &self.nodes[server].state, sent, &at);
            if let Ok(done) = done {
                self.settle(server, done);
            }
        }
    }
}
