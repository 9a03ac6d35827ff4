//! Conditions of the transitions that no other row sees fail: found by taking out each of them, one at a time.

use taiwa_model::Digest;
use taiwa_plan::{
    Absent, Bundle, Envelope, Epoch, Hold, Lift, Move, Payload, PlanKind, Policy, PolicyDocument,
    Reason, Receipt,
    server::{
        Class, Effect, Learning, MAX_HOLD_S, Refused, ServerState, Slot, Transition, abort, hear,
        learn, restart, revert, rotate, state_receipt, statement, timer,
    },
};

use super::{
    CONFLICT, NO_RECEIPT, Request, STALE, check_prepare, refused, to_activate, to_prepare,
};
use crate::world::{Case, SERVERS, TANAKA, accept, at, in_s, release, sign, signed, threshold};

fn next(policy: &Policy, change: impl FnOnce(&mut PolicyDocument)) -> Policy {
    let mut document = policy.document().clone();
    document.version += 1;
    document.previous = Some(*policy.digest());
    document.issued = in_s(1);
    change(&mut document);
    accept(&document)
}

const fn epoch(version: u64, counter: u64) -> Epoch {
    Epoch { version, counter }
}

// ---- hearing ---------------------------------------------------------------------------------------------------

/// The second server, which promised epoch 1.1 to the first and is in doubt, under the policy after that.
fn doubt(anchor: &'static str) -> (Policy, Policy, ServerState) {
    let other = to_activate(1);
    let state = timer(&other.policy, &other.state, epoch(1, 1), &at(16)).state;
    let to = next(&other.policy, |it| it.anchor = anchor.into());
    let state = rotate(&other.policy, &state, &to, &at(17)).unwrap().state;
    (other.policy, to, state)
}

/// What a server says of itself that runs nothing.
fn says(policy: &Policy, server: usize, change: impl FnOnce(&mut ServerState)) -> Receipt {
    let mut state = ServerState::fresh(policy, SERVERS[server].0.into());
    change(&mut state);
    state_receipt(policy, &state, Some("fresh"), &at(20)).unwrap()
}

#[track_caller]
fn ends(of: &(Policy, Policy, ServerState), word: &Receipt, want: bool) {
    let done = hear(&of.1, &of.2, word, &at(20));
    assert_eq!(done.state.slot.is_none(), want, "{word:?}");
    assert_eq!(done.effect == Effect::Freed, want);
    assert_eq!(done.entry.map(|it| it.what), want.then(|| "over".to_owned()));
    if !want {
        assert_eq!(done.state, of.2, "what says nothing changes nothing, not even the floor");
    }
}

#[test]
fn a_doubt_ends_by_the_word_of_the_slots_anchor_or_of_who_leads() {
    // The anchor stays the same. It is at the policy before; its attempt is over.
    let of = doubt("tokyo-1");
    let (old, new) = (of.0.clone(), of.1.clone());
    ends(&of, &says(&old, 0, |it| it.epoch = epoch(1, 1)), true);
    ends(&of, &says(&old, 0, |it| it.epoch = epoch(1, 2)), true);
    ends(&of, &says(&new, 0, |it| it.epoch = epoch(1, 1)), true);
    // Less than the epoch of its own attempt: it has forgotten it.
    ends(&of, &says(&new, 0, |it| it.epoch = epoch(1, 0)), false);
    ends(&of, &says(&old, 0, |it| it.epoch = epoch(1, 0)), false);
    let open = to_activate(0).state.slot;
    ends(&of, &says(&old, 0, |it| (it.epoch, it.slot) = (epoch(1, 1), open)), false);
    let live = to_activate(0).activate().unwrap().state.active;
    ends(&of, &says(&old, 0, |it| (it.epoch, it.active) = (epoch(1, 2), live)), false);
    ends(&of, &says(&old, 2, |it| it.epoch = epoch(1, 2)), false);
    // Another server became the anchor: its word counts once it leads, which its epoch shows.
    let of = doubt("tokyo-3");
    let (old, new) = (of.0.clone(), of.1.clone());
    ends(&of, &says(&new, 2, |it| it.epoch = epoch(2, 0)), true);
    ends(&of, &says(&new, 2, |it| it.epoch = epoch(1, 9)), false);
    ends(&of, &says(&old, 2, |it| it.epoch = epoch(2, 0)), false);
    ends(&of, &says(&new, 0, |it| it.epoch = epoch(2, 0)), false);
}

