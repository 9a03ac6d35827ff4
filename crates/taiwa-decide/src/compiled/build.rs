//! What all parts of compiling share: the names, the slots, the problems found so far.

use taiwa_condition::{Expect, Names, Slots};
use taiwa_model::{Components, Scope, SegmentName};

use super::{Condition, Keep, condition::condition};

/// Most problems that one refusal lists; the rest is counted.
const MAX_PROBLEMS: usize = 50;

/// A release on its way to [`Compiled`](super::Compiled).
pub(super) struct Builder<'a> {
    pub(super) components: &'a Components,
    pub(super) names: Names,
    pub(super) slots: Slots,
    pub(super) keep: Keep,
    problems: Vec<String>,
    unsaid: usize,
}

impl<'a> Builder<'a> {
    /// Numbers what has a table of its own, in the order of the names: the index of an offer, segment, level or purpose is
    /// that of its slot.
    pub(super) fn new(components: &'a Components) -> Self {
        let names = Names::new(components);
        let mut slots = Slots::default();
        for name in components.offers.keys() {
            slots.offers.intern(name);
        }
        slots.segments.intern(&SegmentName::new("everyone"));
        for name in components.segment_names().keys() {
            slots.segments.intern(name);
        }
        for name in &names.levels {
            slots.levels.intern(name);
        }
        for name in &names.purposes {
            slots.purposes.intern(name);
        }
        Self { components, names, slots, keep: Keep::default(), problems: Vec::new(), unsaid: 0 }
    }

    /// Something keeps the release from being served.
    pub(super) fn problem(&mut self, place: &str, words: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(format!("{place}: {words}"));
        } else {
            self.unsaid += 1;
        }
    }

    /// Compiles a condition, and keeps what it reads.
    pub(super) fn condition(
        &mut self,
        place: &str,
        text: &str,
        expect: Expect,
        scope: &Scope,
    ) -> Option<Condition> {
        match condition(text, expect, scope, &self.names, &mut self.slots) {
            Ok(it) => {
                self.keep.read(&it.uses);
                Some(it)
            }
            Err(words) => {
                self.problem(place, &words);
                None
            }
        }
    }

    /// Everything that was found.
    pub(super) fn into_problems(mut self) -> (Slots, Keep, Vec<String>) {
        if self.unsaid > 0 {
            self.problems.push(format!("and {} more", self.unsaid));
        }
        (self.slots, self.keep, self.problems)
    }
}
