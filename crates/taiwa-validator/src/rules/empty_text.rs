//! Rule TW0543, empty-text.

use taiwa_model::Value;
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds texts of treatments that are empty or hold only blanks.
    ///
    /// ## Why it matters
    /// Customers see a box without a headline, or a link that leads nowhere.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: " " } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static EMPTY_TEXT = {
        code: "TW0543",
        name: "empty-text",
        level: Error,
        ja: r"## 何を調べるか
空の文、または空白だけの文になっているトリートメントのフィールドを見つけます。

## なぜ大切か
顧客には、見出しのない枠や、どこにも行けないリンクが表示されます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        for (locale, content) in it.treatment {
            for (field, value) in content {
                let path = format!("{}/{locale}/{field}", it.path);
                let Value::Text(text) = value else { continue };
                if !text.trim().is_empty() {
                    continue;
                }
                let message = say!(en: "`{field}` is empty", ja: "`{field}` が空です");
                findings.push(cx.at(&EMPTY_TEXT, &it.id, &path, message).help(say!(
                    en: "write its text, or take the field out of every locale",
                    ja: "文を書くか、すべてのロケールからこのフィールドを削除してください",
                )));
            }
        }
    }
}