#[test]
fn who_leads_is_free_of_what_it_promised_before() {
    let (_, to, state) = doubt("tokyo-2");
    assert!(state.slot.is_some() && state.handover.is_some());
    let half = hear(&to, &state, &says(&to, 0, |_| ()), &at(20));
    assert!(half.state.slot.is_some() && half.entry.is_none() && half.effect == Effect::Nothing);
    let done = hear(&to, &half.state, &says(&to, 2, |_| ()), &at(21));
    assert_eq!((done.state.slot, done.state.handover, done.effect), (None, None, Effect::Freed));
    assert_eq!(done.entry.map(|it| it.what).as_deref(), Some("leads"));
    assert_eq!(done.state.epoch, epoch(2, 0));
}

// ---- learning --------------------------------------------------------------------------------------------------

/// A server that was left behind, and what a peer brings.
fn behind() -> (Request, Envelope) {
    let word = sign(&to_activate(0).activate().unwrap().receipt.unwrap());
    let mut request = to_activate(2);
    request.state.slot = None;
    (request, word)
}

fn learns((request, word): &(Request, Envelope)) -> Result<Transition, Refused> {
    let proof = Learning { bundle: &request.bundle, word, earlier: &[], shown: None };
    learn(&request.policy, &request.state, &proof, &at(30))
}

fn resaid(word: &Envelope, change: impl FnOnce(&mut Receipt)) -> Envelope {
    let Payload::Receipt(mut receipt) = word.open().unwrap().payload else { panic!("a receipt") };
    change(&mut receipt);
    sign(&receipt)
}

#[test]
fn what_is_learned_is_what_the_anchor_committed() {
    let changes: [fn(&mut Receipt); 3] = [
        |it| it.generation += 1,
        |it| it.release = Some(release("mocha")),
        |it| it.plan = Some(Digest::of(b"another plan")),
    ];
    for change in changes {
        let (request, word) = behind();
        let word = resaid(&word, change);
        refused(learns(&(request, word)), NO_RECEIPT.0, NO_RECEIPT.1, "for this plan");
    }
    // A generation is one release: another one at the same generation is no place to learn from.
    let (mut request, word) = behind();
    super::live(&mut request, 1, "mocha");
    refused(learns(&(request, word)), STALE.0, STALE.1, "leads to generation 1, live is 1");
}

#[test]
fn what_is_learned_ends_the_promise_of_its_attempt_and_of_those_before() {
    let slot = to_activate(2).state.slot.unwrap();
    for (counter, kept) in [(0, false), (1, false), (2, true)] {
        let (mut request, word) = behind();
        request.state.slot = Some(Slot { epoch: epoch(1, counter), ..slot.clone() });
        let done = learns(&(request, word)).unwrap();
        assert_eq!(done.state.slot.is_some(), kept, "epoch 1.{counter}");
    }
    for (known, want) in [(epoch(1, 0), epoch(1, 1)), (epoch(1, 7), epoch(1, 7))] {
        let (mut request, word) = behind();
        request.state.epoch = known;
        let done = learns(&(request, word.clone())).unwrap();
        assert_eq!(done.state.epoch, want);
        // And whoever reads the journal later finds what proved it.
        let entry = done.entry.unwrap();
        assert_eq!((entry.release, entry.generation), (Some(release("espresso")), 1));
        assert_eq!((entry.statements, entry.bundle.is_some()), (vec![word], true));
    }
}

