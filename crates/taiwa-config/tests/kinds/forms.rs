//! What people write, and what it becomes in the model.

use super::lowered;

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
