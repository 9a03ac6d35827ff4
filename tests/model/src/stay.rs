//! The rule for a group that stays ready without its anchor, when that dies between the promises and its word.
//!
//! 1. *Stay.* A member in doubt stays ready while every other member but the anchor has lately shown it the same doubt:
//!    same policy, same epoch, same generation. Lately: asked less than `T` ago, by the clock of who asked.
//! 2. *Cool.* Who moves on from a doubt is ready only `T` later: by then nobody stays by what it had shown.
//! 3. *Alone.* An anchor that committed, and by the deadline (counted from its own promise, so it ends before anybody
//!    else's) has not seen that anybody follows, drains until it has, and `T` more.
//!
//! None of this applies where a plan leaves a member out: that one made no promise, and nobody stays.
//!
//! Waiting out `T` is a condition on the whole here: nobody holds any more what was shown before. That is what equal
//! waits on clocks that run at about the same pace come to; how far apart they are set does not matter. What 2 and 3
//! remember has to survive a restart.

use crate::{Bounds, Group, Part, Rule, Server, Slot, plans::anchor};

impl Bounds {
    pub(crate) fn moved_on(&self, server: &mut Server) {
        let stays = self.has(Part::Stay) && !self.lacks(Rule::StayLease);
        if stays && server.doubt && server.slot.is_some() {
            server.cools = true;
        }
        server.heard = 0;
    }

    pub(crate) fn committed_alone(&self, group: &mut Group, server: u8) {
        let whole = group.server(server).at.is_some_and(|it| whole(group, it.0));
        let rule = self.has(Part::Stay) && !self.lacks(Rule::AnchorAlone);
        group.server_mut(server).alone = whole && rule;
    }

    /// A member in doubt sees the doubt of another.
    pub fn see_doubt(&self, group: &mut Group, server: u8, peer: u8) -> bool {
        let (it, other) = (group.server(server), group.server(peer));
        // Who forgot may have followed already.
        let same = it.doubt
            && other.doubt
            && !other.fresh
            && it.slot.is_some_and(|slot| {
                other.slot == Some(slot) && slot.epoch.0 == it.policy && anchor(it.policy) != peer
            })
            && other.policy == it.policy
            && other.generation == it.generation;
        if same {
            group.server_mut(server).heard |= 1 << peer;
        }
        same
    }

    /// What a member saw is too old.
    pub fn lapse(&self, group: &mut Group, server: u8) -> bool {
        std::mem::take(&mut group.server_mut(server).heard) != 0
    }

    /// The wait after a doubt is over.
    pub fn cool(&self, group: &mut Group, server: u8) -> bool {
        let relied = group.servers.iter().any(|it| it.heard & (1 << server) != 0);
        !relied && std::mem::take(&mut group.server_mut(server).cools)
    }

    /// An anchor that was alone has heard of one that followed, and waited.
    pub fn followed(&self, group: &mut Group, server: u8, peer: u8) -> bool {
        let relied = group.servers.iter().any(|it| it.heard & (1 << peer) != 0);
        let it = group.server(server);
        let follows = group.server(peer).generation >= it.generation && peer != server;
        let may = it.alone && follows && (!relied || self.lacks(Rule::AnchorWaits));
        if may {
            group.server_mut(server).alone = false;
        }
        may
    }

    /// Whether a member in doubt stays ready.
    pub fn stays(&self, group: &Group, server: u8) -> bool {
        let it = group.server(server);
        let of_slot = |slot: Slot| slot.epoch.0 == it.policy && whole(group, slot.plan);
        if !self.has(Part::Stay) || !it.doubt || !it.slot.is_some_and(of_slot) {
            return false;
        }
        let gone = |other: u8| group.dead && other == 0 && it.policy == 2;
        let needed = |other: &u8| *other != server && *other != anchor(it.policy) && !gone(*other);
        let seen = |other: u8| it.heard & (1 << other) != 0;
        if self.lacks(Rule::StayAll) {
            return (0..self.servers).filter(needed).any(seen);
        }
        (0..self.servers).filter(needed).all(seen)
    }

    /// Whether a balancer is told to prefer others, apart from rule 3, which depends on whose deadline is over.
    pub fn ready(&self, group: &Group, server: u8) -> bool {
        let it = group.server(server);
        let has = it.generation > 0 && !it.fresh;
        has && (!it.doubt || self.stays(group, server)) && !it.due && !it.cools
    }
}

/// Whether a plan leaves out nobody who still exists.
fn whole(group: &Group, plan: u8) -> bool {
    group.plan(plan).absent & !u8::from(group.dead) == 0
}
