//! Rule TW0132, workspace-locales.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that `locales` of `taiwa.yaml` lists at least one locale, and each once.
    ///
    /// ## Why it matters
    /// The first locale is the last resort of every text. Without one there is nothing to fall back to.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en, en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
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
    /// ```
    pub(crate) static WORKSPACE_LOCALES = {
        code: "TW0132",
        name: "workspace-locales",
        level: Guard,
        ja: r"## 何を調べるか
`taiwa.yaml` の `locales` に少なくとも 1 つのロケールがあり、それぞれが一度だけ書かれているかを調べます。

## なぜ大切か
最初のロケールは、すべての文の最後のよりどころです。それがないと、代わりに表示するものがありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(workspace) = &cx.components.workspace else { return };
    let id = ComponentId::new(Kind::Workspace, "taiwa");
    if workspace.locales.is_empty() && !cx.is_doubtful(&id) {
        findings.push(
            cx.at(
                &WORKSPACE_LOCALES,
                &id,
                "locales",
                say!(en: "no locale is listed", ja: "ロケールがありません"),
            )
            .help(say!(
                en: "write for example `locales: [en, ja]`",
                ja: "たとえば `locales: [en, ja]` と書いてください",
            )),
        );
    }
    for (index, locale) in workspace.locales.iter().enumerate() {
        if workspace.locales.iter().take(index).any(|it| it == locale) {
            let message =
                say!(en: "`{locale}` is listed twice", ja: "`{locale}` が 2 回書かれています");
            findings.push(
                cx.at(&WORKSPACE_LOCALES, &id, &format!("locales/{index}"), message)
                    .help(say!(en: "take one of them out", ja: "どちらか一方を削除してください")),
            );
        }
    }
}
