//! `taiwa.yaml` and `environment.yaml`.

use taiwa_config::environment::Separation;

use super::{WORKSPACE, check, loaded, lowered, said};

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
         rollout: [ {{ visitors: 5%, for: 10m }} ]\nmax_age: 8h\nin_doubt: serve\nrunners: [ {{ id: ci, gates: [scenarios] }} ]\n\
         notify: [ {{ url: \"${{HOOK}}\", format: slack, on: [held] }} ]\n"
        ),
        &format!(
            r#"{{"title":{{"und":"P"}},"protected":null,"from":"staging","servers":[{{"name":"a","url":"http://127.0.0.1:1","token":"${{T}}","key":"{key}"}}],
         "anchor":null,"retired":[],"data":{{"profiles":null}},
         "gates":{{"scenarios":{{"run":"all","max_age":null}},"load":{{"rate":500.0,"for":"10s","p99":"20ms","errors":0,"max_age":null}},"impact":{{"changed_decisions":3000,"approvals":[]}},"soak":{{"for":"30m","decisions":null,"max_age":null}}}},
         "approvals":[{{"role":"manager","count":1}}],"rollback":null,"emergency":[],"policy":null,"hold":[],
         "people":[{{"id":"t","name":null,"email":["a@b"],"roles":["manager"],"key":["{key}"]}}],"bots":[],"runners":[{{"id":"ci","key":null,"gates":["scenarios"]}}],
         "separation":null,"freeze":[{{"from":"2026-12-30","until":"2027-01-03","reason":null}}],"windows":[],"rollout":[{{"visitors":500,"for":"10m"}}],
         "max_age":"8h","in_doubt":"serve","lease":null,"deadline":null,"skew":null,"notify":[{{"url":"${{HOOK}}","secret":null,"format":"slack","on":["held"]}}]}}"#
        ),
    );
    let people = |text: &str| {
        let head = "title: P\nservers: [ { name: a, url: \"http://127.0.0.1:1\" } ]\n";
        let (project, findings) = loaded(&[(path, &format!("{head}{text}"))]);
        let environment = project.environments.values().next().cloned().unwrap_or_default();
        (environment.separation, environment.bots, said(&project, &findings))
    };
    let (separation, bots, findings) =
        people("separation: strict\nbots: [ forge@x, { email: t@x, for: [anna] } ]\n");
    assert_eq!((separation, findings), (Some(Separation::Strict), vec![]));
    let bots: Vec<_> = bots.iter().map(|it| (it.email.as_str(), it.people.len())).collect();
    assert_eq!(bots, [("forge@x", 0), ("t@x", 1)]);
    assert_eq!(people("separation: true\n").0, Some(Separation::On));
    assert_eq!(people("separation: false\n").0, Some(Separation::Off));
    assert_eq!(people("separation: severe\n").2.len(), 1);
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
