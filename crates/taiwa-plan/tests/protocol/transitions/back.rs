//! The parachute: the move `back` of a plan whose approvals covered it.

use taiwa_model::Digest;
use taiwa_plan::{
    Bundle, Envelope, Move, Pull, Reason, admit,
    server::{Activation, Class, Effect, Preparation, activate, prepare},
};

use super::{Request, STALE, refused};
use crate::world::{
    Case, ITO, SATO, SERVERS, STRANGER, SUZUKI, TANAKA, at, in_s, now, release, secret, sign,
};

fn pull(plan: Digest) -> Pull {
    Pull {
        environment: "production".into(),
        issued: in_s(9),
        plan,
        step: Move::Back,
        expires: in_s(600),
    }
}

/// A promotion with a parachute, live on every server; and its bundle with a `pull`.
struct Done {
    servers: Vec<Request>,
    bundle: Bundle,
}

impl Done {
    fn of(change: impl FnOnce(&mut Case), by: u8, change_pull: impl FnOnce(&mut Pull)) -> Self {
        let mut case = Case::of(&release("espresso"), Some(release("old")), 4);
        case.plan.parachute_until = Some(in_s(5000));
        for (_, approval) in &mut case.approvals {
            approval.parachute = true;
        }
        change(&mut case);
        let policy = case.policy();
        let (plan, digest, bundle) = case.bundle();
        let mut servers = Vec::new();
        for (id, _) in SERVERS {
            let mut state = taiwa_plan::server::ServerState::fresh(&policy, id.into());
            state.stored.extend([plan.to, release("old")]);
            let mut request = Request {
                policy: policy.clone(),
                state,
                bundle: bundle.clone(),
                receipts: vec![],
                at: at(0),
            };
            request.state.active = super::to_activate(0).activate().unwrap().state.active;
            let active = request.state.active.as_mut().unwrap();
            active.release = plan.to;
            active.generation = plan.target;
            active.plan = digest;
            active.since = now();
            active.bundle = bundle.clone();
            request.state.epoch = active.epoch;
            request.at = at(10);
            servers.push(request);
        }
        let mut word = pull(digest);
        change_pull(&mut word);
        let mut statements = bundle.statements;
        statements.push(Envelope::signed(&word, &secret(by)).unwrap());
        let bundle = Bundle::new(&plan, statements).unwrap();
        Self { servers, bundle }
    }

    fn good() -> Self {
        Self::of(|_| (), TANAKA, |_| ())
    }

    fn reasons(&self) -> Vec<Reason> {
        let anchor = &self.servers[0];
        let got = admit(&anchor.policy, &anchor.state, &self.bundle, Move::Back, &anchor.at);
        got.err().unwrap_or_default().into_iter().map(|it| it.reason).collect()
    }
}

#[test]
fn everyone_goes_back_by_one_signature_and_what_was_left_is_rolled_back() {
    let mut done = Done::good();
    let mut receipts: Vec<Envelope> = Vec::new();
    for server in &mut done.servers {
        let word = receipts.first();
        let request = Preparation { bundle: &done.bundle, step: Move::Back, word };
        let next = prepare(&server.policy, &server.state, &request, &server.at).unwrap();
        let receipt = next.receipt.unwrap();
        assert_eq!((receipt.generation, receipt.release), (6, Some(release("old"))));
        receipts.push(sign(&receipt));
        server.state = next.state;
    }
    let mut words = receipts[1..].to_vec();
    for server in &mut done.servers {
        let brought = words.clone();
        let request = Activation { bundle: &done.bundle, step: Move::Back, receipts: &brought };
        let next = activate(&server.policy, &server.state, &request, &server.at).unwrap();
        assert_eq!(
            next.effect,
            Effect::Swap { release: release("old"), generation: 6, rest: None }
        );
        words.push(sign(&next.receipt.clone().unwrap()));
        server.state = next.state;
        assert!(server.state.rolled_back.contains(&release("espresso")));
        let again = activate(&server.policy, &server.state, &request, &server.at).unwrap();
        assert_eq!((again.effect, again.receipt), (Effect::Nothing, next.receipt));
    }
    // Once: the generation has moved on, so neither the step nor `back` can be done again.
    let anchor = &done.servers[0];
    for step in [Move::FIRST, Move::Back] {
        let request = Preparation { bundle: &done.bundle, step, word: None };
        let got = prepare(&anchor.policy, &anchor.state, &request, &at(11));
        refused(got, STALE.0, STALE.1, "live is 6");
    }
}

