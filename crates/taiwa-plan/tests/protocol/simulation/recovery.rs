//! The end of a history: everybody is back, nobody interferes, and an honest deployment succeeds.

use taiwa_plan::{
    Move,
    server::{Activation, COOL_MS, Preparation, abort, activate, prepare},
};

use super::{invariants::Invariant, world::World};

impl World {
    /// An honest deployer, everyone reachable, nobody interfering: time passes, servers talk, then it deploys.
    pub(super) fn recovers(&mut self) {
        let (mut floor, wall) = (self.now_s, self.now_s);
        for node in &mut self.nodes {
            (node.away, node.off_s) = (false, 0);
            let ahead = node.state.floor.millis_since(crate::world::in_s(wall)) / 1000;
            floor = floor.max(wall + ahead);
        }
        self.answers.clear();
        self.now_s = floor + 100;
        self.talk();
        let decides = self.anchor(&self.newest().clone());
        if self.nodes[decides].state.handover.is_some() {
            // Its disk was replaced: people sign another policy, and it leads.
            self.small_policy();
            self.talk();
        }
        self.now_s += COOL_MS / 1000;
        self.waits_end();
        self.whole();
        self.deploys();
    }

    /// For a few seconds everybody hears everybody, and follows.
    fn talk(&mut self) {
        for _ in 0..4 {
            for server in 0..3 {
                self.follows_policy(server);
            }
            self.ends_attempts();
            for server in 0..3 {
                for peer in (0..3).filter(|it| *it != server) {
                    // What it cannot make durable the first time, it asks for again.
                    for _ in 0..3 {
                        if let Some(answer) = self.answer(peer, server) {
                            self.hears(server, peer, (&answer, self.now_s));
                            if answer.generation <= self.nodes[server].state.generation() {
                                break;
                            }
                        }
                    }
                }
            }
            self.reverts();
            self.now_s += 1;
        }
    }

    fn ends_attempts(&mut self) {
        for server in 0..3 {
            let Some(epoch) = self.nodes[server].state.slot.as_ref().map(|it| it.epoch) else {
                continue;
            };
            let (policy, at) = (self.policy(server), self.at(server));
            if let Ok(done) = abort(policy, &self.nodes[server].state, epoch, &at) {
                self.settle(server, done);
            }
        }
    }

    /// An honest deployment from start to end, with nobody in between.
    pub(super) fn deploys(&mut self) {
        if self.violation.is_none()
            && let Err(what) = self.deployment()
        {
            self.broken(Invariant::Recovery, what);
        }
    }

    fn deployment(&mut self) -> Result<(), String> {
        let settled = self.group("before").settled(self.newest());
        let (release, generation) = settled.map_err(|it| format!("not in step: {it:?}"))?;
        // An ordinary change for everybody: the dice are asked until they make one.
        let artefact = (0..200).find_map(|_| {
            let artefact = self.plan(true);
            let plan = &self.artefacts[artefact].plan;
            let ordinary = plan.kind == taiwa_plan::PlanKind::Change && plan.steps.len() == 1;
            (ordinary && plan.choices.absent.is_empty()).then_some(artefact)
        });
        let artefact = artefact.ok_or("no plan")?;
        let bundle = self.artefacts[artefact].bundle.clone();
        let place = self.anchor(&self.newest().clone());
        let order: Vec<usize> =
            [place].into_iter().chain((0..3).filter(|it| *it != place)).collect();
        let mut receipts = Vec::new();
        for server in &order {
            let word = receipts.first();
            let request = Preparation { bundle: &bundle, step: Move::FIRST, word };
            let (policy, at) = (self.policy(*server), self.at(*server));
            let done = prepare(policy, &self.nodes[*server].state, &request, &at);
            let done = done.map_err(|it| format!("cannot prepare: {it}"))?;
            let receipt = self.durable(*server, done).ok_or("no receipt")?;
            receipts.push(crate::world::sign(&receipt));
        }
        for server in &order {
            let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
            let (policy, at) = (self.policy(*server), self.at(*server));
            let done = activate(policy, &self.nodes[*server].state, &request, &at);
            let done = done.map_err(|it| format!("cannot commit: {it}"))?;
            let receipt = self.durable(*server, done).ok_or("no receipt")?;
            receipts.push(crate::world::sign(&receipt));
        }
        let settled = self.group("after").settled(self.newest());
        let (now, last) = settled.map_err(|it| format!("not in step: {it:?}"))?;
        let ready = (0..3).all(|it| self.ready(it));
        let moved = now != release && last == generation + 1;
        if moved && ready {
            return Ok(());
        }
        let why: Vec<_> = (0..3).map(|it| self.unready(it)).collect();
        Err(format!("it did not reach everybody: {why:?}"))
    }
}
