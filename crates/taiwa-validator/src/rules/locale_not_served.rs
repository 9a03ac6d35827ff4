//! Rule TW0528, locale-not-served.

use taiwa_model::Locale;
use taiwa_text::{Finding, say};

use crate::{Check, Context, suggest, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds treatments in a locale that `taiwa.yaml` does not list.
    ///
    /// ## Why it matters
    /// Nobody will read it, or the locale was forgotten in `taiwa.yaml` and is missing elsewhere.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it }, fr: { headline: Goûtez } }
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
    pub(crate) static LOCALE_NOT_SERVED = {
        code: "TW0528",
        name: "locale-not-served",
        level: Warning,
        ja: r"## 何を調べるか
`taiwa.yaml` にないロケールのトリートメントを見つけます。

## なぜ大切か
誰にも読まれないか、`taiwa.yaml` にロケールを書き忘れていて、ほかの場所で足りなくなっています。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let served = |locale: &Locale| {
        let language = locale.as_str().split('-').next();
        // `ja-JP` refines `ja`.
        cx.locales().iter().any(|it| it == locale || Some(it.as_str()) == language)
    };
    if cx.locales().is_empty() {
        return;
    }
    for it in treatments(cx.components) {
        for locale in it.treatment.keys().filter(|locale| !served(locale)) {
            let message = say!(
                en: "`{locale}` is none of the locales of this workspace",
                ja: "`{locale}` は、このワークスペースのロケールにありません",
            );
            let names = cx.locales().iter().map(Locale::as_str);
            let help = suggest::help(
                locale.as_str(),
                names,
                &say!(
                    en: "add it to `locales` of `taiwa.yaml`",
                    ja: "`taiwa.yaml` の `locales` に加えてください",
                ),
            );
            let path = format!("{}/{locale}", it.path);
            let finding = cx.at_key(&LOCALE_NOT_SERVED, &it.id, &path, message).help(help);
            let names = cx.locales().iter().map(Locale::as_str);
            findings.push(cx.guessed(finding, (&it.id, &path), locale.as_str(), names));
        }
    }
}
