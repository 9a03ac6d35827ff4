//! Events, in a session or without one.

use std::{borrow::Cow, collections::BTreeMap, sync::PoisonError};

use serde_json::{Map, Value as Json};
use taiwa_api::{
    Code, Offence, limits,
    v1::{self, EventAnswer, EventOutcome},
};
use taiwa_decide::{PostOutcome, Posted};
use taiwa_model::{PropertyName, Timestamp};
use taiwa_store::{Identity, Write};

use super::{Answered, Scene, object, person_writes, session};
use crate::{
    problem::Failure,
    world::{Fresh, Messages, Touched},
};

/// An event, wherever it was posted.
struct Wire<'a> {
    event: &'a str,
    properties: &'a BTreeMap<PropertyName, Json>,
    message_id: Option<&'a str>,
    time: Option<&'a str>,
    tracking: Option<&'a str>,
}

/// Posts an event of a session.
pub(crate) fn in_session(
    scene: &Scene,
    id: &str,
    body: &v1::PostEvent,
) -> Result<Answered<EventAnswer>, Failure> {
    let scene = &*session::side(scene, id)?;
    let asked = scene.asked();
    let posted = of_session(scene, id, body);
    asked.ended("event", &body.event, &posted);
    posted
}

fn of_session(
    scene: &Scene,
    id: &str,
    body: &v1::PostEvent,
) -> Result<Answered<EventAnswer>, Failure> {
    let cell = session::find(scene, id)?;
    let (row, touch) = session::hold(scene, &cell)?;
    let wire = Wire {
        event: &body.event,
        properties: &body.properties,
        message_id: body.message_id.as_deref(),
        time: body.time.as_deref(),
        tracking: body.tracking.as_deref(),
    };
    let checked = check(&wire, Vec::new())?;
    let mut extra = (Vec::new(), Vec::new());
    if touch {
        extra.0.push(Write::Session(cell.id.clone(), Box::new(row.clone())));
        extra.1.push(cell.clone());
    }
    let posted = Posted {
        channel: &row.session.channel,
        event: wire.event,
        properties: &checked.properties,
        at: checked.at,
        session: Some(&row.session),
    };
    let touched = Touched { sessions: extra.1, ..Touched::default() };
    post(scene, &row.identity(), &posted, &checked, (extra.0, touched))
}

/// Posts an event without a session.
pub(crate) fn alone(
    scene: &Scene,
    body: &v1::PostEventFor,
) -> Result<Answered<EventAnswer>, Failure> {
    let named = scene.named(&body.audience).or_else(|| scene.default_person.clone());
    let scene = &*named.as_ref().map_or(Cow::Borrowed(scene), |it| scene.of(it));
    let asked = scene.asked();
    let posted = of_somebody(scene, body);
    asked.ended("event", &body.event, &posted);
    posted
}

fn of_somebody(scene: &Scene, body: &v1::PostEventFor) -> Result<Answered<EventAnswer>, Failure> {
    let wire = Wire {
        event: &body.event,
        properties: &body.properties,
        message_id: body.message_id.as_deref(),
        time: body.time.as_deref(),
        tracking: body.tracking.as_deref(),
    };
    let mut wrong = Vec::new();
    let who = scene.identity(&body.audience).unwrap_or_else(|it| {
        wrong.extend(it);
        None
    });
    let who = who.or_else(|| scene.default_person.clone());
    if who.is_none() && wrong.is_empty() {
        wrong.push(Offence::new(
            "/audience",
            "missing-field",
            "an event is somebody's: name a key",
        ));
    }
    let checked = check(&wire, wrong)?;
    let Some(who) = who else {
        return Err(Failure::at("/audience", "missing-field", "name a key"));
    };
    let posted = Posted {
        channel: &body.channel,
        event: wire.event,
        properties: &checked.properties,
        at: checked.at,
        session: None,
    };
    post(scene, &who, &posted, &checked, Default::default())
}

/// What was read of an event, right as far as the release is not asked.
struct Read {
    properties: Map<String, Json>,
    at: Option<Timestamp>,
    message: Option<[u8; 16]>,
}

