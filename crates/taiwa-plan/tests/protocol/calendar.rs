//! Freezes and windows over changes of the clocks, asked of everybody who asks: admission (which is what planner and
//! `promote` show), prepare, and the commit. Two zones, spring and autumn.

use taiwa_model::Moment;
use taiwa_plan::{
    Freeze, Move, PolicyDocument, Reading, Reason, Window, admit,
    server::{Activation, Preparation, activate, prepare},
};

use crate::world::{Case, now, prepared, time};

/// A good request at another instant: everything in it is as old, or as young, as it was.
fn at_instant(instant: &str, change: &dyn Fn(&mut PolicyDocument)) -> Case {
    let mut case = Case::new();
    change(&mut case.document);
    let shift_ms = time(instant).millis_since(now());
    let shift = |it: &mut taiwa_model::Timestamp| *it = it.plus_millis(shift_ms);
    for (_, it) in &mut case.approvals {
        shift(&mut it.issued);
        shift(&mut it.expires);
    }
    for (_, it) in &mut case.evidence {
        shift(&mut it.issued);
        shift(&mut it.started);
        shift(&mut it.ended);
    }
    case.origin.iter_mut().for_each(|it| shift(&mut it.1.issued));
    shift(&mut case.plan.not_after);
    case.at = Reading::once(time(instant));
    case
}

/// Nothing stands against a move at this instant, whoever is asked.
#[track_caller]
fn open(instant: &str, change: &dyn Fn(&mut PolicyDocument)) {
    let case = at_instant(instant, change);
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let (states, receipts) = prepared(&case);
    let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    activate(&policy, &states[0], &request, &case.at).unwrap();
}

/// The calendar stands against it, and nothing else: for admission, for whoever is asked to prepare, and for the
/// commit of what was prepared at `before`, seconds earlier.
#[track_caller]
fn shut(before: &str, instant: &str, change: &dyn Fn(&mut PolicyDocument), reason: Reason) {
    let mut case = at_instant(instant, change);
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let state = case.server_state();
    let only = |got: Vec<taiwa_plan::Refusal>| {
        assert_eq!(got.iter().map(|it| it.reason).collect::<Vec<_>>(), [reason], "{got:#?}");
    };
    only(admit(&policy, &state, &bundle, Move::FIRST, &case.at).unwrap_err());
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    only(prepare(&policy, &state, &request, &case.at).unwrap_err().refusals);
    let earlier = at_instant(before, change);
    let (states, receipts) = prepared(&earlier);
    let bundle = earlier.bundle().2;
    let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    activate(&policy, &states[0], &request, &earlier.at).unwrap();
    only(activate(&policy, &states[0], &request, &case.at).unwrap_err().refusals);
}

/// It is open just before `first` and at `end`, and shut from `first` until just before `end`.
#[track_caller]
fn span(change: &dyn Fn(&mut PolicyDocument), first: &str, end: &str, reason: Reason) {
    let second = |instant: &str, by: i64| time(instant).plus_millis(by * 1000).to_string();
    open(&second(first, -1), change);
    shut(&second(first, -1), first, change, reason);
    let late = at_instant(&second(end, -1), change);
    let mut state = at_instant(&second(end, -1), change);
    let got = admit(&late.policy(), &state.server_state(), &late.bundle().2, Move::FIRST, &late.at);
    assert_eq!(got.unwrap_err()[0].reason, reason, "a second before {end}");
    open(end, change);
}

fn freeze(
    zone: &'static str,
    from: &'static str,
    until: &'static str,
) -> impl Fn(&mut PolicyDocument) {
    move |it| {
        it.freeze = vec![Freeze {
            from: Moment::parse(from).unwrap(),
            until: Moment::parse(until).unwrap(),
            zone: zone.to_owned(),
            reason: "an audit".to_owned(),
        }];
    }
}

fn window(
    zone: &'static str,
    from: &'static str,
    until: &'static str,
) -> impl Fn(&mut PolicyDocument) {
    move |it| {
        it.windows = vec![Window {
            days: vec![],
            from: from.to_owned(),
            until: until.to_owned(),
            zone: zone.to_owned(),
        }];
    }
}

#[test]
fn attack_16_a_freeze_over_the_doubled_hour_is_both_hours() {
    let it = freeze("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T02:30");
    span(&it, "2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z", Reason::Freeze);
    let it = freeze("America/New_York", "2026-11-01T01:00", "2026-11-01T01:30");
    span(&it, "2026-11-01T05:00:00Z", "2026-11-01T06:30:00Z", Reason::Freeze);
}

#[test]
fn attack_16_a_freeze_in_the_skipped_hour_is_not_skipped() {
    let it = freeze("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T02:45");
    span(&it, "2026-03-29T00:15:00Z", "2026-03-29T01:45:00Z", Reason::Freeze);
    let it = freeze("America/New_York", "2026-03-08T02:15", "2026-03-08T02:45");
    span(&it, "2026-03-08T06:15:00Z", "2026-03-08T07:45:00Z", Reason::Freeze);
}

#[test]
fn attack_16_a_frozen_day_is_as_long_as_it_is_there() {
    // 25 hours in Berlin, 23 in New York.
    let it = freeze("Europe/Berlin", "2026-10-25", "2026-10-25");
    span(&it, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", Reason::Freeze);
    let it = freeze("America/New_York", "2026-03-08", "2026-03-08");
    span(&it, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", Reason::Freeze);
}

#[test]
fn attack_16_the_doubled_hour_is_in_no_window() {
    let it = window("Europe/Berlin", "01:00", "05:00");
    span(&it, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", Reason::Window);
    let it = window("America/New_York", "00:00", "05:00");
    span(&it, "2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z", Reason::Window);
}

#[test]
fn attack_16_a_window_that_ends_in_the_skipped_hour_ends_before_it() {
    let it = window("Europe/Berlin", "00:30", "02:30");
    open("2026-03-29T00:29:59Z", &it);
    shut("2026-03-29T00:29:59Z", "2026-03-29T00:30:00Z", &it, Reason::Window);
    let it = window("America/New_York", "00:30", "02:30");
    open("2026-03-08T06:29:59Z", &it);
    shut("2026-03-08T06:29:59Z", "2026-03-08T06:30:00Z", &it, Reason::Window);
}
