//! A person in words, in both languages.

use std::collections::BTreeSet;

use taiwa_condition::SessionField;
use taiwa_model::{ConsentDefault, PastWhat, SpanOfTime, Value};
use taiwa_text::{Text, say};

use super::{Way, plain};
use crate::{
    Person,
    builder::Version,
    fact::{Fact, Past},
    world::{Meaning, World},
};

impl World {
    /// What is special about a person.
    pub(super) fn words(
        &self,
        person: &Person,
        versions: &[Version],
        way: &Way,
        needed: &[u32],
    ) -> Text {
        let mut parts: Vec<Text> = Vec::new();
        let mut told: BTreeSet<Past> = BTreeSet::new();
        for (variable, cell) in way.iter().filter(|it| needed.contains(it.0)) {
            match &self.meanings[*variable as usize] {
                Meaning::Opaque(atom) => parts.push(match cell {
                    0 => say!(en: "`{atom}` assumed false", ja: "`{atom}` は偽と仮定"),
                    1 => say!(en: "`{atom}` assumed true", ja: "`{atom}` は真と仮定"),
                    _ => say!(en: "`{atom}` assumed unknown", ja: "`{atom}` は不明と仮定"),
                }),
                Meaning::Holds(column, class) => {
                    let column = &self.columns[*column];
                    let item = plain(column, *class).map_or_else(String::new, |it| word(&it));
                    let Fact::Element(name, _) = &column.fact else { continue };
                    parts.push(if *cell == 1 {
                        say!(en: "{item} in `{name}`", ja: "`{name}` に {item}")
                    } else {
                        say!(en: "no {item} in `{name}`", ja: "`{name}` に {item} なし")
                    });
                }
                Meaning::Column(column) => {
                    let column = &self.columns[*column];
                    match column.fact.past() {
                        Some(past) => {
                            if told.insert(past.clone()) {
                                parts.push(happened(person, &past));
                            }
                        }
                        None => {
                            parts.extend(fact(
                                person,
                                versions,
                                &column.fact,
                                plain(column, *cell),
                            ));
                        }
                    }
                }
            }
        }
        parts.sort();
        together(person, &parts)
    }
}

fn together(person: &Person, parts: &[Text]) -> Text {
    let level = person.level.as_str();
    let article = if level.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    if parts.is_empty() {
        return say!(en: "any {level}", ja: "任意の `{level}`");
    }
    let of = |language| parts.iter().map(|it| it.to(language)).collect::<Vec<_>>();
    let en = of(taiwa_text::Language::En).join(", ");
    let ja = of(taiwa_text::Language::Ja).join("、");
    say!(en: "{article} {level} with {en}", ja: "`{level}`({ja})")
}

fn fact(person: &Person, versions: &[Version], fact: &Fact, value: Option<Value>) -> Option<Text> {
    Some(match fact {
        Fact::Attribute(name, _) => {
            let declared = versions.iter().rev().find_map(|it| it.attributes.get(name));
            match value.or_else(|| declared?.default.clone()) {
                Some(it) => {
                    let it = word(&it);
                    say!(en: "`{name}` {it}", ja: "`{name}` が {it}")
                }
                None => say!(en: "no `{name}`", ja: "`{name}` なし"),
            }
        }
        Fact::Age(name) => match value {
            Some(Value::Int(ago)) if ago >= 0 => {
                let ago = SpanOfTime::from_millis(ago);
                say!(en: "`{name}` {ago} ago", ja: "`{name}` が {ago} 前")
            }
            Some(Value::Int(ahead)) => {
                let ahead = SpanOfTime::from_millis(-ahead);
                say!(en: "`{name}` {ahead} ahead", ja: "`{name}` が {ahead} 先")
            }
            _ => say!(en: "no `{name}`", ja: "`{name}` なし"),
        },
        Fact::Size(name, _) => {
            let size = value.map_or_else(String::new, |it| word(&it));
            say!(en: "{size} items in `{name}`", ja: "`{name}` が {size} 件")
        }
        Fact::Consent(purpose) => {
            let default = versions.iter().rev().find_map(|it| it.purposes.get(purpose)).copied();
            let granted = person.consent.get(purpose).map(|it| *it == ConsentDefault::Granted);
            if granted.or(default).unwrap_or_default() {
                say!(en: "consent to `{purpose}`", ja: "`{purpose}` に同意")
            } else {
                say!(en: "no consent to `{purpose}`", ja: "`{purpose}` に同意なし")
            }
        }
        Fact::Session(SessionField::Now) => {
            let at = person.at;
            say!(en: "a session at {at}", ja: "セッション日時 {at}")
        }
        Fact::Session(field) => {
            let name = SessionField::ALL.iter().find(|it| it.0 == *field).map_or("", |it| it.1);
            let value = value.map_or_else(String::new, |it| word(&it));
            say!(en: "session {name} {value}", ja: "セッションの {name} が {value}")
        }
        Fact::Property(name, _) => match value {
            Some(it) => {
                let it = word(&it);
                say!(en: "event `{name}` {it}", ja: "イベントの `{name}` が {it}")
            }
            None => say!(en: "no event `{name}`", ja: "イベントの `{name}` なし"),
        },
        _ => return None,
    })
}

/// What happened, as it stands in the history.
fn happened(person: &Person, past: &Past) -> Text {
    let of_past = |what: &PastWhat| match (past, what) {
        (Past::Event(event), PastWhat::Event { event: own, .. }) => event == own,
        (Past::Offer(offer, history), what) => {
            use taiwa_condition::History::{Accepted, Rejected, Shown};
            matches!(
                (history, what),
                (Shown, PastWhat::Shown(own))
                    | (Accepted, PastWhat::Accepted(own))
                    | (Rejected, PastWhat::Rejected(own)) if own == offer
            )
        }
        _ => false,
    };
    let entries: Vec<_> = person.history.iter().filter(|it| of_past(&it.what)).collect();
    let (name, word, ja) = match past {
        Past::Event(event) => (event.to_string(), "", ""),
        Past::Offer(offer, history) => {
            use taiwa_condition::History::{Accepted, Rejected, Shown};
            let (en, ja) = match history {
                Shown => (" shown", "の表示"),
                Accepted => (" accepted", "の承諾"),
                Rejected => (" rejected", "の辞退"),
            };
            (offer.to_string(), en, ja)
        }
    };
    let Some(last) = entries.iter().map(|it| it.ago).min() else {
        return say!(en: "`{name}`{word} never", ja: "`{name}`{ja}なし");
    };
    let amounts: Vec<String> = entries
        .iter()
        .filter_map(|it| match &it.what {
            PastWhat::Event { properties, .. } => Some(properties),
            _ => None,
        })
        .flatten()
        .map(|(property, value)| format!("{property} {}", self::word(value)))
        .collect();
    let with =
        if amounts.is_empty() { String::new() } else { format!(" ({})", amounts.join(", ")) };
    match entries.len() {
        1 => say!(en: "`{name}`{word} {last} ago{with}", ja: "`{name}`{ja} {last} 前{with}"),
        times => say!(
            en: "`{name}`{word} {times} times, last {last} ago{with}",
            ja: "`{name}`{ja} {times} 回、最後は {last} 前{with}",
        ),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Text(it) if it.is_empty() => "\"\"".to_owned(),
        Value::Text(it) => it.clone(),
        Value::Time(it) => it.to_string(),
        other => other.to_json().to_string(),
    }
}
