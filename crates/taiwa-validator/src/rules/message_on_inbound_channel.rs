//! Rule TW0531, message-on-inbound-channel.

use taiwa_model::Direction;
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds messages with a treatment for an inbound channel.
    ///
    /// ## Why it matters
    /// Messages are sent, and nothing is sent on an inbound channel: its touchpoints ask for offers.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// consent: marketing-email
    /// treatments:
    ///   web-store: { en: { headline: Welcome } }
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
    pub(crate) static MESSAGE_ON_INBOUND_CHANNEL = {
        code: "TW0531",
        name: "message-on-inbound-channel",
        level: Error,
        ja: r"## 何を調べるか
インバウンドチャネルのトリートメントを持つメッセージを見つけます。

## なぜ大切か
メッセージは送るものですが、インバウンドチャネルには何も送られません。そこではタッチポイントがオファーを求めます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components).filter(|it| it.message.is_some()) {
        let Some(channel) = cx.components.channels.get(it.channel) else { continue };
        if channel.direction == Direction::Inbound {
            let message = say!(
                en: "`{}` is an inbound channel: nothing is sent on it",
                ja: "`{}` はインバウンドチャネルなので、メッセージは送られません",
                it.channel,
            );
            findings.push(cx.at_key(&MESSAGE_ON_INBOUND_CHANNEL, &it.id, &it.path, message).help(
                say!(en: "take it out, or write an offer instead", ja: "削除するか、代わりにオファーを書いてください"),
            ));
        }
    }
}
