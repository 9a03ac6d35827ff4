//! The transitions of a server, each true when it was granted. The order of the conditions is that of the protocol page.

use crate::{
    Bounds, Group, Move, Part, Rule, Server, Slot,
    plans::{Goal, anchor},
};

impl Bounds {
    fn take(&self, group: &mut Group, server: u8, slot: Slot) {
        let it = group.server_mut(server);
        it.slot = Some(slot);
        it.doubt = false;
        it.epoch = slot.epoch;
        it.answer = None;
        it.heard = 0;
        if let Err(at) = group.prepared.binary_search(&(server, slot)) {
            group.prepared.insert(at, (server, slot));
        }
    }

    fn switch(&self, group: &mut Group, server: u8, (plan, step): (u8, Move), goal: Goal) {
        let late = step == Move::First && group.plan(plan).over && !self.lacks(Rule::LateEmergency);
        let it = group.server_mut(server);
        let shrank = goal.target < it.generation;
        let changed = goal.target == it.generation && goal.to != it.release;
        (it.generation, it.release, it.at) = (goal.target, goal.to, Some((plan, step)));
        self.moved_on(it);
        (it.slot, it.doubt, it.answer) = (None, false, None);
        it.due = late;
        group.broken.generation |= shrank || changed;
    }

    /// The anchor's word exists from now on. The end of an emergency may be said again.
    fn say(group: &mut Group, plan: u8, step: Move) {
        match group.committed.binary_search(&(plan, step)) {
            Ok(_) => group.broken.twice |= step != Move::Back || !group.plan(plan).over,
            Err(at) => group.committed.insert(at, (plan, step)),
        }
    }

    fn fits(&self, group: &Group, server: u8, goal: Goal) -> bool {
        let it = group.server(server);
        let older = self.lacks(Rule::Generation) && goal.base < it.generation;
        (goal.base == it.generation || older) && goal.from == it.release
    }

    /// Prepare, at the anchor: the lease, and a new epoch.
    pub fn prepare_anchor(&self, group: &mut Group, server: u8, plan: u8, step: Move) -> bool {
        let it = group.server(server);
        let of = group.plan(plan);
        let may = anchor(it.policy) == server
            && it.leads
            && of.has(step)
            && of.policy == it.policy
            && it.slot.is_none()
            && !it.due
            && self.authorised(group, plan, step)
            && self.fits(group, server, of.goal(step));
        if may {
            let counter = if it.epoch.0 == it.policy { it.epoch.1 } else { 0 };
            let epoch = (it.policy, counter + 1);
            self.take(group, server, Slot { plan, step, epoch });
        }
        may
    }

    /// Prepare, at another: by the anchor's receipt, which anybody may bring.
    pub fn prepare(&self, group: &mut Group, server: u8, (by, slot): (u8, Slot)) -> bool {
        let it = group.server(server);
        let of = group.plan(slot.plan);
        let may = by == anchor(it.policy)
            && server != by
            && slot.epoch.0 == it.policy
            && of.policy == it.policy
            && (slot.epoch > it.epoch || self.lacks(Rule::Epoch))
            && self.authorised(group, slot.plan, slot.step)
            && self.fits(group, server, of.goal(slot.step));
        if may {
            self.take(group, server, slot);
        }
        may
    }

    /// Activate, at the anchor: the commit point.
    pub fn commit_anchor(&self, group: &mut Group, server: u8) -> bool {
        let it = group.server(server);
        let Some(slot) = it.slot else { return false };
        let of = group.plan(slot.plan);
        let mine = anchor(slot.epoch.0) == server && slot.epoch.0 == it.policy;
        if !mine || !self.authorised(group, slot.plan, slot.step) {
            return false;
        }
        let said = |server: u8| {
            group.prepared.iter().any(|(by, it)| {
                let any =
                    self.lacks(Rule::Receipts) && (it.plan, it.step) == (slot.plan, slot.step);
                *by == server && (*it == slot || any)
            })
        };
        let barrier = (0..self.servers).all(|it| it == server || of.leaves_out(it) || said(it));
        if !barrier && !self.lacks(Rule::Barrier) {
            return false;
        }
        let (goal, expired) = (of.goal(slot.step), of.expired);
        group.broken.expired |= expired;
        self.switch(group, server, (slot.plan, slot.step), goal);
        Self::say(group, slot.plan, slot.step);
        self.committed_alone(group, server);
        true
    }

