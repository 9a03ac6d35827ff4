//! Rule TW0508, fallback-may-fail.

use taiwa_model::{ComponentId, Kind, Offer};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a fallback has a treatment for its channel, and neither `eligible`, `valid`, `cap` nor a consent
    /// purpose.
    ///
    /// ## Why it matters
    /// The fallback is there for everybody and always. One that can be refused leaves the place empty.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/brand.yaml
    /// title: Our story
    /// eligible: profile.tier == 'gold'
    /// treatments:
    ///   web-store: { en: { headline: Since 1971 } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/brand.yaml
    /// title: Our story
    /// treatments:
    ///   web-store: { en: { headline: Since 1971 } }
    /// ```
    pub(crate) static FALLBACK_MAY_FAIL = {
        code: "TW0508",
        name: "fallback-may-fail",
        level: Guard,
        ja: r"## 何を調べるか
フォールバックにチャネルのトリートメントがあり、`eligible`、`valid`、`cap`、同意の目的がないことを調べます。

## なぜ大切か
フォールバックは、いつでも誰にでも表示できるものです。表示できないことのあるフォールバックでは、場所が空いてしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for (point, it) in &channel.interaction_points {
            let Some(fallback) = &it.fallback else { continue };
            let Some(offer) = cx.components.offers.get(fallback) else { continue };
            let home = ComponentId::new(Kind::Offer, fallback.as_str());
            let path = format!("interaction_points/{point}/fallback");
            if !offer.content.treatments.contains_key(name) {
                let message = say!(
                    en: "the fallback `{fallback}` has no treatment for `{name}`",
                    ja: "フォールバック `{fallback}` に、`{name}` のトリートメントがありません",
                );
                let help = say!(
                    en: "add `{name}` to its `treatments`",
                    ja: "`treatments` に `{name}` を加えてください",
                );
                let related = cx.place(&home, "treatments");
                findings.push(
                    cx.at(&FALLBACK_MAY_FAIL, &id, &path, message)
                        .help(help)
                        .related(related, say!(en: "its treatments", ja: "トリートメントの定義")),
                );
            }
            for field in conditions_of(&offer.content) {
                let message = say!(
                    en: "the fallback `{fallback}` may fail, because it has `{field}`",
                    ja: "フォールバック `{fallback}` には `{field}` があるため、表示できないことがあります",
                );
                let help = say!(
                    en: "take `{field}` out of `{fallback}`, or name an offer without it",
                    ja: "`{fallback}` から `{field}` を削除するか、`{field}` のないオファーにしてください",
                );
                let related = cx.project.key_place(&home, field);
                findings.push(cx.at(&FALLBACK_MAY_FAIL, &id, &path, message).help(help).related(
                    related,
                    say!(en: "this may refuse it", ja: "これが表示を妨げることがあります"),
                ));
            }
        }
    }
}

fn conditions_of(offer: &Offer) -> impl Iterator<Item = &'static str> {
    let valid = offer.valid.from.is_some() || offer.valid.until.is_some();
    [
        ("eligible", offer.eligible.is_some()),
        ("valid", valid),
        ("cap", offer.cap.is_some()),
        ("consent", offer.consent.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, has)| has.then_some(field))
}
