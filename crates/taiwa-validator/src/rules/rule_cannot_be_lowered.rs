//! Rule TW0907, rule-cannot-be-lowered.

use taiwa_config::RuleLevel;
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Level, rules::by_code};

rule! {
    /// ## What it does
    /// Reports levels in `taiwa.yaml` that lower a rule which protects the servers.
    ///
    /// ## Why it matters
    /// What breaks such a rule could not be served. It stays an error, whatever is written.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// rules: { TW0101: off }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// rules: { TW0105: off }
    /// ```
    pub(crate) static RULE_CANNOT_BE_LOWERED = {
        code: "TW0907",
        name: "rule-cannot-be-lowered",
        level: Error,
        ja: r"## 何を調べるか
サーバーを守るルールのレベルを下げようとしている `taiwa.yaml` の設定を報告します。

## なぜ大切か
そのルールに反するものは配信できません。何と書かれていても、エラーのままです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let id = ComponentId::new(Kind::Workspace, "taiwa");
    for (code, level) in &cx.project.settings.rules {
        let guards = by_code(code).is_some_and(|it| it.level == Level::Guard);
        if guards && *level != RuleLevel::Error {
            let path = format!("rules/{code}");
            let mut finding = cx
                .at(
                    &RULE_CANNOT_BE_LOWERED,
                    &id,
                    &path,
                    say!(
                        en: "`{code}` cannot be lowered: it stays an error",
                        ja: "`{code}` のレベルは下げられません。エラーのままになります",
                    ),
                )
                .help(say!(
                    en: "take it out here, and mend what it finds",
                    ja: "ここから削除し、指摘された箇所を直してください",
                ));
            finding.fix = cx.project.revalue(&id, &path, "error");
            findings.push(finding);
        }
    }
}
