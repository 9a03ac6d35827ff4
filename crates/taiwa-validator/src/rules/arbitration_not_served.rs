//! Rule TW0519, arbitration-not-served.

use taiwa_model::{Arbitration, ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Reports `arbitration: learning` and `weights`, which this version does not serve.
    ///
    /// ## Why it matters
    /// They are never served as something else: a zone that should learn and does not would be taken for one that does.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// arbitration: { home: learning }
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// arbitration: { home: score }
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static ARBITRATION_NOT_SERVED = {
        code: "TW0519",
        name: "arbitration-not-served",
        level: Guard,
        ja: r"## 何を調べるか
この版がまだ配信に使えない `arbitration: learning` と `weights` を報告します。

## なぜ大切か
別の決め方で代用することはありません。学習するはずのゾーンが実際には学習していないのに、
していると思われてしまうからです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        for (zone, arbitration) in &strategy.arbitration {
            let word = match arbitration {
                Arbitration::Learning => "learning",
                Arbitration::Weights => "weights",
                Arbitration::Score | Arbitration::Value => continue,
            };
            findings.push(
                cx.at(
                    &ARBITRATION_NOT_SERVED,
                    &id,
                    &format!("arbitration/{zone}"),
                    say!(
                        en: "`{word}` is not served by this version",
                        ja: "`{word}` は、この版の taiwa ではまだ使えません",
                    ),
                )
                .help(
                    say!(en: "write `score` or `value`", ja: "`score` か `value` と書いてください"),
                ),
            );
        }
    }
}
