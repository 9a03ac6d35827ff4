//! Rule TW0713, personal-data-in-address.

use taiwa_model::{ComponentId, Kind, Value};
use taiwa_text::{Finding, say};

use crate::{
    Check, Context,
    placeholder::{Hole, placeholders},
    treatments::treatments,
};

rule! {
    /// ## What it does
    /// Checks that no address of a treatment or a message holds an attribute that is marked `pii`.
    ///
    /// ## Why it matters
    /// Addresses end up in logs, in analytics and in the browsers of others: a person's email address has no business
    /// there.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it, link: '/kit?mail={{ profile.email ?? "" }}' } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: 'For {{ profile.name ?? "you" }}', link: /kit } }
    /// ```
    pub(crate) static PERSONAL_DATA_IN_ADDRESS = {
        code: "TW0713",
        name: "personal-data-in-address",
        level: Error,
        ja: r"## 何を調べるか
トリートメントやメッセージのアドレス（URL）に、`pii` の付いた属性が入っていないかを調べます。

## なぜ大切か
アドレスはログや分析ツール、他人のブラウザーに残ります。個人のメールアドレスなどを入れてはいけません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        for (locale, content) in it.treatment {
            for (field, value) in content {
                if let Value::Text(text) = value {
                    address(cx, (&it.id, &format!("{}/{locale}/{field}", it.path)), text, findings);
                }
            }
        }
    }
    for (name, message) in &cx.components.messages {
        let id = ComponentId::new(Kind::Message, name.as_str());
        for (link, text) in &message.content.links {
            address(cx, (&id, &format!("links/{link}")), text, findings);
        }
    }
}

fn address(
    cx: &Context<'_>,
    (id, path): (&ComponentId, &str),
    text: &str,
    findings: &mut Vec<Finding>,
) {
    let Some(audience) = &cx.components.audience else { return };
    let is_address =
        text.starts_with('/') || text.starts_with("https://") || text.starts_with("http://");
    // A text that goes on after a blank is a sentence; what stands in a placeholder may hold blanks.
    let plain = crate::placeholder::without_placeholders(text);
    if !is_address || plain.trim().contains(char::is_whitespace) {
        return;
    }
    for hole in placeholders(text) {
        let Hole::Name { root: "profile", name } = hole.kind else { continue };
        if !audience.attributes.get(name).is_some_and(|it| it.pii) {
            continue;
        }
        let message = say!(
            en: "`{name}` is personal data and must not be in an address",
            ja: "`{name}` は個人データです。アドレスに入れてはいけません",
        );
        findings.push(cx.inside(&PERSONAL_DATA_IN_ADDRESS, (id, path), hole.span, message).help(
            say!(
                en: "leave it out: who comes is known by the session",
                ja: "削除してください。誰が来たかはセッションで分かります",
            ),
        ));
    }
}
