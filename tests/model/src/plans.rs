//! Plans, their moves, and who must have approved them.

use crate::{Bounds, Group, Part, Rule};

/// How many distinct people must approve.
const PEOPLE: u32 = 2;

/// The release of the attacker, which nobody approves.
pub const EVIL: u8 = 99;

/// Added to a release that answers only some of the visitors.
const PARTLY: u8 = 100;

/// One switch that a plan allows.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// The first step, or the only one.
    First,
    /// The second step, of a plan that has two.
    Second,
    /// An emergency becomes an ordinary change.
    Ratify,
    /// Back from the first step; of an emergency also by its end.
    Back,
    /// Back from the second step.
    BackLater,
}

/// All moves.
pub const MOVES: [Move; 5] = [Move::First, Move::Second, Move::Ratify, Move::Back, Move::BackLater];

/// A plan, and what people have said of it so far.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, in every combination"
)]
pub struct Plan {
    /// Made by the attacker.
    pub evil: bool,
    /// Break-glass.
    pub emergency: bool,
    /// Two steps.
    pub steps: bool,
    /// The generation before.
    pub base: u8,
    /// The release before.
    pub from: u8,
    /// The release after.
    pub to: u8,
    /// The policy it was made under.
    pub policy: u8,
    /// The servers it leaves out, a bit each.
    pub absent: u8,
    /// The keys that signed an approval, a bit each.
    pub keys: u8,
    /// Its approvals have expired.
    pub expired: bool,
    /// Its parachute was pulled.
    pub pulled: bool,
    /// The ordinary approvals came, for an emergency.
    pub ratified: bool,
    /// The emergency is over on every clock.
    pub over: bool,
}

/// Where a move starts and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The generation before.
    pub base: u8,
    /// The release before.
    pub from: u8,
    /// The generation after.
    pub target: u8,
    /// The release after.
    pub to: u8,
}

impl Plan {
    /// The ends of a move.
    pub const fn goal(&self, step: Move) -> Goal {
        let first = if self.steps { self.to + PARTLY } else { self.to };
        let (from, to, after) = match step {
            Move::First => (self.from, first, 0),
            Move::Second => (first, self.to, 1),
            Move::Ratify => (self.to, self.to, 1),
            Move::Back => (first, self.from, 1),
            Move::BackLater => (self.to, self.from, 2),
        };
        let base = self.base + after;
        Goal { base, from, target: base + 1, to }
    }

    /// Whether it has such a move.
    pub const fn has(&self, step: Move) -> bool {
        match step {
            Move::First | Move::Back => true,
            Move::Second | Move::BackLater => self.steps,
            Move::Ratify => self.emergency,
        }
    }

    /// Whether it leaves a server out.
    pub const fn leaves_out(&self, server: u8) -> bool {
        self.absent & (1 << server) != 0
    }
}

/// Who decides under a policy: the first server under the first policy, the second under the second.
pub const fn anchor(policy: u8) -> u8 {
    if policy == 1 { 0 } else { 1 }
}

/// How many people signed, without the one who wrote it. Keys 0 and 1 are the stolen approver's, 2 and 3 honest people's.
fn people(plan: usize, keys: u8) -> u32 {
    let of_key = [0_u8, 0, 1, 2];
    let signed = of_key.iter().enumerate().filter(|(key, _)| keys & (1 << key) != 0);
    let people = signed.fold(0_u8, |all, (_, person)| all | 1 << person);
    (people & !(1 << (plan % 3))).count_ones()
}

/// Whether enough people approved a plan, by the protocol's own counting.
pub fn approved(plan: usize, keys: u8) -> bool {
    people(plan, keys) >= PEOPLE
}

impl Bounds {
    /// Whether enough people approved a plan, by the counting that is searched.
    pub fn counts(&self, plan: usize, keys: u8) -> bool {
        if self.lacks(Rule::People) { keys.count_ones() >= PEOPLE } else { approved(plan, keys) }
    }

    /// Whether people want this move.
    pub fn authorised(&self, group: &Group, plan: u8, step: Move) -> bool {
        if self.lacks(Rule::Approvals) {
            return true;
        }
        let Some(it) = group.plans.get(usize::from(plan)) else { return false };
        if !self.counts(usize::from(plan), it.keys) || (it.expired && !self.lacks(Rule::Expiry)) {
            return false;
        }
        match step {
            Move::First | Move::Second => true,
            Move::Back | Move::BackLater => it.pulled,
            Move::Ratify => it.emergency && it.ratified,
        }
    }

    /// A plan from what is live at the anchor of the newest policy.
    pub fn plan(&self, group: &Group, evil: bool) -> Plan {
        let policy = group.servers.iter().map(|it| it.policy).max().unwrap_or(1);
        let live = group.server(anchor(policy));
        let number = u8::try_from(group.plans.len()).unwrap_or(u8::MAX);
        let first = number == 0 && !evil;
        let emergency = first && self.has(Part::Emergency);
        Plan {
            evil,
            emergency,
            steps: first && !emergency && self.has(Part::Steps),
            base: live.generation,
            from: live.release,
            to: if evil { EVIL } else { number + 1 },
            policy,
            absent: if first { self.absent } else { 0 } | u8::from(group.dead),
            keys: 0b0011,
            expired: false,
            pulled: false,
            ratified: false,
            over: false,
        }
    }
}
