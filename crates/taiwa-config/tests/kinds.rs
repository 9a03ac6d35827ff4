//! Every kind of file, well and badly written: what is found, and exactly where.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use taiwa_config::{Content, InputFile, Project, load};
use taiwa_text::Finding;

const WORKSPACE: &str = "format: 1\ntitle: T\nlocales: [en]\ntime_zone: UTC\ncurrency: EUR\n";
const AUDIENCE: &str = "levels:\n  customer: { key: customer_id }\nattributes: {}\n";

fn loaded(files: &[(&str, &str)]) -> (Project, Vec<Finding>) {
    let mut all = vec![("taiwa.yaml", WORKSPACE), ("channels/shared/audience.yaml", AUDIENCE)];
    all.retain(|it| !files.iter().any(|file| file.0 == it.0));
    let folder = files[0].0.split('/').nth(1).filter(|it| *it != "shared" && *it != "production");
    let channel = folder.map(|it| format!("channels/{it}/channel.yaml")).unwrap_or_default();
    if folder.is_some() && channel != files[0].0 {
        all.push((&channel, "title: C\ndirection: inbound\n"));
    }
    all.extend(files);
    let input = |(path, text): &(&str, &str)| InputFile {
        path: (*path).into(),
        content: Content::Bytes(text.as_bytes().to_vec()),
    };
    load(all.iter().map(input).collect())
}

fn said(project: &Project, findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        let help = it.help.as_ref().map(|it| format!(" | {it}")).unwrap_or_default();
        format!("{}:{} {} {}{help}", at.line, at.column, it.code, it.message)
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) {
    let (project, findings) = loaded(&[(path, text)]);
    assert_eq!(said(&project, &findings), expect, "{text}");
}