#[test]
fn any_approver_may_pull() {
    for seed in [TANAKA, SATO, SUZUKI] {
        assert_eq!(Done::of(|_| (), seed, |_| ()).reasons(), []);
    }
    for seed in [ITO, STRANGER] {
        assert_eq!(Done::of(|_| (), seed, |_| ()).reasons(), [Reason::ApprovalMissing]);
    }
    // And who may hold; not who has a role for something else.
    let may_hold = |it: &mut Case| {
        it.document.hold = vec!["auditor".into()];
        it.document.people[3].roles = vec!["auditor".into()];
    };
    assert_eq!(Done::of(may_hold, ITO, |_| ()).reasons(), []);
    let translates = |it: &mut Case| it.document.people[3].roles = vec!["translator".into()];
    let done = Done::of(translates, ITO, |_| ());
    assert_eq!(done.reasons(), [Reason::ApprovalMissing]);
    let anchor = &done.servers[0];
    let got = admit(&anchor.policy, &anchor.state, &done.bundle, Move::Back, &anchor.at);
    assert_eq!(got.unwrap_err()[0].who, "tanaka, sato, suzuki", "who can");
    let done = Done::of(may_hold, STRANGER, |_| ());
    let anchor = &done.servers[0];
    let got = admit(&anchor.policy, &anchor.state, &done.bundle, Move::Back, &anchor.at);
    assert_eq!(got.unwrap_err()[0].who, "tanaka, sato, suzuki, ito", "who can");
}

#[test]
fn a_pull_is_for_this_plan_this_environment_and_an_hour() {
    let missing = [Reason::ApprovalMissing];
    let check = |change: fn(&mut Pull)| {
        assert_eq!(Done::of(|_| (), TANAKA, change).reasons(), missing);
    };
    check(|it| it.plan = Digest::of(b"another"));
    check(|it| it.environment = "staging".into());
    check(|it| it.step = Move::FIRST);
    check(|it| it.expires = in_s(10));
    check(|it| it.expires = in_s(9 + 3601));
    check(|it| it.issued = in_s(16));
    let borders = |it: &mut Pull| (it.issued, it.expires) = (in_s(15), in_s(15 + 3600));
    assert_eq!(Done::of(|_| (), TANAKA, borders).reasons(), []);
}

#[test]
fn the_approvals_must_have_covered_it_when_they_were_given() {
    let one_without = |it: &mut Case| it.approvals[1].1.parachute = false;
    assert_eq!(Done::of(one_without, TANAKA, |_| ()).reasons(), [Reason::NoParachute]);
    let none = |it: &mut Case| it.plan.parachute_until = None;
    assert_eq!(Done::of(none, TANAKA, |_| ()).reasons(), [Reason::NoParachute]);
    let over = |it: &mut Case| it.plan.parachute_until = Some(in_s(9));
    assert_eq!(Done::of(over, TANAKA, |_| ()).reasons(), [Reason::NoParachute]);
    let last = |it: &mut Case| it.plan.parachute_until = Some(in_s(10));
    assert_eq!(Done::of(last, TANAKA, |_| ()).reasons(), []);
    // Approvals and plan may be over by now; they counted when the plan was committed.
    let expired = |it: &mut Case| {
        it.approvals.iter_mut().for_each(|it| it.1.expires = in_s(3));
        it.plan.not_after = in_s(3);
    };
    assert_eq!(Done::of(expired, TANAKA, |_| ()).reasons(), []);
}

#[test]
fn only_the_plan_that_is_live_goes_back_and_only_to_where_it_began() {
    let mut done = Done::good();
    done.servers[0].state.active.as_mut().unwrap().plan = Digest::of(b"a later plan");
    assert_eq!(done.reasons(), [Reason::StalePlan]);
    let mut done = Done::good();
    done.servers[0].state.active.as_mut().unwrap().step = Move::Back;
    assert_eq!(done.reasons(), [Reason::StalePlan]);
    let mut done = Done::good();
    done.servers[0].state.stored.remove(&release("old"));
    assert_eq!(done.reasons(), [Reason::NotStored]);
    let first = |it: &mut Case| it.plan.from = None;
    assert_eq!(Done::of(first, TANAKA, |_| ()).reasons(), [Reason::NeverRan]);
}

#[test]
fn it_works_while_the_line_is_held_but_not_by_a_clock_that_is_not_believed() {
    let mut done = Done::good();
    done.servers[0].at.trusted = false;
    assert_eq!(done.reasons(), [Reason::Clock]);
    let frozen = |it: &mut Case| {
        it.document.freeze = vec![taiwa_plan::Freeze {
            from: taiwa_model::Moment::parse("2026-11-20").unwrap(),
            until: taiwa_model::Moment::parse("2026-11-23").unwrap(),
            zone: "UTC".to_owned(),
            reason: "audit".to_owned(),
        }];
    };
    assert_eq!(Done::of(frozen, TANAKA, |_| ()).reasons(), []);
}

#[test]
fn the_way_back_needs_the_same_promises_of_everyone() {
    let done = Done::good();
    let anchor = &done.servers[0];
    let request = Preparation { bundle: &done.bundle, step: Move::Back, word: None };
    let state = prepare(&anchor.policy, &anchor.state, &request, &anchor.at).unwrap().state;
    let request = Activation { bundle: &done.bundle, step: Move::Back, receipts: &[] };
    let got = activate(&anchor.policy, &state, &request, &anchor.at).unwrap_err();
    assert!(got.refusals.iter().all(|it| it.reason == Reason::ReceiptMissing), "{got}");
    assert_eq!((got.class, got.refusals.len()), (Class::Forbidden, 2));
}
