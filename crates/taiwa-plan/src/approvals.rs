//! Counting approvals: distinct people, each once, in one role.
//!
//! Used by planner, `approve`, `promote` and every server alike. A signature that does not count is
//! never an error: it is ignored, and said.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, PersonId, RoleName, Timestamp};

use crate::{
    Approve, Payload, Plan, PlanKind, Policy, PolicyDocument, Statement, Threshold, clock::millis,
};

/// The moment at which approvals are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// For the first time, by this clock.
    Now(Timestamp),
    /// Again, at the moment that an anchor's receipt names. That is by the time that passed there, which a clock that was
    /// set right does not move: whether somebody was ahead of it then is not asked a second time.
    Again(Timestamp),
}

/// What the approvals of a plan come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What each role has, and what it wants.
    pub roles: Vec<RoleCount>,
    /// People beyond those, of any of these roles; none where nothing asks for more.
    pub more: Option<More>,
    /// The approvals that are valid, also those beyond what is wanted.
    pub valid: Vec<Approval>,
    /// The statements that do not count, and why.
    pub ignored: Vec<Ignored>,
}

/// One role's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleCount {
    /// The role.
    pub role: RoleName,
    /// How many people the policy asks for.
    pub want: u64,
    /// How many there are.
    pub have: u64,
    /// Who counts here.
    pub people: Vec<PersonId>,
}

/// People beyond those that the roles ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// How many people.
    pub want: u64,
    /// How many there are.
    pub have: u64,
    /// Who counts here.
    pub people: Vec<PersonId>,
    /// Why, as a lower-case clause.
    pub why: String,
}

/// A valid approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: RoleName,
    /// Until when.
    pub expires: Timestamp,
    /// Digest of the statement.
    pub statement: Digest,
}

/// A statement that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    /// Digest of the statement.
    pub statement: Digest,
    /// Why, as a lower-case clause.
    pub why: String,
}

impl Count {
    /// Whether every role has what it wants, and whatever is asked for beyond that is there.
    pub fn is_met(&self) -> bool {
        let more = self.more.as_ref().is_none_or(|it| it.have >= it.want);
        more && self.roles.iter().all(|it| it.have >= it.want)
    }

    /// Whether somebody counts already.
    pub fn counts(&self, person: &PersonId) -> bool {
        let more = self.more.iter().flat_map(|it| &it.people);
        self.roles.iter().flat_map(|it| &it.people).chain(more).any(|it| it == person)
    }

    /// When the first of the valid approvals expires.
    pub fn expires(&self) -> Option<Timestamp> {
        self.valid.iter().map(|it| it.expires).min()
    }
}

/// The thresholds that a kind of plan is counted against.
pub(crate) fn thresholds(policy: &PolicyDocument, kind: PlanKind) -> &[Threshold] {
    match kind {
        PlanKind::Change => &policy.approvals,
        PlanKind::Rollback => &policy.rollback,
        PlanKind::Emergency => &policy.emergency,
    }
}

/// Counts the approvals of a plan at an instant.
pub fn count(plan: &Plan, policy: &Policy, statements: &[Statement], now: Timestamp) -> Count {
    let digest = plan.to_bytes().ok().map(|it| Plan::digest_of(&it));
    count_as((plan.kind, digest), plan, policy, statements, When::Now(now))
}

/// Counts again what an anchor counted when it committed.
pub(crate) fn count_again(
    plan: &Plan,
    policy: &Policy,
    statements: &[Statement],
    then: Timestamp,
) -> Count {
    let digest = plan.to_bytes().ok().map(|it| Plan::digest_of(&it));
    count_as((plan.kind, digest), plan, policy, statements, When::Again(then))
}

/// Counts the approvals of the plan of a digest as if it were of another kind, or had other authors: an emergency is
/// ratified as a change.
pub(crate) fn count_as(
    (kind, digest): (PlanKind, Option<Digest>),
    plan: &Plan,
    policy: &Policy,
    statements: &[Statement],
    at: When,
) -> Count {
    let document = policy.document();
    let mut count = Count { roles: Vec::new(), more: None, valid: Vec::new(), ignored: Vec::new() };
    for statement in statements {
        let Payload::Approve(approve) = &statement.payload else { continue };
        let judged = judge(plan, approve, document, at).and_then(|()| {
            if digest != Some(approve.plan) {
                return Err("it approves another plan".to_owned());
            }
            signers(statement, approve, plan, document)
        });
        match judged {
            Err(why) => count.ignored.push(Ignored { statement: statement.digest, why }),
            Ok(people) => {
                for person in people {
                    take(&mut count, statement.digest, approve, person);
                }
            }
        }
    }
    let mut offers: BTreeMap<PersonId, BTreeSet<RoleName>> = BTreeMap::new();
    for approval in &count.valid {
        offers.entry(approval.person.clone()).or_default().insert(approval.role.clone());
    }
    let more = more(plan);
    let wants = thresholds(document, kind);
    let (roles, beyond) = assign(wants, more.as_ref().map_or(0, |it| it.want), &offers);
    count.roles = roles;
    count.more = more.map(|it| More { have: beyond.len() as u64, people: beyond, ..it });
    count
}

/// What is asked for beyond the roles: an author whom nobody knows may be anybody's second name.
fn more(plan: &Plan) -> Option<More> {
    let (have, people) = (0, Vec::new());
    (!plan.unknown.is_empty()).then(|| More {
        want: 1,
        have,
        people,
        why: format!("because the policy does not know {}", plan.unknown.join(", ")),
    })
}

