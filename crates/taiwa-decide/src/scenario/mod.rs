//! Scenarios: a story with a clock of its own, run in process or over any wire with the same checks.
//!
//! A [`Script`] turns a scenario into [`Call`]s, one after the other; whoever runs it answers each, and the script judges
//! the answer. [`run`] answers in process; a deployer answers through a sandbox of a live server.
//!
//! **Invariants.** A script makes one call at a time and none after a step failed. It knows no clock and no server: two
//! runners that give the same answers get the same result, word for word.

mod run;
mod script;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use taiwa_model::{
    ChannelName, ConsentDefault, LevelName, Locale, OfferName, Past, PointName, PurposeName,
    ScenarioName, SegmentName, SpanOfTime, Timestamp,
};

pub use run::{recall, run};
pub use script::Script;

use crate::Reason;

/// Something to be done for a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// A clock and a memory of its own begin. Always the first call. Answer: `Done`.
    CreateSandbox(Sandbox),
    /// A session begins for the person of the sandbox; an earlier one ends. Answer: `Done`.
    StartSession {
        /// The channel.
        channel: ChannelName,
        /// The locale.
        locale: Option<Locale>,
    },
    /// A point of the session's channel is asked, with reasons. Answer: `Offers`.
    Offers {
        /// The point.
        point: PointName,
        /// At most so many.
        limit: Option<u32>,
    },
    /// An event is posted in the session. Answer: `Done`, or `Unknown`.
    Post {
        /// As in the file: bare or `channel/event`.
        event: String,
        /// Its properties.
        properties: Map<String, Json>,
    },
    /// The sandbox's clock moves on. Answer: `Done`.
    Advance(SpanOfTime),
    /// The segments of the person are asked. Answer: `Segments`.
    Segments,
}

/// How a scenario begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Sandbox {
    /// The clock.
    pub at: Timestamp,
    /// The audience level.
    pub level: LevelName,
    /// The name of the level's key: `customer_id`.
    pub key_name: String,
    /// Its value.
    pub key: String,
    /// Attributes as written.
    pub attributes: Map<String, Json>,
    /// What the person said.
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
    /// What happened before.
    pub history: Vec<Past>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It was done.
    Done,
    /// The event is not declared.
    Unknown,
    /// The answer of a point, in order, fallback included, with the reasons as far as they are known.
    Offers {
        /// The offers.
        offers: Vec<OfferName>,
        /// Why, and why not.
        reasons: Vec<Reason>,
    },
    /// The segments of the person.
    Segments(Vec<SegmentName>),
    /// It was refused, with what the other side said.
    Refused(String),
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepResult {
    /// Which step, from 1; 0 is `given`.
    pub index: usize,
    /// Whether all was as it should be.
    pub ok: bool,
    /// What was done, and if it failed: what was expected, what came, and why.
    pub said: String,
}

/// What became of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioResult {
    /// The scenario.
    pub name: ScenarioName,
    /// Whether every step was.
    pub passed: bool,
    /// The steps up to the first that failed, `given` included.
    pub steps: Vec<StepResult>,
}
