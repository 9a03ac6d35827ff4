//! Rule TW0710, purpose-of-another-channel.

use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds messages that name the advertising purpose of a channel they are not sent on.
    ///
    /// ## Why it matters
    /// Who agreed to advertising by SMS has not agreed to email.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    ///   marketing-sms: { default: denied }
    /// ```
    ///
    /// ```yaml
    /// # channels/sms/channel.yaml
    /// title: Text messages
    /// direction: outbound
    /// medium: sms
    /// consent: marketing-sms
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// consent: marketing-sms
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
    pub(crate) static PURPOSE_OF_ANOTHER_CHANNEL = {
        code: "TW0710",
        name: "purpose-of-another-channel",
        level: Warning,
        ja: r"## 何を調べるか
送信先ではないチャネルの広告目的を指定しているメッセージを見つけます。

## なぜ大切か
SMS での広告に同意した人が、メールに同意したとは限りません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        let Some(purpose) = it.message.and_then(|it| it.consent.as_ref()) else { continue };
        let own = cx.components.channels.get(it.channel).and_then(|it| it.consent.as_ref());
        if own.is_none() || own == Some(purpose) {
            continue;
        }
        let others =
            cx.components.channels.iter().filter(|other| other.1.consent.as_ref() == Some(purpose));
        for (other, _) in others {
            let message = say!(
                en: "`{purpose}` is the purpose of channel `{other}`, and this is sent on `{}`",
                ja: "`{purpose}` はチャネル `{other}` の目的ですが、これが送られるのは `{}` です",
                it.channel,
            );
            findings.push(cx.at(&PURPOSE_OF_ANOTHER_CHANNEL, &it.id, "consent", message).help(
                say!(
                    en: "leave `consent` out, so that each channel asks for its own",
                    ja: "`consent` を書かなければ、チャネルごとの目的が使われます",
                ),
            ));
        }
    }
}