/// What became of the only component of that file.
#[track_caller]
fn lowered(path: &str, text: &str, expect: &str) {
    let (project, findings) = loaded(&[(path, text)]);
    assert_eq!(said(&project, &findings), Vec::<String>::new());
    let parts = &project.components;
    let json = match taiwa_config::place_of(path) {
        taiwa_config::FilePlace::Environment(name) => {
            serde_json::to_value(&project.environments[&name])
        }
        taiwa_config::FilePlace::Component(id, _) => match id.kind.as_str() {
            "audience" => serde_json::to_value(&parts.audience),
            "channel" => serde_json::to_value(&parts.channels[id.name.as_str()]),
            "strategy" => serde_json::to_value(&parts.strategies[id.name.as_str()]),
            "goal" => serde_json::to_value(&parts.goals[id.name.as_str()].content),
            "flowchart" => serde_json::to_value(&parts.flowcharts[id.name.as_str()].content),
            "offer" => serde_json::to_value(&parts.offers[id.name.as_str()].content),
            "touchpoint" => serde_json::to_value(&parts.touchpoints[id.name.as_str()].content),
            "scenario" => serde_json::to_value(&parts.scenarios[id.name.as_str()].content),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    };
    let expect: serde_json::Value = serde_json::from_str(expect).unwrap();
    assert_eq!(json.unwrap(), expect);
}

#[test]
fn forms_are_normalised() {
    lowered(
        "channels/shared/audience.yaml",
        "levels:\n  member: { key: member_id }\n  guest: { key: guest_id }\nattributes:\n  age: { type: int, default: 0 }\n",
        r#"{"levels":[{"name":"member","key":"member_id"},{"name":"guest","key":"guest_id"}],
            "attributes":{"age":{"type":"int","default":0}}}"#,
    );
    lowered(
        "channels/web/channel.yaml",
        "title: { en: Web, ja: ウェブ }\ndirection: inbound\nquiet_hours: { from: \"21:00\", until: \"08:00\" }\nzones:\n  z: { content: { a: string(40), b: string, c: url } }\n\
         interaction_points:\n  p: { zone: z, offers: 1, fallback: none }\n  q: { zone: z, offers: 2, fallback: o }\ncategories: { c: {} }\n\
         events:\n  e: { category: c, properties: { x: string, y: { type: int, required: false } }, conversion: true }\n\
         \x20 f: { category: c, conversion: false }\n  g: { category: c, conversion: { within: 1w } }\nresponses: { shown: e, accepted: [f, g] }\n",
        r#"{"title":{"en":"Web","ja":"ウェブ"},"direction":"inbound","quiet_hours":[{"from":"21:00","until":"08:00"}],
            "zones":{"z":{"content":{"a":{"string":{"max":40}},"b":{"string":{}},"c":"url"}}},
            "interaction_points":{"p":{"zone":"z","offers":1},"q":{"zone":"z","offers":2,"fallback":"o"}},"categories":{"c":{}},
            "events":{"e":{"category":"c","properties":{"x":{"type":"string"},"y":{"type":"int","optional":true}},"conversion":{"within":"30d"}},
                      "f":{"category":"c"},"g":{"category":"c","conversion":{"within":"7d"}}},
            "responses":{"shown":["e"],"accepted":["f","g"]}}"#,
    );
    lowered(
        "channels/fax/channel.yaml",
        "title: Fax\ndirection: outbound\nmedium: custom\ninteractions: { shown: {}, chosen: { after: shown, excludes: [gone] }, gone: {} }\n",
        r#"{"title":{"und":"Fax"},"direction":"outbound","medium":"custom","interactions":{"shown":{},"chosen":{"after":"shown","excludes":["gone"]},"gone":{}}}"#,
    );
    lowered(
        "channels/web/strategy.yaml",
        "arbitration: { z: value }\nrules:\n  - { zone: z, segment: everyone, offer: o, score: 80 }\n  - { zone: z, segment: s, offer: o, score: 'session.hour > 6 ? 1 : 2' }\n",
        r#"{"arbitration":{"z":"value"},"rules":[{"zone":"z","segment":"everyone","offer":"o","score":{"fixed":80.0}},
            {"zone":"z","segment":"s","offer":"o","score":{"cel":"session.hour > 6 ? 1 : 2"}}]}"#,
    );
    lowered(
        "channels/shared/goals/g.yaml",
        "title: T\nobjective: Less\nkpi: { event: web/left, measure: count, per: 4w, baseline: 9, target: 4.5, better: lower }\n",
        r#"{"title":{"und":"T"},"objective":"Less","kpi":{"event":"web/left","measure":"count","per":"28d","baseline":9.0,"target":4.5,"lower_is_better":true}}"#,
    );
    lowered(
        "channels/shared/flowcharts/f.yaml",
        "title: T\nstart: a\nnodes:\n  a: { decide: [ { when: 'level() == \"x\"', go: b }, { otherwise: b } ] }\n  b: { segment: gold, title: Gold }\n",
        r#"{"title":{"und":"T"},"start":"a","nodes":{"a":{"decide":[{"when":"level() == \"x\"","go":"b"},{"go":"b"}]},"b":{"segment":{"name":"gold","title":{"und":"Gold"}}}}}"#,
    );
    lowered(
        "channels/web/touchpoints/t.yaml",
        "title: T\nuses: { interaction_points: [p], events: [e, app/f] }\n",
        r#"{"title":{"und":"T"},"uses":{"interaction_points":["p"],"events":["app/f","web/e"]}}"#,
    );
    lowered(
        "channels/web/scenarios/s.yaml",
        "title: T\ngiven:\n  at: 2026-11-21T10:00:00+09:00\n  guest: { guest_id: v-1, age: 3, likes: [a, b] }\n  consent: { mail: granted }\n\
         \x20 history: [ { event: buy, ago: 3d, properties: { sku: X } }, { shown: o, ago: 1h } ]\n\
         steps:\n  - start: { channel: web, locale: ja }\n  - offers: { point: p, expect: [] }\n  - offers: { point: p, contains: [o], excludes: [q] }\n\
         \x20 - post: { event: buy, properties: { price: 1.5, gift: true } }\n  - advance: 24h\n  - expect: { segment: s }\n  - expect: { not_segment: t }\n",
        r#"{"title":{"und":"T"},"given":{"at":"2026-11-21T01:00:00Z","level":"guest","profile":{"guest_id":"v-1","age":3,"likes":["a","b"]},"consent":{"mail":"granted"},
            "history":[{"ago":"3d","what":{"event":{"event":"web/buy","properties":{"sku":"X"}}}},{"ago":"1h","what":{"shown":"o"}}]},
            "steps":[{"start":{"channel":"web","locale":"ja"}},{"offers":{"point":"p","expect":[]}},{"offers":{"point":"p","contains":["o"],"excludes":["q"]}},
            {"post":{"event":"buy","properties":{"price":1.5,"gift":true}}},{"advance":"1d"},{"expect":{"segment":"s"}},{"expect":{"not-segment":"t"}}]}"#,
    );
}

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

