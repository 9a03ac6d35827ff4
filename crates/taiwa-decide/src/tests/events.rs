//! Posted events: what is taken in, what is refused, and to which offer a response is credited.

use super::*;
use crate::{ContactKind, delivered, post};

const MINUTE: i64 = 60_000;

#[track_caller]
fn refused(outcome: &PostOutcome, expect: &[&str]) {
    let PostOutcome::Invalid(problems) = outcome else { panic!("{outcome:?}") };
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expect);
}

fn reading() -> Compiled {
    Shop::new()
        .offer("x", json!({"eligible": "sum(\"web/paid\", \"amount\", \"7d\") < 100.0"}))
        .offer("y", json!({}))
        .rule("everyone", "x", 10)
        .compile()
}

#[test]
fn every_offence_is_said_at_once() {
    let compiled = reading();
    let mut person = Person::default();
    let mut ask =
        |event: &str, properties: Json| do_post(&compiled, &mut person, event, properties, noon());
    refused(
        &ask("paid", json!({"amount": "12", "plan": "weekly"})),
        &["properties/amount: must be a number", "properties/plan: must be one of monthly, yearly"],
    );
    refused(&ask("paid", json!({"amount": null})), &["properties/amount: is required: a number"]);
    refused(&ask("app/opened", json!({})), &["channel: channel `app` is unknown"]);
    refused(
        &ask("Not An Event", json!({})),
        &["event: is written in lower case with underscores: add_to_cart"],
    );
    let many: Map<String, Json> = (0..=100).map(|it| (format!("p{it}"), json!(1))).collect();
    refused(&ask("looked", many.into()), &["properties: has 101 entries, more than 100"]);
    let unknown = ask("never_declared", json!({"a": 1}));
    let event = taiwa_model::EventRef::new("web", "never_declared");
    assert_eq!(unknown, PostOutcome::Unknown { event });
    assert_eq!(person, Person::default());
}

#[test]
fn undeclared_properties_stay_out_and_are_told() {
    let compiled = reading();
    let mut person = Person::default();
    let properties = json!({"amount": 60, "colour": "red", "plan": null});
    let outcome = do_post(&compiled, &mut person, "web/paid", properties, noon());
    let PostOutcome::Accepted(accepted) = outcome else { panic!("{outcome:?}") };
    assert_eq!((accepted.undeclared, accepted.conversion), (vec!["colour".to_owned()], true));
    assert_eq!(names(&ask(&compiled, &person, "banner", noon())), ["x"]);
    do_post(&compiled, &mut person, "paid", json!({"amount": 40.5}), noon());
    assert_eq!(names(&ask(&compiled, &person, "banner", noon())), ["story"]);
    let later = noon().plus_millis(7 * 86_400_000);
    assert_eq!(names(&ask(&compiled, &person, "banner", later)), ["x"]);
    // Nothing reads `looked`, so nothing of it is kept.
    let outcome = do_post(&compiled, &mut person, "looked", json!({}), noon());
    assert!(matches!(outcome, PostOutcome::Accepted(it) if !it.conversion));
    assert_eq!(person.entries(), 2);
}

