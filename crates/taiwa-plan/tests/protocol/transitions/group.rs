//! A group of three servers that is moved as a deployer would: everyone prepares, the anchor commits, the others follow.

use taiwa_model::{Digest, ServerId};
use taiwa_plan::{
    Bundle, Envelope, Move, Policy, Reading, Receipt,
    server::{
        Activation, Preparation, Refused, ServerState, activate, prepare, state_receipt, store,
    },
};

use crate::world::{SERVERS, sign};

/// The three servers.
pub(super) struct Group {
    pub(super) policy: Policy,
    pub(super) servers: Vec<ServerState>,
    /// The anchor's word for the last move.
    pub(super) word: Option<Envelope>,
}

impl Group {
    /// Servers that have stored these releases, and run nothing.
    pub(super) fn new(policy: &Policy, releases: &[Digest]) -> Self {
        let server = |(id, _): (&str, u8)| {
            let mut fresh = ServerState::fresh(policy, ServerId::new(id));
            // They have met: the anchor has shown everybody that nothing is open.
            fresh.fresh_disk = None;
            releases.iter().fold(fresh, |state, it| store(&state, *it).state)
        };
        Self { policy: policy.clone(), servers: SERVERS.map(server).to_vec(), word: None }
    }

    /// Everyone but those left out promises; gives their receipts, the anchor's first.
    pub(super) fn prepare(
        &mut self,
        bundle: &Bundle,
        step: Move,
        at: &Reading,
    ) -> Result<Vec<Envelope>, Refused> {
        let plan = bundle.open().unwrap().plan;
        let mut receipts: Vec<Envelope> = Vec::new();
        for state in &mut self.servers {
            if plan.choices.absent.iter().any(|it| it.server == state.server) {
                continue;
            }
            let request = Preparation { bundle, step, word: receipts.first() };
            let done = prepare(&self.policy, state, &request, at)?;
            *state = done.state;
            receipts.push(sign(&done.receipt.unwrap()));
        }
        Ok(receipts)
    }

    /// The anchor commits.
    pub(super) fn commit(
        &mut self,
        bundle: &Bundle,
        (step, receipts): (Move, &[Envelope]),
        at: &Reading,
    ) -> Result<Receipt, Refused> {
        let request = Activation { bundle, step, receipts };
        let done = activate(&self.policy, &self.servers[0], &request, at)?;
        self.servers[0] = done.state;
        let receipt = done.receipt.unwrap();
        self.word = Some(sign(&receipt));
        Ok(receipt)
    }

    /// One server follows the anchor's word.
    pub(super) fn follow(
        &mut self,
        index: usize,
        (bundle, step): (&Bundle, Move),
        at: &Reading,
    ) -> Result<(), Refused> {
        let word = self.word.clone().unwrap();
        let request = Activation { bundle, step, receipts: &[word] };
        self.servers[index] = activate(&self.policy, &self.servers[index], &request, at)?.state;
        Ok(())
    }

    /// The whole move, on everyone but those left out.
    pub(super) fn go(&mut self, bundle: &Bundle, step: Move, at: &Reading) -> Result<(), Refused> {
        let receipts = self.prepare(bundle, step, at)?;
        self.commit(bundle, (step, &receipts), at)?;
        for index in 1..receipts.len() {
            self.follow(index, (bundle, step), at)?;
        }
        Ok(())
    }

    /// What a server says of itself, as its peers hear it.
    pub(super) fn state(&self, index: usize, at: &Reading) -> Receipt {
        state_receipt(&self.policy, &self.servers[index], Some("fresh"), at).unwrap()
    }

    /// Generation, release and share of each server.
    pub(super) fn live(&self) -> Vec<(u64, Option<Digest>, u64)> {
        let share = |it: &ServerState| {
            it.active.as_ref().and_then(|it| it.rest).map_or(10_000, |it| it.share_bp)
        };
        self.servers.iter().map(|it| (it.generation(), it.release(), share(it))).collect()
    }
}
