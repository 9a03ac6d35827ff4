//! Invariant 7: an honest deployer, later, with every server reachable and nobody interfering, finishes or clears what is
//! open, and then a fresh plan reaches everybody.

use crate::{
    Bounds, Group, Move,
    plans::{anchor, approved},
};

/// A release that no plan of the search has.
const FRESH: u8 = 50;

impl Bounds {
    /// Whether it can succeed from here.
    pub fn recovers(&self, group: &Group) -> bool {
        let mut group = group.clone();
        let rotated = group.dead || group.servers.iter().any(|it| it.policy == 2);
        for server in group.living().filter(|_| rotated) {
            if group.server(server).policy == 1 {
                self.rotate(&mut group, server);
            }
        }
        for _ in 0..4 {
            self.converge(&mut group);
            self.time_passes(&mut group);
        }
        // People sign another policy where the anchor forgot what it committed.
        if group.replaced && group.server(0).policy == 1 && !group.server(0).leads {
            for server in group.living() {
                self.rotate(&mut group, server);
            }
            for _ in 0..4 {
                self.converge(&mut group);
                self.time_passes(&mut group);
            }
        }
        let Some(last) = group.servers.last().cloned() else { return false };
        let whole = |server: u8| {
            let it = group.server(server);
            let same = (it.generation, it.release) == (last.generation, last.release);
            self.ready(&group, server) && !it.alone && it.slot.is_none() && same
        };
        group.living().all(whole) && self.deploys(&mut group)
    }

    /// The anchor's lease ends; whatever it said is brought to everybody; everybody hears everybody.
    fn converge(&self, group: &mut Group) {
        for server in group.living() {
            if group.server(server).slot.is_some_and(|it| anchor(it.epoch.0) == server) {
                group.server_mut(server).slot = None;
            }
            for word in group.committed.clone() {
                self.commit(group, server, word);
            }
            for peer in group.living().filter(|it| *it != server) {
                group.server_mut(server).answer = Some(group.shown(peer));
                self.hear(group, server);
            }
        }
    }

    /// Whatever runs out has run out.
    fn time_passes(&self, group: &mut Group) {
        for server in group.living() {
            self.lapse(group, server);
        }
        for server in group.living() {
            self.cool(group, server);
            for peer in group.living() {
                self.followed(group, server, peer);
            }
        }
        if group.servers.iter().any(|it| it.due) {
            for server in group.living() {
                if self.emergency(group, server).is_some() {
                    group.server_mut(server).due = true;
                }
            }
            for server in group.living() {
                self.revert(group, server);
            }
        }
    }

    fn deploys(&self, group: &mut Group) -> bool {
        let Some(leader) = group.servers.last().map(|it| anchor(it.policy)) else { return false };
        let number = group.plans.len();
        let mut fresh = self.plan(group, false);
        fresh.keys = if approved(number, 0b1110) { 0b1110 } else { 0b1111 };
        fresh.absent = u8::from(group.dead);
        (fresh.emergency, fresh.steps, fresh.to) = (false, false, FRESH);
        group.plans.push(fresh);
        let Ok(plan) = u8::try_from(number) else { return false };
        if !self.prepare_anchor(group, leader, plan, Move::First) {
            return false;
        }
        let Some(slot) = group.server(leader).slot else { return false };
        let others: Vec<u8> = group.living().filter(|it| *it != leader).collect();
        others.iter().all(|it| self.prepare(group, *it, (leader, slot)))
            && self.commit_anchor(group, leader)
            && others.iter().all(|it| self.commit(group, *it, (plan, Move::First)))
            && group.living().all(|it| self.ready(group, it) && group.server(it).release == FRESH)
    }
}
