//! Rule TW0101, unknown-offer.

use taiwa_model::OfferName;
use taiwa_text::{Finding, say};

use crate::{Check, Context, Stage, Target, suggest};

rule! {
    /// ## What it does
    /// Checks that every offer that a strategy, a fallback, a message or a scenario names has a file.
    ///
    /// ## Why it matters
    /// The zone would stay empty, and nobody would be told.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kitt, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static UNKNOWN_OFFER = {
        code: "TW0101",
        name: "unknown-offer",
        level: Guard,
        ja: r"## 何を調べるか
ストラテジー、フォールバック、メッセージ、シナリオに書かれたすべてのオファーに、ファイルがあるかを調べます。

## なぜ大切か
ゾーンが空のままになり、しかも誰にも知らされません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in &cx.references {
        // Names inside conditions are looked at where conditions are read (TW0318).
        let Target::Offer(offer) = &it.to else { continue };
        if it.span.is_some() || cx.index.exists(cx.components, &it.to) {
            continue;
        }
        let names = cx.components.offers.keys().map(OfferName::as_str);
        let otherwise = match cx.options.stage {
            Stage::Edit => {
                say!(
                    en: "write `channels/shared/offers/{offer}.yaml`, or name another offer",
                    ja: "`channels/shared/offers/{offer}.yaml` を書くか、別のオファーにしてください",
                )
            }
            Stage::Mark | Stage::Promote => {
                say!(
                    en: "mark it too: `taiwa mark offer/{offer}`",
                    ja: "これにもマークを付けてください: `taiwa mark offer/{offer}`",
                )
            }
        };
        let help = suggest::help(offer.as_str(), names.clone(), &otherwise);
        let message =
            say!(en: "there is no offer `{offer}`", ja: "オファー `{offer}` はありません");
        let finding = cx.at(&UNKNOWN_OFFER, &it.from, &it.path, message).help(help);
        findings.push(cx.guessed(finding, (&it.from, &it.path), offer.as_str(), names));
    }
}
