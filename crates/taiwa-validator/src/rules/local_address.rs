//! Rule TW0809, local-address.

use taiwa_model::{ComponentId, Kind, Value};
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds addresses of this machine (`localhost`, `127.0.0.1`) and of no secure kind (`http://`) in what customers
    /// see.
    ///
    /// ## Why it matters
    /// It works on the desk of whoever wrote it, and nowhere else.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it, link: "http://localhost:3000/kit" } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it, link: "https://www.contoso.example/kit" } }
    /// ```
    pub(crate) static LOCAL_ADDRESS = {
        code: "TW0809",
        name: "local-address",
        level: Warning,
        ja: r"## 何を調べるか
顧客の目に触れる場所にある、自分のコンピューターを指すアドレス (`localhost`、`127.0.0.1`) や、
暗号化されていないアドレス (`http://`) を見つけます。

## なぜ大切か
書いた人の机の上では動いても、ほかの場所では動きません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut look = |id: &ComponentId, path: &str, text: &str| {
        let local = ["://localhost", "://127.0.0.1", "://[::1]"].iter().any(|it| text.contains(it));
        let (message, help) = if local {
            (
                say!(
                    en: "this address is of the machine on which it is opened",
                    ja: "これは、開いた人自身のコンピューターを指すアドレスです",
                ),
                say!(en: "write the public address", ja: "公開されているアドレスを書いてください"),
            )
        } else if text.starts_with("http://") {
            (
                say!(en: "this address is not secure", ja: "このアドレスは暗号化されていません"),
                say!(en: "write `https://`", ja: "`https://` と書いてください"),
            )
        } else {
            return;
        };
        findings.push(cx.at(&LOCAL_ADDRESS, id, path, message).help(help));
    };
    for it in treatments(cx.components) {
        for (locale, content) in it.treatment {
            for (field, value) in content {
                if let Value::Text(text) = value {
                    look(&it.id, &format!("{}/{locale}/{field}", it.path), text);
                }
            }
        }
    }
    for (name, message) in &cx.components.messages {
        let id = ComponentId::new(Kind::Message, name.as_str());
        for (link, address) in &message.content.links {
            look(&id, &format!("links/{link}"), address);
        }
    }
}
