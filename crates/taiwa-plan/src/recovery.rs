//! What an interrupted deployment left behind, and what finishes it: decided from the servers alone.

use std::collections::BTreeMap;

use taiwa_model::{Digest, ServerId};

use crate::{Epoch, GroupState, Policy, Reason, Receipt, Refusal, Refusals, Seen};

/// A server, as far as recovery looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// The server.
    pub server: ServerId,
    /// Its live generation.
    pub generation: u64,
    /// Its live release.
    pub release: Option<Digest>,
    /// The plan of its open slot.
    pub slot: Option<Digest>,
    /// The highest epoch it has seen.
    pub epoch: Epoch,
}

/// What is to be done before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Every member is at one release and generation, and the anchor holds no slot.
    Nothing,
    /// The anchor is ahead: bring these servers its bundle, bytes and `committed` receipt.
    BringForward {
        /// Where the bundle is: the anchor.
        anchor: ServerId,
        /// Who is behind.
        behind: Vec<ServerId>,
        /// The release that the anchor runs.
        release: Option<Digest>,
        /// Its generation.
        generation: u64,
    },
    /// The anchor holds a slot: prepare again from its bundle and go on, or end the epoch.
    SlotOpen {
        /// Where the bundle is, and where the epoch is ended.
        anchor: ServerId,
        /// The plan.
        plan: Digest,
        /// The epoch that `--abort` names.
        epoch: Epoch,
    },
    /// It cannot be told or mended from here; why.
    Stuck(Refusals),
}

/// Whether a group is in step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// Every member runs this release at this generation.
    InStep {
        /// The release; none before the first.
        release: Option<Digest>,
        /// The generation.
        generation: u64,
    },
    /// They differ: the servers at each generation and release.
    Drifted(BTreeMap<(u64, Option<Digest>), Vec<ServerId>>),
}

impl From<&Receipt> for ServerView {
    fn from(state: &Receipt) -> Self {
        Self {
            server: state.server.clone(),
            generation: state.generation,
            release: state.release,
            slot: state.plan,
            epoch: state.epoch,
        }
    }
}

/// What has to be done before anything else moves. A server that is not reachable and not the anchor
/// hinders nothing here: whoever can be brought forward is.
pub fn recover(policy: &Policy, group: &GroupState) -> Recovery {
    let document = policy.document();
    let anchor = &document.anchor;
    let Some(word) = group.state(anchor) else {
        let (reason, why) = match group.servers.get(anchor) {
            Some(Seen::Untrusted(why)) => (Reason::Untrusted, why.as_str()),
            Some(Seen::Unreachable(why)) => (Reason::Unreachable, why.as_str()),
            _ => (Reason::Unreachable, "it was not asked"),
        };
        let what = format!("the anchor {anchor} decides, and gave no word: {why}");
        return Recovery::Stuck(vec![Refusal::new(reason, what)]);
    };
    let views = members(policy, group);
    if let Some(odd) = views.iter().find(|it| it.generation > word.generation) {
        let what = format!("{} is ahead of the anchor {anchor}, which cannot be", odd.server);
        return Recovery::Stuck(vec![Refusal::new(Reason::Untrusted, what)]);
    }
    let same = |it: &&ServerView| it.generation == word.generation;
    if let Some(odd) = views.iter().filter(same).find(|it| it.release != word.release) {
        let what = format!("{} and {anchor} differ at one generation, which cannot be", odd.server);
        return Recovery::Stuck(vec![Refusal::new(Reason::Untrusted, what)]);
    }
    if let Some(plan) = word.plan {
        return Recovery::SlotOpen { anchor: anchor.clone(), plan, epoch: word.epoch };
    }
    let behind: Vec<_> = views
        .into_iter()
        .filter(|it| it.generation < word.generation)
        .map(|it| it.server)
        .collect();
    if behind.is_empty() {
        return Recovery::Nothing;
    }
    let (release, generation) = (word.release, word.generation);
    Recovery::BringForward { anchor: anchor.clone(), behind, release, generation }
}

/// Whether the servers that answered run the same.
pub fn drift(policy: &Policy, group: &GroupState) -> Drift {
    let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for view in members(policy, group) {
        places.entry((view.generation, view.release)).or_default().push(view.server);
    }
    match places.first_key_value() {
        Some((&(generation, release), _)) if places.len() == 1 => {
            Drift::InStep { release, generation }
        }
        _ => Drift::Drifted(places),
    }
}

fn members(policy: &Policy, group: &GroupState) -> Vec<ServerView> {
    let ids = policy.document().members();
    ids.iter().filter_map(|id| group.state(id)).map(ServerView::from).collect()
}