#[track_caller]
fn check(compiled: &Compiled, posted: &Posted<'_>, ms: i64, expect: Result<i64, &str>) {
    let posted = Posted { at: Some(noon().plus_millis(ms)), ..*posted };
    let mut person = Person::default();
    match (post(compiled, &mut person, &posted, noon()), expect) {
        (PostOutcome::Accepted(it), Ok(ms)) => {
            assert_eq!(it.at, noon().plus_millis(ms));
            assert_eq!(person.event(&it.event).and_then(crate::Moments::last), Some(it.at));
        }
        (PostOutcome::Invalid(problems), Err(words)) => {
            assert_eq!(problems[0].to_string(), words);
        }
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn the_time_of_an_event_has_limits() {
    let compiled = reading();
    let (channel, properties) = ("web".into(), map(json!({"amount": 1})));
    let posted = Posted {
        channel: &channel,
        event: "paid",
        properties: &properties,
        at: None,
        session: None,
    };
    let hours = 72 * 60 * MINUTE;
    check(&compiled, &posted, -hours, Ok(-hours));
    check(&compiled, &posted, -hours - 1, Err("time: lies more than 72 hours back"));
    check(&compiled, &posted, 5 * MINUTE, Ok(0));
    check(&compiled, &posted, 5 * MINUTE + 1, Err("time: lies more than 5 minutes ahead"));
}

/// What an event is credited to, in a session that saw `last`.
#[track_caller]
fn credited(event: &str, properties: Json, last: &[&str], expect: &[&str]) {
    let compiled = reading();
    let mut session = session("customer");
    session.last_shown = last.iter().map(|it| OfferName::from(*it)).collect();
    let (channel, properties) = ("web".into(), map(properties));
    let posted = Posted {
        channel: &channel,
        event,
        properties: &properties,
        at: None,
        session: Some(&session),
    };
    let mut person = Person::default();
    let outcome = post(&compiled, &mut person, &posted, noon());
    let PostOutcome::Accepted(accepted) = outcome else { panic!("{outcome:?}") };
    let words = accepted.responses.iter().map(|(offer, kind)| format!("{} {offer}", kind.as_str()));
    assert_eq!(words.collect::<Vec<_>>(), expect);
    assert_eq!(accepted.undeclared, Vec::<String>::new());
    for (offer, kind) in &accepted.responses {
        let contacts = person.offer(offer.as_str()).unwrap();
        assert_eq!(contacts.of(*kind).last(), Some(noon()));
    }
}

#[test]
fn a_response_is_credited_to_what_it_names_or_to_what_was_seen_last() {
    credited("took_it", json!({"offer": "x"}), &["y"], &["accepted x"]);
    credited("took_it", json!({"tracking": "d.7.x"}), &["y"], &["accepted x"]);
    credited("took_it", json!({"tracking": "nonsense"}), &["y"], &["accepted y"]);
    credited("took_it", json!({}), &["y"], &["accepted y"]);
    credited("took_it", json!({}), &["x", "y"], &[]);
    credited("took_it", json!({}), &[], &[]);
    credited("took_it", json!({"offer": "gone"}), &["y"], &[]);
    credited("seen_it", json!({}), &["x", "y"], &["shown x", "shown y"]);
    let tracking = crate::tracking("d-1", &"x".into());
    credited("seen_it", json!({"tracking": tracking}), &[], &["shown x"]);
    credited("looked", json!({}), &["x"], &[]);
}

#[test]
fn delivery_counts_as_shown_where_no_event_tells() {
    let capped =
        Shop::new().offer("x", json!({"cap": {"shown": 2, "per": "1d"}})).rule("everyone", "x", 10);
    let mut silent = capped.clone();
    silent.0.channels.get_mut("web").unwrap().responses.shown.clear();
    for (shop, expect) in [(capped, ["x", "x", "x"]), (silent, ["x", "x", "story"])] {
        let compiled = shop.compile();
        let (mut person, mut session) = (Person::default(), session("customer"));
        let mut came = Vec::new();
        for _ in 0..3 {
            let decision = ask(&compiled, &person, "banner", noon());
            delivered(&compiled, &mut person, &mut session, &decision, noon());
            came.push(names(&decision)[0].to_owned());
            assert_eq!(session.last_shown, [OfferName::from(names(&decision)[0])]);
        }
        assert_eq!(came, expect);
        let empty = ask(&compiled, &person, "aside", noon());
        delivered(&compiled, &mut person, &mut session, &empty, noon());
        assert_eq!(session.last_shown.len(), 1);
        assert_eq!(person.offer("x").is_some(), expect[2] == "story");
    }
}

#[test]
fn history_is_kept_as_long_as_something_reads_it() {
    let compiled = Shop::new()
        .offer(
            "x",
            json!({"eligible": "!seen(\"web/looked\", \"2d\")", "cap": {"shown": 9, "per": "60d"}}),
        )
        .offer("y", json!({"eligible": "since(\"web/paid\") > duration(\"1d\")"}))
        .compile();
    let day = 86_400_000;
    let mut person = Person::default();
    do_post(&compiled, &mut person, "looked", json!({}), noon());
    do_post(&compiled, &mut person, "paid", json!({"amount": 1}), noon());
    see(&compiled, &mut person, "x", noon());
    see(&compiled, &mut person, "y", noon());
    let kept = |person: &mut Person, days: i64| {
        crate::trim(&compiled, person, noon().plus_millis(days * day));
        let offer =
            |name: &str| person.offer(name).map_or(0, |it| it.of(ContactKind::Shown).size());
        let looked = person.event(&taiwa_model::EventRef::new("web", "looked")).unwrap();
        (looked.size(), offer("x"), offer("y"))
    };
    assert_eq!(kept(&mut person, 1), (1, 1, 1));
    assert_eq!(kept(&mut person, 2), (0, 1, 1));
    assert_eq!(kept(&mut person, 30), (0, 1, 0));
    assert_eq!(kept(&mut person, 60), (0, 0, 0));
    // The last one is known for ever.
    let later = ask(&compiled, &person, "tiles", noon().plus_millis(900 * day));
    assert_eq!(later.offers.len(), 0);
    let paid = person.event(&taiwa_model::EventRef::new("web", "paid")).unwrap();
    assert_eq!(paid.last(), Some(noon()));
}
