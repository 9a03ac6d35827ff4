//! Stopping the line, and going on.

use taiwa_model::RoleName;
use taiwa_plan::{
    Envelope, Freeze, Hold, Lift, Policy, Reason, Window, admit,
    server::{Class, MAX_HOLD_S, MAX_HOLDS, Refused, ServerState, Transition, held, statement},
};

use super::refused;
use crate::world::{Case, ITO, SATO, STRANGER, SUZUKI, TANAKA, at, in_s, release, secret};

fn case() -> Case {
    let mut case = Case::new();
    case.document.hold = vec![RoleName::new("manager")];
    case
}

fn hold(id: &str) -> Hold {
    Hold {
        environment: "production".into(),
        issued: in_s(-5),
        id: id.to_owned(),
        why: "prices are wrong".to_owned(),
        expires: in_s(3600),
    }
}

fn lift(id: &str) -> Lift {
    Lift { environment: "production".into(), issued: in_s(1), id: id.to_owned() }
}

fn sent<T: taiwa_plan::Body>(body: &T, seed: u8) -> Envelope {
    Envelope::signed(body, &secret(seed)).unwrap()
}

struct Line {
    policy: Policy,
    state: ServerState,
}

impl Line {
    fn new() -> Self {
        let mut case = case();
        Self { policy: case.policy(), state: case.server_state() }
    }

    fn send(&self, envelope: &Envelope) -> Result<Transition, Refused> {
        statement(&self.policy, &self.state, envelope, &at(2))
    }

    fn take(&mut self, envelope: &Envelope) {
        self.state = self.send(envelope).unwrap().state;
    }

    fn reasons(&self, mut case: Case, after_s: i64) -> Vec<Reason> {
        case.document.hold = vec![RoleName::new("manager")];
        case.plan.not_after = in_s(30 * 86_400);
        let known = self.state.clone();
        case.state = Box::new(move |state, _| {
            state.holds = known.holds.clone();
            state.lifts = known.lifts.clone();
        });
        let state = case.server_state();
        let got = admit(&self.policy, &state, &case.bundle().2, case.step, &at(after_s));
        got.err().unwrap_or_default().into_iter().map(|it| it.reason).collect()
    }
}

#[test]
fn a_hold_stops_changes_until_it_is_lifted_or_over() {
    let mut line = Line::new();
    assert_eq!(line.reasons(Case::new(), 2), []);
    line.take(&sent(&hold("prices"), TANAKA));
    assert_eq!(line.reasons(Case::new(), 2), [Reason::Held]);
    assert!(line.reasons(Case::new(), 3599).contains(&Reason::Held));
    assert!(!line.reasons(Case::new(), 3600).contains(&Reason::Held), "it expires");
    line.take(&sent(&lift("prices"), SUZUKI));
    assert_eq!(line.reasons(Case::new(), 2), []);
    let again = line.send(&sent(&hold("prices"), TANAKA));
    refused(again, Class::Forbidden, Reason::Expired, "was lifted");
}

#[test]
fn attack_17_going_back_is_never_held_nor_frozen() {
    let mut line = Line::new();
    line.take(&sent(&hold("prices"), TANAKA));
    let back = Case::rollback(&release("old"), release("new"), 2);
    let reasons = line.reasons(back, 2);
    assert_eq!(reasons, [Reason::NeverRan], "only that it never ran here");
}

#[test]
fn a_lift_that_comes_first_counts() {
    let mut line = Line::new();
    line.take(&sent(&lift("prices"), TANAKA));
    let late = line.send(&sent(&hold("prices"), TANAKA));
    refused(late, Class::Forbidden, Reason::Expired, "was lifted");
}

#[test]
fn who_may_and_what_is_said_twice() {
    let mut line = Line::new();
    for seed in [SATO, ITO, STRANGER] {
        let (hold, lift) = (sent(&hold("prices"), seed), sent(&lift("prices"), seed));
        for statement in [hold, lift] {
            let got = line.send(&statement);
            refused(got, Class::Forbidden, Reason::BadSignature, "whose role may hold");
        }
    }
    let first = sent(&hold("prices"), TANAKA);
    line.take(&first);
    let again = line.send(&first).unwrap();
    assert_eq!((&again.state, again.entry), (&line.state, None));
    let other = Hold { why: "another reason".to_owned(), ..hold("prices") };
    let got = line.send(&sent(&other, TANAKA));
    refused(got, Class::Conflict, Reason::Conflict, "named prices already");
    assert_eq!(held(&line.state, in_s(2)).count(), 1);
    line.take(&sent(&lift("prices"), TANAKA));
    let again = line.send(&sent(&lift("prices"), TANAKA)).unwrap();
    assert_eq!((&again.state, again.entry), (&line.state, None));
    assert_eq!(held(&line.state, in_s(2)).count(), 0);
}

