//! What conditions mean: sets of people, as decision diagrams over cells of values, and the smallest person in one.
//!
//! [`Builder`] takes the versions of a workspace and every condition that will be asked about; [`Builder::finish`] cuts
//! values into cells and gives [`Meanings`], which answers: who fulfils a condition, is one set within another, do
//! two overlap, is anybody left over, and who is the simplest person in between.
//!
//! **Invariants.** An answer is right, or it is [`Exhausted`]: the budget is counted in nodes, so that every machine
//! stops at the same place. Values, segments, flowcharts and history mean what they mean to the engine: a cell of values is
//! found by running the compiled condition on a value of it. Everything is said relative to the people there can be: an
//! attribute with a default is never missing, what happened within 7 days happened within 30. What cannot be said in
//! cells is an opaque yes or no; a [`Set`] that hangs on one is only `possible`. The order in which conditions are added
//! changes no answer.
//! Deliberately absent: rules, places in files (`taiwa-validator`), and decisions (`taiwa-decide`, against which the tests
//! hold every answer).

mod builder;
mod fact;
mod formula;
mod lattice;
mod meanings;
mod order;
mod partition;
mod person;
mod probe;
mod runs;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod witness;
mod world;

pub use builder::{Builder, Handle, ScoreHandle, VersionId};
pub use meanings::{ChartMeaning, Meanings, NodeMeaning, ScoreCell, Set};
pub use person::{Assumed, Person};

/// How much may be spent on answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most nodes of all diagrams together; work is limited in proportion.
    pub nodes: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: 2_000_000 }
    }
}

/// The budget is used up: there is no answer, neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the budget of the analysis is used up")]
pub struct Exhausted;
