//! Another anchor: it leads once everybody has shown the new policy; and what ends a doubt.

use taiwa_plan::{
    Envelope, Epoch, Move, Policy, PolicyDocument, Reason, Receipt,
    server::{
        Class, Effect, Learning, Preparation, Refused, ServerState, abort, hear, learn, prepare,
        rotate, timer,
    },
};

use super::group::Group;
use crate::world::{Case, TANAKA, at, in_s, release, secret};

fn next(policy: &Policy, change: impl FnOnce(&mut PolicyDocument)) -> Policy {
    let mut document = policy.document().clone();
    document.version += 1;
    document.previous = Some(*policy.digest());
    document.issued = in_s(1);
    change(&mut document);
    Policy::accept(&Envelope::signed(&document, &secret(TANAKA)).unwrap()).unwrap()
}

/// The policy that makes the second server the anchor.
fn second(policy: &Policy) -> Policy {
    next(policy, |it| it.anchor = "tokyo-2".into())
}

fn group() -> (Group, Case) {
    let case = Case::new();
    let mut group = Group::new(&case.policy(), &[release("espresso")]);
    group.go(&case.bundle().2, Move::FIRST, &at(1)).unwrap();
    (group, case)
}

/// Everybody takes the policy.
fn rotated(group: &mut Group, to: &Policy) {
    for state in &mut group.servers {
        *state = rotate(&group.policy, state, to, &at(5)).unwrap().state;
    }
    group.policy = to.clone();
}

/// A plan under the group's policy, from what is live; the anchor's answer.
fn plan(group: &Group) -> Result<(), Refused> {
    let mut case = Case::of(&release("mocha"), Some(release("espresso")), 1);
    case.document = group.policy.document().clone();
    let mut state = group.servers[1].clone();
    state.stored.insert(release("mocha"));
    case.plan.policy = *group.policy.digest();
    case.plan.anchor = case.document.anchor.clone();
    case.plan.servers = case.document.members();
    let bundle = case.bundle().2;
    let request =
        taiwa_plan::server::Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    taiwa_plan::server::prepare(&group.policy, &state, &request, &at(6)).map(drop)
}

#[track_caller]
fn waits(group: &Group, what: &str) {
    let got = plan(group).unwrap_err();
    assert_eq!((got.class, got.refusals[0].reason), (Class::Conflict, Reason::NotLeading), "{got}");
    assert!(got.refusals[0].what.ends_with(what), "{got}");
}

fn told(group: &mut Group, peer: &Receipt) -> Effect {
    let done = hear(&group.policy, &group.servers[1], peer, &at(6));
    group.servers[1] = done.state;
    done.effect
}

#[test]
fn a_new_anchor_leads_when_everybody_has_shown_the_policy() {
    let (mut group, _) = group();
    let before = group.policy.clone();
    let to = second(&before);
    let old_state = group.state(2, &at(4));
    rotated(&mut group, &to);
    assert_eq!(group.servers[0].handover, None, "the old anchor waits for nothing");
    waits(&group, "the word of tokyo-1, tokyo-3");
    let epoch = group.servers[1].epoch;
    assert_eq!(epoch.version, 1);
    let first = group.state(0, &at(6));
    assert_eq!(told(&mut group, &first), Effect::Nothing);
    waits(&group, "the word of tokyo-3");
    // The old policy's word, and that of somebody who is ahead, count for nothing.
    assert_eq!(told(&mut group, &old_state), Effect::Nothing);
    let mut ahead = group.state(2, &at(6));
    ahead.generation += 1;
    assert_eq!(told(&mut group, &ahead), Effect::Nothing);
    waits(&group, "the word of tokyo-3");
    let third = group.state(2, &at(6));
    assert_eq!(told(&mut group, &third), Effect::Freed);
    assert_eq!(group.servers[1].epoch, Epoch { version: 2, counter: 0 });
    plan(&group).unwrap();
}

#[test]
fn who_waited_waits_again_under_a_further_policy() {
    let (mut group, _) = group();
    let to = second(&group.policy);
    rotated(&mut group, &to);
    let first = group.state(0, &at(6));
    told(&mut group, &first);
    let later = next(&to, |it| it.skew_s = 4);
    rotated(&mut group, &later);
    waits(&group, "the word of tokyo-1, tokyo-3");
}

