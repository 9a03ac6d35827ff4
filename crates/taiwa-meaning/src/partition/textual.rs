//! Columns of open texts: the texts that are mentioned, and one or a few that are not.
//!
//! Where only beginnings and ends are asked for, the longest beginning and the longest end of those that are mentioned
//! decide everything, and every pair of them can be had: so a text of each pair stands for all. A single `contains` is
//! either there or not. Whatever else is asked of texts that are not mentioned is opaque.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Comparison, Constant, Expr, ExprKind, SessionField, TextTest};
use taiwa_model::Value;

use super::{Candidate, Task, answers::Known};
use crate::{
    fact::{Fact, leaf, plain},
    formula::{AtomId, Question},
};

/// Most pairs of beginnings and ends; beyond, they are opaque.
const MOST_PAIRS: usize = 4_096;

/// What is asked of texts.
#[derive(Default)]
struct Asks {
    literals: BTreeSet<String>,
    starts: BTreeSet<String>,
    ends: BTreeSet<String>,
    parts: BTreeSet<String>,
    other: bool,
}

impl Task<'_> {
    pub(super) fn texts(&self, known: &mut Known) -> Vec<Candidate> {
        let mut all = Asks::default();
        let mut each = Vec::new();
        for (id, atom) in &self.atoms {
            let mut asks = Asks::default();
            match &atom.question {
                Question::Of(expr) => asks.read(expr),
                Question::Closed(_) | Question::Contacts { .. } => asks.other = true,
            }
            all.literals.extend(asks.literals.iter().cloned());
            all.starts.extend(asks.starts.iter().cloned());
            all.ends.extend(asks.ends.iter().cloned());
            all.parts.extend(asks.parts.iter().cloned());
            each.push((*id, asks));
        }
        if (all.starts.len() + 1) * (all.ends.len() + 1) > MOST_PAIRS {
            known.weird.extend(
                each.iter()
                    .filter(|it| !it.1.starts.is_empty() || !it.1.ends.is_empty())
                    .map(|it| it.0),
            );
            all.starts.clear();
            all.ends.clear();
        }
        let alone = all.parts.len() == 1 && all.starts.is_empty() && all.ends.is_empty();
        let part = all.parts.first().filter(|_| alone).cloned();
        known.weird.extend(
            each.iter()
                .filter(|(_, it)| it.other || (!it.parts.is_empty() && part.is_none()))
                .map(|it| it.0),
        );
        let candidates = self.texts_of(&all, part.as_deref());
        let place = |it: &Candidate| match &it.value {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let places: BTreeMap<String, usize> =
            candidates.iter().enumerate().filter_map(|(at, it)| Some((place(it)?, at))).collect();
        let simple = self.atoms.iter().filter(|it| self.is_simple(&it.1.question));
        let simple: BTreeSet<AtomId> = simple.map(|it| it.0).collect();
        let lacking = usize::from(self.may_lack());
        for (id, asks) in each.iter().filter(|it| simple.contains(&it.0)) {
            let own = asks.literals.iter().filter_map(|it| places.get(it));
            let changes = own.flat_map(|at| [*at, at + 1]).chain([lacking]).collect();
            known.changes.insert(*id, changes);
        }
        candidates
    }

    fn texts_of(&self, asks: &Asks, part: Option<&str>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if self.may_lack() {
            candidates.push(Candidate { value: None, open: false, range: None });
        }
        let usable = |text: &str| self.usable(text);
        let literals = asks.literals.iter().filter(|it| usable(it)).map(|it| Candidate {
            value: Some(Value::Text(it.clone())),
            open: false,
            range: None,
        });
        let mut open = Vec::new();
        let none = String::new();
        for start in std::iter::once(&none).chain(&asks.starts) {
            for end in std::iter::once(&none).chain(&asks.ends) {
                open.extend(self.text_between(asks, start, end, part));
            }
        }
        if let Some(part) = part {
            let fits = |it: &String| it.contains(part) && !asks.literals.contains(it) && usable(it);
            open.extend(fillers().map(|it| format!("{it}{part}{it}")).find(fits));
        }
        let open = open.into_iter().map(|it| Candidate {
            value: Some(Value::Text(it)),
            open: true,
            range: None,
        });
        // A locale or an element that nobody mentions is the most ordinary one.
        if matches!(self.fact, Fact::Session(_) | Fact::Element(..)) {
            candidates.extend(open);
            candidates.extend(literals);
        } else {
            candidates.extend(literals);
            candidates.extend(open);
        }
        candidates
    }

    /// A text that is not mentioned, with exactly this longest beginning and this longest end.
    fn text_between(
        &self,
        asks: &Asks,
        start: &str,
        end: &str,
        part: Option<&str>,
    ) -> Option<String> {
        let fits = |text: &String| {
            !asks.literals.contains(text)
                && asks.starts.iter().all(|it| text.starts_with(it) == start.starts_with(it))
                && asks.ends.iter().all(|it| text.ends_with(it) == end.ends_with(it))
                && part.is_none_or(|it| !text.contains(it))
                && self.usable(text)
        };
        let plain: Vec<&str> = match &self.fact {
            Fact::Session(SessionField::Locale) if start.is_empty() => {
                vec!["en", "ja", "fr", "de", "es", "it", "sv", "ko", "pt", "nl", "fi", "pl"]
            }
            Fact::Session(SessionField::Locale) => vec!["", "-JP", "-US", "-GB", "-FR", "-001"],
            Fact::Attribute(name, _) if name.as_str() == "time_zone" => {
                vec![
                    "Europe/London",
                    "America/New_York",
                    "Asia/Tokyo",
                    "UTC",
                    "Asia/Seoul",
                    "Europe/Paris",
                ]
            }
            _ => Vec::new(),
        };
        let plain = plain.into_iter().map(str::to_owned);
        plain.chain(fillers()).map(|it| format!("{start}{it}{end}")).find(fits)
    }

    /// Whether a person can have this text.
    fn usable(&self, text: &str) -> bool {
        match &self.fact {
            Fact::Attribute(name, _) if name.as_str() == "time_zone" => {
                jiff::tz::TimeZone::get(text).is_ok()
            }
            _ => true,
        }
    }
}

