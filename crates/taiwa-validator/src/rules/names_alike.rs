//! Rule TW0109, names-alike.

use std::collections::BTreeMap;
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds two offers or two segments whose names differ only by dashes or by a plural.
    ///
    /// ## Why it matters
    /// Sooner or later somebody takes the one for the other.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/golds.yaml
    /// title: Gold twins
    /// when: profile.tier == 'gold' && profile.points > 5
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/rich-in-points.yaml
    /// title: Rich
    /// when: profile.points > 500
    /// ```
    pub(crate) static NAMES_ALIKE = {
        code: "TW0109",
        name: "names-alike",
        level: Warning,
        ja: r"## 何を調べるか
ハイフンや複数形の違いしかない、2 つのオファーまたは 2 つのセグメントの名前を見つけます。

## なぜ大切か
いつか誰かが取り違えます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let ids = cx.components.ids();
    let kinds = [Kind::Offer, Kind::Segment, Kind::Goal, Kind::Message];
    let mut seen: BTreeMap<(Kind, String), &ComponentId> = BTreeMap::new();
    for id in ids.iter().filter(|it| kinds.contains(&it.kind)) {
        let key = (id.kind, folded(&id.name));
        let Some(first) = seen.get(&key) else {
            seen.insert(key, id);
            continue;
        };
        let message = say!(
            en: "`{}` and `{}` are easily taken for each other",
            ja: "`{}` と `{}` は紛らわしい名前です",
            first.name,
            id.name,
        );
        findings.push(
            cx.at_key(&NAMES_ALIKE, id, "", message)
                .help(say!(
                    en: "give one of them a name that says the difference",
                    ja: "どちらか一方を、違いがわかる名前にしてください",
                ))
                .related(cx.place(first, ""), say!(en: "the other one", ja: "もう一方")),
        );
    }
}

fn folded(name: &str) -> String {
    let words = name.split('-').map(|it| it.strip_suffix('s').unwrap_or(it));
    words.collect()
}