#[test]
fn a_retired_server_is_not_waited_for_and_another_key_is_another_anchor() {
    let (mut group, _) = group();
    let to = next(&group.policy, |it| {
        it.servers.retain(|it| it.id.as_str() != "tokyo-1");
        it.retired = vec!["tokyo-1".into()];
        it.anchor = "tokyo-2".into();
    });
    group.servers.remove(0);
    rotated(&mut group, &to);
    assert_eq!(group.servers[0].handover.as_ref().map(std::collections::BTreeSet::len), Some(0));
    let third = group.state(1, &at(6));
    let done = hear(&to, &group.servers[0], &third, &at(6));
    assert_eq!(done.state.handover, None);
    let rekeyed = next(&Case::new().policy(), |it| it.servers[0].key = crate::world::key(77));
    assert!(rekeyed.hands_over(&Case::new().policy()));
}

/// A disk that forgot, under a later policy: whoever decides asks the others first.
#[test]
fn a_fresh_anchor_under_a_later_policy_does_not_lead() {
    let to = next(&Case::new().policy(), |it| it.skew_s = 4);
    let fresh = ServerState::fresh(&to, "tokyo-1".into());
    assert!(fresh.handover.is_some());
    assert_eq!(ServerState::fresh(&to, "tokyo-2".into()).handover, None);
    assert_eq!(ServerState::fresh(&Case::new().policy(), "tokyo-1".into()).handover, None);
}

/// The anchor of a group says that its disk was replaced, and leads under the next policy, once everybody has shown that.
#[track_caller]
fn leads_under_the_next(mut group: Group, state: ServerState) {
    let policy = group.policy.clone();
    assert_eq!(state.fresh_disk, Some(1));
    let got = abort(&policy, &state, Epoch { version: 1, counter: 9 }, &at(7));
    assert!(got.is_err());
    let hears = |policy: &Policy, mut state: ServerState, group: &Group| {
        for peer in [1, 2] {
            state = hear(policy, &state, &group.state(peer, &at(7)), &at(7)).state;
        }
        state
    };
    // Whatever it hears, under this policy it does not lead.
    let state = hears(&policy, state, &group);
    let case = Case::of(&release("mocha"), state.release(), state.generation());
    let bundle = case.bundle().2;
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let got = prepare(&policy, &state, &request, &at(7)).unwrap_err();
    assert_eq!((got.class, got.refusals[0].reason), (Class::Conflict, Reason::NotLeading), "{got}");
    assert!(got.refusals[0].what.contains("the disk of tokyo-1 was replaced"), "{got}");
    let command = got.refusals[0].command.clone();
    assert_eq!(command.as_deref(), Some("taiwa policy propose production"), "{got}");
    group.servers[0] = state;
    let to = next(&policy, |it| it.skew_s = 4);
    rotated(&mut group, &to);
    let waits = &group.servers[0];
    assert!(waits.fresh_disk.is_some() && waits.handover.is_some(), "not ready before it leads");
    let state = hears(&to, waits.clone(), &group);
    assert_eq!((state.handover, state.fresh_disk), (None, None));
}

/// What an anchor committed and nobody else knows would be a second release of its generation.
#[test]
fn an_anchor_whose_disk_was_replaced_leads_again_under_the_next_policy() {
    let case = Case::new();
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let mut group = Group::new(&policy, &[release("espresso")]);
    let blank = group.servers[0].clone();
    // It has promised: somebody has seen that attempt.
    let receipts = group.prepare(&bundle, Move::FIRST, &at(1)).unwrap();
    let said = group.state(1, &at(2));
    let done = hear(&policy, &blank, &said, &at(2));
    assert_eq!((done.entry.unwrap().what, done.effect), ("forgot".into(), Effect::Freed));
    let again = hear(&policy, &done.state, &said, &at(3));
    assert_eq!((&again.state, again.entry.is_none()), (&done.state, true), "it is noted once");
    let aside = Group { servers: group.servers.clone(), policy: policy.clone(), word: None };
    leads_under_the_next(aside, done.state);
    // A lease that it took since is none.
    let mut state = blank.clone();
    state.slot.clone_from(&group.servers[0].slot);
    assert_eq!(hear(&policy, &state, &said, &at(3)).state.slot, None);
    // What it knows itself, or what is another policy's, is no sign.
    let changes: [&dyn Fn(&mut Receipt); 3] =
        [&|it| it.epoch.counter = 0, &|it| it.epoch.version = 2, &|it| {
            it.policy = taiwa_model::Digest::of(b"another");
        }];
    for change in changes {
        let mut said = said.clone();
        change(&mut said);
        assert_eq!(hear(&policy, &blank, &said, &at(2)).state, blank);
    }
    // It has committed: it is told its own word.
    group.commit(&bundle, (Move::FIRST, &receipts), &at(2)).unwrap();
    for other in [1, 2] {
        group.follow(other, (&bundle, Move::FIRST), &at(2)).unwrap();
    }
    let word = group.word.clone().unwrap();
    let proof = Learning { bundle: &bundle, word: &word, earlier: &[], shown: None };
    let done = learn(&policy, &blank, &proof, &at(3)).unwrap();
    assert_eq!(done.state.generation(), 1);
    leads_under_the_next(group, done.state);
}

