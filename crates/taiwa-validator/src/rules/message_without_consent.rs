//! Rule TW0701, message-without-consent.

use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Checks that every message, or the channel that it is sent on, names the consent purpose that it needs.
    ///
    /// ## Why it matters
    /// Without one we would write to people who never agreed to it.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// treatments:
    ///   email: { en: { subject: Hello, body: Welcome } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// consent: marketing-email
    /// treatments:
    ///   email: { en: { subject: Hello, body: Welcome } }
    /// ```
    pub(crate) static MESSAGE_WITHOUT_CONSENT = {
        code: "TW0701",
        name: "message-without-consent",
        level: Error,
        ja: r"## 何を調べるか
すべてのメッセージ、またはそれを送るチャネルに、必要な同意の目的が書かれているかを調べます。

## なぜ大切か
目的がなければ、同意していない人にも送ることになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        let Some(message) = it.message else { continue };
        let Some(channel) = cx.components.channels.get(it.channel) else { continue };
        if message.consent.is_none() && channel.consent.is_none() {
            let message = say!(
                en: "neither the message nor channel `{}` names a consent purpose",
                ja: "メッセージにもチャネル `{}` にも、同意の目的がありません",
                it.channel,
            );
            findings.push(cx.at_key(&MESSAGE_WITHOUT_CONSENT, &it.id, &it.path, message).help(
                say!(
                    en: "add `consent: PURPOSE` to the message or to the channel",
                    ja: "メッセージかチャネルに `consent: PURPOSE` を加えてください",
                ),
            ));
        }
    }
}
