//! Scenarios in process: no wire, no waiting.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use taiwa_model::{
    Audience, ChannelName, EventRef, Level, Locale, OfferName, Past, PastWhat, PointName,
    PropertyName, Scenario, ScenarioName, Timestamp, Value,
};

use super::{Answer, Call, Sandbox, ScenarioResult, Script};
use crate::{
    Compiled, ContactKind, Explain, InputProblem, Person, PostOutcome, Posted, Request, Session,
    decide, delivered, post,
    record::{self, problem},
    segments_of, set_attributes, set_consent,
};

/// Runs a scenario in process, without waiting for anything.
pub fn run(compiled: &Compiled, name: &ScenarioName, scenario: &Scenario) -> ScenarioResult {
    let level = |it: &(taiwa_model::LevelName, String)| Level {
        name: it.0.clone(),
        key: it.1.clone(),
        of: None,
    };
    let levels = compiled.levels().iter().map(level).collect();
    let audience = Audience { levels, ..Audience::default() };
    let mut script = Script::prepare(name, scenario, &audience, &compiled.zone);
    let mut world = World::default();
    while let Some(call) = script.call() {
        let answer = world.answer(compiled, call).unwrap_or_else(Answer::Refused);
        script.answer(&answer);
    }
    script.result()
}

/// One person with a clock of their own.
#[derive(Default)]
struct World {
    now: Timestamp,
    person: Person,
    who: Option<(taiwa_model::LevelName, String)>,
    session: Option<Session>,
}

impl World {
    fn answer(&mut self, compiled: &Compiled, call: Call) -> Result<Answer, String> {
        match call {
            Call::CreateSandbox(sandbox) => self.begin(compiled, sandbox),
            Call::StartSession { channel, locale } => self.start(compiled, channel, locale),
            Call::Offers { point, limit } => self.offers(compiled, &point, limit),
            Call::Post { event, properties } => self.post(compiled, &event, &properties),
            Call::Advance(span) => {
                self.now = self.now.plus_millis(span.as_millis());
                Ok(Answer::Done)
            }
            Call::Segments => {
                let session = self.session.as_ref().ok_or_else(no_session)?;
                Ok(Answer::Segments(segments_of(compiled, session, &self.person, self.now)))
            }
        }
    }

    fn begin(&mut self, compiled: &Compiled, sandbox: Sandbox) -> Result<Answer, String> {
        if !compiled.levels().iter().any(|it| it.0 == sandbox.level) {
            return Err(format!("level `{}` is unknown", sandbox.level));
        }
        let mut person = Person::default();
        set_attributes(compiled, &mut person, &sandbox.attributes).map_err(|it| words(&it))?;
        let consent: Map<String, Json> = sandbox
            .consent
            .iter()
            .map(|(purpose, said)| {
                let granted = *said == taiwa_model::ConsentDefault::Granted;
                let said = if granted { "granted" } else { "denied" };
                (purpose.as_str().to_owned(), said.into())
            })
            .collect();
        set_consent(compiled, &mut person, &consent, "scenario", sandbox.at)
            .map_err(|it| words(&it))?;
        recall(compiled, &mut person, &sandbox.history, sandbox.at).map_err(|it| words(&it))?;
        (self.now, self.person) = (sandbox.at, person);
        self.who = Some((sandbox.level, sandbox.key));
        Ok(Answer::Done)
    }

    fn start(
        &mut self,
        compiled: &Compiled,
        channel: ChannelName,
        locale: Option<Locale>,
    ) -> Result<Answer, String> {
        if !compiled.has_channel(&channel) {
            return Err(format!("the release has no channel `{channel}`"));
        }
        let (level, key) = self.who.clone().ok_or_else(|| "nobody is here".to_owned())?;
        self.person.visit();
        self.session = Some(Session {
            channel,
            level,
            key,
            locale,
            started: self.now,
            last_shown: Vec::new(),
            began_as: None,
        });
        Ok(Answer::Done)
    }

