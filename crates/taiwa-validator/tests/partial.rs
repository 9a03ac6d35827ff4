//! A part of a workspace taken back: what is asked for, what has to come along and why, what is refused by name.
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

mod base;

use std::collections::BTreeSet;

use base::{Stored, base, input, overlay};
use proptest::prelude::*;
use taiwa_config::load;
use taiwa_model::{ComponentId, Components, Timestamp};
use taiwa_release::{Release, diff};
use taiwa_validator::{
    Files, Options, PartialError, PartialRollback, Stage, build, partial_rollback, validate,
};

fn files(over: &[(&str, &str)]) -> Files {
    let over: Vec<Stored> = over.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    let all = overlay(&base(), &over);
    let of = |it: &Stored| Some((ComponentId::of_path(&it.0)?.0, input(it)));
    all.iter().filter_map(of).collect()
}

fn options() -> Options {
    Options { at: Timestamp::parse("2026-11-21T10:00:00+09:00").unwrap(), stage: Stage::Mark }
}

fn ids(words: &str) -> Vec<ComponentId> {
    words.split(' ').map(|it| ComponentId::parse(it).unwrap()).collect()
}

fn go(
    now: &[(&str, &str)],
    then: &[(&str, &str)],
    words: &str,
) -> Result<PartialRollback, PartialError> {
    partial_rollback(&files(now), &files(then), &ids(words), &options())
}

fn components(files: &Files) -> Components {
    load(files.values().cloned().collect()).0.components
}

/// A segment that an offer of then asks for, and that is not there any more.
const VIP: [(&str, &str); 2] = [
    ("channels/shared/segments/vip.yaml", "title: VIP\nwhen: profile.points > 100\n"),
    (
        "channels/shared/offers/sale.yaml",
        "title: Sale\nvalue: 5\neligible: in_segment('vip')\ntreatments:\n  web-store: { en: { headline: Then } }\n",
    ),
];
/// An offer without a treatment for the channel that proposes it now.
const OFFER: &str = "channels/shared/offers/extra.yaml";
const EXTRA: &str = "title: Extra\ntreatments:\n  web-store: { en: { headline: Extra } }\n";
const STRATEGY: &str = "channels/web-store/strategy.yaml";
const WITH_EXTRA: &str = "rules:\n  - { zone: home, segment: gold, offer: kit, score: 80 }\n  \
     - { zone: home, segment: everyone, offer: extra, score: 41 }\n";

#[test]
fn a_component_goes_back_alone_where_it_can() {
    let now = [
        (
            "channels/shared/offers/sale.yaml",
            "title: Sale\nvalue: 9\ntreatments:\n  web-store: { en: { headline: Loud } }\n",
        ),
        (
            "channels/shared/offers/kit.yaml",
            "title: Kit\nvalue: 3\ntreatments:\n  web-store: { en: { headline: New } }\n",
        ),
    ];
    let done = go(&now, &[], "offer/sale").unwrap();
    assert_eq!((done.taken.len(), done.forced.len()), (1, 0));
    let left = diff(Some(done.checked.components()), &components(&files(&now)));
    let names: Vec<String> = left.changes.iter().map(|it| it.component.to_string()).collect();
    assert_eq!(names, ["offer/sale"], "everything else is as it is");
    assert!(build(&done.checked).is_ok());
}

#[test]
fn what_it_needs_comes_along_and_is_explained() {
    let done = go(&[], &VIP, "offer/sale").unwrap();
    let forced: Vec<String> = done.forced.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(forced, ["segment/vip"]);
    let why = &done.forced.first().unwrap().why;
    assert!(why.starts_with("offer/sale needs segment/vip as it was, because"), "{why}");
    assert!(why.contains("vip"), "{why}");
}

#[test]
fn what_does_not_fit_any_more_goes_back_too() {
    // Now the strategy puts the kit into a zone that the channel of then does not have.
    let channel =
        base().into_iter().find(|it| it.0 == "channels/web-store/channel.yaml").unwrap().1;
    let wider = channel.replace(
        "  home: { title: Home page }",
        "  home: { title: Home page }\n  side: { title: Side }",
    );
    let strategy = "rules:\n  - { zone: home, segment: gold, offer: kit, score: 80 }\n  \
         - { zone: side, segment: everyone, offer: sale, score: 40 }\n";
    let wider = wider
        .replace("  banner: {", "  card: { zone: side, offers: 1, fallback: brand }\n  banner: {");
    let now = [("channels/web-store/channel.yaml", wider.as_str()), (STRATEGY, strategy)];
    let done = go(&now, &[], "channel/web-store").unwrap();
    let why: Vec<&str> = done.forced.iter().map(|it| it.why.as_str()).collect();
    assert_eq!(why.len(), 1, "{why:?}");
    assert!(
        why[0].starts_with("strategy/web-store goes back, too, because as it is now"),
        "{why:?}"
    );
}