/// Texts to put in between; one of them fits.
fn fillers() -> impl Iterator<Item = String> {
    let words = ["other", "x", "y", "-", "q0"].map(str::to_owned);
    words.into_iter().chain((0..10_000).map(|it| format!("z{it}k")))
}

impl Asks {
    fn read(&mut self, expr: &Expr) {
        let text = |of: &Expr| match &of.kind {
            ExprKind::Constant(Constant::Text(it)) => Some(it.clone()),
            _ => None,
        };
        let asked = |of: &Expr| leaf(of).is_some() || matches!(of.kind, ExprKind::Element);
        match &expr.kind {
            ExprKind::Has(_) | ExprKind::Constant(_) => {}
            ExprKind::Compare { op: Comparison::Equal | Comparison::Unequal, left, right } => {
                match (text(left), text(right)) {
                    (Some(it), None) if asked(right) => self.literals.extend([it]),
                    (None, Some(it)) if asked(left) => self.literals.extend([it]),
                    _ => self.other |= !(plain(left) && plain(right)),
                }
            }
            ExprKind::Member { item, list } => match (&item.kind, &list.kind) {
                (ExprKind::Constant(Constant::Text(it)), ExprKind::Attribute(_)) => {
                    self.literals.extend([it.clone()]);
                }
                (_, ExprKind::Constant(Constant::Texts(all))) if asked(item) => {
                    self.literals.extend(all.iter().cloned());
                }
                _ => self.other |= !(plain(item) && plain(list)),
            },
            ExprKind::Text { test, of, part } => match (asked(of), text(part)) {
                (true, Some(it)) => {
                    let into = match test {
                        TextTest::Starts => &mut self.starts,
                        TextTest::Ends => &mut self.ends,
                        TextTest::Contains => &mut self.parts,
                    };
                    // Every text begins and ends with nothing, and holds it.
                    into.extend(Some(it).filter(|it| !it.is_empty()));
                }
                _ => self.other |= !(plain(of) && plain(part)),
            },
            ExprKind::Quantified { list, body, quantifier: _ } => {
                self.other |= !matches!(list.kind, ExprKind::Attribute(_));
                self.read(body);
            }
            ExprKind::Not(_) | ExprKind::All(_) | ExprKind::Any(_) | ExprKind::Choose { .. } => {
                for it in crate::fact::parts(expr) {
                    self.read(it);
                }
            }
            _ => self.other = true,
        }
    }
}
