//! A workspace of any size, made by rule around the sample: for benchmarks, and for what only shows in large ones.
//!
//! The bulk lies in a zone of its own of the web store, so that the scenarios of the sample still hold. A file may hold so
//! many values at most, and a channel has one strategy: what is more lies in branches, channels of their own.

use std::{fmt::Write as _, ops::Range};

use crate::{Files, sample};

/// The point that shows the bulk.
pub const POINT: &str = "bulk-list";

/// Most offers of one channel: their rules fit into one file.
const MOST: usize = 2_000;

/// The sample with so many more offers, a quarter as many segments and a quarter as many scenarios.
///
/// # Panics
/// When the sample has lost the places into which the bulk goes.
pub fn workspace(offers: usize) -> Files {
    let mut files = sample();
    let channel = "channels/web-store/channel.yaml";
    insert(&mut files, channel, "zones:\n", "  bulk: { title: Bulk }\n");
    insert(
        &mut files,
        channel,
        "interaction_points:\n",
        "  bulk-list: { zone: bulk, offers: 3, fallback: none }\n",
    );
    insert(
        &mut files,
        "channels/web-store/touchpoints/storefront.yaml",
        "interaction_points: [",
        "bulk-list, ",
    );
    let here = offers.min(MOST);
    let rules = bulk(&mut files, "web-store", 0..here, (0, (here / 4).max(1)));
    insert(&mut files, "channels/web-store/strategy.yaml", "rules:\n", &rules);
    for (number, from) in (MOST..offers).step_by(MOST).enumerate() {
        let range = from..offers.min(from + MOST);
        branch(&mut files, &format!("branch-{}", number + 1), range);
    }
    files
}

/// Offers for one channel, with segments and scenarios from a number on; gives the rules that propose them.
fn bulk(
    files: &mut Files,
    channel: &str,
    offers: Range<usize>,
    (first, segments): (usize, usize),
) -> String {
    let mut rules = String::new();
    let folder = format!("channels/{channel}");
    for number in offers {
        writeln!(
            rules,
            "  - {{ zone: bulk, segment: bulk-s{}, offer: bulk-o{number}, score: {} }}",
            first + number % segments,
            number % 97,
        )
        .expect("text takes text");
        files.insert(format!("{folder}/offers/bulk-o{number}.yaml"), offer(number, channel));
    }
    for number in first..first + segments {
        files.insert(format!("{folder}/segments/bulk-s{number}.yaml"), segment(number));
        let path = format!("{folder}/scenarios/bulk-c{number}.yaml");
        files.insert(path, scenario(number, channel));
    }
    rules
}

/// A channel that shows nothing but the bulk.
fn branch(files: &mut Files, name: &str, offers: Range<usize>) {
    let segments = (offers.len() / 4).max(1);
    let first = offers.start / 4;
    let rules = bulk(files, name, offers, (first, segments));
    let folder = format!("channels/{name}");
    files.insert(format!("{folder}/strategy.yaml"), format!("rules:\n{rules}").into_bytes());
    let channel = "title: { en: Branch store, ja: 支店 }\n\
                   direction: inbound\n\
                   goal: returning-customers\n\
                   zones:\n  bulk: { title: Bulk }\n\
                   interaction_points:\n  bulk-list: { zone: bulk, offers: 3, fallback: none }\n\
                   categories:\n  browsing: { title: { en: Browsing, ja: 閲覧 } }\n\
                   events:\n  product_view: { category: browsing, properties: { sku: string } }\n  \
                   shown: { category: browsing, properties: { offer: string } }\n  \
                   clicked: { category: browsing, properties: { offer: string } }\n\
                   responses: { shown: shown, accepted: clicked }\n";
    files.insert(format!("{folder}/channel.yaml"), channel.into());
    let touchpoint = "title: { en: Pages of the branch, ja: 支店の画面 }\n\
                      uses:\n  interaction_points: [bulk-list]\n  \
                      events: [product_view, shown, clicked]\n";
    files.insert(format!("{folder}/touchpoints/{name}-pages.yaml"), touchpoint.into());
}

fn insert(files: &mut Files, path: &str, after: &str, text: &str) {
    let bytes = files.get_mut(path).expect("the file is part of the sample");
    let whole = String::from_utf8(bytes.clone()).expect("the sample is text");
    let at = whole.find(after).expect("the place is in the sample") + after.len();
    let (head, tail) = whole.split_at(at);
    *bytes = format!("{head}{text}{tail}").into_bytes();
}

fn offer(number: usize, channel: &str) -> Vec<u8> {
    let mut text = format!(
        "title: {{ en: Bulk offer {number}, ja: 大量オファー {number} }}\n\
         valid: {{ from: 2016-01-01, until: 2039-12-31 }}\n\
         value: {}\n\
         tags: [bulk, group-{}]\n\
         eligible: '!accepted(\"bulk-o{number}\", \"{}d\") && profile.points < {}'\n\
         cap: {{ shown: {}, per: 7d }}\n\
         treatments:\n  {channel}:\n",
        number % 5000,
        number % 40,
        30 + number % 300,
        1000 + number % 100_000,
        1 + number % 9,
    );
    for (locale, words) in
        [("en", "Freshly roasted this week "), ("ja", "今週焙煎したばかりの豆です ")]
    {
        let body = words.repeat(12);
        writeln!(
            text,
            "    {locale}:\n      headline: Offer {number}\n      body: >-\n        {body}\n        {body}\n        \
             {body}\n      image: /images/bulk/{number}.webp\n      link: /bulk/{number}"
        )
        .expect("text takes text");
    }
    text.into_bytes()
}

fn segment(number: usize) -> Vec<u8> {
    let tier = ["none", "silver", "gold"][number % 3];
    format!(
        "title: {{ en: Bulk segment {number}, ja: 大量セグメント {number} }}\n\
         when: >-\n  profile.tier == \"{tier}\" && profile.points >= {}\n  \
         || count(\"product_view\", \"{}d\") >= {}\n",
        1 + number % 999,
        1 + number % 60,
        1 + number % 12,
    )
    .into_bytes()
}

fn scenario(number: usize, channel: &str) -> Vec<u8> {
    let mut text = format!(
        "title: {{ en: Bulk scenario {number}, ja: 大量シナリオ {number} }}\n\
         given:\n  at: 2026-11-21T10:00:00+09:00\n  \
         customer: {{ customer_id: b-{number}, tier: silver, points: {} }}\n\
         steps:\n  - start: {{ channel: {channel} }}\n  \
         - offers: {{ point: bulk-list, excludes: [double-points] }}\n",
        number % 400,
    );
    if channel == "web-store" {
        text.push_str("  - offers: { point: home-tiles, contains: [double-points] }\n");
    }
    text.into_bytes()
}