fn judge(plan: &Plan, approve: &Approve, policy: &PolicyDocument, at: When) -> Result<(), String> {
    if approve.environment != plan.environment {
        return Err(format!("it is for the environment {}", approve.environment));
    }
    let (When::Now(now) | When::Again(now)) = at;
    if approve.issued > now.plus_millis(millis(policy.skew_s)) && at == When::Now(now) {
        return Err(format!("it was issued in the future, at {}", approve.issued));
    }
    if approve.expires > approve.issued.plus_millis(millis(policy.max_age_s)) {
        return Err("it is to count for longer than the policy allows".to_owned());
    }
    if approve.expires <= now {
        return Err(format!("it expired at {}", approve.expires));
    }
    Ok(())
}

fn signers(
    statement: &Statement,
    approve: &Approve,
    plan: &Plan,
    policy: &PolicyDocument,
) -> Result<Vec<PersonId>, String> {
    let signed: Vec<_> = policy
        .people
        .iter()
        .filter(|it| it.keys.iter().any(|key| statement.signed_by(key)))
        .collect();
    let Some(first) = signed.first() else {
        return Err("no valid signature by a key of the policy".to_owned());
    };
    let shut = |id: &PersonId| {
        plan.contributors.contains(id) || plan.choices.asked_by.as_ref() == Some(id)
    };
    let able: Vec<_> = signed.iter().filter(|it| it.roles.contains(&approve.role)).collect();
    if able.is_empty() {
        return Err(format!("{} does not have the role {}", first.id, approve.role));
    }
    let free: Vec<_> = able.iter().filter(|it| !shut(&it.id)).map(|it| it.id.clone()).collect();
    if free.is_empty() {
        return Err(format!("{} wrote or asked for what is to be approved", first.id));
    }
    Ok(free)
}

fn take(count: &mut Count, statement: Digest, approve: &Approve, person: PersonId) {
    let role = approve.role.clone();
    let again = count.valid.iter_mut().find(|it| it.person == person && it.role == role);
    if let Some(again) = again {
        let why = format!("{person} approved as {role} already");
        let mut left = statement;
        if approve.expires > again.expires {
            again.expires = approve.expires;
            std::mem::swap(&mut again.statement, &mut left);
        }
        count.ignored.push(Ignored { statement: left, why });
        return;
    }
    count.valid.push(Approval { person, role, expires: approve.expires, statement });
}

/// Who signed a policy statement, counted against its own `policy` threshold.
pub(crate) fn signed_roles(statement: &Statement, policy: &PolicyDocument) -> Count {
    let offers = policy
        .people
        .iter()
        .filter(|it| it.keys.iter().any(|key| statement.signed_by(key)))
        .map(|it| (it.id.clone(), it.roles.iter().cloned().collect()))
        .collect();
    let roles = assign(&policy.policy, 0, &offers).0;
    Count { roles, more: None, valid: Vec::new(), ignored: Vec::new() }
}

/// How many of a threshold's places the policy's people could fill, if all of them signed.
pub(crate) fn most_places(policy: &PolicyDocument, wants: &[Threshold]) -> u64 {
    let offers = policy
        .people
        .iter()
        .map(|it| (it.id.clone(), it.roles.iter().cloned().collect()))
        .collect();
    assign(wants, 0, &offers).0.iter().map(|it| it.have).sum()
}

/// Gives each person one place in a role that they offer, or one of `more` places that are open to every role, so that
/// as many places as can be are filled (a maximum matching; people in the order of their ids, so the answer is always
/// the same one).
fn assign(
    wants: &[Threshold],
    more: u64,
    offers: &BTreeMap<PersonId, BTreeSet<RoleName>>,
) -> (Vec<RoleCount>, Vec<PersonId>) {
    let people: Vec<_> = offers.iter().collect();
    let useful = |want: u64| usize::try_from(want).unwrap_or(usize::MAX).min(people.len());
    let mut places: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for (role, want) in wants.iter().enumerate() {
        places.extend(std::iter::repeat_n((Some(role), None), useful(want.count)));
    }
    // The places for anybody come last: a role is filled first.
    places.extend(std::iter::repeat_n((None, None), useful(more)));
    let able: Vec<Vec<usize>> = people
        .iter()
        .map(|(_, roles)| {
            let fits = |place: &usize| match places[*place].0 {
                Some(role) => roles.contains(&wants[role].role),
                None => wants.iter().any(|it| roles.contains(&it.role)),
            };
            (0..places.len()).filter(fits).collect()
        })
        .collect();
    for person in 0..people.len() {
        let mut seen = vec![false; places.len()];
        seat(person, &able, &mut places, &mut seen);
    }
    let seated = |role: Option<usize>| -> Vec<PersonId> {
        let here = places.iter().filter(|it| it.0 == role).filter_map(|it| it.1);
        here.map(|it| people[it].0.clone()).collect()
    };
    let roles = wants.iter().enumerate().map(|(role, want)| {
        let people = seated(Some(role));
        let have = people.len() as u64;
        RoleCount { role: want.role.clone(), want: want.count, have, people }
    });
    (roles.collect(), seated(None))
}

/// Seats a person, moving others to another place of theirs where that helps. Depth: at most the places.
fn seat(
    person: usize,
    able: &[Vec<usize>],
    places: &mut [(Option<usize>, Option<usize>)],
    seen: &mut [bool],
) -> bool {
    for &place in &able[person] {
        if std::mem::replace(&mut seen[place], true) {
            continue;
        }
        let free = match places[place].1 {
            None => true,
            Some(other) => seat(other, able, places, seen),
        };
        if free {
            places[place].1 = Some(person);
            return true;
        }
    }
    false
}
