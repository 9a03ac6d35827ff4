//! Decisions: in a session, for several points, or once without a session.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use taiwa_api::{Code, Offence, limits, v1};
use taiwa_decide::{Decision, Explain, Person, Reason, Request, Session};
use taiwa_model::{Digest, LevelName, OfferName, PointName};
use taiwa_store::{DecisionId, DecisionRow, Identity, Write};

use super::{Scene, busy, object, person_writes, session};
use crate::{
    ids,
    problem::{Failure, offences},
    shelf::{Served, Shelf},
    tally::Asked,
    world::Touched,
};

/// Decides for one point of a session.
pub(crate) fn one(
    scene: &Scene,
    id: &str,
    query: &v1::OffersQuery,
) -> Result<v1::DecisionAnswer, Failure> {
    let scene = &*session::side(scene, id)?;
    let wanted = [(query.point.clone(), query.limit)];
    let explain = explained(query.explain.unwrap_or(false));
    let (decision, mut made) = in_session(scene, id, &wanted, explain)?;
    let (point, one) = made.pop().ok_or_else(busy)?;
    Ok(answer(scene, &decision, point, one))
}

/// Decides for several points of a session, no offer twice.
pub(crate) fn several(
    scene: &Scene,
    id: &str,
    body: &v1::AskPoints,
) -> Result<v1::PointsAnswer, Failure> {
    if body.points.is_empty() || body.points.len() > limits::POINTS_MAX {
        let detail = format!("1 to {} points are asked at once", limits::POINTS_MAX);
        return Err(Failure::at("/points", "too-many", detail));
    }
    let scene = &*session::side(scene, id)?;
    let wanted: Vec<_> = body.points.iter().map(|it| (it.0.clone(), Some(*it.1))).collect();
    let (decision, made) = in_session(scene, id, &wanted, explained(body.explain))?;
    Ok(v1::PointsAnswer {
        release: scene.release.compiled.digest(),
        points: made.into_iter().collect(),
        decision: decision.to_string(),
    })
}

type Wanted = (PointName, Option<u32>);
type Made = (PointName, v1::PointAnswer);

/// Words cost ten times the decision: only who asks gets them. What is kept are the stages.
const fn explained(wanted: bool) -> Explain {
    if wanted { Explain::EveryCandidate } else { Explain::Stages }
}

fn in_session(
    scene: &Scene,
    id: &str,
    wanted: &[Wanted],
    explain: Explain,
) -> Result<(DecisionId, Vec<Made>), Failure> {
    let asked = scene.asked();
    let made = made_in_session(scene, id, wanted, explain);
    count(&asked, "point", wanted, made.as_ref().map(|it| it.1.as_slice()));
    made
}

/// Counts what became of each point.
fn count(asked: &Asked<'_>, kind: &str, wanted: &[Wanted], made: Result<&[Made], &Failure>) {
    match made {
        Ok(made) => made.iter().for_each(|it| asked.decided(kind, it.0.as_str(), it.1.fallback)),
        Err(failure) => {
            for it in wanted {
                asked.failed(kind, it.0.as_str(), failure);
            }
        }
    }
}

fn made_in_session(
    scene: &Scene,
    id: &str,
    wanted: &[Wanted],
    explain: Explain,
) -> Result<(DecisionId, Vec<Made>), Failure> {
    let cell = session::find(scene, id)?;
    let (mut row, touch) = session::hold(scene, &cell)?;
    let decision = DecisionId::new(ids::in_order(scene.now)?);
    let who = row.identity();
    let compiled = &scene.release.compiled;
    let before = row.session.clone();
    let row = &mut *row;
    // The closure may run again if the person changed under it, so it starts from the same session each time.
    let session = std::cell::RefCell::new(row);
    let answers = scene.with_person(&who, |person, mut held| {
        let mut row = session.borrow_mut();
        row.session.clone_from(&before);
        let made = decide(scene, &before, &held.person, wanted, explain)?;
        let untold = held.untold.clone();
        let mut changed = !untold.is_empty();
        for it in &made {
            changed |= taiwa_decide::delivered(
                compiled,
                &mut held.person,
                &mut row.session,
                it,
                scene.now,
            );
        }
        let (answers, record) = kept(scene, &decision, &before, made);
        let moved = touch || row.session != before;
        if !changed && !moved {
            scene.world.record(&decision, &record);
            return Ok(answers);
        }
        let mut unit = vec![Write::Decision(decision.clone(), Box::new(record))];
        let mut touched = Touched::default();
        if changed {
            unit.extend(person_writes(person, &mut held));
            touched.people.push(person.clone());
        }
        if moved {
            unit.push(Write::Session(cell.id.clone(), Box::new(row.clone())));
            touched.sessions.push(cell.clone());
        }
        // A decision is answered also when there is no room to record it: it is then not found again.
        if scene.world.write_if_room(unit, touched).is_err() {
            held.untold = untold;
        }
        Ok(answers)
    })?;
    Ok((decision, answers))
}

