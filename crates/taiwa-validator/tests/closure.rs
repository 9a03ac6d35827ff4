//! What a mark takes along.

mod base;

use base::{Stored, base, input, overlay};
use taiwa_config::load;
use taiwa_model::{ComponentId, Components};
use taiwa_validator::{closure, needs};

fn components(over: &[(&str, &str)]) -> Components {
    let over: Vec<Stored> = over.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    let (project, findings) = load(overlay(&base(), &over).iter().map(input).collect());
    assert!(findings.is_empty(), "{findings:?}");
    project.components
}

#[track_caller]
fn check(components: &Components, asked: &str, expect: &[&str]) {
    let ids: Vec<ComponentId> = asked.split(' ').filter_map(ComponentId::parse).collect();
    let found: Vec<String> = closure(components, &ids).iter().map(|it| it.id.to_string()).collect();
    assert_eq!(found, expect, "{asked}");
}

/// A second channel that proposes a shared offer, and an offer that asks for events of the first one.
const MORE: [(&str, &str); 6] = [
    (
        "channels/app/channel.yaml",
        "title: App\ndirection: inbound\ngoal: sales\nzones:\n  top: { title: Top }\ninteraction_points:\n  \
         card: { zone: top, offers: 1, fallback: none }\n",
    ),
    (
        "channels/app/strategy.yaml",
        "rules:\n  - { zone: top, segment: buyers, offer: vip, score: 10 }\n",
    ),
    (
        "channels/app/offers/vip.yaml",
        "title: VIP\neligible: in_segment('gold')\ntreatments:\n  app: { en: { headline: Hi } }\n  \
         email: { en: { headline: Hi } }\n",
    ),
    (
        "channels/shared/segments/buyers.yaml",
        "title: Buyers\nwhen: seen('web-store/purchase', '30d')\n",
    ),
    (
        "channels/shared/policies/calm.yaml",
        "title: Calm\nchannels: [email]\nlimits: [ { sent: 2, per: 1d } ]\n",
    ),
    (
        "channels/app/scenarios/both.yaml",
        "title: Both\ngiven:\n  at: 2026-11-21T10:00:00+09:00\n  customer: { customer_id: c-1 }\nsteps:\n  \
         - start: { channel: web-store }\n  - start: { channel: app }\n  - offers: { point: card, expect: [] }\n",
    ),
];

#[test]
fn a_channel_takes_along_what_it_needs() {
    check(
        &components(&[]),
        "channel/web-store",
        &[
            "workspace/taiwa",
            "audience/shared",
            "strategy/web-store",
            "goal/sales",
            "segment/gold",
            "offer/brand",
            "offer/kit",
            "offer/sale",
            "touchpoint/site",
            "scenario/first",
        ],
    );
}

#[test]
fn other_channels_come_only_where_something_asks_for_them() {
    let all = components(&MORE);
    // The web store needs nothing of the app, and the scenario over both channels is not complete.
    let store: Vec<String> = closure(&all, &[ComponentId::parse("channel/web-store").unwrap()])
        .iter()
        .map(|it| it.id.to_string())
        .collect();
    assert!(!store.iter().any(|it| it.contains("app") || it.ends_with("both")), "{store:?}");
    // The app's segment asks for an event of the web store, through a condition.
    let app = closure(&all, &[ComponentId::parse("channel/app").unwrap()]);
    let names: Vec<String> = app.iter().map(|it| it.id.to_string()).collect();
    for needed in
        ["channel/web-store", "segment/gold", "segment/buyers", "offer/vip", "scenario/both"]
    {
        assert!(names.iter().any(|it| it == needed), "{needed}: {names:?}");
    }
    // A treatment mentions a channel, it does not need it.
    assert!(!names.iter().any(|it| it == "channel/email"), "{names:?}");
    let why = app.iter().find(|it| it.id.to_string() == "segment/gold").map(|it| it.why.as_str());
    assert!(why.is_some_and(|it| it.contains("refers to segment `gold`")), "{why:?}");
}

#[test]
fn a_single_offer_takes_no_channel_and_no_scenario() {
    let all = components(&MORE);
    check(&all, "offer/vip", &["workspace/taiwa", "audience/shared", "segment/gold"]);
    check(&all, "channel/email", &["workspace/taiwa", "audience/shared", "policy/calm"]);
    check(&all, "offer/none-such", &["workspace/taiwa", "audience/shared"]);
    let strategy = needs(&all, &ComponentId::parse("strategy/app").unwrap());
    assert!(strategy.contains(&ComponentId::parse("channel/app").unwrap()));
}
