//! What must hold after every step, and at the end.

use super::World;
use crate::world::{in_s, sign};
use taiwa_plan::server::{
    Activation, Preparation, ServerState, Transition, abort, activate, prepare, state_receipt,
};
use taiwa_plan::{Envelope, GroupState, Move, Phase, Recovery, Seen, count};

impl World {
    /// The invariants that one server's change can break.
    pub(super) fn check(&mut self, server: usize, before: &ServerState) {
        let after = self.states[server].clone();
        assert!(after.generation() >= before.generation(), "2: the generation shrank");
        assert!(after.epoch >= before.epoch && after.floor >= before.floor, "6: forgot");
        if after.generation() == before.generation() {
            assert_eq!(after.release(), before.release(), "2: changed within a generation");
        } else {
            self.moved(server, &after);
        }
        if server == 0
            && let Some(slot) = &before.slot
            && after.slot.as_ref().is_none_or(|it| it.epoch != slot.epoch)
            && after.active.as_ref().is_none_or(|it| it.epoch != slot.epoch)
        {
            self.ended.insert(slot.epoch);
        }
        for (_, receipt) in self.receipts.iter().filter(|it| it.1.server == after.server) {
            assert!(receipt.epoch <= after.epoch, "6: forgot an epoch it signed");
            let committed = receipt.phase == Phase::Committed;
            assert!(!committed || receipt.generation <= after.generation(), "6: forgot a commit");
        }
    }

    fn moved(&mut self, server: usize, after: &ServerState) {
        let active = after.active.as_ref().unwrap();
        let artefact = self.artefacts.iter().find(|it| it.plan == active.plan).unwrap();
        let open = artefact.bundle.open().unwrap();
        let goal = open.plan.goal(active.step, active.generation - 1);
        assert!(artefact.honest, "1: nobody approved this");
        assert_eq!(Some(active.release), goal.to, "1: nobody approved this");
        assert_eq!(active.generation, goal.target, "2: another generation");
        let counted = count(&open.plan, &self.policy, &open.statements, in_s(self.now_s));
        let one = self.of_generation.entry(active.generation).or_insert(active.release);
        assert_eq!(*one, active.release, "2: one generation, two releases");
        assert!(!self.ended.contains(&active.epoch), "5: an epoch that was over had an effect");
        if server == 0 {
            assert!(self.committed.insert((active.plan, active.step)), "3: committed twice");
            if active.step == Move::Back {
                let until = open.plan.parachute_until;
                assert!(artefact.pulled.is_some(), "1: nobody pulled it");
                assert!(until.is_some_and(|it| in_s(self.now_s) <= it), "3: its time was over");
                return;
            }
            assert!(in_s(self.now_s) < artefact.expires && counted.is_met(), "3: approvals over");
            assert!(in_s(self.now_s) <= open.plan.not_after, "3: the plan's time was over");
            assert!(!self.rejected_at_anchor.contains(&active.plan), "1: it was rejected");
        } else {
            assert!(
                self.committed.contains(&(active.plan, active.step)),
                "3: moved without the anchor's commit"
            );
        }
    }

    /// An honest deployer, everyone reachable, nobody interfering: finish or clear, then deploy.
    pub(super) fn recovers(&mut self) {
        for _ in 0..3 {
            match taiwa_plan::recover(&self.policy, &self.group()) {
                Recovery::Nothing => break,
                Recovery::SlotOpen { epoch, .. } => {
                    let at = self.at(0);
                    self.states[0] =
                        abort(&self.policy, &self.states[0], epoch, &at).unwrap().state;
                }
                Recovery::BringForward { behind, .. } => {
                    let active = self.states[0].active.clone().unwrap();
                    let word = [sign(&active.receipt)];
                    for server in 1..3 {
                        if behind.contains(&self.states[server].server) {
                            let (bundle, step) = (&active.bundle, active.step);
                            let request = Activation { bundle, step, receipts: &word };
                            let at = self.at(server);
                            let done = activate(&self.policy, &self.states[server], &request, &at);
                            self.states[server] = done.expect("7: a server cannot follow").state;
                        }
                    }
                }
                Recovery::Stuck(why) => panic!("7: {why:?}"),
            }
        }
        self.deploys();
    }

    /// An honest deployment from start to end, with nobody in between.
    pub(super) fn deploys(&mut self) {
        let (release, generation) = self.group().settled(&self.policy).expect("7: not in step");
        let artefact = self.plan(true);
        let bundle = self.artefacts[artefact].bundle.clone();
        let mut receipts = Vec::new();
        for server in 0..3 {
            let word = receipts.first();
            let request = Preparation { bundle: &bundle, step: Move::FIRST, word };
            let at = self.at(server);
            let done = prepare(&self.policy, &self.states[server], &request, &at);
            let done = done.expect("7: an honest deployment cannot prepare");
            receipts.push(self.done(server, done));
        }
        for server in 0..3 {
            let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
            let at = self.at(server);
            let done = activate(&self.policy, &self.states[server], &request, &at);
            let done = done.expect("7: an honest deployment cannot commit");
            receipts.push(self.done(server, done));
        }
        let (now, last) = self.group().settled(&self.policy).expect("7: not in step");
        assert!(now != release && last == generation + 1);
    }

    fn done(&mut self, server: usize, done: Transition) -> Envelope {
        let before = std::mem::replace(&mut self.states[server], done.state);
        self.check(server, &before);
        let receipt = done.receipt.unwrap();
        let signed = sign(&receipt);
        self.receipts.push((signed.clone(), receipt));
        signed
    }

    fn group(&self) -> GroupState {
        let mut group = GroupState::default();
        for (state, server) in self.states.iter().zip(0..) {
            let receipt = state_receipt(&self.policy, state, Some("c"), &self.at(server)).unwrap();
            let seen = taiwa_plan::read_state(&self.policy, &state.server, &sign(&receipt), "c");
            assert!(matches!(seen, Seen::State(_)));
            group.servers.insert(state.server.clone(), seen);
        }
        group
    }
}