#[test]
fn what_did_not_exist_goes_only_where_nothing_needs_it() {
    let now = [(OFFER, EXTRA), (STRATEGY, WITH_EXTRA)];
    let error = go(&now, &[], "offer/extra").unwrap_err();
    assert_eq!(
        error.to_string(),
        "offer/extra did not exist then, and is needed by strategy/web-store"
    );
    let done = go(&now, &[], "offer/extra strategy/web-store").unwrap();
    assert!(!done.checked.components().offers.contains_key("extra"));
    assert!(done.forced.is_empty());
    // Nobody proposes it: it can simply go.
    assert!(go(&[(OFFER, EXTRA)], &[], "offer/extra").unwrap().forced.is_empty());
}

#[test]
fn nothing_new_is_taken_out_unasked() {
    // What is new asks for a zone that only the channel of now has.
    let channel =
        base().into_iter().find(|it| it.0 == "channels/web-store/channel.yaml").unwrap().1;
    let wider = channel
        .replace(
            "  home: { title: Home page }",
            "  home: { title: Home page }\n  side: { title: Side }",
        )
        .replace("  banner: {", "  card: { zone: side, offers: 1, fallback: brand }\n  banner: {");
    let site = "title: App\nuses:\n  interaction_points: [card]\n  events: [purchase]\n";
    let now = [
        ("channels/web-store/channel.yaml", wider.as_str()),
        ("channels/web-store/touchpoints/app.yaml", site),
        (OFFER, EXTRA),
    ];
    let PartialError::Broken { at, .. } = go(&now, &[], "channel/web-store").unwrap_err() else {
        panic!("it is refused");
    };
    assert_eq!(at, ids("touchpoint/app"));
    assert!(go(&now, &[], "channel/web-store touchpoint/app").unwrap().forced.is_empty());
}

#[test]
fn what_is_not_there_or_does_not_differ_is_said() {
    assert!(matches!(go(&[], &[], "offer/none-such"), Err(PartialError::Unknown { .. })));
    assert!(matches!(go(&[], &VIP, "offer/kit"), Err(PartialError::Same)));
    // Comments and blanks are no difference.
    let spaced = [(
        "channels/shared/segments/gold.yaml",
        "# x\ntitle: Gold members\n\nwhen: profile.tier == 'gold'\n",
    )];
    assert!(matches!(go(&spaced, &[], "segment/gold"), Err(PartialError::Same)));
}

/// Changes that hang together in many ways; any subset of them is laid over the base on each side.
const EDITS: [&[(&str, &str)]; 9] = [
    &VIP,
    &[("channels/shared/segments/vip.yaml", "title: VIP\nwhen: profile.age > 30\n")],
    &[(OFFER, EXTRA), (STRATEGY, WITH_EXTRA)],
    &[(
        OFFER,
        "title: Extra\nvalue: 7\neligible: in_segment('gold')\ntreatments:\n  web-store: { en: { headline: X } }\n",
    )],
    &[
        ("channels/shared/segments/gold.yaml", "title: Gold\nwhen: profile.stars >= 3\n"),
        (
            "channels/shared/audience.yaml",
            "levels:\n  customer: { key: customer_id }\n  visitor: { key: visitor_id }\nattributes:\n  stars: { type: int, default: 0 }\n  tier: { type: enum, values: [none, silver, gold], default: none }\n  age: { type: int, min: 0, max: 130 }\n  points: { type: int, default: 0 }\n  interests: { type: list<string> }\n  name: { type: string, pii: true }\n  email: { type: string, pii: true }\nconsent:\n  marketing-email: { default: denied }\n",
        ),
    ],
    &[(
        "channels/web-store/touchpoints/site.yaml",
        "title: Store\nuses:\n  interaction_points: [banner]\n  events: [purchase, shown]\n",
    )],
    &[(
        "channels/shared/goals/sales.yaml",
        "title: Sales\nobjective: 700 a month\nkpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 700 }\n",
    )],
    &[(
        "channels/shared/offers/kit.yaml",
        "title: Kit\nvalue: 3\ntreatments:\n  web-store: { en: { headline: New } }\n",
    )],
    &[(
        "channels/shared/audience.yaml",
        "levels:\n  customer: { key: customer_id }\n  visitor: { key: visitor_id }\nattributes:\n  tier: { type: enum, values: [none, gold], default: none }\n  age: { type: string }\n  points: { type: int, default: 0 }\n  interests: { type: list<string> }\n  name: { type: string, pii: true }\n  email: { type: string, pii: true }\nconsent:\n  marketing-email: { default: denied }\n",
    )],
];