#[track_caller]
fn odd(change: impl FnOnce(&mut Hold), class: Class, reason: Reason, what: &str) {
    let mut one = hold("prices");
    change(&mut one);
    refused(Line::new().send(&sent(&one, TANAKA)), class, reason, what);
}

#[test]
fn a_hold_has_a_name_a_place_and_an_end() {
    let longest = i64::try_from(MAX_HOLD_S).unwrap();
    odd(|it| it.id = "Prices!".into(), Class::Malformed, Reason::Malformed, "kebab-case");
    odd(|it| it.id = "x".repeat(65), Class::Malformed, Reason::Malformed, "kebab-case");
    odd(|it| it.expires = in_s(2), Class::Forbidden, Reason::Expired, "it expired");
    odd(|it| it.expires = in_s(longest), Class::Forbidden, Reason::Limit, "at most 14 days");
    odd(|it| it.issued = in_s(8), Class::Forbidden, Reason::Clock, "in the future");
    let elsewhere = |it: &mut Hold| it.environment = "staging".into();
    odd(elsewhere, Class::Forbidden, Reason::WrongEnvironment, "staging");
    let long = lift(&"x".repeat(65));
    refused(
        Line::new().send(&sent(&long, TANAKA)),
        Class::Malformed,
        Reason::Malformed,
        "kebab-case",
    );
    let line = Line::new();
    let doubtful = taiwa_plan::Reading { trusted: false, ..at(2) };
    let got = statement(&line.policy, &line.state, &sent(&hold("prices"), TANAKA), &doubtful);
    refused(got, Class::Forbidden, Reason::Clock, "not believed");
}

#[test]
fn what_is_remembered_is_bounded_and_makes_room() {
    let mut line = Line::new();
    let (one, other) = (sent(&hold("one"), TANAKA), sent(&lift("one"), TANAKA));
    line.take(&one);
    line.take(&other);
    let (held, lifted) = (line.state.holds["one"].clone(), line.state.lifts["one"]);
    for number in 1..MAX_HOLDS {
        line.state.holds.insert(format!("h-{number}"), held.clone());
        line.state.lifts.insert(format!("h-{number}"), lifted);
    }
    let full = line.send(&sent(&hold("more"), TANAKA));
    refused(full, Class::Forbidden, Reason::Limit, "in force already");
    let full = line.send(&sent(&lift("more"), TANAKA));
    refused(full, Class::Forbidden, Reason::Limit, "remembered already");
    line.state.holds.get_mut("h-7").unwrap().until = in_s(0);
    line.state.lifts.get_mut("h-7").unwrap().at = in_s(-29 * 86_400);
    line.take(&sent(&hold("more"), TANAKA));
    line.take(&sent(&lift("more"), TANAKA));
    assert!(!line.state.holds.contains_key("h-7") && !line.state.lifts.contains_key("h-7"));
}

#[track_caller]
fn calendar(change: impl FnOnce(&mut Case), reasons: &[Reason]) {
    let mut case = Case::new();
    change(&mut case);
    let (policy, state) = (case.policy(), case.server_state());
    let got = admit(&policy, &state, &case.bundle().2, case.step, &case.at);
    let got: Vec<_> = got.err().unwrap_or_default().into_iter().map(|it| it.reason).collect();
    assert_eq!(got, reasons);
}

#[test]
fn attack_17_freezes_and_windows_stop_changes_only() {
    let freeze = |zone: &str| Freeze {
        from: taiwa_model::Moment::parse("2026-11-20").unwrap(),
        until: taiwa_model::Moment::parse("2026-11-21").unwrap(),
        zone: zone.to_owned(),
        reason: "audit".to_owned(),
    };
    let window = |until: &str| Window {
        days: vec!["sat".to_owned()],
        from: "08:00".to_owned(),
        until: until.to_owned(),
        zone: "UTC".to_owned(),
    };
    calendar(|it| it.document.freeze = vec![freeze("UTC")], &[Reason::Freeze]);
    calendar(|it| it.document.freeze = vec![freeze("Pacific/Kiritimati")], &[]);
    calendar(|it| it.document.windows = vec![window("10:01")], &[]);
    calendar(|it| it.document.windows = vec![window("10:00")], &[Reason::Window]);
    let both = |it: &mut Case| {
        it.document.freeze = vec![freeze("UTC")];
        it.document.windows = vec![window("10:00")];
    };
    calendar(both, &[Reason::Freeze, Reason::Window]);
    let back = |it: &mut Case| {
        *it = Case::rollback(&release("old"), release("new"), 2);
        both(it);
        let policy = *it.policy().digest();
        it.state = Box::new(move |state, _| {
            let ran = taiwa_plan::server::Ran { generation: 1, policy, since: in_s(-9000) };
            state.ran.insert(release("old"), ran);
        });
    };
    calendar(back, &[]);
}
