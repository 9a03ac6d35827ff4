//! What anybody can do next, and what comes of it.

use stateright::{Model, Property};

use crate::{
    Bounds, Group, Move, Part, Rule,
    plans::{MOVES, anchor},
    properties,
};

/// One thing that happens.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub enum Action {
    /// An honest plan is made.
    Plan,
    /// The attacker makes one.
    PlanOfAttacker,
    /// An honest person approves a plan.
    Approve(u8),
    /// A plan's approvals expire.
    Expire(u8),
    /// A parachute is pulled.
    Pull(u8),
    /// The ordinary approvals of an emergency come.
    Ratify(u8),
    /// The anchor prepares a move: server, plan, move.
    PrepareAnchor(u8, u8, Move),
    /// Another prepares, by a receipt: server, number of the receipt.
    Prepare(u8, u8),
    /// The anchor commits what it is prepared for.
    CommitAnchor(u8),
    /// Another follows a word: server, plan, move.
    Commit(u8, u8, Move),
    /// A server learns of a word that somebody brings: server, plan, move.
    Learn(u8, u8, Move),
    /// An epoch ends at the anchor: by a courier, or because its lease is over.
    Abort(u8),
    /// The word is overdue at another.
    Doubt(u8),
    /// The end of an emergency passes on a server's clock.
    Due(u8),
    /// The anchor ends an emergency.
    Revert(u8),
    /// A server crashes and starts again.
    Restart(u8),
    /// The same, with an empty disk.
    Replace(u8),
    /// A server asks a peer, and the answer is on its way.
    Ask(u8, u8),
    /// A server uses the answer that it waits for.
    Hear(u8),
    /// Both at once.
    AskAndHear(u8, u8),
    /// A member in doubt sees the doubt of another.
    SeeDoubt(u8, u8),
    /// What it saw is too old.
    Lapse(u8),
    /// The wait after a doubt is over.
    Cool(u8),
    /// An anchor hears, and has waited, that a peer follows.
    Followed(u8, u8),
    /// The first server is lost for good.
    Retire,
    /// A server takes the second policy.
    Rotate(u8),
}

impl Bounds {
    fn of_people(&self, group: &Group, out: &mut Vec<Action>) {
        let honest = group.plans.iter().filter(|it| !it.evil).count();
        if honest < self.honest {
            out.push(Action::Plan);
        }
        if self.has(Part::Attacker) && honest == group.plans.len() {
            out.push(Action::PlanOfAttacker);
        }
        for (number, plan) in (0_u8..).zip(&group.plans) {
            let live = group.is_committed(number, Move::First);
            let all = plan.keys == 0b1111;
            if !plan.evil && !all {
                out.push(Action::Approve(number));
            }
            if self.has(Part::Expiry) && !plan.expired && plan.keys.count_ones() > 2 {
                out.push(Action::Expire(number));
            }
            if self.has(Part::Back) && !plan.evil && !plan.pulled && live {
                out.push(Action::Pull(number));
            }
            if plan.emergency && !plan.ratified && live {
                out.push(Action::Ratify(number));
            }
        }
        let first = group.servers.iter().all(|it| it.policy == 1);
        if self.has(Part::Retired) && !group.dead && first {
            out.push(Action::Retire);
        }
    }

    fn of_server(&self, group: &Group, server: u8, out: &mut Vec<Action>) {
        let it = group.server(server);
        if anchor(it.policy) == server {
            if it.epoch.0 < it.policy || it.epoch.1 < self.epochs {
                for (number, plan) in (0_u8..).zip(&group.plans) {
                    let has = MOVES.iter().filter(|step| plan.has(**step));
                    out.extend(has.map(|step| Action::PrepareAnchor(server, number, *step)));
                }
            }
            if it.slot.is_some() {
                out.push(Action::CommitAnchor(server));
            }
            out.push(Action::Revert(server));
        }
        for (number, receipt) in (0_u8..).zip(&group.prepared) {
            if receipt.0 != server {
                out.push(Action::Prepare(server, number));
            }
        }
        if let Some(slot) = it.slot.filter(|_| self.lacks(Rule::Word)) {
            out.push(Action::Commit(server, slot.plan, slot.step));
        }
        out.extend(group.committed.iter().map(|it| Action::Commit(server, it.0, it.1)));
        out.extend(group.committed.iter().map(|it| Action::Learn(server, it.0, it.1)));
        if let Some(slot) = it.slot {
            if anchor(slot.epoch.0) == server {
                out.push(Action::Abort(server));
            } else if !it.doubt {
                out.push(Action::Doubt(server));
            }
        }
        if it.slot.is_some() || it.cools || it.alone {
            out.push(Action::Restart(server));
        }
        // Under the second policy there is none after it, by which the anchor could lead again.
        let last = it.policy == 2 && anchor(2) == server;
        if self.has(Part::Disk) && !group.replaced && !last {
            out.push(Action::Replace(server));
        }
        if !it.due && self.emergency(group, server).is_some() {
            out.push(Action::Due(server));
        }
        if self.has(Part::Rotation) && it.policy == 1 && (group.dead || !self.has(Part::Retired)) {
            out.push(Action::Rotate(server));
        }
        let late = self.has(Part::Late);
        for peer in group.living().filter(|it| *it != server) {
            out.push(if late {
                Action::Ask(server, peer)
            } else {
                Action::AskAndHear(server, peer)
            });
        }
        if it.answer.is_some() {
            out.push(Action::Hear(server));
        }
    }

