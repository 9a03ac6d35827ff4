//! Sessions: start, look, change, sign in, end.

use std::{borrow::Cow, sync::Arc};

use serde_json::{Map, Value as Json};
use taiwa_api::{Code, Offence, limits, v1};
use taiwa_decide::{InputProblem, Person, Session};
use taiwa_model::{ConsentDefault, is_locale};
use taiwa_store::{Identity, SESSIONS_MAX, SessionId, SessionRow, Write};

use super::{Answered, Scene, TRIES, attributes, busy, object, person_writes};
use crate::{
    ids,
    problem::{Failure, offences},
    world::{Held, PersonCell, SESSION_IDLE_MS, SessionCell, Touched, Who},
};

/// A session's time is written anew when it has moved on by this: 1 minute.
const TOUCH_MS: i64 = 60_000;

/// Starts a session. Who begins it decides for its whole life which release answers it while there are two; a sign-in
/// does not change that.
pub(crate) fn start(
    scene: &Scene,
    body: v1::StartSession,
) -> Result<Answered<v1::SessionStarted>, Failure> {
    let named = if body.audience.is_empty() {
        Some(match scene.default_person.clone() {
            Some(who) => who,
            None => visitor(scene)?,
        })
    } else {
        scene.named(&body.audience)
    };
    let scene = named.as_ref().map_or(Cow::Borrowed(scene), |it| scene.of(it));
    let asked = scene.asked();
    let channel = body.channel.to_string();
    let started = begin(&scene, body, named);
    asked.ended("session", &channel, &started);
    started
}

fn begin(
    scene: &Scene,
    body: v1::StartSession,
    named: Option<Identity>,
) -> Result<Answered<v1::SessionStarted>, Failure> {
    let (who, body_attributes) = check(scene, &body, named.as_ref())?;
    if !scene.world.admit_session() {
        return Err(Failure::new(Code::Overloaded, format!("{SESSIONS_MAX} sessions are open")));
    }
    let id = SessionId::new(ids::new()?);
    let session = Session {
        channel: body.channel,
        level: who.level.clone(),
        key: who.key.clone(),
        locale: body.locale,
        started: scene.now,
        last_shown: Vec::new(),
        began_as: named.filter(|it| *it != who).map(|it| (it.level, it.key)),
    };
    let row = SessionRow { session, expires_at: scene.now.plus_millis(SESSION_IDLE_MS) };
    scene.with_person(&who, |cell, mut held| {
        let mut person = held.person.clone();
        taiwa_decide::set_attributes(&scene.release.compiled, &mut person, &body_attributes)?;
        person.visit();
        held.person = person;
        let mut unit = person_writes(cell, &mut held);
        unit.push(Write::Session(id.clone(), Box::new(row.clone())));
        let session = scene.world.sessions.add(&id, row.clone());
        let touched =
            Touched { people: vec![cell.clone()], sessions: vec![session], message: None };
        let durable = scene.world.write(unit, touched)?;
        let body = v1::SessionStarted {
            session: id.to_string(),
            known: scene.release.compiled.is_known(&who.level),
            expires_at: row.expires_at,
            audience: scene.audience(&who),
        };
        Ok(Answered::after(body, durable))
    })
}

fn check(
    scene: &Scene,
    body: &v1::StartSession,
    named: Option<&Identity>,
) -> Result<(Identity, Map<String, Json>), Failure> {
    let compiled = &scene.release.compiled;
    let mut wrong = Vec::new();
    if !compiled.has_channel(&body.channel) {
        let detail =
            format!("the active release has no inbound channel `{}`", short(body.channel.as_str()));
        wrong.push(Offence::new("/channel", "unknown-channel", detail));
    }
    if let Some(locale) = &body.locale
        && !is_locale(locale.as_str())
    {
        let detail = "a locale is a language tag such as en or ja-JP";
        wrong.push(Offence::new("/locale", "invalid-value", detail));
    }
    let who = scene.identity(&body.audience).unwrap_or_else(|it| {
        wrong.extend(it);
        None
    });
    let fields = object("/attributes", &body.attributes, &mut wrong);
    let mut nobody = taiwa_decide::Person::default();
    if let Err(problems) = taiwa_decide::set_attributes(compiled, &mut nobody, &fields) {
        wrong.extend(offences(problems));
    }
    if !wrong.is_empty() {
        return Err(Failure::input(wrong));
    }
    // The two releases may call the same key by another level; what this one calls it counts in the session.
    let nobody = named.filter(|_| body.audience.is_empty());
    let at_home = |it: &Identity| compiled.levels().iter().any(|level| level.0 == it.level);
    let who = match who.or_else(|| nobody.filter(|it| at_home(it)).cloned()) {
        Some(who) => who,
        None => visitor(scene)?,
    };
    Ok((who, fields))
}

