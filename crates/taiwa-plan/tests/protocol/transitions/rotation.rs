//! Another policy on running servers, and servers that were left behind on the way.

use taiwa_model::{Digest, RoleName};
use taiwa_plan::{
    Envelope, Person, Policy, PolicyDocument, Reason, Receipt, Refusals, adopt,
    server::{
        Class, Effect, Learning, Refused, ServerState, Transition, abort, activate, learn, restart,
        rotate, state_receipt, timer,
    },
};

use super::{Request, refused, to_activate};
use crate::world::{
    Case, ITO, STRANGER, SUZUKI, TANAKA, at, in_s, key, production, release, secret, sign,
};

/// The next version of a policy, changed and signed.
pub(super) fn next(policy: &Policy, by: &[u8], change: impl FnOnce(&mut PolicyDocument)) -> Policy {
    let mut document = policy.document().clone();
    document.version += 1;
    document.previous = Some(*policy.digest());
    document.issued = in_s(1);
    change(&mut document);
    let mut envelope = Envelope::unsigned(&document).unwrap();
    for seed in by {
        envelope.add_signature(&secret(*seed)).unwrap();
    }
    Policy::accept(&envelope).unwrap()
}

fn ito_manages(document: &mut PolicyDocument) {
    for person in &mut document.people {
        let is_ito = person.id.as_str() == "ito";
        person.roles.retain(|it| it.as_str() != "manager");
        if is_ito {
            person.roles.push(RoleName::new("manager"));
        }
    }
}

#[track_caller]
fn stands_against(next: &Policy, reasons: &[Reason], what: &str) {
    let old = Case::new().policy();
    let got: Refusals = next.follows(&old).err().unwrap_or_default();
    assert_eq!(got.iter().map(|it| it.reason).collect::<Vec<_>>(), reasons, "{got:#?}");
    assert!(what.is_empty() || got.iter().any(|it| it.what.contains(what)), "{got:#?}");
}

#[test]
fn attack_07_a_policy_changes_only_by_the_threshold_of_the_one_before() {
    let old = Case::new().policy();
    stands_against(&next(&old, &[TANAKA], |it| it.skew_s = 3), &[], "");
    // Who takes the power to sign for himself needs those who have it now.
    let missing = [Reason::ApprovalMissing];
    stands_against(&next(&old, &[ITO], ito_manages), &missing, "the policy in force wants");
    stands_against(&next(&old, &[ITO, STRANGER], ito_manages), &missing, "0 of 1");
    stands_against(&next(&old, &[ITO, TANAKA], ito_manages), &[], "");
    let wrong = [Reason::WrongPolicy];
    let skips = |it: &mut PolicyDocument| it.version = 3;
    stands_against(&next(&old, &[TANAKA], skips), &wrong, "version 3 does not follow version 1");
    let fork = |it: &mut PolicyDocument| it.previous = Some(Digest::of(b"another first one"));
    stands_against(&next(&old, &[TANAKA], fork), &wrong, "does not follow");
    let elsewhere = |it: &mut PolicyDocument| it.environment = "osaka".into();
    stands_against(&next(&old, &[TANAKA], elsewhere), &[Reason::WrongEnvironment], "osaka");
    let anchor = |it: &mut PolicyDocument| it.anchor = "tokyo-2".into();
    stands_against(&next(&old, &[TANAKA], anchor), &[], "");
    leaving(&old);
    let open = |it: &mut PolicyDocument| it.protected = false;
    stands_against(&next(&old, &[STRANGER], open), &missing, "0 of 1 in the role manager");
}

/// Who leaves the group is shut down, by those who sign; for good.
fn leaving(old: &Policy) {
    let invalid = [Reason::PolicyInvalid];
    let without = |it: &mut PolicyDocument| it.servers.retain(|it| it.id.as_str() != "tokyo-2");
    stands_against(&next(old, &[TANAKA], without), &invalid, "tokyo-2 leaves the group");
    let shuts_down = |it: &mut PolicyDocument| {
        it.servers.retain(|it| it.id.as_str() != "tokyo-2");
        it.retired = vec!["tokyo-2".into()];
    };
    let retired = next(old, &[TANAKA], shuts_down);
    stands_against(&retired, &[], "");
    let renamed = |it: &mut PolicyDocument| {
        it.servers[1].id = "tokyo-9".into();
        it.retired = vec!["tokyo-2".into()];
    };
    stands_against(&next(old, &[TANAKA], renamed), &invalid, "the key of tokyo-2");
    let forgets = next(&retired, &[TANAKA], |it| it.retired.clear());
    let got = forgets.follows(&retired).unwrap_err();
    assert!(got.len() == 1 && got[0].what.contains("the policy forgets it"), "{got:#?}");
    // Not even two versions later, under another name.
    let returns = next(&retired, &[TANAKA], |it| {
        let server = taiwa_plan::Server { id: "tokyo-9".into(), ..production().servers[1].clone() };
        it.servers.push(server);
    });
    assert_eq!(returns.follows(&retired).err(), None);
    let state = rotate(old, &to_activate(0).state, &retired, &at(2)).unwrap().state;
    let got = rotate(&retired, &state, &returns, &at(3));
    refused(got, Class::Forbidden, Reason::PolicyInvalid, "the key of a server that was retired");
}

