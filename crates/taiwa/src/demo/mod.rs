//! The demo: the whole story on this machine, with the real commands in real processes and nothing left behind.
//!
//! A [`Stage`] holds what the story needs (folder, keys, servers) and takes it all away when it is dropped, also on
//! Ctrl-C. The story itself is in `story.rs`, in the order in which it is told.

mod keys;
mod setting;
mod stage;
mod story;

pub(crate) use stage::{Line, Lines, Stage};
pub(crate) use story::tell;

use crate::Failure;

/// A step of the demo that did not hold.
pub(crate) fn broken(step: &str, why: &str) -> Failure {
    Failure::world("demo-broken", format!("the demo stopped at `{step}`: {why}"))
        .help("this should not happen; please report it with what is printed above")
}
