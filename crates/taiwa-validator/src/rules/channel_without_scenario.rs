//! Rule TW0611, channel-without-scenario.

use taiwa_model::{ComponentId, Direction, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Reference, Target};

rule! {
    /// ## What it does
    /// Finds inbound channels for which no scenario asks for offers.
    ///
    /// ## Why it matters
    /// A scenario is the proof that customers get what was meant; a release whose inbound channel has none does not
    /// pass the gate.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - expect: { segment: gold }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - offers: { point: banner, expect: [kit] }
    /// ```
    pub(crate) static CHANNEL_WITHOUT_SCENARIO = {
        code: "TW0611",
        name: "channel-without-scenario",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
オファーを求めるシナリオが 1 つもないインバウンドチャネルを見つけます。

## なぜ大切か
シナリオは、顧客に意図したとおりのものが届くことの証明です。シナリオのないインバウンドチャネルを含むリリースは、
ゲートを通れません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let asked = |it: &Reference| {
            it.from.kind == Kind::Scenario
                && matches!(&it.to, Target::Point(channel, _) if channel == name)
        };
        let inbound = channel.direction == Direction::Inbound;
        let tested = cx.references.iter().any(asked) || cx.may_be_meant(name.as_str());
        if inbound && !tested {
            let id = ComponentId::new(Kind::Channel, name.as_str());
            findings.push(
                cx.at_key(
                    &CHANNEL_WITHOUT_SCENARIO,
                    &id,
                    "direction",
                    say!(
                        en: "no scenario asks channel `{name}` for offers",
                        ja: "チャネル `{name}` にオファーを求めるシナリオがありません",
                    ),
                )
                .help(say!(
                    en: "write `channels/{name}/scenarios/NAME.yaml`",
                    ja: "`channels/{name}/scenarios/NAME.yaml` を書いてください",
                )),
            );
        }
    }
}