/// Found by the simulation (its seed 373 then): who becomes the anchor has no lease yet, but its promise to the one
/// before, who may have committed meanwhile.
#[test]
fn who_becomes_the_anchor_keeps_its_promise_to_the_one_before() {
    let other = to_activate(1);
    let promise = other.state.slot.clone().expect("it promised");
    let anchor = |it: &mut PolicyDocument| it.anchor = "tokyo-2".into();
    let to = next(&other.policy, &[TANAKA], anchor);
    let state = rotate(&other.policy, &other.state, &to, &at(2)).unwrap().state;
    assert!(state.handover.is_some() && state.slot.as_ref() == Some(&promise));
    let doubts = |state: &ServerState| {
        let slot = state.slot.as_ref().expect("the promise is kept");
        assert_eq!((slot.plan, slot.epoch), (promise.plan, promise.epoch));
        slot.doubt
    };
    let present = state.stored.clone();
    assert!(doubts(&restart(&to, &state, present, &at(3)).state), "a restart");
    assert!(
        doubts(&timer(&to, &state, promise.epoch, &at(16)).state),
        "the anchor's word is overdue"
    );
    let got = abort(&to, &state, promise.epoch, &at(3));
    refused(got, Class::Forbidden, Reason::NotTheAnchor, "of the anchor before");
    let third = next(&to, &[TANAKA], |it| it.skew_s = 3);
    assert!(!doubts(&rotate(&to, &state, &third, &at(3)).unwrap().state), "one policy more");
}

#[test]
fn a_server_takes_the_next_policy_once() {
    let request = to_activate(0);
    let to = next(&request.policy, &[TANAKA], |it| it.skew_s = 3);
    let done = rotate(&request.policy, &request.state, &to, &at(2)).unwrap();
    assert_eq!(done.effect, Effect::Freed, "the anchor's slot ends with the policy");
    assert_eq!((done.state.policy, done.state.slot.is_none()), (*to.digest(), true));
    assert!(done.state.earlier.contains(request.policy.digest()));
    let again = rotate(&to, &done.state, &to, &at(3)).unwrap();
    assert_eq!((&again.state, again.entry), (&done.state, None));
    let late = Request { state: done.state, ..to_activate(0) };
    refused(late.activate(), Class::Conflict, Reason::Conflict, "no slot is open");
    let other = to_activate(1);
    let done = rotate(&other.policy, &other.state, &to, &at(2)).unwrap();
    assert!(done.state.slot.is_some(), "what the anchor did or did not do ends it");
    let without = |it: &mut PolicyDocument| {
        it.servers.retain(|it| it.id.as_str() != "tokyo-2");
        it.retired = vec!["tokyo-2".into()];
    };
    let got = rotate(&other.policy, &other.state, &next(&other.policy, &[TANAKA], without), &at(2));
    refused(got, Class::Forbidden, Reason::NotAMember, "tokyo-2");
    let fork = next(&to, &[TANAKA], |it| it.skew_s = 4);
    let got = rotate(&other.policy, &other.state, &fork, &at(2));
    refused(got, Class::Forbidden, Reason::WrongPolicy, "version 3");
}

#[test]
fn the_clock_is_not_before_the_policy() {
    let request = to_activate(1);
    let to = next(&request.policy, &[TANAKA], |it| it.issued = in_s(500));
    let done = rotate(&request.policy, &request.state, &to, &at(2)).unwrap();
    assert_eq!(done.state.floor, in_s(500));
}

