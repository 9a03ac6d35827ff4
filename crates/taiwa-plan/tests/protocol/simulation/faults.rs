//! What happens by itself: time, timers, crashes, clocks, disks, absences, rotations, and the servers' own loop.

use taiwa_model::ServerId;
use taiwa_plan::{
    Move, Receipt, Seen, read_state,
    server::{
        Activation, Learning, ServerState, Sight, activate, hear, learn, revert, reverts_at,
        rotate, state_receipt, timer,
    },
};

use super::world::{Flaw, Node, World};
use crate::world::sign;

/// On so many policies people agree, besides the one that ends a history.
const MAX_POLICIES: usize = 3;

impl World {
    pub(super) fn step(&mut self) {
        let server = self.dice.roll(3);
        match self.dice.roll(22) {
            0..=9 => {
                let which = self.dice.roll(7) % 3;
                self.courier(which);
            }
            10..=12 => self.attacker(),
            13 => self.now_s += self.dice.seconds(8),
            14 => self.restart(server),
            15 => self.timer(server),
            16 | 17 => self.asks(server),
            18 => self.late(),
            19 => self.clock(server),
            20 => self.rotation(server),
            _ => self.away(server),
        }
        self.reverts();
        self.waits_end();
    }

    fn timer(&mut self, server: usize) {
        let Some(epoch) = self.nodes[server].state.slot.as_ref().map(|it| it.epoch) else { return };
        let (policy, at) = (self.policy(server), self.at(server));
        let done = timer(policy, &self.nodes[server].state, epoch, &at);
        self.tally.doubts += usize::from(done.state.in_doubt());
        self.settle(server, done);
    }

    /// A clock jumps, a little or a lot, or is set right.
    fn clock(&mut self, server: usize) {
        let off_s = [0, 0, 3, -3, 60, -60][self.dice.roll(6)];
        self.nodes[server].off_s = off_s;
    }

    /// A server is away or back; once in a while it comes back with an empty disk.
    fn away(&mut self, server: usize) {
        let away = !self.nodes[server].away && self.dice.roll(2) == 0;
        self.nodes[server].away = away;
        let policy = self.newest().clone();
        let forgets = match self.flaw {
            Some(Flaw::AnchorForgets) => self.anchor(&policy) == server,
            // Whoever decides leads again by another policy, and people agree on a few only; and it begins with asking.
            _ if self.anchor(&policy) == server => {
                let reached = (0..3).any(|it| it != server && !self.nodes[it].away);
                reached && self.policies.len() < MAX_POLICIES
            }
            _ => self.anchor(self.policy(server)) != server,
        };
        if !away && forgets && self.dice.roll(4) == 0 {
            self.blank(server);
            for peer in (0..3).filter(|it| *it != server) {
                if let Some(answer) = self.answer(peer, server) {
                    self.hears(server, peer, (&answer, self.now_s));
                }
            }
        }
    }

    fn blank(&mut self, server: usize) {
        let policy = self.newest().clone();
        let flawed = self.flaw == Some(Flaw::AnchorForgets);
        let id: ServerId = self.nodes[server].state.server.clone();
        let mut fresh = ServerState::fresh(&policy, id);
        fresh.stored.clone_from(&self.nodes[server].state.stored);
        if flawed {
            (fresh.handover, fresh.fresh_disk) = (None, None);
        }
        // What it alone had committed is gone with its disk: should anybody come to it by a word that is still about, it is
        // the release of its generation again.
        let others = || (0..3).filter(|it| *it != server).map(|it| &self.nodes[it].state);
        let known = others().map(ServerState::generation).max().unwrap_or_default();
        // And the numbers of attempts that nobody has seen are given again.
        let seen = others().map(|it| it.epoch).max();
        self.of_generation.retain(|generation, _| flawed || *generation <= known);
        self.ended.retain(|epoch| flawed || Some(*epoch) <= seen);
        // What it had asked in its former life nobody answers to this one.
        self.answers.retain(|it| it.1 != server);
        let node = &mut self.nodes[server];
        node.state = fresh;
        node.journal.clear();
        node.sight = Sight::new(self.now_s * 1000);
        node.floor_s = self.now_s;
        node.replaced = !flawed;
        if !flawed {
            node.signed = (taiwa_plan::Epoch { version: 0, counter: 0 }, 0);
        }
    }