    fn of_stay(&self, group: &Group, server: u8, out: &mut Vec<Action>) {
        let it = group.server(server);
        for peer in group.living().filter(|it| *it != server) {
            if it.doubt && group.server(peer).doubt {
                out.push(Action::SeeDoubt(server, peer));
            }
            if it.alone {
                out.push(Action::Followed(server, peer));
            }
        }
        if it.heard != 0 {
            out.push(Action::Lapse(server));
        }
        if it.cools {
            out.push(Action::Cool(server));
        }
    }

    fn doubt(&self, group: &mut Group, server: u8) -> bool {
        let drains = !self.lacks(Rule::Drain);
        group.server_mut(server).doubt = drains;
        drains
    }

    /// What comes of a person's or a server's doing; false when it is refused.
    fn act(&self, group: &mut Group, action: &Action) -> bool {
        match *action {
            Action::Plan => group.plans.push(self.plan(group, false)),
            Action::PlanOfAttacker => group.plans.push(self.plan(group, true)),
            Action::Approve(plan) => {
                let keys = &mut group.plans[usize::from(plan)].keys;
                *keys |= if *keys & 4 == 0 { 4 } else { 8 };
            }
            Action::Expire(plan) => group.plans[usize::from(plan)].expired = true,
            Action::Pull(plan) => group.plans[usize::from(plan)].pulled = true,
            Action::Ratify(plan) => group.plans[usize::from(plan)].ratified = true,
            Action::PrepareAnchor(server, plan, step) => {
                return self.prepare_anchor(group, server, plan, step);
            }
            Action::Prepare(server, receipt) => {
                let receipt = group.prepared[usize::from(receipt)];
                return self.prepare(group, server, receipt);
            }
            Action::CommitAnchor(server) => return self.commit_anchor(group, server),
            Action::Commit(server, plan, step) => return self.commit(group, server, (plan, step)),
            Action::Learn(server, plan, step) => return self.learn(group, server, (plan, step)),
            Action::Abort(server) => group.server_mut(server).slot = None,
            Action::Doubt(server) => return self.doubt(group, server),
            Action::Due(server) => group.server_mut(server).due = true,
            Action::Revert(server) => return self.revert(group, server),
            Action::Restart(server) => self.restart(group, server),
            Action::Replace(server) => self.replace(group, server),
            Action::Ask(server, peer) => group.server_mut(server).answer = Some(group.shown(peer)),
            Action::Hear(server) => return self.hear(group, server),
            Action::AskAndHear(server, peer) => {
                group.server_mut(server).answer = Some(group.shown(peer));
                return self.hear(group, server);
            }
            Action::SeeDoubt(server, peer) => return self.see_doubt(group, server, peer),
            Action::Lapse(server) => return self.lapse(group, server),
            Action::Cool(server) => return self.cool(group, server),
            Action::Followed(server, peer) => return self.followed(group, server, peer),
            Action::Retire => group.dead = true,
            Action::Rotate(server) => self.rotate(group, server),
        }
        true
    }
}

impl Model for Bounds {
    type State = Group;
    type Action = Action;

    fn init_states(&self) -> Vec<Group> {
        vec![Group::first(self)]
    }

    fn actions(&self, group: &Group, out: &mut Vec<Action>) {
        self.of_people(group, out);
        for server in group.living() {
            self.of_server(group, server, out);
            if self.has(Part::Stay) {
                self.of_stay(group, server, out);
            }
        }
    }

    fn next_state(&self, last: &Group, action: Action) -> Option<Group> {
        let mut next = last.clone();
        (self.act(&mut next, &action) && next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
