//! Entries that are unknown, missing, wrong, empty, out of bounds or not supported yet.

use super::{check, loaded};

#[test]
fn unknown_missing_and_wrong() {
    let offer = |text: &str, expect: &[&str]| check("channels/shared/offers/o.yaml", text, expect);
    offer("", &["1:1 TW0005 this file is empty | it needs `title`"]);
    offer("# nothing yet\n", &["1:1 TW0005 this file is empty | it needs `title`"]);
    offer(
        "- a\n",
        &[
            "1:1 TW0004 this file must be entries (`key: …`), not a list | write entries below it: title: …",
        ],
    );
    offer(
        "valid: {}\n",
        &["1:1 TW0005 `title` is missing | add `title: …`: For people; text, or texts by locale"],
    );
    offer("title: T\nvalu: 3\n", &["2:1 TW0003 `valu` is not known here | did you mean `value`?"]);
    offer(
        "title: T\ncolour: 3\n",
        &[
            "2:1 TW0003 `colour` is not known here | known here: `title`, `valid`, `value`, `tags`, `consent`, `eligible`, `cap` and `treatments`",
        ],
    );
    offer("Title: T\n", &["1:1 TW0003 `Title` is not known here | did you mean `title`?"]);
    offer("title: T\nvalue: high\n", &["2:8 TW0004 `value` must be a number, not text"]);
    for written in ["１２５０", "1,250", "¥1250", "1250円", "１，２５０ 円"] {
        let text = format!("title: T\nvalue: {written}\n");
        offer(&text, &["2:8 TW0004 `value` must be a number, not text | write 1250"]);
    }
    offer("title: T\nvalue: 62,5\n", &["2:8 TW0004 `value` must be a number, not text"]);
    offer(
        "title: T\nvalue: \"3\"\n",
        &["2:8 TW0004 `value` must be a number, not text | write it without quotes"],
    );
    offer(
        "title: T\nvalue: 1e9999\n",
        &[
            "2:8 TW0010 1e9999 is not a number that every program reads alike | whole numbers go up to 9007199254740991 (2^53 − 1); an id is text: put it in quotes",
        ],
    );
    offer(
        "title: T\ntags: espresso\n",
        &["2:7 TW0004 `tags` must be a list, not text | write [espresso]"],
    );
    offer(
        "title: T\ntags: [Espresso Kit]\n",
        &[
            "2:8 TW0015 `Espresso Kit` is not spelled as such a name is: lower-case words joined by `-` | write `espresso-kit`",
        ],
    );
}

#[test]
fn empty_and_out_of_bounds() {
    let offer = |text: &str, expect: &[&str]| check("channels/shared/offers/o.yaml", text, expect);
    offer(
        "title:\n",
        &["1:1 TW0004 `title` has no value | write text, or texts by locale, or delete the line"],
    );
    offer(
        "title: T\ncap: { shown: 0, per: 7d }\n",
        &["2:15 TW0019 `shown` is 0, but must be 1 to 1000000"],
    );
    offer(
        "title: T\ncap: { shown: 3, per: 7 }\n",
        &["2:23 TW0017 `7` has no unit: is it 7h or 7d? | a whole number and ms, s, m, h, d or w"],
    );
    offer(
        "title: T\ncap: { shown: 3 }\n",
        &["2:1 TW0005 `per` is missing | add `per: …`: The window"],
    );
    offer(
        "title: T\nvalid: { until: 2027-02-29 }\n",
        &["2:17 TW0017 `2027-02-29` is not a date such as 2027-01-31 or 2026-12-24T09:00"],
    );
    offer(
        "title: { japanese: T }\n",
        &["1:10 TW0017 `japanese` is not a locale | such as en, ja or ja-JP"],
    );
    offer(
        "title: T\ntreatments:\n  web: { en: { a: [1, x], b: ~, c: { d: 1 } } }\n",
        &[
            "3:19 TW0004 `a` must be a list of texts or of whole numbers, not a list | put all items in quotes",
            "3:27 TW0004 `b` has no value | write text, a number, true or false, or a list, or delete the line",
            "3:36 TW0004 `c` must be text, a number, true or false, or a list, not entries (`key: …`)",
        ],
    );
}

#[test]
fn several_mistakes_are_said_at_once() {
    check(
        "channels/web/strategy.yaml",
        "rules:\n  - { zone: z, segmnt: s, offer: o, score: 80 }\n  - { zone: z, offer: o, score: many, prio: 1 }\n  - { zone: z, segment: s, offer: o, score: 2000 }\n  - nothing\n",
        &[
            "2:16 TW0003 `segmnt` is not known here | did you mean `segment`?",
            "3:5 TW0005 `segment` is missing | add `segment: …`: To whom; `everyone` is built in",
            "3:39 TW0003 `prio` is not known here | known here: `zone`, `segment`, `offer` and `score`",
            "4:45 TW0019 `score` is 2000, but must be 0 to 1000",
            "5:5 TW0004 an item of `rules` must be entries (`key: …`), not text | write entries below it: zone: …",
        ],
    );
}

#[test]
fn what_comes_later_is_refused_by_name() {
    check(
        "channels/shared/journeys/j.yaml",
        "title: T\nanything: goes\n",
        &["1:1 TW0018 journeys are not supported by this version of taiwa"],
    );
    check(
        "channels/web/scenarios/s.yaml",
        "title: T\ngiven: { at: 2026-11-21, customer: { customer_id: c } }\nsteps:\n  - interaction: { channel: email }\n  - expect: { sent: { channel: push } }\n  - expct: { segment: a }\n  - wait: 3d\n",
        &[
            "4:5 TW0018 `interaction` is not supported by this version of taiwa | this version knows `start`, `offers`, `post`, `advance` and `expect`",
            "5:15 TW0018 `sent` is not supported by this version of taiwa | this version knows `segment` and `not_segment`",
            "6:5 TW0003 `expct` is not known here | did you mean `expect`?",
            "7:5 TW0003 one of `start`, `offers`, `post`, `advance` and `expect` is expected here",
        ],
    );
}

#[test]
fn what_is_said_stays_short() {
    let text = format!("title: T\ncap: {{ shown: {0}, per: {0} }}\n{0}: 1\n", "9x".repeat(500));
    let (_, findings) = loaded(&[("channels/shared/offers/o.yaml", &text)]);
    assert_eq!(findings.len(), 3);
    for it in findings {
        assert!(
            it.message.chars().count() <= 301 && it.help.is_none_or(|it| it.chars().count() <= 601)
        );
    }
}

#[test]
fn a_word_for_true_is_told_what_to_write() {
    check(
        "channels/web/channel.yaml",
        "title: T\ndirection: inbound\ncategories: { c: {} }\nevents:\n  e: { category: c, conversion: yes }\n",
        &["5:33 TW0004 `conversion` must be `true`, or { within: … }, not text | write true"],
    );
}