    /// Activate, at another: by the anchor's word.
    pub fn commit(&self, group: &mut Group, server: u8, (plan, step): (u8, Move)) -> bool {
        let it = group.server(server);
        let of = group.plan(plan);
        let ends = step == Move::Back && of.emergency && it.at == Some((plan, Move::First));
        let agreed = it.slot.is_some_and(|it| (it.plan, it.step) == (plan, step)) || ends;
        let word = group.is_committed(plan, step) || self.lacks(Rule::Word);
        let today = it.policy == of.policy || (self.lacks(Rule::OldWord) && it.policy >= of.policy);
        let goal = of.goal(step);
        let fits = (it.generation, it.release) == (goal.base, goal.from);
        let may = agreed && word && anchor(of.policy) != server && today && fits;
        if may {
            self.switch(group, server, (plan, step), goal);
            group.server_mut(server).alone = false;
        }
        may
    }

    /// Hears the answer of a peer: catches up, or learns that the attempt it is in doubt of is over, or that it leads.
    pub fn hear(&self, group: &mut Group, server: u8) -> bool {
        let dead = group.dead;
        let it = group.server_mut(server);
        let Some(peer) = it.answer.take() else { return false };
        if server == 1 && it.policy == 2 && !it.leads && peer.policy == 2 {
            if peer.generation <= it.generation {
                it.seen |= 1 << peer.server;
            }
            let gone = |other: u8| other == 1 || (dead && other == 0);
            let all = (0..self.servers).all(|other| gone(other) || it.seen & (1 << other) != 0);
            if all || (self.lacks(Rule::Retired) && dead) {
                (it.leads, it.slot, it.doubt, it.seen, it.heard) = (true, None, false, 0, 0);
                it.fresh = false;
                it.epoch = it.epoch.max((2, 0));
            }
        }
        let it = group.server(server);
        if peer.generation > it.generation {
            let Some((plan, step)) = peer.at else {
                group.server_mut(server).generation = peer.generation;
                return true;
            };
            self.learn(group, server, (plan, step));
        } else if let Some(slot) = it.slot {
            let ended =
                peer.epoch > slot.epoch || (peer.epoch == slot.epoch && peer.slot.is_none());
            let later = peer.policy == it.policy && it.policy > slot.epoch.0;
            // Whose epoch is below that of its own attempt has forgotten it.
            let over = ended || (later && peer.epoch >= slot.epoch);
            let leads = peer.leads && peer.policy == it.policy && peer.server == anchor(it.policy);
            let own = peer.server == anchor(slot.epoch.0) && peer.server == anchor(it.policy);
            let decides = own || leads || self.lacks(Rule::Decides);
            if decides && peer.generation == it.generation && over {
                let it = group.server_mut(server);
                (it.slot, it.doubt, it.heard) = (None, false, 0);
            }
        }
        let it = group.server_mut(server);
        let leads = peer.leads && peer.policy == it.policy && peer.server == anchor(it.policy);
        if it.fresh && leads && peer.slot.is_none() && peer.generation == it.generation {
            it.fresh = false;
            it.cools = self.has(Part::Stay) && !self.lacks(Rule::DiskWaits);
        }
        true
    }

    /// Whether a word of an earlier policy may still move a server: whoever decides now is where it leads, or still
    /// collects what there is and does not lead. What nobody had by then is void, or two would decide one generation.
    fn still_counts(&self, group: &Group, server: u8, word: (u8, Move)) -> bool {
        let it = group.server(server);
        let decides = anchor(it.policy);
        if decides == server {
            return !it.leads;
        }
        let now = group.server(decides);
        now.policy == it.policy && now.at == Some(word)
    }