fn side(chosen: &[bool]) -> Files {
    let over: Vec<(&str, &str)> =
        EDITS.iter().zip(chosen).filter(|it| *it.1).flat_map(|it| it.0.iter().copied()).collect();
    // Of two edits of one file the later counts.
    let mut last: Vec<(&str, &str)> = Vec::new();
    for it in over {
        last.retain(|other| other.0 != it.0);
        last.push(it);
    }
    files(&last)
}

fn whole(files: &Files) -> bool {
    let (project, parsing) = load(files.values().cloned().collect());
    validate(project, parsing, &options()).is_ok()
}

fn mixed(now: &Files, then: &Files, back: &BTreeSet<ComponentId>) -> Files {
    let stays = now.iter().filter(|it| !back.contains(it.0));
    let returns = then.iter().filter(|it| back.contains(it.0));
    stays.chain(returns).map(|it| (it.0.clone(), it.1.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_result_is_whole_and_no_larger_than_it_must_be(
        now in prop::collection::vec(any::<bool>(), EDITS.len()),
        then in prop::collection::vec(any::<bool>(), EDITS.len()),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let (now, then) = (side(&now), side(&then));
        prop_assume!(whole(&now) && whole(&then));
        let all: BTreeSet<ComponentId> = now.keys().chain(then.keys()).cloned().collect();
        let all: Vec<ComponentId> = all.into_iter().collect();
        let wanted: BTreeSet<ComponentId> = picks.iter().map(|it| it.get(&all).clone()).collect();
        let wanted: Vec<ComponentId> = wanted.into_iter().collect();
        let (before, past) = (components(&now), components(&then));
        match partial_rollback(&now, &then, &wanted, &options()) {
            Ok(done) => {
                let sealed = build(&done.checked).unwrap();
                let read = Release::read(sealed.bytes()).unwrap();
                prop_assert_eq!(read.components(), done.checked.components());
                let back: BTreeSet<ComponentId> =
                    done.taken.iter().chain(done.forced.iter().map(|it| &it.id)).cloned().collect();
                // Exactly what was asked for, and what is forced, is as it was; everything else as it is.
                let as_was: BTreeSet<ComponentId> =
                    diff(Some(&past), done.checked.components()).changes.into_iter().map(|it| it.component).collect();
                prop_assert!(back.iter().all(|it| !as_was.contains(it)), "{back:?} {as_was:?}");
                prop_assert!(wanted.iter().all(|it| !as_was.contains(it)));
                let as_is: BTreeSet<ComponentId> =
                    diff(Some(&before), done.checked.components()).changes.into_iter().map(|it| it.component).collect();
                prop_assert_eq!(&as_is, &back);
                for it in &done.forced {
                    prop_assert!(then.contains_key(&it.id), "nothing is taken out unasked");
                    prop_assert!(it.why.contains(&it.id.to_string()) && it.why.contains("because"), "{}", it.why);
                    let mut fewer = back.clone();
                    fewer.remove(&it.id);
                    prop_assert!(!whole(&mixed(&now, &then, &fewer)), "{} is not needed", it.id);
                }
                // The same again gives the same bytes.
                let again = partial_rollback(&now, &then, &wanted, &options()).unwrap();
                prop_assert_eq!(build(&again.checked).unwrap().digest(), sealed.digest());
            }
            Err(PartialError::Same) => {
                let differing = diff(Some(&past), &before);
                prop_assert!(differing.changes.iter().all(|it| !wanted.contains(&it.component)));
            }
            Err(PartialError::Needed { gone, by }) => {
                prop_assert!(!by.is_empty());
                prop_assert!(gone.iter().all(|it| wanted.contains(it) && !then.contains_key(it)));
            }
            Err(PartialError::Broken { at, .. }) => prop_assert!(!at.is_empty()),
            Err(PartialError::Unknown { .. }) => prop_assert!(false, "all of them are known"),
        }
    }
}
