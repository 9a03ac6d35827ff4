//! The difference of two sets: its laws, and its words.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proptest::prelude::*;
use serde_json::json;
use support::{any_components, cel, golden, rule};
use taiwa_model::{Components, Scope, Score};
use taiwa_release::{ApplyError, Diff, Release, What, diff};

/// Values in their one form, as every project and release has them.
fn sealed(components: Components) -> Components {
    Release::seal(components).unwrap().components().clone()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applying_a_difference_gives_the_other_set(a in any_components(), b in any_components()) {
        let (a, b) = (sealed(a), sealed(b));
        let there = diff(Some(&a), &b);
        prop_assert_eq!(there.is_empty(), a == b);
        prop_assert_eq!(&there.apply(&a).unwrap(), &b);
        prop_assert_eq!(&diff(Some(&b), &a).apply(&b).unwrap(), &a);
        prop_assert_eq!(&diff(None, &b).apply(&Components::default()).unwrap(), &b);
        // Words never fail, and there are some wherever there is a difference.
        prop_assert_eq!(there.summary().is_empty(), there.is_empty());
        let _lines = there.lines();
        if !there.is_empty() {
            prop_assert!(there.apply(&b).is_err() || there.apply(&b).unwrap() != b);
        }
    }

    #[test]
    fn nothing_differs_from_itself(a in any_components()) {
        prop_assert!(diff(Some(&a), &a).is_empty());
        // Nor does the form in which values are sealed.
        let same = sealed(a.clone());
        prop_assert!(diff(Some(&a), &same).is_empty());
    }

    #[test]
    fn its_json_gives_it_back(a in any_components(), b in any_components()) {
        let there = diff(Some(&a), &b);
        let text = serde_json::to_string(&there).unwrap();
        prop_assert_eq!(serde_json::from_str::<Diff>(&text).unwrap(), there);
    }
}

/// The golden set after a change, and the words for it.
#[track_caller]
fn check(change: impl FnOnce(&mut Components), expect: &[&str]) {
    let (old, mut new) = (golden(), golden());
    change(&mut new);
    assert_eq!(diff(Some(&old), &new).lines(), expect);
}

fn offer(set: &mut Components) -> &mut taiwa_model::Offer {
    &mut set.offers.get_mut("espresso-starter").unwrap().content
}

fn rules(set: &mut Components) -> &mut Vec<taiwa_model::Rule> {
    &mut set.strategies.get_mut("web-store").unwrap().rules
}

#[test]
fn fields_in_words() {
    check(|_| (), &[]);
    check(|it| offer(it).value = 15.0, &["changed offer/espresso-starter: value 12.5 → 15"]);
    check(
        |it| offer(it).eligible = Some("profile.age >= 18".into()),
        &["changed offer/espresso-starter: eligible “profile.age >= 18” (new)"],
    );
    check(
        |it| offer(it).cap = None,
        &["changed offer/espresso-starter: cap { per: 7d, shown: 3 } (gone)"],
    );
    check(
        |it| drop(offer(it).title.0.insert("en".into(), "Espresso starter kit, new".into())),
        &["changed offer/espresso-starter: title en Espresso starter kit{+, new+}"],
    );
    check(
        |it| it.segments.get_mut("gold").unwrap().scope = Scope::Shared,
        &["changed segment/gold: folder web-store → shared"],
    );
}