    /// Becomes a later generation of the group, by the anchor's word and its own counting.
    pub fn learn(&self, group: &mut Group, server: u8, (plan, step): (u8, Move)) -> bool {
        let it = group.server(server);
        let of = group.plan(plan);
        let goal = of.goal(step);
        let counted = self.counts(usize::from(plan), of.keys);
        let word = group.is_committed(plan, step);
        let old = of.policy < it.policy && !self.lacks(Rule::OldLearned);
        let may = word
            && it.policy >= of.policy
            && counted
            && goal.target > it.generation
            && (!old || self.still_counts(group, server, (plan, step)));
        if may {
            self.switch(group, server, (plan, step), goal);
            group.server_mut(server).alone = false;
        }
        may
    }

    /// A start after a crash.
    pub fn restart(&self, group: &mut Group, server: u8) {
        let it = group.server_mut(server);
        (it.answer, it.heard) = (None, 0);
        it.cools &= !self.lacks(Rule::StayLeaseKept);
        it.alone &= !self.lacks(Rule::AnchorAloneKept);
        let Some(slot) = it.slot else { return };
        let lease = anchor(slot.epoch.0) == server;
        if lease || self.lacks(Rule::Slot) {
            (it.slot, it.doubt) = (None, it.doubt && lease);
        } else {
            it.doubt = true;
        }
    }

    /// A start with an empty disk, and the policy that is in force. The group is not new: whoever decides cannot know what
    /// it said before, and leads under the next policy at the earliest.
    pub fn replace(&self, group: &mut Group, server: u8) {
        group.replaced = true;
        let first = Group::first(self).servers.remove(0);
        let it = group.server_mut(server);
        let (policy, anchor) = (it.policy, anchor(it.policy) == server);
        *it = Server {
            policy,
            generation: 0,
            // Lower than any that it may have seen: its word ends nothing.
            epoch: (0, 0),
            leads: !anchor || self.lacks(Rule::DiskAnchor),
            fresh: !self.lacks(if anchor { Rule::DiskAnchor } else { Rule::DiskMember }),
            ..first
        };
    }

    /// The second policy.
    pub fn rotate(&self, group: &mut Group, server: u8) {
        let it = group.server_mut(server);
        let lease = it.slot.is_some_and(|it| anchor(it.epoch.0) == server);
        if lease || (it.slot.is_some() && self.lacks(Rule::Rotation)) {
            (it.slot, it.doubt) = (None, false);
        }
        (it.policy, it.answer, it.heard) = (2, None, 0);
        it.leads = self.lacks(Rule::Handover);
    }

    /// The emergency that a server runs.
    pub fn emergency(&self, group: &Group, server: u8) -> Option<u8> {
        let (plan, step) = group.server(server).at?;
        (step == Move::First && group.plan(plan).emergency).then_some(plan)
    }

    /// The anchor ends an emergency that nobody ratified. It has waited out twice the skew: whoever runs it has passed
    /// the same instant, and whoever never got it is in doubt.
    pub fn revert(&self, group: &mut Group, server: u8) -> bool {
        let Some(plan) = self.emergency(group, server) else { return false };
        let of = group.plan(plan);
        let target = of.goal(Move::First).target;
        let drained = |other: u8| {
            let it = group.server(other);
            let gone = other == server || (group.dead && other == 0) || of.leaves_out(other);
            gone || it.due || (it.doubt && it.generation < target)
        };
        let waited = (0..self.servers).all(drained) || self.lacks(Rule::Skew);
        let it = group.server(server);
        let own = if self.lacks(Rule::AnyVersion) {
            of.policy == it.policy
        } else {
            it.slot.is_none_or(|slot| slot.epoch.0 == it.policy)
        };
        let may = anchor(it.policy) == server && it.leads && own && waited;
        if may {
            let goal = of.goal(Move::Back);
            group.plans[usize::from(plan)].over = true;
            self.switch(group, server, (plan, Move::Back), goal);
            Self::say(group, plan, Move::Back);
        }
        may
    }
}
