//! A group of servers, as `taiwa status --format json` shows it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// What one server is at, by the answer of `taiwa status --format json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub server: String,
    /// What it signed, if it was reached and believed.
    pub seen: Option<Seen>,
}

/// What a server signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The live release.
    pub release: Option<String>,
    /// Its generation.
    pub generation: u64,
    /// Whether a slot is open there.
    pub slot: bool,
    /// Whether it is ready.
    pub ready: bool,
}

/// A group of servers, as `taiwa status` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Whether all run the same.
    pub in_step: bool,
    /// The members.
    pub members: Vec<Member>,
}

impl Group {
    /// The one release and generation that every member signed for, where everyone who has something to answer
    /// with is ready and the anchor (the first one) holds no slot; one left over at another member hinders nothing.
    pub fn settled(&self) -> Option<(Option<&str>, u64)> {
        let seen: Option<Vec<&Seen>> = self.members.iter().map(|it| it.seen.as_ref()).collect();
        let seen = seen?;
        let first = seen.first()?;
        let same = seen.iter().all(|it| {
            let ready = it.ready || it.release.is_none();
            it.release == first.release && it.generation == first.generation && ready
        });
        (same && self.in_step && !first.slot)
            .then_some((first.release.as_deref(), first.generation))
    }

    /// The generation of each member that was reached.
    pub fn generations(&self) -> BTreeMap<String, u64> {
        let of = |it: &Member| Some((it.server.clone(), it.seen.as_ref()?.generation));
        self.members.iter().filter_map(of).collect()
    }
}

impl Member {
    /// A member as `status` tells of it.
    pub(crate) fn read(it: &Json) -> Self {
        let signed = &it["signed"];
        let reached = signed["reached"] == json!(true);
        let seen = Seen {
            release: signed["release"].as_str().map(ToOwned::to_owned),
            generation: signed["generation"].as_u64().unwrap_or_default(),
            slot: !it["status"]["slot"].is_null(),
            ready: it["status"]["ready"] == json!(true),
        };
        let server = signed["server"].as_str().unwrap_or_default().to_owned();
        Self { server, seen: reached.then_some(seen) }
    }
}
