//! A scenario on its way: which call comes next, and what is wrong with an answer.
//!
//! **Invariant.** The result has a step for `given` and one for each step that was reached, in order; only the last can
//! have failed.

use jiff::tz::TimeZone;
use serde_json::Map;
use taiwa_model::{
    Audience, ChannelName, Components, Expect, OfferName, PointName, Scenario, ScenarioName, Step,
    Value,
};

use super::{Answer, Call, Sandbox, ScenarioResult, StepResult};
use crate::{MAX_REASONS, Reason};

/// A scenario on its way: [`Script::call`], answer, [`Script::answer`], until there is no call.
#[derive(Clone, Debug)]
pub struct Script {
    name: ScenarioName,
    scenario: Scenario,
    sandbox: Sandbox,
    channel: Option<ChannelName>,
    /// 0 is `given`.
    at: usize,
    steps: Vec<StepResult>,
    failed: bool,
}

impl Script {
    /// Prepares a scenario of these components; `None` if they have none of this name.
    pub fn new(components: &Components, name: &ScenarioName) -> Option<Self> {
        let scenario = &components.scenarios.get(name)?.content;
        let zone = components.workspace.as_ref().and_then(|it| TimeZone::get(&it.time_zone).ok());
        let audience = components.audience.clone().unwrap_or_default();
        Some(Self::prepare(name, scenario, &audience, &zone.unwrap_or(TimeZone::UTC)))
    }

    pub(super) fn prepare(
        name: &ScenarioName,
        scenario: &Scenario,
        audience: &Audience,
        zone: &TimeZone,
    ) -> Self {
        let given = &scenario.given;
        let level = audience.levels.iter().find(|it| it.name == given.level);
        let key_name = level.map_or_else(String::new, |it| it.key.clone());
        let key = match given.profile.get(key_name.as_str()) {
            Some(Value::Text(it)) => it.clone(),
            Some(other) => other.to_json().to_string(),
            None => name.as_str().to_owned(),
        };
        let attributes = given.profile.iter().filter(|it| it.0.as_str() != key_name);
        let sandbox = Sandbox {
            at: given.at.begins(zone),
            level: given.level.clone(),
            key,
            attributes: attributes
                .map(|(name, value)| (name.as_str().to_owned(), value.to_json()))
                .collect(),
            consent: given.consent.clone(),
            history: given.history.clone(),
            key_name,
        };
        let (name, scenario) = (name.clone(), scenario.clone());
        Self { name, scenario, sandbox, channel: None, at: 0, steps: Vec::new(), failed: false }
    }

    /// The name of the scenario.
    pub const fn name(&self) -> &ScenarioName {
        &self.name
    }

    /// What is to be done next; `None` at the end, or after a step failed.
    pub fn call(&self) -> Option<Call> {
        if self.failed {
            return None;
        }
        if self.at == 0 {
            return Some(Call::CreateSandbox(self.sandbox.clone()));
        }
        Some(match self.step()? {
            Step::Start { channel, locale } => {
                Call::StartSession { channel: channel.clone(), locale: locale.clone() }
            }
            Step::Offers { point, limit, .. } => {
                Call::Offers { point: self.bare(point), limit: *limit }
            }
            Step::Post { event, properties } => Call::Post {
                event: event.clone(),
                properties: properties
                    .iter()
                    .map(|(name, value)| (name.as_str().to_owned(), value.to_json()))
                    .collect::<Map<_, _>>(),
            },
            Step::Advance(span) => Call::Advance(*span),
            Step::Expect(Expect::Segment(_) | Expect::NotSegment(_)) => Call::Segments,
        })
    }

    /// Judges the answer to the present call; without a call nothing happens.
    pub fn answer(&mut self, answer: &Answer) {
        if self.failed || self.at > self.scenario.steps.len() {
            return;
        }
        let judged = match self.step() {
            None => done(answer)
                .map(|()| format!("given: {}", self.person()))
                .map_err(|it| format!("given: {it}")),
            Some(step) => judge(step, answer),
        };
        if let Some(Step::Start { channel, .. }) = self.step() {
            self.channel = Some(channel.clone());
        }
        self.failed = judged.is_err();
        let (ok, said) = match judged {
            Ok(said) => (true, said),
            Err(said) => (false, said),
        };
        self.steps.push(StepResult { index: self.at, ok, said });
        self.at += 1;
    }

    /// The result; passed only if the script was answered to its end.
    pub fn result(self) -> ScenarioResult {
        let passed = !self.failed && self.at > self.scenario.steps.len();
        ScenarioResult { name: self.name, passed, steps: self.steps }
    }

    fn step(&self) -> Option<&Step> {
        self.scenario.steps.get(self.at.checked_sub(1)?)
    }

