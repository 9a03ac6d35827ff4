//! Rule TW0117, unknown-signal.

use taiwa_model::{ComponentId, Kind, SignalName};
use taiwa_text::{Finding, say};

use crate::{Check, Context, suggest};

rule! {
    /// ## What it does
    /// Checks that `after` and `excludes` of the interactions of a custom medium name interactions that it has.
    ///
    /// ## Why it matters
    /// The life of a message would depend on a signal that never comes.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/kiosk/channel.yaml
    /// title: Kiosk
    /// direction: outbound
    /// medium: custom
    /// interactions: { displayed: {}, selected: { after: dislpayed } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/kiosk/channel.yaml
    /// title: Kiosk
    /// direction: outbound
    /// medium: custom
    /// interactions: { displayed: {}, selected: { after: displayed } }
    /// ```
    pub(crate) static UNKNOWN_SIGNAL = {
        code: "TW0117",
        name: "unknown-signal",
        level: Guard,
        ja: r"## 何を調べるか
`custom` の媒体のインタラクションにある `after` と `excludes` が、実在するインタラクションを指しているかを調べます。

## なぜ大切か
メッセージの流れが、決して来ないシグナルを待つことになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for (signal, it) in &channel.interactions {
            let after = it.after.iter().map(|it| ("after".to_owned(), it));
            let excludes = it.excludes.iter().map(|it| (format!("excludes/={it}"), it));
            for (field, named) in after.chain(excludes) {
                if channel.interactions.contains_key(named) {
                    continue;
                }
                let names = channel.interactions.keys().map(SignalName::as_str);
                let path = format!("interactions/{signal}/{field}");
                let finding =
                    cx.at(
                        &UNKNOWN_SIGNAL,
                        &id,
                        &path,
                        say!(
                            en: "there is no interaction `{named}`",
                            ja: "インタラクション `{named}` はありません",
                        ),
                    )
                    .help(suggest::help(
                        named.as_str(),
                        names.clone(),
                        &say!(en: "add it under `interactions`", ja: "`interactions` に加えてください"),
                    ));
                findings.push(cx.guessed(finding, (&id, &path), named.as_str(), names));
            }
        }
    }
}
