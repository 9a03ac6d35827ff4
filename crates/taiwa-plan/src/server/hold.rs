//! Stopping the line: holds and lifts, as a server knows them.
//!
//! **Invariants.** A name holds at most once: what was lifted, or said before with other words, never holds again. A
//! hold stops changes only; going back stays possible. Deliberately absent: who hears of it (the command tells every
//! server that it can reach; who is not told does not know).

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, PersonId, Timestamp, is_kebab};

use super::{Class, Entry, Here, Refused, ServerState};
use crate::{
    Hold, Lift, Policy, PolicyDocument, Reading, Reason, Refusal, Statement, clock::millis,
};

/// Longest time that one hold may last, in seconds: 14 days.
pub const MAX_HOLD_S: u64 = 14 * 86_400;
/// Most holds, and most lifts, that a server remembers.
pub const MAX_HOLDS: usize = 1000;
/// Longest name of a hold, in bytes.
const MAX_ID_BYTES: usize = 64;

/// A hold that a server knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Its statement.
    pub statement: Digest,
    /// Who said it.
    pub by: PersonId,
    /// For people.
    pub why: String,
    /// Until when.
    pub until: Timestamp,
}

/// A lift that a server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifted {
    /// Its statement.
    pub statement: Digest,
    /// When it was taken; every hold that it could have ended is over 14 days later.
    pub at: Timestamp,
}

/// The holds that are in force, by name.
pub fn held(state: &ServerState, now: Timestamp) -> impl Iterator<Item = (&String, &Held)> {
    let lifted = |id: &String| state.lifts.contains_key(id);
    state.holds.iter().filter(move |(id, it)| it.until > now && !lifted(id))
}

/// What stands against a change, one refusal a hold.
pub(crate) fn refusals(policy: &Policy, state: &ServerState, at: &Reading) -> Vec<Refusal> {
    let document = policy.document();
    let who = |it: &Held| format!("{}, or whoever may hold: {}", it.by, holders(document));
    let refusal = |(id, it): (&String, &Held)| {
        Refusal::new(Reason::Held, format!("{} stopped the line ({id}): {}", it.by, it.why))
            .by(who(it))
            .with(format!("taiwa lift {id} --on {}", document.environment))
            .since(it.until)
    };
    held(state, at.now).map(refusal).collect()
}

fn holders(policy: &PolicyDocument) -> String {
    let may =
        policy.people.iter().filter(|it| it.roles.iter().any(|role| policy.hold.contains(role)));
    may.map(|it| it.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The person with a role that may hold who signed a statement.
pub(crate) fn holder(policy: &PolicyDocument, statement: &Statement) -> Option<PersonId> {
    let mut may =
        policy.people.iter().filter(|it| it.roles.iter().any(|role| policy.hold.contains(role)));
    may.find(|it| it.keys.iter().any(|key| statement.signed_by(key))).map(|it| it.id.clone())
}

pub(super) fn hold(
    here: Here<'_>,
    hold: &Hold,
    statement: &Statement,
) -> Result<(ServerState, Option<Entry>), Refused> {
    let (state, now) = (here.state, here.at.now);
    let by = signer(here, statement)?;
    let forbidden = |reason, what: String| Err(Refused::one(Class::Forbidden, reason, what));
    if !is_kebab(&hold.id) || hold.id.len() > MAX_ID_BYTES {
        let what = format!("a hold is named in kebab-case, up to {MAX_ID_BYTES} letters");
        return Err(Refused::one(Class::Malformed, Reason::Malformed, what));
    }
    if !here.at.trusted {
        return forbidden(Reason::Clock, "the clock is not believed".to_owned());
    }
    if hold.issued > now.plus_millis(millis(here.policy.document().skew_s)) {
        return forbidden(
            Reason::Clock,
            format!("it was issued in the future, at {}", hold.issued),
        );
    }
    if hold.expires <= now {
        return forbidden(Reason::Expired, format!("it expired at {}", hold.expires));
    }
    if hold.expires > hold.issued.plus_millis(millis(MAX_HOLD_S)) {
        let what = format!("a hold lasts at most {} days", MAX_HOLD_S / 86_400);
        return forbidden(Reason::Limit, what);
    }
    if state.lifts.contains_key(&hold.id) {
        return forbidden(Reason::Expired, format!("the hold {} was lifted", hold.id));
    }
    if let Some(known) = state.holds.get(&hold.id) {
        if known.statement == statement.digest {
            return Ok((state.clone(), None));
        }
        let what = format!("another hold is named {} already", hold.id);
        return Err(Refused::one(Class::Conflict, Reason::Conflict, what));
    }
    let mut next = here.next();
    if next.holds.len() >= MAX_HOLDS {
        let oldest = next.holds.iter().filter(|it| it.1.until <= now).min_by_key(|it| it.1.until);
        let Some(oldest) = oldest.map(|it| it.0.clone()) else {
            return forbidden(Reason::Limit, format!("{MAX_HOLDS} holds are in force already"));
        };
        next.holds.remove(&oldest);
    }
    let why = hold.why.clone();
    let known = Held { statement: statement.digest, by, why, until: hold.expires };
    next.holds.insert(hold.id.clone(), known);
    Ok((next, Some(Entry::of(now, "held", None, state.generation()))))
}

pub(super) fn lift(
    here: Here<'_>,
    lift: &Lift,
    statement: &Statement,
) -> Result<(ServerState, Option<Entry>), Refused> {
    let state = here.state;
    signer(here, statement)?;
    if state.lifts.contains_key(&lift.id) {
        return Ok((state.clone(), None));
    }
    if !is_kebab(&lift.id) || lift.id.len() > MAX_ID_BYTES {
        let what = format!("a hold is named in kebab-case, up to {MAX_ID_BYTES} letters");
        return Err(Refused::one(Class::Malformed, Reason::Malformed, what));
    }
    let mut next = here.next();
    if next.lifts.len() >= MAX_HOLDS {
        let over = |it: &Lifted| it.at.plus_millis(millis(2 * MAX_HOLD_S)) < here.at.now;
        next.lifts.retain(|_, it| !over(it));
    }
    if next.lifts.len() >= MAX_HOLDS {
        let what = format!("{MAX_HOLDS} lifts are remembered already");
        return Err(Refused::one(Class::Forbidden, Reason::Limit, what));
    }
    let lifted = Lifted { statement: statement.digest, at: here.at.now };
    next.lifts.insert(lift.id.clone(), lifted);
    Ok((next, Some(Entry::of(here.at.now, "lifted", None, state.generation()))))
}

fn signer(here: Here<'_>, statement: &Statement) -> Result<PersonId, Refused> {
    holder(here.policy.document(), statement).ok_or_else(|| {
        let what = "no valid signature by somebody whose role may hold";
        Refused::one(Class::Forbidden, Reason::BadSignature, what)
    })
}