/// Nobody that is known: a key is made, on the first level that is not the known one.
fn visitor(scene: &Scene) -> Result<Identity, Failure> {
    let levels = scene.release.compiled.levels();
    let level = levels.get(1).or_else(|| levels.first()).map(|it| it.0.clone());
    let level = level.ok_or_else(|| {
        Failure::at("/audience", "no-audience", "the active release declares no audience")
    })?;
    Ok(Identity { level, key: ids::new()? })
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(limits::NAME_MAX_BYTES).collect()
}

/// The place of a session, as whoever began it sees it.
pub(crate) fn side<'a>(scene: &'a Scene, id: &str) -> Result<Cow<'a, Scene>, Failure> {
    if scene.serving.is_none() {
        return Ok(Cow::Borrowed(scene));
    }
    let cell = find(scene, id)?;
    let began = cell.cell.lock().ok_or_else(busy)?.began();
    Ok(scene.of(&began))
}

/// Finds a session whose time is not over.
pub(crate) fn find(scene: &Scene, id: &str) -> Result<Arc<SessionCell>, Failure> {
    let unknown = || Failure::new(Code::UnknownSession, "the session is unknown, or it has ended");
    if id.len() > limits::KEY_MAX_BYTES {
        return Err(unknown());
    }
    let world = &scene.world;
    let found = world.sessions.find(world.store.as_ref(), &SessionId::new(id))?;
    let cell = found.ok_or_else(unknown)?;
    let row = cell.cell.lock().ok_or_else(unknown)?;
    let live = row.expires_at > scene.now;
    drop(row);
    if live { Ok(cell) } else { Err(unknown()) }
}

/// Holds a session, moves its end on, and says whether the disk should know.
pub(super) fn hold<'a>(
    scene: &Scene,
    cell: &'a SessionCell,
) -> Result<(Held<'a, SessionRow>, bool), Failure> {
    let mut row = cell.cell.lock().ok_or_else(busy)?;
    let end = scene.now.plus_millis(SESSION_IDLE_MS);
    let touch = end.millis_since(row.expires_at) >= TOUCH_MS;
    if touch {
        row.expires_at = end;
    }
    Ok((row, touch))
}

/// The person as seen now.
pub(crate) fn look(scene: &Scene, id: &str) -> Result<v1::SessionAnswer, Failure> {
    let scene = &*side(scene, id)?;
    let cell = find(scene, id)?;
    let (row, touch) = hold(scene, &cell)?;
    if touch {
        let unit = vec![Write::Session(cell.id.clone(), Box::new(row.clone()))];
        let touched = Touched { sessions: vec![cell.clone()], ..Touched::default() };
        // Looking also moves the end on; that it is written can wait for the next use.
        scene.world.write_if_room(unit, touched).ok();
    }
    scene.with_person(&row.identity(), |_, held| Ok(answer(scene, id, &row, &held)))
}

fn answer(scene: &Scene, id: &str, row: &SessionRow, who: &Who) -> v1::SessionAnswer {
    let compiled = &scene.release.compiled;
    let said = |granted| if granted { ConsentDefault::Granted } else { ConsentDefault::Denied };
    v1::SessionAnswer {
        session: id.to_owned(),
        channel: row.session.channel.clone(),
        audience: scene.audience(&row.identity()),
        known: compiled.is_known(&row.session.level),
        locale: row.session.locale.clone(),
        started_at: row.session.started,
        expires_at: row.expires_at,
        release: Some(compiled.digest()),
        attributes: attributes(&who.person),
        consent: who.person.consent().iter().map(|it| (it.0.clone(), said(it.1.granted))).collect(),
        segments: taiwa_decide::segments_of(compiled, &row.session, &who.person, scene.now),
    }
}

/// Changes attributes and consent, signs in.
pub(crate) fn change(
    scene: &Scene,
    id: &str,
    body: &v1::ChangeSession,
) -> Result<Answered<v1::SessionAnswer>, Failure> {
    let scene = &*side(scene, id)?;
    let asked = scene.asked();
    let changed = changed(scene, id, body);
    asked.ended("session", "change", &changed);
    changed
}