fn decide(
    scene: &Scene,
    session: &Session,
    person: &Person,
    wanted: &[Wanted],
    explain: Explain,
) -> Result<Vec<Decision>, Failure> {
    let mut exclude: Vec<OfferName> = Vec::new();
    let (mut made, mut wrong) = (Vec::new(), Vec::new());
    for (point, limit) in wanted {
        // `channel/point` of the session's own channel is the point.
        let own = point.as_str().split_once('/').filter(|it| it.0 == session.channel.as_str());
        let point = &own.map_or_else(|| point.clone(), |it| PointName::new(it.1));
        let request = Request { session, person, point, limit: *limit, exclude: &exclude, explain };
        match taiwa_decide::decide(&scene.release.compiled, &request, scene.now) {
            Ok(decision) => {
                if wanted.len() > 1 {
                    exclude.extend(decision.offers.iter().map(|it| it.offer.clone()));
                }
                made.push(decision);
            }
            Err(error) => wrong.extend(Failure::from(error).0.errors),
        }
    }
    if wrong.is_empty() { Ok(made) } else { Err(Failure::input(wrong)) }
}

/// The answers, and what is kept of them: everything but the words.
fn kept(
    scene: &Scene,
    id: &DecisionId,
    session: &Session,
    mut made: Vec<Decision>,
) -> (Vec<Made>, DecisionRow) {
    let answers = made.iter_mut().map(|it| {
        let reasons = std::mem::take(&mut it.reasons);
        (it.point.clone(), point_answer(id, it, reasons))
    });
    let answers = answers.collect();
    let row = DecisionRow { at: scene.now, channel: session.channel.clone(), decisions: made };
    (answers, row)
}

/// Decides once, without a session. Only the decision is recorded. Who names nobody is a visitor of this one request.
pub(crate) fn once(scene: &Scene, body: v1::DecideOnce) -> Result<v1::DecisionAnswer, Failure> {
    let named = if body.audience.is_empty() && scene.serving.is_some() {
        Some(Identity { level: LevelName::new(""), key: ids::new()? })
    } else {
        scene.named(&body.audience)
    };
    let scene = &*named.as_ref().map_or(Cow::Borrowed(scene), |it| scene.of(it));
    let (asked, wanted) = (scene.asked(), [(body.point.clone(), body.limit)]);
    let made = made_once(scene, body, &wanted);
    count(&asked, "once", &wanted, made.as_ref().map(|it| it.1.as_slice()));
    let (id, mut made) = made?;
    let (point, one) = made.pop().ok_or_else(busy)?;
    Ok(answer(scene, &id, point, one))
}

fn made_once(
    scene: &Scene,
    body: v1::DecideOnce,
    wanted: &[Wanted],
) -> Result<(DecisionId, Vec<Made>), Failure> {
    let compiled = &scene.release.compiled;
    let mut wrong = Vec::new();
    let who = scene.identity(&body.audience).unwrap_or_else(|it| {
        wrong.extend(it);
        None
    });
    let fields = object("/attributes", &body.attributes, &mut wrong);
    let mut person = match &who {
        Some(who) => known_person(scene, who)?,
        None => Person::default(),
    };
    if let Err(problems) = taiwa_decide::set_attributes(compiled, &mut person, &fields) {
        wrong.extend(offences(problems));
    }
    if !compiled.has_channel(&body.channel) {
        let detail = "the active release has no such inbound channel";
        wrong.push(Offence::new("/channel", "unknown-channel", detail));
    }
    let level = who.as_ref().map(|it| it.level.clone());
    let level = level.or_else(|| {
        let levels = compiled.levels();
        levels.get(1).or_else(|| levels.first()).map(|it| it.0.clone())
    });
    let Some(level) = level.filter(|_| wrong.is_empty()) else {
        return Err(Failure::input(wrong));
    };
    let session = Session {
        channel: body.channel,
        level,
        key: who.map(|it| it.key).unwrap_or_default(),
        locale: body.locale,
        started: scene.now,
        last_shown: Vec::new(),
        began_as: None,
    };
    let made = decide(scene, &session, &person, wanted, explained(body.explain))?;
    let id = DecisionId::new(ids::in_order(scene.now)?);
    let (answers, row) = kept(scene, &id, &session, made);
    scene.world.record(&id, &row);
    Ok((id, answers))
}

