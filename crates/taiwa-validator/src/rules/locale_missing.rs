//! Rule TW0514, locale-missing.

use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Checks that every treatment of offers and messages has every locale that `taiwa.yaml` lists.
    ///
    /// ## Why it matters
    /// Customers of that language would read another one, in the middle of a page of theirs.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en, ja]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// treatments:
    ///   web-store: { en: { headline: Now }, ja: { headline: セール } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/brand.yaml
    /// title: Story
    /// treatments:
    ///   web-store: { en: { headline: Now }, ja: { headline: 物語 } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en, ja]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// treatments:
    ///   web-store: { en: { headline: Now }, ja: { headline: セール } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/brand.yaml
    /// title: Story
    /// treatments:
    ///   web-store: { en: { headline: Now }, ja: { headline: 物語 } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// treatments:
    ///   web-store: { en: { headline: Taste it }, ja: { headline: お試し } }
    /// ```
    pub(crate) static LOCALE_MISSING = {
        code: "TW0514",
        name: "locale-missing",
        level: Error,
        ja: r"## 何を調べるか
オファーとメッセージのすべてのトリートメントに、`taiwa.yaml` に書かれたすべてのロケールがあるかを調べます。

## なぜ大切か
その言語の顧客は、自分の言語のページの途中で別の言語を読むことになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        for locale in cx.locales().iter().filter(|locale| !it.treatment.contains_key(*locale)) {
            let message = say!(
                en: "the treatment for `{}` has no text in `{locale}`",
                ja: "`{}` のトリートメントに `{locale}` の文がありません",
                it.channel,
            );
            findings.push(cx.at_key(&LOCALE_MISSING, &it.id, &it.path, message).help(say!(
                en: "add `{locale}: {{ … }}` with the same fields",
                ja: "同じ項目で `{locale}: {{ … }}` を加えてください",
            )));
        }
    }
}