#[test]
fn the_workspace_file() {
    let workspace = |text: &str, expect: &[&str]| check("taiwa.yaml", text, expect);
    workspace(
        &WORKSPACE.replace("format: 1", "format: 2"),
        &[
            "1:9 TW0012 format 2 is not known to this version of taiwa | this version reads `format: 1`",
        ],
    );
    workspace(
        &WORKSPACE.replace("format: 1\n", ""),
        &["1:1 TW0005 `format` is missing | add `format: …`: Version of the file forms: 1"],
    );
    workspace(
        &WORKSPACE.replace("UTC", "Tokyo"),
        &["4:12 TW0017 `Tokyo` is not a time zone | an IANA name such as Asia/Tokyo"],
    );
    workspace(
        &WORKSPACE.replace("EUR", "YEN"),
        &["5:11 TW0017 `YEN` is not a currency | an ISO 4217 code such as JPY"],
    );
    let rules = format!("{WORKSPACE}rules: {{ TW0105: error, TW0510: off, TW1: warn }}\n");
    let (project, findings) = loaded(&[("taiwa.yaml", &rules)]);
    assert_eq!(project.settings.rules.len(), 2);
    assert_eq!(
        said(&project, &findings),
        [
            "6:38 TW0017 `TW1` is not the code of a rule | such as TW0105",
            "6:43 TW0004 `warn` is not one of `error`, `warning`, `info` and `off` | did you mean `warning`?",
        ]
    );
}

#[test]
fn environments() {
    let path = "environments/production/environment.yaml";
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0y7u+wLtn1b2XoPz2r a@b";
    lowered(
        path,
        &format!(
            "title: P\nfrom: staging\nservers:\n  - {{ name: a, url: \"http://127.0.0.1:1\", token: \"${{T}}\", key: {key} }}\n\
         gates: {{ scenarios: all, load: {{ rate: 500/s, for: 10s, p99: 20ms, errors: 0% }}, impact: {{ changed_decisions: 30% }}, soak: 30m }}\n\
         approvals: [ {{ role: manager, count: 1 }} ]\npeople:\n  - {{ id: t, roles: [manager], email: a@b, key: [{key}] }}\nfreeze: [ {{ from: 2026-12-30, until: 2027-01-03 }} ]\n\
         rollout: [ {{ visitors: 5%, for: 10m }} ]\nmax_age: 8h\nin_doubt: serve\nrunners: [ {{ id: ci, gates: [scenarios] }} ]\n"
        ),
        &format!(
            r#"{{"title":{{"und":"P"}},"protected":null,"from":"staging","servers":[{{"name":"a","url":"http://127.0.0.1:1","token":"${{T}}","key":"{key}"}}],
         "anchor":null,"retired":[],"data":{{"profiles":null}},
         "gates":{{"scenarios":{{"run":"all","max_age":null}},"load":{{"rate":500.0,"for":"10s","p99":"20ms","errors":0,"max_age":null}},"impact":{{"changed_decisions":3000,"approvals":[]}},"soak":"30m"}},
         "approvals":[{{"role":"manager","count":1}}],"rollback":null,"emergency":[],"policy":null,"hold":[],
         "people":[{{"id":"t","name":null,"email":["a@b"],"roles":["manager"],"key":["{key}"]}}],"bots":[],"runners":[{{"id":"ci","key":null,"gates":["scenarios"]}}],
         "separation":null,"freeze":[{{"from":"2026-12-30","until":"2027-01-03","reason":null}}],"windows":[],"rollout":[{{"visitors":500,"for":"10m"}}],
         "max_age":"8h","in_doubt":"serve","lease":null,"deadline":null,"skew":null}}"#
        ),
    );
    check(
        path,
        "title: P\nservers:\n  - { name: a, url: \"http://a.example\", token: hunter2, key: abc }\nrollout: [ { visitors: 5, for: 10m } ]\nanchr: a\n",
        &[
            "3:21 TW0805 `http://a.example` is not encrypted | http is for this machine only; write https",
            "3:48 TW0705 a secret stands here in clear | write \"${NAME}\", the name of an environment variable; and change the secret",
            "3:62 TW0017 this is not a public key | the line of the .pub file: ssh-ed25519 AAAA… name@host",
            "4:24 TW0017 `5` is not a share such as 5% or 0.5% | a share is written with its sign: 5%",
            "5:1 TW0003 `anchr` is not known here | did you mean `anchor`?",
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