fn known_person(scene: &Scene, who: &Identity) -> Result<Person, Failure> {
    let found = scene.world.people.find(scene.world.store.as_ref(), who)?;
    let Some(cell) = found else { return Ok(Person::default()) };
    let held = cell.cell.lock().ok_or_else(busy)?;
    Ok(held.person.clone())
}

/// A decision that was recorded, with the reasons that its release gives for the stages that were kept.
pub(crate) async fn recorded(
    scene: &Scene,
    shelf: &Arc<Shelf>,
    id: &str,
) -> Result<v1::DecisionRecord, Failure> {
    let unknown = || {
        Failure::new(Code::UnknownDecision, "the decision is unknown, or older than what is kept")
    };
    if id.len() > limits::KEY_MAX_BYTES {
        return Err(unknown());
    }
    let decision = DecisionId::new(id);
    let mut row = scene.world.store.decision(&decision)?;
    if row.is_none() {
        // It was answered before it was written: what waits to be written is waited for once.
        scene.world.write(Vec::new(), Touched::default())?.wait().await?;
        row = scene.world.store.decision(&decision)?;
    }
    let row = row.ok_or_else(unknown)?;
    let release = row.decisions.first().map_or(scene.release.compiled.digest(), |it| it.release);
    let served = decided_by(scene, shelf, release).await;
    let point = |it: Decision| {
        let reasons = served.as_ref().map(|by| taiwa_decide::kept_reasons(&by.compiled, &it));
        let answer = point_answer(&decision, &it, reasons.unwrap_or_default());
        (it.point, answer)
    };
    let points: BTreeMap<_, _> = row.decisions.into_iter().map(point).collect();
    Ok(v1::DecisionRecord {
        decision: id.to_owned(),
        at: row.at,
        channel: row.channel,
        release,
        points,
    })
}

/// The release that decided, if it is still there.
async fn decided_by(scene: &Scene, shelf: &Arc<Shelf>, release: Digest) -> Option<Arc<Served>> {
    if scene.release.compiled.digest() == release {
        return Some(scene.release.clone());
    }
    // It may have to be read and compiled, which takes longer than a request may hold up others.
    let shelf = shelf.clone();
    let found = tokio::task::spawn_blocking(move || shelf.get(&release).ok().flatten()).await;
    found.ok().flatten()
}

fn answer(
    scene: &Scene,
    id: &DecisionId,
    point: PointName,
    made: v1::PointAnswer,
) -> v1::DecisionAnswer {
    let v1::PointAnswer { offers, fallback, reasons } = made;
    let release = scene.release.compiled.digest();
    v1::DecisionAnswer { decision: id.to_string(), point, release, offers, fallback, reasons }
}

fn point_answer(id: &DecisionId, made: &Decision, reasons: Vec<Reason>) -> v1::PointAnswer {
    let offers = made.offers.iter().map(|it| v1::OfferAnswer {
        tracking: taiwa_decide::tracking(id.as_str(), &it.offer),
        offer: it.offer.clone(),
        treatment: it.treatment.clone(),
        score: it.score,
        content: it.content.iter().map(|it| (it.0.to_string(), it.1.to_json())).collect(),
    });
    let reasons = reasons.into_iter().map(|it| v1::ReasonAnswer {
        offer: Some(it.offer),
        stage: it.stage.as_str().to_owned(),
        detail: it.detail,
    });
    v1::PointAnswer {
        offers: offers.collect(),
        fallback: made.fallback,
        reasons: reasons.collect(),
    }
}