    fn person(&self) -> String {
        format!("{} {} at {}", self.sandbox.level, self.sandbox.key, self.sandbox.at)
    }

    /// A point may be written with the channel of the session.
    fn bare(&self, point: &PointName) -> PointName {
        let own = point
            .as_str()
            .split_once('/')
            .filter(|it| self.channel.as_ref().is_some_and(|channel| channel.as_str() == it.0));
        own.map_or_else(|| point.clone(), |it| PointName::from(it.1))
    }
}

/// What a step did, or what was expected, what came and why.
fn judge(step: &Step, answer: &Answer) -> Result<String, String> {
    match step {
        Step::Start { channel, .. } => {
            let said = format!("start on {channel}");
            done(answer).map_err(|it| format!("{said}: {it}")).map(|()| said)
        }
        Step::Post { event, .. } => {
            let said = format!("post {event}");
            done(answer).map_err(|it| format!("{said}: {it}")).map(|()| said)
        }
        Step::Advance(span) => {
            let said = format!("advance {span}");
            done(answer).map_err(|it| format!("{said}: {it}")).map(|()| said)
        }
        Step::Offers { point, expect, contains, excludes, .. } => {
            let (offers, reasons) = match answer {
                Answer::Offers { offers, reasons } => (offers, reasons),
                other => return Err(format!("offers at {point}: {}", unfit(other))),
            };
            let wrong = wrong(offers, expect.as_deref(), contains, excludes);
            let came = format!("offers at {point}: {}", list(offers));
            match wrong {
                None => Ok(came),
                Some((expected, concerned)) => {
                    Err(format!("{came}, expected {expected}{}", whys(&concerned, reasons)))
                }
            }
        }
        Step::Expect(expect) => {
            let segments = match answer {
                Answer::Segments(it) => it,
                other => return Err(format!("segments: {}", unfit(other))),
            };
            let (name, wanted) = match expect {
                Expect::Segment(it) => (it, true),
                Expect::NotSegment(it) => (it, false),
            };
            let inside = name.as_str() == "everyone" || segments.contains(name);
            let said = format!("{}in segment {name}", if inside { "" } else { "not " });
            if inside == wanted {
                Ok(said)
            } else {
                Err(format!("{said}, expected otherwise; in: {}", list(segments)))
            }
        }
    }
}

fn done(answer: &Answer) -> Result<(), String> {
    match answer {
        Answer::Done => Ok(()),
        other => Err(unfit(other)),
    }
}

fn unfit(answer: &Answer) -> String {
    match answer {
        Answer::Refused(said) => format!("refused: {said}"),
        Answer::Unknown => "no channel declares this event".to_owned(),
        Answer::Done | Answer::Offers { .. } | Answer::Segments(_) => {
            "the runner gave an answer to another question".to_owned()
        }
    }
}

/// What was expected, and the offers to explain: missing ones, and ones that should not be there.
fn wrong(
    came: &[OfferName],
    expect: Option<&[OfferName]>,
    contains: &std::collections::BTreeSet<OfferName>,
    excludes: &std::collections::BTreeSet<OfferName>,
) -> Option<(String, Vec<OfferName>)> {
    if let Some(expect) = expect.filter(|it| *it != came) {
        let missing = expect.iter().filter(|it| !came.contains(it));
        let surplus = came.iter().filter(|it| !expect.contains(it));
        let mut concerned: Vec<_> = missing.chain(surplus).cloned().collect();
        if concerned.is_empty() {
            concerned = came.to_vec();
        }
        return Some((list(expect), concerned));
    }
    let missing: Vec<_> = contains.iter().filter(|it| !came.contains(it)).cloned().collect();
    if !missing.is_empty() {
        return Some((format!("{} among them", list(&missing)), missing));
    }
    let unwanted: Vec<_> = excludes.iter().filter(|it| came.contains(it)).cloned().collect();
    (!unwanted.is_empty()).then(|| (format!("{} not among them", list(&unwanted)), unwanted))
}

fn whys(offers: &[OfferName], reasons: &[Reason]) -> String {
    let mut text = String::new();
    for offer in offers {
        let known = reasons.iter().find(|it| it.offer == *offer);
        let words = known.map_or_else(
            || {
                if reasons.len() < MAX_REASONS {
                    "zone: no rule proposes it here".to_owned()
                } else {
                    "it is not among the candidates that were explained".to_owned()
                }
            },
            |it| format!("{}: {}", it.stage.as_str(), it.detail),
        );
        text.push_str("; ");
        text.push_str(offer.as_str());
        text.push_str(": ");
        text.push_str(&words);
    }
    text
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    format!("[{}]", names.join(", "))
}
