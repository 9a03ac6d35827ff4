//! Questions with which a release is tried, and a server that says it runs it: each point, by nobody in particular and by
//! people made up from what the release itself asks about.
//!
//! **Invariants.** A function of the release: the same one is asked the same. Made-up people have only attributes that the
//! release takes, from the words and numbers of its own conditions, so that they come to both sides of them.
//! Deliberately absent: histories and consent, which scenarios have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use taiwa_condition::{Kind, Literal, parse};
use taiwa_model::{Attribute, AttributeName, ChannelName, Locale, PointName, Timestamp, ValueType};

use crate::{
    Compiled, DecideError, Decision, Explain, Person, Request, Session, decide, set_attributes,
};

/// Words, and numbers, of conditions that are used at most.
const MAX_WORDS: usize = 500;
/// Bytes of such a word at most.
const MAX_WORD_BYTES: usize = 64;

/// A question with which a release is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Where.
    pub channel: ChannelName,
    /// The interaction point.
    pub point: PointName,
    /// Who asks: the key's name and the key, such as `visitor_id: probe-1`.
    pub audience: BTreeMap<String, String>,
    /// The language asked for.
    pub locale: Option<Locale>,
    /// What is known of them.
    pub attributes: BTreeMap<AttributeName, Json>,
}

/// The questions of a release: every point by nobody in particular, then every point by so many made-up people.
pub fn probes(compiled: &Compiled, people: usize) -> impl Iterator<Item = Probe> {
    let words = Words::of(compiled);
    (0..=people).flat_map(move |person| {
        let words = words.clone();
        compiled.points().enumerate().map(move |(place, (channel, point, _))| Probe {
            channel: channel.clone(),
            point: point.clone(),
            audience: audience(compiled, person),
            locale: locale(compiled, person),
            attributes: match person {
                0 => BTreeMap::new(),
                _ => words.attributes(compiled, (person, place)),
            },
        })
    })
}

/// Every other made-up person is known.
fn audience(compiled: &Compiled, person: usize) -> BTreeMap<String, String> {
    let levels = compiled.levels();
    let level = levels.get(1 - person % 2).or_else(|| levels.first());
    level.map(|it| (it.1.clone(), format!("probe-{person}"))).into_iter().collect()
}

fn locale(compiled: &Compiled, person: usize) -> Option<Locale> {
    let of = person.checked_rem(compiled.locales.len() + 1)?;
    compiled.locales.get(of.checked_sub(1)?).cloned()
}

impl Probe {
    /// What a release decides, about somebody of whom nothing else is known.
    ///
    /// # Errors
    /// When the release has no such channel or point.
    pub fn ask(
        &self,
        compiled: &Compiled,
        now: Timestamp,
        explain: Explain,
    ) -> Result<Decision, DecideError> {
        let who = self.audience.iter().next();
        let level = who.and_then(|it| compiled.level_of_key(it.0));
        let level = level.or_else(|| compiled.levels().first().map(|it| &it.0));
        let session = Session {
            channel: self.channel.clone(),
            level: level.cloned().unwrap_or_else(|| taiwa_model::LevelName::new("")),
            key: who.map(|it| it.1.clone()).unwrap_or_default(),
            locale: self.locale.clone(),
            started: now,
            last_shown: Vec::new(),
            began_as: None,
        };
        let mut person = Person::default();
        for (name, value) in &self.attributes {
            // What the release does not take, nobody is.
            drop(set_attributes(compiled, &mut person, &one(name, value)));
        }
        let request = Request {
            session: &session,
            person: &person,
            point: &self.point,
            limit: None,
            exclude: &[],
            explain,
        };
        decide(compiled, &request, now)
    }
}

fn one(name: &AttributeName, value: &Json) -> Map<String, Json> {
    [(name.to_string(), value.clone())].into_iter().collect()
}

/// What the conditions of a release compare with.
#[derive(Clone, Debug, Default)]
struct Words {
    texts: Vec<String>,
    numbers: Vec<f64>,
}