fn changed(
    scene: &Scene,
    id: &str,
    body: &v1::ChangeSession,
) -> Result<Answered<v1::SessionAnswer>, Failure> {
    let cell = find(scene, id)?;
    let (mut row, _) = hold(scene, &cell)?;
    let before = row.identity();
    let (target, changes) = check_change(scene, &before, body)?;
    let who = target.unwrap_or_else(|| before.clone());
    for _ in 0..TRIES {
        let people = &scene.world.people;
        let store = scene.world.store.as_ref();
        let from = if who == before { None } else { people.find(store, &before)? };
        let into = people.find_or_make(store, &who)?;
        let from = from.filter(|it| it.number != into.number);
        let Some((visitor, mut held)) = lock_both(from.as_deref(), &into) else { continue };
        let mut unit = Vec::new();
        if let (Some(from), Some(mut visitor)) = (&from, visitor) {
            taiwa_decide::merge(
                &scene.release.compiled,
                &mut held.person,
                &mut visitor.person,
                scene.now,
            );
            held.untold.append(&mut visitor.untold);
            people.repoint(from, into.number);
            unit.push(Write::Merged { from: from.number, into: into.number });
        }
        changes.apply(scene, &row.session, &mut held)?;
        if who != before {
            row.session.began_as.get_or_insert((before.level.clone(), before.key));
        }
        row.session.level = who.level.clone();
        row.session.key.clone_from(&who.key);
        unit.extend(person_writes(&into, &mut held));
        unit.push(Write::Session(cell.id.clone(), Box::new(row.clone())));
        let touched =
            Touched { people: vec![into.clone()], sessions: vec![cell.clone()], message: None };
        let durable = scene.world.write(unit, touched)?;
        return Ok(Answered::after(answer(scene, id, &row, &held), durable));
    }
    Err(busy())
}

/// Two people held at once, always the lower number first, so that no two requests wait for each other.
fn lock_both<'a>(
    from: Option<&'a PersonCell>,
    into: &'a PersonCell,
) -> Option<(Option<Held<'a, Who>>, Held<'a, Who>)> {
    let Some(from) = from else { return Some((None, into.cell.lock()?)) };
    if from.number < into.number {
        let first = from.cell.lock()?;
        Some((Some(first), into.cell.lock()?))
    } else {
        let second = into.cell.lock()?;
        Some((Some(from.cell.lock()?), second))
    }
}

/// What a session changes about a person; right before it is applied.
struct Changes {
    attributes: Map<String, Json>,
    consent: Map<String, Json>,
}

impl Changes {
    fn apply(&self, scene: &Scene, session: &Session, who: &mut Who) -> Result<(), Failure> {
        let mut person = who.person.clone();
        self.apply_to(scene, session.channel.as_str(), &mut person)?;
        who.person = person;
        Ok(())
    }

    fn apply_to(
        &self,
        scene: &Scene,
        source: &str,
        person: &mut Person,
    ) -> Result<(), Vec<InputProblem>> {
        let compiled = &scene.release.compiled;
        let attributes = taiwa_decide::set_attributes(compiled, person, &self.attributes);
        let consent = taiwa_decide::set_consent(compiled, person, &self.consent, source, scene.now);
        match (attributes, consent) {
            (Ok(()), Ok(())) => Ok(()),
            (a, b) => Err([a.err().unwrap_or_default(), b.err().unwrap_or_default()].concat()),
        }
    }
}

fn check_change(
    scene: &Scene,
    before: &Identity,
    body: &v1::ChangeSession,
) -> Result<(Option<Identity>, Changes), Failure> {
    let compiled = &scene.release.compiled;
    let mut wrong = Vec::new();
    let target = scene.identity(&body.audience).unwrap_or_else(|it| {
        wrong.extend(it);
        None
    });
    let target = target.filter(|it| it != before);
    if let Some(target) = &target
        && (compiled.is_known(&before.level) || !compiled.is_known(&target.level))
    {
        let detail =
            "a session signs in once, from a visitor to a known person; start another session";
        wrong.push(Offence::new("/audience", "invalid-value", detail));
    }
    let consent: std::collections::BTreeMap<_, Json> = body
        .consent
        .iter()
        .map(|(purpose, said)| (purpose.clone(), serde_json::json!(said)))
        .collect();
    let changes = Changes {
        attributes: object("/attributes", &body.attributes, &mut wrong),
        consent: object("/consent", &consent, &mut wrong),
    };
    if let Err(problems) = changes.apply_to(scene, "check", &mut Person::default()) {
        wrong.extend(offences(problems));
    }
    if wrong.is_empty() { Ok((target, changes)) } else { Err(Failure::input(wrong)) }
}

/// Ends a session.
pub(crate) fn end(scene: &Scene, id: &str) -> Result<Answered<v1::SessionAnswer>, Failure> {
    let last = look(scene, id)?;
    let cell = find(scene, id)?;
    let touched = Touched { sessions: vec![cell.clone()], ..Touched::default() };
    // Nobody may use it from here on; memory lets go of it once the disk did, which may be before this goes on.
    cell.cell.end();
    let durable = scene.world.write(vec![Write::EndSession(cell.id.clone())], touched)?;
    Ok(Answered::after(last, durable))
}