    fn offers(
        &mut self,
        compiled: &Compiled,
        point: &PointName,
        limit: Option<u32>,
    ) -> Result<Answer, String> {
        let session = self.session.as_mut().ok_or_else(no_session)?;
        let request = Request {
            session,
            person: &self.person,
            point,
            limit,
            exclude: &[],
            explain: Explain::EveryCandidate,
        };
        let decision = decide(compiled, &request, self.now).map_err(|it| it.to_string())?;
        delivered(compiled, &mut self.person, session, &decision, self.now);
        let offers: Vec<OfferName> = decision.offers.into_iter().map(|it| it.offer).collect();
        Ok(Answer::Offers { offers, reasons: decision.reasons })
    }

    fn post(
        &mut self,
        compiled: &Compiled,
        event: &str,
        properties: &Map<String, Json>,
    ) -> Result<Answer, String> {
        let session = self.session.as_ref().ok_or_else(no_session)?;
        let posted = Posted {
            channel: &session.channel,
            event,
            properties,
            at: None,
            session: Some(session),
        };
        match post(compiled, &mut self.person, &posted, self.now) {
            PostOutcome::Accepted(_) => Ok(Answer::Done),
            PostOutcome::Unknown { .. } => Ok(Answer::Unknown),
            PostOutcome::Invalid(problems) => Err(words(&problems)),
        }
    }
}

fn no_session() -> String {
    "no session: a `start` must come first".to_owned()
}

fn words(problems: &[InputProblem]) -> String {
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    words.join("; ")
}

/// What happened before a scenario began is taken into a person's history, as far back as it was.
///
/// # Errors
/// Every event or offer that the release does not declare, and every property that does not fit; then nothing is taken in.
pub fn recall(
    compiled: &Compiled,
    person: &mut Person,
    history: &[Past],
    at: Timestamp,
) -> Result<(), Vec<InputProblem>> {
    let mut problems = Vec::new();
    let mut person_then = person.clone();
    for (index, past) in history.iter().enumerate() {
        let then = at.plus_millis(-past.ago.as_millis());
        let contact = match &past.what {
            PastWhat::Event { event, properties } => {
                match past_event(compiled, event, properties, &mut problems) {
                    Some(it) => record::event(compiled, &mut person_then, (event, then), &it, at),
                    None => {
                        problem(&mut problems, &format!("history/{index}"), "cannot be taken in");
                    }
                }
                continue;
            }
            PastWhat::Shown(offer) => (offer, ContactKind::Shown),
            PastWhat::Accepted(offer) => (offer, ContactKind::Accepted),
            PastWhat::Rejected(offer) => (offer, ContactKind::Rejected),
        };
        if compiled.has_offer(contact.0) {
            record::contact(compiled, &mut person_then, contact, then, at);
        } else {
            let path = format!("history/{index}");
            problem(&mut problems, &path, format!("the release has no offer `{}`", contact.0));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    *person = person_then;
    Ok(())
}

fn past_event(
    compiled: &Compiled,
    event: &EventRef,
    properties: &BTreeMap<PropertyName, Value>,
    problems: &mut Vec<InputProblem>,
) -> Option<BTreeMap<PropertyName, Value>> {
    let declared = compiled.channels.get(&event.channel).and_then(|it| it.events.get(&event.event));
    let Some(declared) = declared else {
        problem(problems, "history", format!("no channel declares `{event}`"));
        return None;
    };
    let before = problems.len();
    let posted: Map<String, Json> = properties
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_json()))
        .collect();
    // What happened long ago may be told in part: nobody reads the rest.
    let told: BTreeMap<_, _> = declared
        .properties
        .iter()
        .filter(|it| posted.contains_key(it.0.as_str()))
        .map(|(name, it)| (name.clone(), it.clone()))
        .collect();
    let (read, undeclared) = record::properties(&told, &posted, problems);
    for name in undeclared {
        problem(problems, &format!("properties/{name}"), format!("`{event}` declares it not"));
    }
    (problems.len() == before).then_some(read)
}