/// What ran under the policy before ran under approvals.
#[test]
fn a_rollback_reaches_behind_a_rotation() {
    let mut case = Case::rollback(&release("old"), release("new"), 2);
    let first = case.policy();
    case.document = next(&first, &[TANAKA], |it| it.skew_s = 3).document().clone();
    let ran = taiwa_plan::server::Ran { generation: 1, policy: *first.digest(), since: in_s(-9) };
    for (known, refusals) in [(true, 0), (false, 1)] {
        let policy = case.policy();
        let mut state = case.server_state();
        state.ran.insert(release("old"), ran);
        if known {
            state.earlier.insert(*first.digest());
        }
        let got = taiwa_plan::admit(&policy, &state, &case.bundle().2, case.step, &case.at);
        assert_eq!(got.err().unwrap_or_default().len(), refusals);
    }
}

/// A server that missed a move, and what proves it.
pub(super) struct Behind {
    pub(super) request: Request,
    pub(super) word: Envelope,
    pub(super) earlier: Vec<Policy>,
    /// A state of the anchor in force.
    pub(super) shown: Option<Envelope>,
}

impl Behind {
    pub(super) fn new() -> Self {
        let anchor = to_activate(0);
        let done = anchor.activate().unwrap();
        let word = sign(&done.receipt.unwrap());
        let mut request = to_activate(1);
        request.state.slot = None;
        Self { request, word, earlier: vec![], shown: None }
    }

    pub(super) fn learn(&self) -> Result<Transition, Refused> {
        let Request { policy, state, bundle, .. } = &self.request;
        let shown = self.shown.as_ref();
        let proof = Learning { bundle, word: &self.word, earlier: &self.earlier, shown };
        learn(policy, state, &proof, &at(30))
    }

    /// The server obeys the next policy by now.
    pub(super) fn rotated(mut self) -> Self {
        let policy = self.request.policy.clone();
        // Who approved then is not in the policy any more.
        let to = next(&policy, &[TANAKA], |it| it.people.retain(|it| it.id.as_str() != "sato"));
        self.request.state = rotate(&policy, &self.request.state, &to, &at(2)).unwrap().state;
        self.earlier = to.earlier(&[policy.envelope().clone()]);
        self.request.policy = to;
        self.shown = Some(self.shows(|_| ()));
        self
    }

    /// What the anchor shows of itself under the policy in force, at the release of the word, or changed.
    pub(super) fn shows(&self, change: impl FnOnce(&mut Receipt)) -> Envelope {
        let anchor = to_activate(0).activate().unwrap().state;
        let of = &self.request.policy;
        let anchor = ServerState { policy: *of.digest(), ..anchor };
        let mut said = state_receipt(of, &anchor, Some("fresh"), &at(20)).unwrap();
        change(&mut said);
        sign(&said)
    }
}

#[test]
fn a_server_that_was_left_behind_becomes_what_its_group_is() {
    let behind = Behind::new();
    let done = behind.learn().unwrap();
    assert_eq!(
        done.effect,
        Effect::Swap { release: release("espresso"), generation: 1, rest: None }
    );
    let active = done.state.active.as_ref().unwrap();
    assert_eq!((active.generation, active.release), (1, release("espresso")));
    let again =
        Behind { request: Request { state: done.state.clone(), ..behind.request }, ..behind };
    assert_eq!(again.learn().unwrap().effect, Effect::Nothing);
    // It is a full member again: the same state as if it had followed in time, but for when.
    let in_time = to_activate(1).activate().unwrap().state;
    let (a, b) = (in_time.active.unwrap(), done.state.active.unwrap());
    assert_eq!(
        (a.plan, a.epoch, a.generation, a.release),
        (b.plan, b.epoch, b.generation, b.release)
    );
    assert_eq!(in_time.ran.keys().collect::<Vec<_>>(), done.state.ran.keys().collect::<Vec<_>>());
}

#[test]
fn it_learns_under_the_policy_of_that_day() {
    let behind = Behind::new().rotated();
    assert_ne!(*behind.request.policy.digest(), *behind.earlier[0].digest());
    behind.learn().unwrap();
    let forgotten = Behind { earlier: vec![], ..behind };
    refused(forgotten.learn(), Class::Forbidden, Reason::WrongPolicy, "does not lead to");
}

