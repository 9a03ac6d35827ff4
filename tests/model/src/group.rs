//! The state of the whole: servers, plans, and every artefact that anybody ever signed.

use crate::{Bounds, Move, Plan};

/// The number of an attempt: version of the policy, counter.
pub type Epoch = (u8, u8);

/// A promise of one move.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The plan, by its number.
    pub plan: u8,
    /// The move.
    pub step: Move,
    /// The attempt.
    pub epoch: Epoch,
}

/// What a server shows of itself to a peer.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Shown {
    /// Who.
    pub server: u8,
    /// Its policy.
    pub policy: u8,
    /// Its generation.
    pub generation: u8,
    /// What brought it there.
    pub at: Option<(u8, Move)>,
    /// The highest epoch it has seen.
    pub epoch: Epoch,
    /// Its slot.
    pub slot: Option<Slot>,
    /// Whether it leads.
    pub leads: bool,
}

/// One server.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, in every combination"
)]
pub struct Server {
    /// The policy it obeys: 1 or 2.
    pub policy: u8,
    /// Its generation; 0 with an empty disk.
    pub generation: u8,
    /// What it answers with.
    pub release: u8,
    /// The plan and move that brought it there.
    pub at: Option<(u8, Move)>,
    /// The highest epoch it has seen or issued.
    pub epoch: Epoch,
    /// The move it is prepared for.
    pub slot: Option<Slot>,
    /// The word on that is overdue.
    pub doubt: bool,
    /// It runs an emergency that is over.
    pub due: bool,
    /// A peer's answer on its way.
    pub answer: Option<Shown>,
    /// It acts as an anchor: from the first, or since every other member has shown it the new policy.
    pub leads: bool,
    /// Who has shown it the new policy, at a generation not above its own, a bit each.
    pub seen: u8,
    /// Who has lately shown it the same doubt, a bit each.
    pub heard: u8,
    /// It moved on from a doubt, and waits until nobody relies on that any more.
    pub cools: bool,
    /// It committed, and has not seen yet that anybody follows.
    pub alone: bool,
    /// Its disk was empty, and it may have forgotten a promise.
    pub fresh: bool,
}

/// What must never happen in one transition.
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq)]
pub struct Broken {
    /// A generation shrank, or a release changed without it.
    pub generation: bool,
    /// A move was committed twice.
    pub twice: bool,
    /// A move was committed after its approvals expired.
    pub expired: bool,
}

/// Everything.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Group {
    /// The servers.
    pub servers: Vec<Server>,
    /// The plans, honest and others.
    pub plans: Vec<Plan>,
    /// Every `prepared` receipt, sorted.
    pub prepared: Vec<(u8, Slot)>,
    /// Every `committed` receipt of an anchor, sorted.
    pub committed: Vec<(u8, Move)>,
    /// The first server is shut down, and the second policy lists it as retired.
    pub dead: bool,
    /// A disk was replaced: once in a search.
    pub replaced: bool,
    /// What went wrong on the way.
    pub broken: Broken,
}

impl Group {
    /// A group under the first policy that runs release 0.
    pub fn first(bounds: &Bounds) -> Self {
        let server = Server {
            policy: 1,
            generation: 1,
            release: 0,
            at: None,
            epoch: (1, 0),
            slot: None,
            doubt: false,
            due: false,
            answer: None,
            leads: true,
            seen: 0,
            heard: 0,
            cools: false,
            alone: false,
            fresh: false,
        };
        Self {
            servers: vec![server; usize::from(bounds.servers)],
            plans: Vec::new(),
            prepared: Vec::new(),
            committed: Vec::new(),
            dead: false,
            replaced: false,
            broken: Broken::default(),
        }
    }

    /// A server by its number.
    pub fn server(&self, server: u8) -> &Server {
        &self.servers[usize::from(server)]
    }

    /// A server, to be changed.
    pub fn server_mut(&mut self, server: u8) -> &mut Server {
        &mut self.servers[usize::from(server)]
    }

    /// A plan by its number.
    pub fn plan(&self, plan: u8) -> &Plan {
        &self.plans[usize::from(plan)]
    }

    /// The servers that still exist, by their numbers.
    pub fn living(&self) -> std::ops::Range<u8> {
        u8::from(self.dead)..u8::try_from(self.servers.len()).unwrap_or(u8::MAX)
    }

    /// What a server shows of itself.
    pub fn shown(&self, server: u8) -> Shown {
        let it = self.server(server);
        Shown {
            server,
            policy: it.policy,
            generation: it.generation,
            at: it.at,
            epoch: it.epoch,
            slot: it.slot,
            leads: it.leads,
        }
    }

    /// Whether the anchor's word for a move exists.
    pub fn is_committed(&self, plan: u8, step: Move) -> bool {
        self.committed.binary_search(&(plan, step)).is_ok()
    }
}
