//! Rule TW0806, unsupported-in-environment.

use taiwa_config::environment::Environment;
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Reports what the forms of an environment know and this version does not serve yet: the gate `impact` and
    /// hardware keys.
    ///
    /// ## Why it matters
    /// Nothing is ignored: an environment that asks for a protection would be thought to have it.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// gates: { impact: { changed_decisions: 30% } }
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    pub(crate) static UNSUPPORTED_IN_ENVIRONMENT = {
        code: "TW0806",
        name: "unsupported-in-environment",
        level: Guard,
        ja: r"## 何を調べるか
環境の書式としては定められていても、この版がまだ実行できないものを報告します。
ゲート `impact` とハードウェアキーです。

## なぜ大切か
何も無視しません。環境が求めた保護は、働いていると思われてしまうからです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        for (path, what) in unsupported(environment) {
            findings.push(
                cx.at_environment(
                    &UNSUPPORTED_IN_ENVIRONMENT,
                    name,
                    &path,
                    say!(
                        en: "{} is not supported by this version",
                        ja: "{}は、この版の taiwa ではまだ使えません",
                        what,
                    ),
                )
                .help(say!(
                    en: "take it out: nothing is ignored silently",
                    ja: "削除してください。書かれたことが黙って無視されることはありません",
                )),
            );
        }
    }
}

fn unsupported(it: &Environment) -> Vec<(String, Text)> {
    let mut all: Vec<(String, Text)> = Vec::new();
    if it.gates.impact.is_some() {
        all.push((
            "gates/impact".to_owned(),
            say!(en: "the gate `impact`", ja: "ゲート `impact` "),
        ));
    }
    for (index, person) in it.people.iter().enumerate() {
        for (at, key) in person.key.iter().enumerate() {
            if key.starts_with("sk-") {
                all.push((
                    format!("people/{index}/key/{at}"),
                    say!(en: "a hardware key (`sk-…`)", ja: "ハードウェアキー (`sk-…`) "),
                ));
            }
        }
    }
    for (index, runner) in it.runners.iter().enumerate() {
        for (at, _) in runner.gates.iter().enumerate().filter(|it| it.1 == "impact") {
            all.push((
                format!("runners/{index}/gates/{at}"),
                say!(
                    en: "a runner for the gate `impact`",
                    ja: "ゲート `impact` のランナー",
                ),
            ));
        }
    }
    all
}
