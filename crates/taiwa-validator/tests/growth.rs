//! Twice as large a workspace costs twice as much: what its conditions mean is paid from a budget, so the least budget that
//! suffices counts the work, and no busy machine decides.

#![expect(clippy::unwrap_used, reason = "text takes text")]

mod base;

use std::fmt::Write as _;

use base::{Stored, checked_within};

/// The base with so many more offers, half as many segments, and a rule for each.
fn workspace(offers: usize) -> Vec<Stored> {
    let mut files = base::base();
    let mut rules = String::new();
    for at in 0..offers {
        files.push((
            format!("channels/shared/offers/bulk-{at}.yaml"),
            format!(
                "title: Bulk {at}\nvalue: {at}\neligible: '!accepted(\"bulk-{at}\", \"30d\") && profile.points < {}'\n\
                 cap: {{ shown: {}, per: 7d }}\ntreatments:\n  web-store: {{ en: {{ headline: Bulk {at} }} }}\n",
                1_000 + at,
                1 + at % 9,
            ),
        ));
        let segment = at % (offers / 2);
        writeln!(
            rules,
            "  - {{ zone: home, segment: bulk-{segment}, offer: bulk-{at}, score: {} }}",
            at % 97
        )
        .unwrap();
    }
    for at in 0..offers / 2 {
        files.push((
            format!("channels/shared/segments/bulk-{at}.yaml"),
            format!(
                "title: Bulk {at}\nwhen: profile.tier == 'gold' && profile.points >= {} || profile.age > {}\n",
                1 + at,
                1 + at % 100,
            ),
        ));
    }
    for it in &mut files {
        if it.0 == "channels/web-store/strategy.yaml" {
            it.1.push_str(&rules);
        }
    }
    files
}

/// The least budget in nodes with which every question has an answer.
fn least(offers: usize) -> u32 {
    let files = workspace(offers);
    let suffices = |nodes| {
        let (report, _) = checked_within(&files, nodes);
        report.findings.iter().all(|it| it.code != "TW0099")
    };
    let (mut few, mut enough) = (0, 1 << 20);
    assert!(suffices(enough), "{offers} offers");
    while enough - few > 1 + enough / 50 {
        let middle = u32::midpoint(few, enough);
        if suffices(middle) {
            enough = middle;
        } else {
            few = middle;
        }
    }
    enough
}

#[test]
fn twice_as_many_offers_need_twice_the_budget() {
    let (few, many) = (least(40), least(80));
    assert!(many * 10 <= few * 23, "{few} nodes, then {many}");
}
