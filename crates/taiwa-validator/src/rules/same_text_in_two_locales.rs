//! Rule TW0523, same-text-in-two-locales.

use std::collections::BTreeMap;

use taiwa_model::{FieldName, Locale, Value};
use taiwa_text::{Finding, say};

use crate::{Check, Context, placeholder::without_placeholders, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds a field of a treatment with the same sentence in two locales.
    ///
    /// ## Why it matters
    /// It was probably copied and not translated yet: customers read it in a language that they did not choose. Names,
    /// addresses and single words are left alone.
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
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store:
    ///     en: { headline: Taste the new espresso at home }
    ///     ja: { headline: Taste the new espresso at home }
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
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store:
    ///     en: { headline: Taste the new espresso at home }
    ///     ja: { headline: ご自宅で新しいエスプレッソを }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// treatments:
    ///   web-store: { en: { headline: Now }, ja: { headline: 今だけ } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/brand.yaml
    /// title: Our story
    /// treatments:
    ///   web-store: { en: { headline: Our story }, ja: { headline: 私たちの物語 } }
    /// ```
    pub(crate) static SAME_TEXT_IN_TWO_LOCALES = {
        code: "TW0523",
        name: "same-text-in-two-locales",
        level: Info,
        ja: r"## 何を調べるか
2 つのロケールで同じ文になっているトリートメントのフィールドを見つけます。

## なぜ大切か
コピーしたまま翻訳されていないことがほとんどです。顧客は選んでいない言語で読むことになります。名前、アドレス、単語だけのものは対象外です。
",
        check: Check::Project(check),
    }
}

/// Fewer words may be a name, or a slogan that is the same everywhere.
const FEWEST_WORDS: usize = 4;

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        let mut seen: BTreeMap<(&FieldName, &str), &Locale> = BTreeMap::new();
        for (locale, content) in it.treatment {
            for (field, value) in content {
                let Value::Text(text) = value else { continue };
                if !is_sentence(text) {
                    continue;
                }
                let first = *seen.entry((field, text)).or_insert(locale);
                if language(first) == language(locale) {
                    continue;
                }
                let path = format!("{}/{locale}/{field}", it.path);
                let message = say!(
                    en: "`{field}` says the same in `{first}` and `{locale}`",
                    ja: "`{field}` は `{first}` と `{locale}` で同じ文です",
                );
                findings.push(cx.at(&SAME_TEXT_IN_TWO_LOCALES, &it.id, &path, message).help(say!(
                    en: "translate it",
                    ja: "翻訳してください",
                )));
            }
        }
    }
}

fn language(locale: &Locale) -> &str {
    locale.as_str().split('-').next().unwrap_or_default()
}

fn is_sentence(text: &str) -> bool {
    let plain = without_placeholders(text);
    let words = plain.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count();
    let wide = plain.chars().filter(|it| !it.is_ascii() && it.is_alphabetic()).count();
    !plain.contains("://") && !plain.starts_with('/') && (words >= FEWEST_WORDS || wide >= 8)
}