#[test]
fn a_chain_of_policies_cannot_be_made_up() {
    let first = Case::new().policy();
    let second = next(&first, &[TANAKA], |it| it.skew_s = 3);
    let third = next(&second, &[TANAKA], |it| it.skew_s = 4);
    let all = [first.envelope().clone(), second.envelope().clone(), third.envelope().clone()];
    let digests = |chain: Vec<Policy>| chain.iter().map(|it| *it.digest()).collect::<Vec<_>>();
    assert_eq!(digests(third.earlier(&all)), [*second.digest(), *first.digest()]);
    assert_eq!(digests(third.earlier(&all[1..])), [*second.digest()]);
    assert_eq!(digests(third.earlier(&all[..1])), []);
    // Somebody's own policy, however well signed by himself, is named by nobody.
    let mut own = production();
    own.people = vec![Person {
        roles: own.people[0].roles.clone(),
        keys: vec![key(STRANGER)],
        ..own.people[0].clone()
    }];
    own.approvals.truncate(1);
    own.rollback.truncate(1);
    let own = Envelope::signed(&own, &secret(STRANGER)).unwrap();
    assert!(Policy::accept(&own).is_ok());
    assert_eq!(digests(second.earlier(&[own])), []);
}

#[track_caller]
fn check(change: impl FnOnce(&mut Behind), class: Class, reason: Reason, what: &str) {
    let mut behind = Behind::new();
    change(&mut behind);
    refused(behind.learn(), class, reason, what);
}

#[test]
fn nobody_is_talked_into_a_generation() {
    let no_word = (Class::Forbidden, Reason::ReceiptMissing);
    let prepared = |it: &mut Behind| it.word = to_activate(0).receipts[0].clone();
    check(prepared, no_word.0, no_word.1, "`committed` receipt of the anchor tokyo-1");
    let by_another = |it: &mut Behind| {
        let anchor = it.word.clone();
        let request = Request { receipts: vec![anchor], ..to_activate(2) };
        let done = activate(
            &request.policy,
            &request.state,
            &taiwa_plan::server::Activation {
                bundle: &request.bundle,
                step: taiwa_plan::Move::FIRST,
                receipts: &request.receipts,
            },
            &at(3),
        );
        it.word = sign(&done.unwrap().receipt.unwrap());
    };
    check(by_another, no_word.0, no_word.1, "tokyo-1");
    let another_plan = |it: &mut Behind| {
        let mut case = Case::new();
        case.plan.ledger = Some(Digest::of(b"another plan"));
        it.request.bundle = case.bundle().2;
    };
    check(another_plan, no_word.0, no_word.1, "for this plan");
    let not_there = |it: &mut Behind| it.request.state.stored.clear();
    check(not_there, Class::Conflict, Reason::NotStored, "not stored on tokyo-2");
    let ahead = |it: &mut Behind| super::live(&mut it.request, 4, "later");
    check(ahead, Class::Conflict, Reason::StalePlan, "leads to generation 1, live is 4");
}

#[test]
fn a_compromised_anchor_cannot_make_others_run_what_nobody_approved() {
    // It signs a commit of a plan that one person alone approved, twice.
    let mut case = Case::new();
    case.approvals = vec![case.approvals[0].clone(), case.approvals[0].clone()];
    let (plan, digest, bundle) = case.bundle();
    let mut behind = Behind::new();
    let taiwa_plan::Payload::Receipt(mut word) = behind.word.open().unwrap().payload else {
        panic!("a receipt")
    };
    (word.plan, word.release) = (Some(digest), Some(plan.to));
    behind.word = sign(&word);
    behind.request.bundle = bundle;
    refused(behind.learn(), Class::Forbidden, Reason::ApprovalMissing, "do not count enough");
}

#[test]
fn a_start_takes_the_next_policy_and_keeps_a_later_one() {
    let first = Case::new().policy();
    let second = next(&first, &[TANAKA], |it| it.skew_s = 3);
    let (one, two) = (first.envelope(), second.envelope());
    let taken = |stored, offered| adopt(stored, offered).unwrap().unwrap();
    assert_eq!(taken(Some(one), Some(two)).digest(), second.digest());
    assert_eq!(taken(Some(two), Some(one)).digest(), second.digest(), "an old file is no way back");
    assert_eq!(taken(Some(two), None).digest(), second.digest());
    let theirs = next(&first, &[SUZUKI], |it| it.skew_s = 9);
    assert!(adopt(Some(two), Some(theirs.envelope())).is_err(), "a fork");
    let usurped = next(&first, &[ITO], ito_manages);
    assert!(adopt(Some(one), Some(usurped.envelope())).is_err());
}
