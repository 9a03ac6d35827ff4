//! A session: who talks with us on which channel, and what they were shown last.

use serde::{Deserialize, Serialize};
use taiwa_model::{ChannelName, LevelName, Locale, OfferName, Timestamp};

/// Most offers that a session remembers as shown last.
pub const MAX_LAST_SHOWN: usize = 200;

/// A session at a touchpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The channel; bare names of points and events mean it.
    pub channel: ChannelName,
    /// The audience level of the person now.
    pub level: LevelName,
    /// Their key on that level.
    pub key: String,
    /// The locale that the touchpoint asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// When it began.
    pub started: Timestamp,
    /// What the last decision that showed something showed: a response without offer is credited to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_shown: Vec<OfferName>,
    /// Level and key with which it began, where those of now are others: they decide for its whole life which release
    /// answers it while one is rolled out in steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_as: Option<(LevelName, String)>,
}
