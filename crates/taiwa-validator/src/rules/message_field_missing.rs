//! Rule TW0525, message-field-missing.

use taiwa_model::Medium;
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Checks that a message has what its medium needs: email `subject` and `body`, sms `text`, push `title` and
    /// `body`, voice `script`.
    ///
    /// ## Why it matters
    /// An email without a subject goes straight to the junk folder, if it goes at all.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// consent: marketing-email
    /// treatments:
    ///   email: { en: { body: Welcome } }
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
    pub(crate) static MESSAGE_FIELD_MISSING = {
        code: "TW0525",
        name: "message-field-missing",
        level: Guard,
        ja: r"## 何を調べるか
メッセージに、媒体に必要な項目があるかを調べます。メールは `subject` と `body`、SMS は `text`、
プッシュ通知は `title` と `body`、音声は `script` です。

## なぜ大切か
件名のないメールは、届いたとしても迷惑メールのフォルダーに入ります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components).filter(|it| it.message.is_some()) {
        let medium = cx.components.channels.get(it.channel).and_then(|it| it.medium);
        let needed: &[&str] = match medium {
            Some(Medium::Email) => &["subject", "body"],
            Some(Medium::Sms) => &["text"],
            Some(Medium::Push) => &["title", "body"],
            Some(Medium::Voice) => &["script"],
            Some(Medium::Custom) | None => &[],
        };
        for (locale, content) in it.treatment {
            for field in needed.iter().filter(|field| !content.contains_key(**field)) {
                let message = say!(
                    en: "a message on `{}` needs `{field}`",
                    ja: "`{}` で送るメッセージには `{field}` が必要です",
                    it.channel,
                );
                findings.push(
                    cx.at_key(
                        &MESSAGE_FIELD_MISSING,
                        &it.id,
                        &format!("{}/{locale}", it.path),
                        message,
                    )
                    .help(say!(en: "add `{field}: …`", ja: "`{field}: …` を加えてください")),
                );
            }
        }
    }
}
