//! Rule TW0522, fields-differ-by-locale.

use std::collections::BTreeSet;
use taiwa_model::FieldName;
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Checks that all locales of one treatment have the same fields.
    ///
    /// ## Why it matters
    /// The touchpoint asks for a field and finds it in one language only.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// treatments:
    ///   web-store:
    ///     en: { headline: Try our colours, link: /kit }
    ///     en-US: { headline: Try our colors }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// treatments:
    ///   web-store:
    ///     en: { headline: Try our colours, link: /kit }
    ///     en-US: { headline: Try our colors, link: /kit }
    /// ```
    pub(crate) static FIELDS_DIFFER_BY_LOCALE = {
        code: "TW0522",
        name: "fields-differ-by-locale",
        level: Error,
        ja: r"## 何を調べるか
1 つのトリートメントのすべてのロケールに、同じ項目があるかを調べます。

## なぜ大切か
タッチポイントが求める項目が、ある言語にしかないことになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        let all: BTreeSet<&FieldName> =
            it.treatment.values().flat_map(|content| content.keys()).collect();
        for (locale, content) in it.treatment {
            for field in all.iter().filter(|field| !content.contains_key(**field)) {
                if cx.is_written(&it.id, &format!("{}/{locale}/{field}", it.path)) {
                    continue; // it cannot be read, which is said
                }
                let message = say!(
                    en: "`{locale}` has no `{field}`, another locale has",
                    ja: "`{locale}` に `{field}` がありません。ほかのロケールにはあります",
                );
                findings.push(
                    cx.at_key(
                        &FIELDS_DIFFER_BY_LOCALE,
                        &it.id,
                        &format!("{}/{locale}", it.path),
                        message,
                    )
                    .help(say!(
                        en: "add `{field}` here, or take it out of the others",
                        ja: "ここに `{field}` を加えるか、ほかのロケールから削除してください",
                    )),
                );
            }
        }
    }
}