impl Words {
    #[expect(clippy::cast_precision_loss, reason = "a number near it is as good")]
    fn of(compiled: &Compiled) -> Self {
        let (mut texts, mut numbers) = (BTreeSet::new(), BTreeMap::new());
        for text in compiled.condition_texts() {
            for node in parse(text).nodes {
                let number = match node.kind {
                    Kind::Literal(Literal::Text(it)) => {
                        if texts.len() < MAX_WORDS && it.len() <= MAX_WORD_BYTES {
                            texts.insert(it);
                        }
                        continue;
                    }
                    Kind::Literal(Literal::Int(it)) => it as f64,
                    Kind::Literal(Literal::Uint(it)) => it as f64,
                    Kind::Literal(Literal::Double(it)) => it,
                    _ => continue,
                };
                if number.is_finite() && numbers.len() < MAX_WORDS {
                    numbers.insert(number.to_bits(), number);
                }
            }
        }
        texts.insert("probe".to_owned());
        numbers.insert(0, 0.0);
        Self { texts: texts.into_iter().collect(), numbers: numbers.into_values().collect() }
    }

    fn attributes(
        &self,
        compiled: &Compiled,
        (person, place): (usize, usize),
    ) -> BTreeMap<AttributeName, Json> {
        let mut dice = Dice((person as u64) << 32 | place as u64);
        let mut known = BTreeMap::new();
        for (name, declared) in compiled.attributes() {
            // A quarter of what could be known is not.
            if dice.below(4) == 0 {
                continue;
            }
            let value = self.value(name, declared, &mut dice);
            if set_attributes(compiled, &mut Person::default(), &one(name, &value)).is_ok() {
                known.insert(name.clone(), value);
            }
        }
        known
    }

    fn value(&self, name: &AttributeName, declared: &Attribute, dice: &mut Dice) -> Json {
        match declared.kind {
            ValueType::Bool => json!(dice.below(2) == 0),
            ValueType::Enum => json!(dice.one(&declared.values)),
            ValueType::String if name.as_str() == "time_zone" => {
                json!(dice.one(&["Asia/Tokyo", "America/Los_Angeles", "UTC"]))
            }
            ValueType::String => json!(dice.one(&self.texts)),
            ValueType::Timestamp => {
                json!(dice.one(&["2020-02-29T12:00:00Z", "2026-01-01T00:00:00Z"]))
            }
            ValueType::Int => json!(self.whole(declared, dice)),
            ValueType::Number => json!(self.number(declared, dice)),
            ValueType::Strings => {
                json!((0..dice.below(4)).map(|_| dice.one(&self.texts)).collect::<BTreeSet<_>>())
            }
            ValueType::Ints => {
                json!((0..dice.below(4)).map(|_| self.whole(declared, dice)).collect::<Vec<_>>())
            }
        }
    }

    /// A number that some condition names, or one beside it.
    fn number(&self, declared: &Attribute, dice: &mut Dice) -> f64 {
        let number = dice.one(&self.numbers).unwrap_or_default();
        let beside = dice.one(&[-1.0, 0.0, 1.0]).unwrap_or_default();
        let (least, most) = (declared.min.unwrap_or(f64::MIN), declared.max.unwrap_or(f64::MAX));
        (number + beside).max(least).min(most)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a made-up number may be any")]
    fn whole(&self, declared: &Attribute, dice: &mut Dice) -> i64 {
        self.number(declared, dice) as i64
    }
}

/// Numbers that look random, and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        if limit == 0 { 0 } else { z % limit }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = usize::try_from(self.below(of.len() as u64)).ok()?;
        of.get(place).cloned()
    }
}

#[cfg(test)]
mod tests {
    use taiwa_model::Digest;

    use super::*;
    use crate::tests::Shop;

    #[test]
    fn everybody_is_asked_everywhere_and_comes_to_both_sides_of_a_condition() {
        let shop = Shop::new();
        let compiled = Compiled::new(Digest::of(b"shop"), &shop.0).unwrap();
        let points = compiled.points().count();
        let all: Vec<Probe> = probes(&compiled, 6).collect();
        assert_eq!(all.len(), 7 * points);
        assert_eq!(all, probes(&compiled, 6).collect::<Vec<_>>(), "the same each time");
        assert!(all.iter().take(points).all(|it| it.attributes.is_empty()));
        let tiers = all.iter().filter_map(|it| it.attributes.get("tier")?.as_str());
        assert_eq!(tiers.collect::<BTreeSet<_>>().len(), 2);
        for probe in &all {
            let now = Timestamp::from_millis(1_700_000_000_000);
            let made = probe.ask(&compiled, now, Explain::EveryCandidate).unwrap();
            assert_eq!(made, probe.ask(&compiled, now, Explain::EveryCandidate).unwrap());
        }
    }
}