/// An emergency, live on the anchor and the second server; the third was away.
fn emergency(kind: PlanKind) -> (Policy, Bundle, Vec<ServerState>) {
    let mut case = Case::of(&release("fix"), Some(release("old")), 1);
    case.document.emergency = vec![threshold("manager", 1), threshold("touchpoint-manager", 1)];
    case.plan.kind = kind;
    if kind == PlanKind::Emergency {
        case.plan.choices.revert_at = Some(in_s(600));
        (case.evidence, case.origin) = (vec![], vec![]);
    }
    case.plan.choices.absent = vec![Absent { server: "tokyo-3".into(), why: "away".to_owned() }];
    let mut first = Case::of(&release("old"), None, 0);
    first.document = case.document.clone();
    let policy = case.policy();
    let releases = [release("old"), release("fix")];
    let mut group = super::group::Group::new(&policy, &releases);
    group.go(&first.bundle().2, Move::FIRST, &at(0)).unwrap();
    let bundle = case.bundle().2;
    group.go(&bundle, Move::FIRST, &at(10)).unwrap();
    (policy, bundle, group.servers)
}

#[test]
fn the_end_of_an_emergency_may_be_said_by_the_anchor_that_came_after() {
    let (policy, bundle, servers) = emergency(PlanKind::Emergency);
    let to = next(&policy, |it| it.anchor = "tokyo-2".into());
    let rotated =
        |state: &ServerState| rotate(&policy, state, &to, &at(20)).expect("the next policy").state;
    let mut anchor = rotated(&servers[1]);
    for place in [0, 2] {
        let word = state_receipt(&to, &rotated(&servers[place]), Some("fresh"), &at(21)).unwrap();
        anchor = hear(&to, &anchor, &word, &at(21)).state;
    }
    assert_eq!(anchor.handover, None, "it leads");
    let done = revert(&to, &anchor, &at(700)).unwrap();
    let word = sign(&done.receipt.unwrap());
    let away = rotated(&servers[2]);
    let known = to.earlier(&[policy.envelope().clone()]);
    let learns = |word: &Envelope, bundle: &Bundle| {
        learn(&to, &away, &Learning { bundle, word, earlier: &known, shown: None }, &at(700))
    };
    let back = learns(&word, &bundle).unwrap().state;
    assert_eq!((back.generation(), back.release()), (3, Some(release("old"))));
    // At the very instant of the end it is one.
    let end = resaid(&word, |it| it.issued = in_s(600));
    learns(&end, &bundle).unwrap();
    // Any other move is the word of the anchor of its own day, and of nobody after it.
    let forth = resaid(&word, |it| {
        (it.step, it.generation, it.release) = (Some(Move::FIRST), 2, Some(release("fix")));
    });
    refused(learns(&forth, &bundle), NO_RECEIPT.0, NO_RECEIPT.1, "the anchor tokyo-1");
    let (of_day, ordinary, _) = emergency(PlanKind::Change);
    assert_eq!(of_day.digest(), policy.digest());
    let back = resaid(&word, |it| it.plan = Some(ordinary.plan_digest()));
    refused(learns(&back, &ordinary), NO_RECEIPT.0, NO_RECEIPT.1, "the anchor tokyo-1");
}

// ---- slots -----------------------------------------------------------------------------------------------------

#[test]
fn a_slot_is_for_one_move_of_one_plan() {
    let mut request = to_prepare(0);
    request.state = request.prepare().unwrap().state;
    request.state.slot.as_mut().unwrap().step = Move::Back;
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "holds the slot");
    // The anchor's own is a lease, whatever came along.
    let mut request = to_prepare(0);
    request.receipts = vec![to_activate(1).receipts[0].clone()];
    assert!(request.prepare().unwrap().state.slot.unwrap().is_lease());
    assert!(!to_prepare(1).prepare().unwrap().state.slot.unwrap().is_lease());
}

#[test]
fn an_anchor_whose_emergency_is_over_begins_nothing_else() {
    let (policy, _, servers) = emergency(PlanKind::Emergency);
    let mut case = Case::of(&release("old"), Some(release("fix")), 2);
    case.document = policy.document().clone();
    for (state, seconds) in case.origin.iter_mut().zip([580, 590]) {
        state.1.issued = in_s(seconds);
    }
    let bundle = case.bundle().2;
    let states = servers[0].clone();
    let request = Request { policy, state: states, bundle, receipts: vec![], at: at(599) };
    request.prepare().expect("before its end");
    let over = Request { at: at(600), ..request };
    refused(over.prepare(), Class::Conflict, Reason::EmergencyOver, "goes back by itself first");
}