fn check(wire: &Wire<'_>, mut wrong: Vec<Offence>) -> Result<Read, Failure> {
    if wire.event.is_empty() || wire.event.len() > 2 * limits::NAME_MAX_BYTES {
        wrong.push(Offence::new("/event", "invalid-value", "the name of an event is expected"));
    }
    let mut properties = object("/properties", wire.properties, &mut wrong);
    for (name, value) in &properties {
        if value.to_string().len() > limits::VALUE_MAX_BYTES {
            let detail = format!("a value has at most {} bytes", limits::VALUE_MAX_BYTES);
            wrong.push(Offence::new(format!("/properties/{name}"), "invalid-value", detail));
        }
    }
    if let Some(tracking) = wire.tracking {
        properties.insert("tracking".to_owned(), tracking.into());
    }
    let good = |it: &str| !it.is_empty() && it.len() <= limits::KEY_MAX_BYTES;
    if wire.message_id.is_some_and(|it| !good(it)) {
        let detail = format!("1 to {} bytes", limits::KEY_MAX_BYTES);
        wrong.push(Offence::new("/message_id", "invalid-value", detail));
    }
    let at = wire.time.map(Timestamp::parse).transpose().unwrap_or_else(|error| {
        wrong.push(Offence::new("/time", "invalid-value", error.to_string()));
        None
    });
    if wrong.is_empty() {
        Ok(Read { properties, at, message: wire.message_id.map(Messages::hash) })
    } else {
        Err(Failure::input(wrong))
    }
}

fn post(
    scene: &Scene,
    who: &Identity,
    posted: &Posted<'_>,
    read: &Read,
    with: (Vec<Write>, Touched),
) -> Result<Answered<EventAnswer>, Failure> {
    let with = std::cell::Cell::new(Some(with));
    scene.with_person(who, |cell, mut held| {
        let mut person = held.person.clone();
        match taiwa_decide::post(&scene.release.compiled, &mut person, posted, scene.now) {
            PostOutcome::Invalid(problems) => Err(problems.into()),
            PostOutcome::Unknown { event } => {
                let unit = vec![Write::Undeclared(short(&event.to_string()), scene.now)];
                let durable = scene.world.write(unit, Touched::default())?;
                Ok(Answered::after(EventAnswer { outcome: EventOutcome::Undeclared }, durable))
            }
            PostOutcome::Accepted(_) => {
                let messages = &scene.world.messages;
                if let Some(hash) = read.message {
                    let mut messages = messages.lock().unwrap_or_else(PoisonError::into_inner);
                    if messages.take(hash, scene.now) == Fresh::Used {
                        // Written after whatever stored it first, so the answer waits for that too.
                        drop(messages);
                        let durable = scene.world.write(Vec::new(), Touched::default())?;
                        let body = EventAnswer { outcome: EventOutcome::Duplicate };
                        return Ok(Answered::after(body, durable));
                    }
                }
                held.person = person;
                let (mut unit, mut touched) = with.take().unwrap_or_default();
                unit.extend(person_writes(cell, &mut held));
                unit.extend(read.message.map(|it| Write::Message(it, scene.now)));
                touched.people.push(cell.clone());
                touched.message = read.message;
                let durable = scene.world.write(unit, touched)?;
                Ok(Answered::after(EventAnswer { outcome: EventOutcome::Accepted }, durable))
            }
        }
    })
}

fn short(event: &str) -> String {
    event.chars().take(2 * limits::NAME_MAX_BYTES).collect()
}

/// Whether the first writing of a duplicate was lost after all: then it has to be posted again.
pub(crate) fn confirmed(
    scene: &Scene,
    message_id: Option<&str>,
    answer: &EventAnswer,
) -> Result<(), Failure> {
    let lost = answer.outcome == EventOutcome::Duplicate
        && message_id.is_some_and(|it| {
            let messages = scene.world.messages.lock().unwrap_or_else(PoisonError::into_inner);
            !messages.contains(&Messages::hash(it))
        });
    if lost {
        return Err(Failure::new(Code::StoreFailed, "the event was not stored; post it again"));
    }
    Ok(())
}