/// Who is alone has nobody to wait for: a lost disk does not end its deployments for good.
#[test]
fn a_fresh_anchor_that_is_alone_leads() {
    let (mut group, _) = group();
    let to = next(&group.policy, |it| {
        it.servers.retain(|it| it.id.as_str() == "tokyo-2");
        it.retired = vec!["tokyo-1".into(), "tokyo-3".into()];
        it.anchor = "tokyo-2".into();
    });
    let live = group.servers[1].active.clone();
    group.servers[1] = ServerState { active: live, ..ServerState::fresh(&to, "tokyo-2".into()) };
    assert!(group.servers[1].handover.is_some());
    group.policy = to;
    plan(&group).unwrap();
}

/// An attempt that came to nothing: a server with a slot and a doubt, and the anchor that has ended it.
fn doubtful() -> (Group, Policy) {
    let case = Case::new();
    let mut group = Group::new(&case.policy(), &[release("espresso")]);
    group.prepare(&case.bundle().2, Move::FIRST, &at(1)).unwrap();
    let policy = group.policy.clone();
    let epoch = group.servers[0].epoch;
    for state in &mut group.servers {
        *state = timer(&policy, state, epoch, &at(30)).state;
    }
    assert!(group.servers[1].slot.as_ref().is_some_and(|it| it.doubt));
    (group, policy)
}

#[track_caller]
fn check_doubt(change: impl FnOnce(&mut Receipt, &mut ServerState), ends: bool) {
    let (mut group, policy) = doubtful();
    let mut word = group.state(0, &at(31));
    change(&mut word, &mut group.servers[1]);
    let done = hear(&policy, &group.servers[1], &word, &at(31));
    assert_eq!(done.state.slot.is_none(), ends);
    assert_eq!(done.entry.is_some(), ends);
}

#[test]
fn a_doubt_ends_by_the_word_of_who_decides() {
    check_doubt(|_, _| (), true);
    // A peer is not who decides.
    check_doubt(|word, _| word.server = "tokyo-3".into(), false);
    // The attempt is still open there.
    check_doubt(|word, state| word.plan = state.slot.as_ref().map(|it| it.plan), false);
    // What it says is older than the attempt.
    check_doubt(|word, _| word.epoch.counter = 0, false);
    // Under a later policy too: it issued that attempt, so it has forgotten.
    let (mut group, _) = doubtful();
    let to = next(&group.policy, |it| it.skew_s = 4);
    rotated(&mut group, &to);
    let mut word = group.state(0, &at(31));
    let ends = |word: &Receipt| hear(&to, &group.servers[1], word, &at(31)).state.slot.is_none();
    assert!(ends(&word));
    word.epoch = Epoch { version: 1, counter: 0 };
    assert!(!ends(&word));
    // It committed: then there is something to learn, and a doubt would end wrongly.
    check_doubt(|word, _| word.generation += 1, false);
    // A later attempt is open there: so this one is over.
    let later = |word: &mut Receipt, state: &mut ServerState| {
        word.epoch.counter += 1;
        word.plan = state.slot.as_ref().map(|it| it.plan);
    };
    check_doubt(later, true);
}

#[test]
fn after_a_rotation_only_who_leads_ends_a_doubt() {
    let (mut group, _) = doubtful();
    let to = second(&group.policy);
    rotated(&mut group, &to);
    let third = group.servers[2].clone();
    let word = group.state(1, &at(6));
    let silent = hear(&to, &third, &word, &at(6));
    assert!(silent.state.slot.is_some(), "it does not lead yet");
    for peer in [0, 2] {
        let state = group.state(peer, &at(6));
        told(&mut group, &state);
    }
    let word = group.state(1, &at(6));
    assert_eq!(hear(&to, &third, &word, &at(6)).state.slot, None);
}
