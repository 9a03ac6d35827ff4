//! Rule TW0526, link-never-used.

use std::collections::BTreeSet;

use taiwa_model::{ComponentId, Kind, Value};
use taiwa_text::{Finding, say};

use crate::{
    Check, Context,
    placeholder::{Hole, placeholders},
};

rule! {
    /// ## What it does
    /// Finds links of a message that none of its texts shows with `{{ link.NAME }}`.
    ///
    /// ## Why it matters
    /// Customers cannot follow it: the placeholder was forgotten, or the link is left over.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// links: { order: "https://www.contoso.example/order" }
    /// treatments:
    ///   email: { en: { subject: Hello, body: Order now } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/messages/hello.yaml
    /// title: Hello
    /// links: { order: "https://www.contoso.example/order" }
    /// treatments:
    ///   email: { en: { subject: Hello, body: "Order here: {{ link.order }}" } }
    /// ```
    pub(crate) static LINK_NEVER_USED = {
        code: "TW0526",
        name: "link-never-used",
        level: Warning,
        ja: r"## 何を調べるか
メッセージのどの本文にも `{{ link.NAME }}` として現れないリンクを見つけます。

## なぜ大切か
顧客はそのリンクを開けません。プレースホルダーを書き忘れたか、使われなくなったリンクです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, message) in &cx.components.messages {
        let id = ComponentId::new(Kind::Message, name.as_str());
        if cx.is_doubtful(&id) {
            continue;
        }
        let fields = message.content.treatments.values().flat_map(|it| it.values());
        let texts: Vec<&String> = fields
            .flat_map(|it| it.values())
            .filter_map(|it| if let Value::Text(text) = it { Some(text) } else { None })
            .collect();
        let holes: Vec<_> =
            texts.iter().flat_map(|it| placeholders(it)).map(|it| it.kind).collect();
        let shown: BTreeSet<&str> = holes
            .iter()
            .filter_map(
                |it| if let Hole::Name { root: "link", name } = it { Some(*name) } else { None },
            )
            .collect();
        // A placeholder that is misspelt is said where it stands.
        let links = &message.content.links;
        let misspelt = shown.iter().any(|shown| !links.keys().any(|it| it.as_str() == *shown));
        for link in links.keys().filter(|it| !misspelt && !shown.contains(it.as_str())) {
            let message = say!(
                en: "no text of this message shows the link `{link}`",
                ja: "リンク `{link}` は、このメッセージのどの本文にもありません",
            );
            findings.push(
                cx.at_key(&LINK_NEVER_USED, &id, &format!("links/{link}"), message).help(say!(
                    en: "write `{{{{ link.{link} }}}}` where it belongs, or take it out",
                    ja: "本文に `{{{{ link.{link} }}}}` と書くか、削除してください",
                )),
            );
        }
    }
}
