//! Environments, marks and levels of rules: what moves a release, and who.

use crate::{
    Kind,
    seed::{Fault, Seeder, Spot},
};

const PRODUCTION: &str = "environments/production/environment.yaml";

/// Other words in the place of these in an environment, with the place of a piece of them.
fn change(it: &Seeder<'_>, (old, new): (&str, &str), place: &str) -> Fault {
    let spots = it.all(PRODUCTION, old);
    let spot: &Spot = &spots[0];
    let at = new.find(place).unwrap();
    it.edit(spot, new).shift(at)
}

pub(crate) fn kinds() -> Vec<Kind> {
    vec![
        Kind::new("approval-of-nobody", "TW0805", |it| {
            let role = it.pick(&["manager", "touchpoint-manager"]);
            let old = format!("role: {role}, count: 1");
            change(it, (&old, &old.replace('1', "0")), "0")
        }),
        Kind::new("too-few-people", "TW0805", |it| {
            let role = it.pick(&["manager", "touchpoint-manager"]);
            let count = it.pick(&["2", "3", "9"]);
            let old = format!("{{ role: {role}, count: 1");
            change(it, (&old, &old.replace('1', count)), "{")
        }),
        Kind::new("unknown-role", "TW0805", |it| {
            let role = it.pick(&["manager", "touchpoint-manager"]);
            let slip = it.slip(role);
            let old = format!("{{ role: {role}, count: 1");
            change(it, (&old, &old.replace(role, &slip)), "{")
        }),
        Kind::new("unknown-origin", "TW0805", |it| {
            let slip = it.slip("staging");
            change(it, ("from: staging", &format!("from: {slip}")), &slip)
        }),
        Kind::new("origin-is-itself", "TW0805", |it| {
            change(it, ("from: staging", "from: production"), "production")
        }),
        Kind::new("server-twice", "TW0805", |it| {
            let (old, new) = it
                .pick(&[("name: tokyo-2", "name: tokyo-1"), ("127.0.0.1:7202", "127.0.0.1:7201")]);
            change(it, (old, new), new).line()
        }),
        Kind::new("person-twice", "TW0805", |it| {
            let (old, new) =
                it.pick(&[("id: sato", "id: tanaka"), ("ken.sato@", "hanako.tanaka@")]);
            change(it, (old, new), new).line()
        }),
        Kind::new("unknown-anchor", "TW0805", |it| {
            let name = it.pick(&["tokyo-3", "osaka-1", "tokio-1"]);
            let new = format!("anchor: {name}\nfrom: staging");
            change(it, ("from: staging", &new), name)
        }),
        Kind::new("server-in-clear", "TW0805", |it| {
            let host = it.pick(&["http://tokyo.contoso.example", "http://10.0.0.7:7201"]);
            change(it, ("http://127.0.0.1:7201", host), host).line()
        }),
        Kind::new("nobody-approves", "TW0805", |it| {
            let spots = it.all(PRODUCTION, "approvals:\n  - { role: manager, count: 1 }\n  - { role: touchpoint-manager, count: 1 }\n");
            {
                let instead = it.pick(&["approvals: []\n", ""]);
                let fault = it.edit(&spots[0], instead);
                // Without the field, its place is the file's.
                if instead.is_empty() { fault.found(PRODUCTION, "title:") } else { fault }.line()
            }
        }),
        Kind::new("not-in-this-environment", "TW0806", |it| {
            let (old, new) = it.pick(&[
                ("soak: 5s", "soak: 5s, impact: { changed_decisions: 30% }"),
                ("gates: [scenarios]", "gates: [scenarios, impact]"),
                ("soak: 5s", "soak: 5s, impact: { changed_decisions: 30% }"),
            ]);
            change(it, (old, new), new).line()
        }),
        Kind::new("secret-in-environment", "TW0705", |it| {
            let token = it.pick(&["hunter2hunter2", "tk_live_4eC39HqLyjWDarjtT1zdp7dc", "abc"]);
            let part = it.pick(&["production", "staging"]);
            let spots = it.values(&format!("environments/{part}/environment.yaml"), "token");
            let spot = it.pick(&spots);
            it.edit(&spot, &format!("\"{token}\""))
        }),
        Kind::new("field-of-environment", "TW0003", |it| {
            let field = it.pick(&["servers", "gates", "rollback", "people", "runners"]);
            let slip = it.slip(field);
            change(it, (&format!("\n{field}:"), &format!("\n{slip}:")), &slip)
        })
        .also(&["TW0805"]),
        Kind::new("mark-of-unknown-component", "TW0811", |it| {
            let name = it.pick(&["offer/espresso-stater", "segment/vips", "channel/web-shop"]);
            let spot = it.one("staging/marks.yaml", "components: {}");
            let blob = "4f2a9c1e".repeat(5);
            it.edit(&spot, &format!("components:\n  {name}: {blob}")).shift(14)
        }),
        Kind::new("mark-of-no-blob", "TW0017", |it| {
            let blob = it.pick(&["4f2a9c1e", "latest", "HEAD"]);
            let spot = it.one("staging/marks.yaml", "components: {}");
            let key = "components:\n  offer/grinder: ";
            it.edit(&spot, &format!("{key}{blob}")).shift(key.len())
        }),
        Kind::new("marks-of-the-wrong-kind", "TW0812", |it| {
            let blob = "4f2a9c1e".repeat(5);
            let path = "environments/production/marks.yaml";
            let name = it.pick(&["offer/grinder", "offer/gift-wrap", "channel/email"]);
            it.file(path, format!("components:\n  {name}: {blob}\n")).line().shift(14)
        }),
        Kind::new("unknown-rule", "TW0906", |it| {
            let code = it.pick(&["TW9999", "TW0098", "TW1399"]);
            let text = it.text("taiwa.yaml");
            let line = format!("{text}rules: {{ {code}: off }}\n");
            it.file("taiwa.yaml", line).shift(text.len() + 9).line()
        }),
        Kind::new("rule-lowered", "TW0907", |it| {
            let code = it.pick(&["TW0001", "TW0101", "TW0705", "TW0303"]);
            let text = it.text("taiwa.yaml");
            let line = format!("{text}rules: {{ {code}: off }}\n");
            it.file("taiwa.yaml", line).shift(text.len() + 9).line()
        }),
    ]
}