#[test]
fn a_plan_starts_from_what_is_live_and_ends_right_after_it() {
    let later = |it: &mut Request| super::live(it, 3, "old");
    check_prepare(0, later, STALE, "starts from generation 0, live is 3");
}

#[test]
fn an_attempt_after_what_is_committed_can_be_ended() {
    let mut anchor = to_activate(0);
    anchor.state = anchor.activate().unwrap().state;
    let later = to_activate(0).state.slot.map(|it| Slot { epoch: epoch(1, 2), ..it });
    (anchor.state.slot, anchor.state.epoch) = (later, epoch(1, 2));
    let ends = |counter| abort(&anchor.policy, &anchor.state, epoch(1, counter), &at(3));
    refused(ends(1), Class::Conflict, Reason::Conflict, "is committed");
    refused(ends(3), Class::Conflict, Reason::Conflict, "never issued");
    let done = ends(2).unwrap();
    assert_eq!((done.effect, done.state.slot), (Effect::Freed, None));
}

#[test]
fn a_start_under_a_policy_that_follows_from_nothing_frees_the_slot() {
    let other = to_activate(1);
    let mut document = other.policy.document().clone();
    document.skew_s = 2;
    let policy = accept(&document);
    let done = restart(&policy, &other.state, other.state.stored.clone(), &at(40));
    assert_eq!((done.state.slot, done.state.policy), (None, *policy.digest()));
    assert_eq!(done.state.floor, at(40).floor, "the clock goes on from here");
}

// ---- holds -----------------------------------------------------------------------------------------------------

fn line() -> (Policy, ServerState) {
    let mut case = Case::new();
    case.document.hold = vec!["manager".into()];
    (case.policy(), case.server_state())
}

fn holds(change: impl FnOnce(&mut Hold)) -> Result<Transition, Refused> {
    let (policy, state) = line();
    let mut hold = Hold {
        environment: "production".into(),
        issued: in_s(0),
        id: "stop".to_owned(),
        why: "look first".to_owned(),
        expires: in_s(60),
    };
    change(&mut hold);
    statement(&policy, &state, &signed(&hold, TANAKA), &at(0))
}

#[test]
fn the_borders_of_a_hold_are_inside() {
    let longest = i64::try_from(MAX_HOLD_S).unwrap();
    holds(|it| it.id = "x".repeat(64)).unwrap();
    let long = holds(|it| it.id = "x".repeat(65));
    refused(long, Class::Malformed, Reason::Malformed, "up to 64 letters");
    holds(|it| it.issued = in_s(5)).unwrap();
    refused(holds(|it| it.issued = in_s(6)), Class::Forbidden, Reason::Clock, "in the future");
    let done = holds(|it| it.expires = in_s(longest)).unwrap();
    let entry = done.entry.unwrap();
    assert_eq!((entry.what.as_str(), entry.statements.len()), ("held", 1));
    let long = holds(|it| it.expires = in_s(longest + 1));
    refused(long, Class::Forbidden, Reason::Limit, "at most 14 days");
}

#[test]
fn a_lift_has_the_name_of_a_hold() {
    let (policy, state) = line();
    let lifts = |id: &str| {
        let lift = Lift { environment: "production".into(), issued: in_s(0), id: id.to_owned() };
        statement(&policy, &state, &signed(&lift, TANAKA), &at(0))
    };
    lifts(&"x".repeat(64)).unwrap();
    for id in ["Stop!", "", &"x".repeat(65)] {
        refused(lifts(id), Class::Malformed, Reason::Malformed, "kebab-case");
    }
}

#[test]
fn who_may_lift_is_named() {
    let (policy, mut state) = line();
    state = holds(|_| ()).unwrap().state.holds.into_iter().fold(state, |mut state, (id, it)| {
        state.holds.insert(id, it);
        state
    });
    let mut case = Case::new();
    case.document.hold = vec!["manager".into()];
    let got = taiwa_plan::admit(&policy, &state, &case.bundle().2, Move::FIRST, &at(0));
    let got = got.unwrap_err();
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!(got[0].who, "tanaka, or whoever may hold: tanaka, suzuki");
}
