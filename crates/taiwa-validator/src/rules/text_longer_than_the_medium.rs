//! Rule TW0535, text-longer-than-the-medium.

use taiwa_model::{Medium, Value};
use taiwa_text::{Finding, say};

use crate::{Check, Context, placeholder::without_placeholders, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds text messages of more than three parts (459 characters, or 201 with letters beyond the basic alphabet of
    /// phones), and push notifications whose title or body is cut on phones (65 and 240 characters).
    ///
    /// ## Why it matters
    /// Each part is paid for, and the end of a notification that does not fit is never read.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/push/channel.yaml
    /// title: Push
    /// direction: outbound
    /// medium: push
    /// consent: marketing-email
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// treatments:
    ///   push:
    ///     en: { title: A title that goes on and on until no telephone of this world shows the end of it, body: Hello }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/push/channel.yaml
    /// title: Push
    /// direction: outbound
    /// medium: push
    /// consent: marketing-email
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// treatments:
    ///   push:
    ///     en: { title: Fresh beans, body: Have a look }
    /// ```
    pub(crate) static TEXT_LONGER_THAN_THE_MEDIUM = {
        code: "TW0535",
        name: "text-longer-than-the-medium",
        level: Warning,
        ja: r"## 何を調べるか
3 通分を超える SMS（459 文字、日本語など基本文字以外を含む場合は 201 文字）と、端末で途中までしか表示されないプッシュ通知（タイトル 65 文字、本文 240 文字）を見つけます。

## なぜ大切か
SMS は 1 通分ごとに課金され、入りきらない通知の末尾は読まれません。
",
        check: Check::Project(check),
    }
}

/// Three parts of a text message: of 153 characters of seven bits, or of 67 of sixteen.
const PARTS_BASIC: usize = 459;
const PARTS_WIDE: usize = 201;
const PUSH_TITLE: usize = 65;
const PUSH_BODY: usize = 240;

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components).filter(|it| it.message.is_some()) {
        let medium = cx.components.channels.get(it.channel).and_then(|it| it.medium);
        for (locale, content) in it.treatment {
            for (field, value) in content {
                let Value::Text(text) = value else { continue };
                let text = without_placeholders(text);
                let most = match (medium, field.as_str()) {
                    (Some(Medium::Sms), "text") if text.chars().all(is_basic) => PARTS_BASIC,
                    (Some(Medium::Sms), "text") => PARTS_WIDE,
                    (Some(Medium::Push), "title") => PUSH_TITLE,
                    (Some(Medium::Push), "body") => PUSH_BODY,
                    _ => continue,
                };
                let length = text.chars().count();
                if length <= most {
                    continue;
                }
                let path = format!("{}/{locale}/{field}", it.path);
                let message = say!(
                    en: "`{field}` has {length} characters; `{}` carries {most}",
                    ja: "`{field}` は {length} 文字あります。`{}` で届くのは {most} 文字までです",
                    it.channel,
                );
                findings.push(cx.at(&TEXT_LONGER_THAN_THE_MEDIUM, &it.id, &path, message).help(
                    say!(
                        en: "shorten it, or put the rest behind a link",
                        ja: "短くするか、残りをリンク先に置いてください",
                    ),
                ));
            }
        }
    }
}

/// Letters of the basic alphabet of phones (GSM 03.38), as far as people write them.
fn is_basic(c: char) -> bool {
    c.is_ascii() && c != '`' || "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€".contains(c)
}
