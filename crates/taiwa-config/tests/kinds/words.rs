//! Scalars that people and YAML read differently, and names that are not spelled as they should be.

use super::check;

#[test]
fn ambiguous_scalars() {
    let offer = |value: &str, expect: &[&str]| {
        check(
            "channels/shared/offers/o.yaml",
            &format!("title: T\ntreatments:\n  web: {{ en: {{ a: {value} }} }}\n"),
            expect,
        );
    };
    offer("\"no\"", &[]);
    offer(
        "no",
        &[
            "3:19 TW0006 `no` without quotes is text here, but true or false elsewhere | write it in quotes: \"no\"",
        ],
    );
    offer(
        "001",
        &[
            "3:19 TW0006 `001` without quotes is a number: its leading zero is lost | write it in quotes: \"001\"",
        ],
    );
    offer(
        "08:00",
        &[
            "3:19 TW0006 `08:00` without quotes is a number to some programs | write it in quotes: \"08:00\"",
        ],
    );
    offer(
        "9007199254740993",
        &[
            "3:19 TW0010 9007199254740993 is not a number that every program reads alike | whole numbers go up to 9007199254740991 (2^53 − 1); an id is text: put it in quotes",
        ],
    );
    check(
        "channels/shared/offers/o.yaml",
        "title: Offer #1 of all\n",
        &[
            "1:14 TW0006 ` #` begins a comment: what follows is not part of the value | put the whole value in single quotes: 'Offer #1 of all'",
        ],
    );
    check("channels/shared/offers/o.yaml", "title: Offer # the best\nvalue: 3 # euro\n", &[]);
    check(
        "channels/shared/offers/o.yaml",
        "title: \u{3000}T\n",
        &[
            "1:8 TW0006 a full-width blank (U+3000) stands before the text | write it in quotes: \"T\"",
        ],
    );
}

#[test]
fn words_of_lists_and_channels() {
    check(
        "channels/x/channel.yaml",
        "title: X\ndirection: outbound\nmedium: mail\nquiet_hours: { from: 21:00, until: \"8:00\" }\n",
        &[
            "3:9 TW0004 `mail` is not one of `email`, `sms`, `push`, `voice` and `custom` | did you mean `email`?",
            "4:22 TW0006 `21:00` without quotes is a number to some programs | write \"21:00\"",
            "4:36 TW0017 `8:00` is not a time of day | such as \"21:00\"",
        ],
    );
    check(
        "channels/x/channel.yaml",
        "title: X\ndirection: outbound\nquiet_hours: { from: \"21:00\", until: \"08:00\", holidays: h.csv }\n",
        &[
            "3:47 TW0018 `holidays` is not supported by this version of taiwa | leave it out for now",
        ],
    );
    check(
        "channels/shared/audience.yaml",
        "levels: { a: { key: id } }\nattributes: { x: { type: enum, values: [] }, y: { type: enum, values: [yes, Big_One] } }\n",
        &[
            "2:40 TW0005 `values` is empty | write at least one item",
            "2:72 TW0006 `yes` without quotes is text here, but true or false elsewhere | write it in quotes: \"yes\"",
            "2:77 TW0015 `Big_One` is not spelled as such a name is: lower-case words joined by `-` | write `big-one`",
        ],
    );
    check(
        "channels/shared/audience.yaml",
        "levels: { customer: { key: id } }\nattributes: { vip: { type: bool, pii: yes } }\n",
        &["2:39 TW0004 `pii` must be true or false, not text | write true"],
    );
}

#[test]
fn conditions_that_yaml_took_apart() {
    check(
        "channels/shared/segments/s.yaml",
        "title: T\nwhen: profile.name == \"a #b\" && x\n",
        &[
            "2:26 TW0006 ` #` begins a comment: what follows is not part of the value | put the whole value in single quotes: 'profile.name == \"a #b\" && x'",
        ],
    );
    check(
        "channels/shared/flowcharts/f.yaml",
        "title: T\nstart: a\nnodes:\n  a:\n    decide:\n      - { when: a == '日本, 東京', go: b }\n      - { otherwise: b }\n  b: { segment: none }\n",
        &[
            "6:17 TW0003 in `{ }` a condition ends at the first `,` | put it in single quotes: 'a == ''日本, 東京'''",
            "8:17 TW0015 `none` is a reserved name | choose another",
        ],
    );
}

#[test]
fn events_say_their_channel_where_they_must() {
    let kpi = "title: T\nobjective: O\nkpi: { event: sold, measure: count, per: 1d, baseline: 1, target: 2 }\n";
    check(
        "channels/web/goals/g.yaml",
        kpi,
        &["3:15 TW0112 `sold` must say its channel: channel/event | write web/sold"],
    );
    check(
        "channels/shared/goals/g.yaml",
        kpi,
        &["3:15 TW0112 `sold` must say its channel: channel/event"],
    );
}

#[test]
fn names_of_files_and_of_what_is_in_them() {
    check(
        "channels/shared/offers/Big_Sale.yaml",
        "title: T\n",
        &[
            "1:1 TW0015 `Big_Sale` is not spelled as such a name is: lower-case words joined by `-` | write `big-sale`",
        ],
    );
    check(
        "channels/shared/segments/everyone.yaml",
        "title: T\nwhen: a\n",
        &["1:1 TW0015 `everyone` is a reserved name | rename the file"],
    );
    check(
        "channels/Web/channel.yaml",
        "title: T\ndirection: inbound\n",
        &[
            "1:1 TW0015 `Web` is not spelled as such a name is: lower-case words joined by `-` | write `web`",
        ],
    );
    check(
        "channels/web/channel.yaml",
        "title: T\ndirection: inbound\nzones: { Top: {} }\ncategories: { c: {} }\nevents: { pageView: { category: c }, p\u{430}ge: { category: c } }\n",
        &[
            "3:10 TW0015 `Top` is not spelled as such a name is: lower-case words joined by `-` | write `top`",
            "5:11 TW0015 `pageView` is not spelled as such a name is: lower-case words joined by `_` | write `page_view`",
            "5:38 TW0011 `p\u{430}ge` holds U+0430, which looks like another character | type the name in ASCII; a `title` may be any text",
        ],
    );
}
