//! What is wrong with the input of a caller: every offence at once, each with its place.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Most problems that one answer lists.
pub const MAX_PROBLEMS: usize = 100;

/// One offence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputProblem {
    /// Where: `attributes/tier`, `properties/price`, `event`.
    pub path: String,
    /// What is wrong and what would be right; a lower-case fragment.
    pub message: String,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl InputProblem {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}