#[test]
fn rules_are_found_by_what_they_assign() {
    check(
        |it| rules(it)[0].score = Score::Fixed(90.0),
        &["changed strategy/web-store: rule home-hero, gold, espresso-starter: score 80 → 90"],
    );
    check(
        |it| rules(it)[1].score = cel("session.weekday >= 6 ? 95 : 40"),
        &["changed strategy/web-store: rule home-hero, everyone, espresso-starter: score \
         session.weekday >= 6 ? [-90-]{+95+} : 40"],
    );
    check(|it| rules(it).swap(0, 1), &["changed strategy/web-store: rules order"]);
    // One in front of the others is new; the others did not change places.
    check(
        |it| rules(it).insert(0, rule("home-hero", "new", "bogo", Score::Fixed(1.0))),
        &["changed strategy/web-store: rule home-hero, new, bogo \
           { offer: bogo, score: 1, segment: new, zone: home-hero } (new)"],
    );
    check(
        |it| drop(rules(it).remove(0)),
        &["changed strategy/web-store: rule home-hero, gold, espresso-starter \
         { offer: espresso-starter, score: 80, segment: gold, zone: home-hero } (gone)"],
    );
}

#[test]
fn components_that_come_and_go() {
    check(
        |it| {
            drop(it.segments.remove("gold"));
            let mut second = it.offers["espresso-starter"].clone();
            second.content = taiwa_model::Offer {
                value: 3.0,
                title: second.content.title,
                ..Default::default()
            };
            it.offers.insert("bogo".into(), second);
        },
        &[
            "removed segment/gold: “Gold”",
            "added offer/bogo: “Espresso starter kit”",
            "added offer/bogo: value 3 (new)",
        ],
    );
    let said = diff(None, &golden()).summary();
    assert_eq!(
        said,
        [
            "1 workspace added",
            "1 audience added",
            "1 channel added",
            "1 strategy added",
            "1 segment added",
            "1 offer added",
        ]
    );
}

#[test]
fn texts_of_several_lines_and_hostile_ones() {
    check(
        |it| {
            let when = &mut it.segments.get_mut("gold").unwrap().content.when;
            when.push_str("\n  && profile.age > 18\n\u{1b}[2J");
        },
        &[
            "changed segment/gold: when",
            "  - profile.tier == \"gold\"",
            "  + profile.tier == \"gold\"",
            "  +   && profile.age > 18",
            "  + \\u{1b}[2J",
        ],
    );
}

#[test]
fn counts_by_kind() {
    let (old, mut new) = (golden(), golden());
    let offer = new.offers["espresso-starter"].clone();
    for name in ["a", "b", "c"] {
        new.offers.insert(name.into(), offer.clone());
    }
    rules(&mut new).clear();
    let said = diff(Some(&old), &new).summary();
    assert_eq!(said, ["1 strategy changed", "3 offers added"]);
}

#[test]
fn the_json_form() {
    let (old, mut new) = (golden(), golden());
    offer(&mut new).value = 15.0;
    rules(&mut new)[0].score = Score::Fixed(90.0);
    let there = diff(Some(&old), &new);
    let expect = json!({"format": 1, "changes": [
        {"component": "strategy/web-store", "what": {"changed": [{
            "path": "rules/home-hero,gold,espresso-starter/score",
            "old": {"fixed": 80}, "new": {"fixed": 90},
        }]}},
        {"component": "offer/espresso-starter", "what": {"changed": [
            {"path": "value", "old": 12.5, "new": 15},
        ]}},
    ]});
    assert_eq!(serde_json::to_value(&there).unwrap(), expect);
    let mut later = expect;
    later["format"] = 2.into();
    assert!(serde_json::from_value::<Diff>(later).unwrap_err().to_string().contains("format 2"));
}

#[test]
fn a_difference_fits_only_its_base() {
    let (old, mut new) = (golden(), golden());
    offer(&mut new).value = 15.0;
    let there = diff(Some(&old), &new);
    let error = there.apply(&new).unwrap_err();
    assert!(matches!(&error, ApplyError::Base { path, .. } if path == "value"), "{error}");
    assert!(there.apply(&Components::default()).is_err());
    let mut broken = there;
    let What::Changed(fields) = &mut broken.changes[0].what else { panic!("a change") };
    fields[0].new = Some("text".into());
    assert!(matches!(broken.apply(&old), Err(ApplyError::Shape { .. })));
}
