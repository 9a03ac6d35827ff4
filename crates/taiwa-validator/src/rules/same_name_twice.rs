//! Rule TW0103, same-name-twice.

use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a name is used once for each kind in the whole workspace, wherever the files lie: two files, or a
    /// file and the leaf of a flowchart.
    ///
    /// ## Why it matters
    /// A reference is by name alone. Of two segments `gold`, one would be used by accident.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top }, { otherwise: rest } ] }
    ///   top: { segment: gold }
    ///   rest: { segment: regulars }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top }, { otherwise: rest } ] }
    ///   top: { segment: vip }
    ///   rest: { segment: regulars }
    /// ```
    pub(crate) static SAME_NAME_TWICE = {
        code: "TW0103",
        name: "same-name-twice",
        level: Guard,
        ja: r"## 何を調べるか
名前が、ファイルの場所にかかわらず、種類ごとにワークスペース全体で一度だけ使われているかを調べます。
2 つのファイルの場合も、ファイルとフローチャートの葉の場合もあります。

## なぜ大切か
参照は名前だけで行われます。`gold` というセグメントが 2 つあると、どちらが使われるかは偶然になります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, declared) in &cx.index.segments {
        let Some((first, others)) = declared.split_first() else { continue };
        for other in others {
            let message = say!(
                en: "segment `{name}` is declared twice",
                ja: "セグメント `{name}` が 2 回宣言されています",
            );
            findings.push(
                cx.at(&SAME_NAME_TWICE, &other.component, &other.path, message)
                    .help(say!(en: "give one of them another name", ja: "どちらか一方を別の名前にしてください"))
                    .related(cx.place(&first.component, &first.path), say!(
                        en: "the other one",
                        ja: "もう一方",
                    )),
            );
        }
    }
}