    /// People agree on another policy, and servers hear of it one by one.
    fn rotation(&mut self, server: usize) {
        if self.policies.len() < MAX_POLICIES && self.dice.roll(12) == 0 {
            self.next_policy();
        }
        self.follows_policy(server);
    }

    /// A server takes the policy after its own.
    pub(super) fn follows_policy(&mut self, server: usize) {
        let version = self.policy(server).document().version;
        let next = self.policies.iter().find(|it| it.document().version == version + 1);
        let Some(next) = next.cloned() else { return };
        let (policy, at) = (self.policy(server), self.at(server));
        if let Ok(done) = rotate(policy, &self.nodes[server].state, &next, &at) {
            self.settle(server, done);
            self.sees(server);
        }
    }

    /// A server asks a peer; the answer arrives at once, or later.
    fn asks(&mut self, server: usize) {
        let peer = (server + 1 + self.dice.roll(2)) % 3;
        if self.nodes[server].away || self.nodes[peer].away {
            return;
        }
        let Some(answer) = self.answer(peer, server) else { return };
        if self.dice.roll(3) == 0 {
            self.answers.push((peer, server, answer, self.now_s));
        } else {
            self.hears(server, peer, (&answer, self.now_s));
        }
    }

    /// What a peer says of itself, if it is believed.
    pub(super) fn answer(&mut self, peer: usize, to: usize) -> Option<Receipt> {
        let challenge = format!("c{}", self.dice.roll(1_000_000));
        let (policy, at) = (self.policy(peer), self.at(peer));
        let state = &self.nodes[peer].state;
        let signed = sign(&state_receipt(policy, state, Some(&challenge), &at).unwrap());
        let seen = read_state(self.policy(to), &state.server, &signed, &challenge);
        self.stale = Some((peer, signed));
        match seen {
            Seen::State(receipt) => Some(*receipt),
            _ => None,
        }
    }

    /// An answer that was on its way for a while.
    fn late(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let which = self.dice.roll(self.answers.len());
        let (peer, server, answer, asked_s) = self.answers.swap_remove(which);
        if !self.nodes[server].away {
            self.hears(server, peer, (&answer, asked_s));
        }
    }

    /// What a server does with a peer's word: the attempt is over, it may lead, or there is something to catch up with.
    pub(super) fn hears(&mut self, server: usize, peer: usize, (answer, asked_s): (&Receipt, i64)) {
        let of = self.policy(server).clone();
        let Node { state, sight, .. } = &mut self.nodes[server];
        sight.hear((&of, state), answer, (asked_s * 1000, self.now_s * 1000));
        let (policy, at) = (self.policy(server), self.at(server));
        let done = hear(policy, &self.nodes[server].state, answer, &at);
        self.settle(server, done);
        if answer.generation <= self.nodes[server].state.generation() || self.nodes[peer].away {
            return;
        }
        let theirs = &self.nodes[peer].state;
        let Some((bundle, word, own)) = theirs.active_proof() else { return };
        let (bundle, word) = (bundle.clone(), word.cloned().unwrap_or_else(|| sign(own)));
        let step = theirs.active.as_ref().map_or(Move::FIRST, |it| it.step);
        let receipts = [word.clone()];
        let request = Activation { bundle: &bundle, step, receipts: &receipts };
        let (policy, at) = (self.policy(server), self.at(server));
        let followed = activate(policy, &self.nodes[server].state, &request, &at);
        let done = followed.or_else(|_| {
            let earlier = self.earlier(server);
            let shown = sign(answer);
            let shown = Some(&shown);
            let proof = Learning { bundle: &bundle, word: &word, earlier: &earlier, shown };
            learn(policy, &self.nodes[server].state, &proof, &at)
        });
        self.commit(server, done);
    }

    /// An anchor whose emergency is over goes back by itself.
    pub(super) fn reverts(&mut self) {
        for server in 0..3 {
            let (policy, at) = (self.policy(server), self.at(server));
            let state = &self.nodes[server].state;
            if reverts_at(policy, state).is_some_and(|it| it <= at.now)
                && let Ok(done) = revert(policy, state, &at)
                && done.entry.is_some()
            {
                self.commit(server, Ok(done));
            }
        }
    }
}
