//! Conditions that no other test sees fail: each row here goes red when the condition is taken out of the code. They were
//! found by taking out each condition of the crate, one at a time.

use serde_json::json;
use taiwa_model::{Digest, EnvironmentName, RoleName};
use taiwa_plan::{Envelope, Evidence, EvidenceResult, Reason, Reject, admit, count};

use crate::world::{
    Case, ITO, RUNNER, STRANGER, SUZUKI, TANAKA, approve, in_s, now, passed, release, signed,
    staging,
};

fn reasons(mut case: Case) -> Vec<Reason> {
    let policy = case.policy();
    let state = case.server_state();
    let bundle = case.bundle().2;
    let got = admit(&policy, &state, &bundle, case.step, &case.at).err().unwrap_or_default();
    got.iter().map(|it| it.reason).collect()
}

#[track_caller]
fn check(change: impl FnOnce(&mut Case), want: &[Reason]) {
    let mut case = Case::new();
    change(&mut case);
    assert_eq!(reasons(case), want);
}

#[test]
fn a_server_is_of_the_policy_and_of_the_plan() {
    let both = [Reason::StalePlan, Reason::NotAMember];
    check(|it| drop(it.plan.servers.remove(0)), &both);
    let named_by_the_plan_only = |it: &mut Case| {
        it.plan.servers.push("osaka-1".into());
        it.state = Box::new(|state, _| state.server = "osaka-1".into());
    };
    check(named_by_the_plan_only, &both);
}

#[test]
fn a_rejection_is_of_this_environment() {
    let reject = |case: &Case, environment: &str| {
        let why = "the price is wrong".to_owned();
        let (environment, issued) = (EnvironmentName::new(environment), in_s(-30));
        signed(&Reject { environment, issued, plan: case.bundle().1, why }, SUZUKI)
    };
    check(|it| it.extra.push(reject(it, "production")), &[Reason::Rejected]);
    check(|it| it.extra.push(reject(it, "staging")), &[]);
}

#[test]
fn what_is_not_protected_may_ask_for_nothing() {
    let open = |case: &mut Case| {
        case.document = staging();
        case.plan.environment = "staging".into();
        (case.plan.anchor, case.plan.servers) = ("s-1".into(), case.document.members());
        case.server = "s-1".into();
        (case.approvals, case.evidence, case.origin) = (vec![], vec![], vec![]);
    };
    check(open, &[]);
}

#[test]
fn a_server_believes_only_the_evidence_that_the_plan_names() {
    let nothing = Evidence { result: EvidenceResult::NoData, ..passed(release("espresso")) };
    // One that passed comes along; whoever approved the plan has not seen it.
    let unnamed = |it: &mut Case| {
        it.evidence = vec![(RUNNER, nothing.clone())];
        let later = Evidence { ended: in_s(-290), ..passed(it.plan.to) };
        it.more_evidence = vec![(RUNNER, later)];
    };
    check(unnamed, &[Reason::GateFailed]);
    let named = |it: &mut Case, gate: &str, more: &[Digest]| {
        let here = signed(&it.evidence[0].1, RUNNER).digest();
        it.plan.evidence.insert("scenarios".to_owned(), vec![here]);
        let of_gate = it.plan.evidence.entry(gate.to_owned()).or_default();
        of_gate.extend(more);
        if of_gate.is_empty() {
            of_gate.push(here);
        }
    };
    check(|it| named(it, "scenarios", &[]), &[]);
    check(|it| named(it, "scenarios", &[Digest::of(b"gone")]), &[Reason::GateFailed]);
    check(|it| named(it, "beauty", &[]), &[Reason::GateFailed]);
}

#[test]
fn the_borders_of_evidence_are_inside() {
    check(|it| it.evidence[0].1.started = it.evidence[0].1.ended, &[]);
    let skewed = |seconds: i64| move |it: &mut Case| it.evidence[0].1.ended = in_s(seconds);
    check(skewed(5), &[]);
    check(skewed(6), &[Reason::GateFailed]);
    check(|it| it.origin[1].1.issued = in_s(5), &[]);
    let more = |it: &mut Case| drop(it.evidence[0].1.inputs.insert("more".to_owned(), json!([])));
    check(more, &[Reason::GateFailed]);
}

#[test]
fn who_wrote_it_does_not_depend_on_what_runs() {
    let mut case = Case::separated(&["ito"], &[]);
    case.evidence[1].1.ran_on.generation = 2;
    assert_eq!(reasons(case), []);
    // What somebody else says of it comes first in the bundle, and is not what counts.
    let mut case = Case::separated(&["ito"], &[]);
    let mut other = Case::separated(&["suzuki"], &[]);
    let (_, said) = other.evidence.pop().unwrap();
    case.evidence.insert(0, (STRANGER, said));
    assert_eq!(reasons(case), []);
}

fn counted(case: &Case) -> taiwa_plan::Count {
    let (plan, _, bundle) = case.bundle();
    count(&plan, &case.policy(), &bundle.open().unwrap().statements, now())
}

#[test]
fn one_person_more_is_asked_for_and_has_a_role_that_approves() {
    let mut case = Case::separated(&["ito"], &["mori@example.com"]);
    assert!(!counted(&case).is_met(), "every role is filled, and one person is missing");
    // Somebody whose role nobody asks for is nobody here.
    case.document.people[3].roles.push(RoleName::new("translator"));
    case.plan.contributors.clear();
    case.approvals.push((ITO, approve("translator")));
    let got = counted(&case);
    let more = got.more.as_ref().unwrap();
    assert_eq!((more.want, more.have, got.is_met()), (1, 0, false));
    case.approvals.push((SUZUKI, approve("manager")));
    let got = counted(&case);
    assert_eq!((got.more.as_ref().unwrap().have, got.is_met()), (1, true));
    case.approvals.remove(1);
    assert!(!counted(&case).is_met(), "the one more does not stand for a role");
}

#[test]
fn the_longer_of_two_approvals_stays_whichever_comes_first() {
    let mut longer = approve("manager");
    longer.expires = in_s(7200);
    for place in [0, 1] {
        let mut case = Case::new();
        case.approvals = vec![(TANAKA, approve("manager"))];
        case.approvals.insert(place, (TANAKA, longer.clone()));
        let got = counted(&case);
        let statements = case.bundle().2.statements;
        let of = |it: &&Envelope| {
            matches!(it.open().unwrap().payload,
                taiwa_plan::Payload::Approve(it) if it.expires == longer.expires)
        };
        let kept = statements.iter().find(of).map(Envelope::digest);
        assert_eq!(got.expires(), Some(in_s(7200)));
        assert_eq!(Some(got.valid[0].statement), kept);
        assert_ne!(Some(got.ignored[0].statement), kept);
    }
}
