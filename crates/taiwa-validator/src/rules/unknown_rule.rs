//! Rule TW0906, unknown-rule.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{
    Check, Context,
    rules::{ALL, RETIRED, by_code},
    suggest,
};

rule! {
    /// ## What it does
    /// Checks that the codes under `rules` of `taiwa.yaml` are codes of rules.
    ///
    /// ## Why it matters
    /// A level for a code that does not exist changes nothing, and whoever wrote it believes that it does.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// rules: { TW9999: off }
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
    /// rules: { TW0105: error }
    /// ```
    pub(crate) static UNKNOWN_RULE = {
        code: "TW0906",
        name: "unknown-rule",
        level: Error,
        ja: r"## 何を調べるか
`taiwa.yaml` の `rules` に書かれたコードが、ルールのコードかを調べます。

## なぜ大切か
存在しないコードのレベルを変えても何も変わらないのに、書いた人は変わったと思っています。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let id = ComponentId::new(Kind::Workspace, "taiwa");
    for code in cx.project.settings.rules.keys() {
        if by_code(code).is_some() || RETIRED.contains(&code.as_str()) {
            continue;
        }
        let named = ALL.iter().find(|it| it.name == code).map(|it| it.code);
        let near = named.or_else(|| suggest::nearest(code, ALL.iter().map(|it| it.code)));
        let help = near.map_or_else(
            || say!(en: "`taiwa explain` lists the rules", ja: "ルールの一覧は `taiwa explain` で見られます"),
            |it| say!(en: "did you mean `{it}`?", ja: "もしかして `{it}` ですか？"),
        );
        let path = format!("rules/{code}");
        let mut finding = cx
            .at_key(
                &UNKNOWN_RULE,
                &id,
                &path,
                say!(en: "there is no rule `{code}`", ja: "ルール `{code}` はありません"),
            )
            .help(help);
        finding.fix = near.and_then(|it| cx.project.rename(&id, &path, (code, it)));
        findings.push(finding);
    }
}
