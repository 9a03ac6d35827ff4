//! Profiles without a session: consent, and being forgotten.

use serde_json::json;
use taiwa_api::{Code, v1};
use taiwa_model::ConsentDefault;
use taiwa_store::{Identity, Write};

use super::{Answered, Scene, busy, key_offence, object, person_writes};
use crate::{problem::Failure, world::Touched};

/// Who says so, when nobody else is named.
const SOURCE: &str = "profile";

/// The identity that a path names.
fn identity(scene: &Scene, level: &str, key: &str) -> Result<Identity, Failure> {
    let known = scene.release.compiled.levels().iter().find(|it| it.0.as_str() == level);
    let mut wrong: Vec<_> = key_offence("", key).into_iter().collect();
    if known.is_none() {
        wrong.push(taiwa_api::Offence::new("", "unknown-level", "there is no such audience level"));
    }
    if wrong.is_empty() {
        Ok(Identity { level: level.into(), key: key.to_owned() })
    } else {
        Err(Failure::input(wrong))
    }
}

/// Records what a person says about purposes.
pub(crate) fn consent(
    scene: &Scene,
    (level, key): (&str, &str),
    body: &v1::PutConsent,
) -> Result<Answered<v1::ConsentAnswer>, Failure> {
    let scene = &*scene.of(&Identity { level: level.into(), key: key.to_owned() });
    let who = identity(scene, level, key)?;
    let said: std::collections::BTreeMap<_, _> =
        body.consent.iter().map(|it| (it.0.clone(), json!(it.1))).collect();
    let mut wrong = Vec::new();
    let fields = object("/consent", &said, &mut wrong);
    if !wrong.is_empty() {
        return Err(Failure::input(wrong));
    }
    // Looked at before a person is made for it.
    let compiled = &scene.release.compiled;
    let mut nobody = taiwa_decide::Person::default();
    taiwa_decide::set_consent(compiled, &mut nobody, &fields, SOURCE, scene.now)?;
    scene.with_person(&who, |cell, mut held| {
        taiwa_decide::set_consent(compiled, &mut held.person, &fields, SOURCE, scene.now)?;
        let unit = person_writes(cell, &mut held);
        let touched = Touched { people: vec![cell.clone()], ..Touched::default() };
        let durable = scene.world.write(unit, touched)?;
        let word = |granted| if granted { ConsentDefault::Granted } else { ConsentDefault::Denied };
        let all = held.person.consent().iter().map(|it| (it.0.clone(), word(it.1.granted)));
        Ok(Answered::after(v1::ConsentAnswer { consent: all.collect() }, durable))
    })
}

/// Forgets a person.
pub(crate) fn forget(
    scene: &Scene,
    (level, key): (&str, &str),
) -> Result<Answered<v1::Forgotten>, Failure> {
    if let Some(offence) = key_offence("", key) {
        return Err(Failure::new(Code::BadRequest, offence.detail));
    }
    let who = Identity { level: level.into(), key: key.to_owned() };
    let found = scene.world.people.find(scene.world.store.as_ref(), &who)?;
    let Some(cell) = found else {
        return Ok(Answered { body: v1::Forgotten { existed: false }, durable: None });
    };
    let held = cell.cell.lock().ok_or_else(busy)?;
    let touched = Touched { people: vec![cell.clone()], ..Touched::default() };
    // Nobody may use what is being forgotten; memory lets go of it once the disk did. Said before it is written:
    // the writer may be done before this goes on.
    cell.cell.end();
    let durable = scene.world.write(vec![Write::Forget(cell.number, scene.now)], touched)?;
    drop(held);
    scene.world.sessions.forget_person(&who);
    Ok(Answered::after(v1::Forgotten { existed: true }, durable))
}
