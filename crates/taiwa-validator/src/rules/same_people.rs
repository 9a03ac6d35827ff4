//! Rule TW0308, same-people.

use std::collections::BTreeMap;

use taiwa_meaning::Set;
use taiwa_model::SegmentName;
use taiwa_text::{Finding, say};

use crate::{Check, Context, index::Declared};

rule! {
    /// ## What it does
    /// Finds two segments that always hold the same people, however differently their conditions are written.
    ///
    /// ## Why it matters
    /// Reports add up differently, and whoever changes one of the two forgets the other.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/top.yaml
    /// title: Our best
    /// when: '!(profile.tier in ["none", "silver"])'
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: top, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/top.yaml
    /// title: Silver and gold
    /// when: profile.tier != "none"
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: top, offer: sale, score: 40 }
    /// ```
    pub(crate) static SAME_PEOPLE = {
        code: "TW0308",
        name: "same-people",
        level: Warning,
        ja: r"## 何を調べるか
条件の書き方が違っていても、常に同じ人が入る二つのセグメントを見つけます。

## なぜ大切か
集計が分かれてしまい、片方を変える人はもう片方を忘れます。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    let mut seen: BTreeMap<Set, (&SegmentName, &Declared)> = BTreeMap::new();
    for (name, homes) in &cx.index.segments {
        // One that is declared twice has no meaning until that is mended.
        let [home] = homes.as_slice() else { continue };
        let set = analysis.ask(&home.component, |meanings| {
            let set = analysis.segment(meanings, name)?;
            let plain = meanings.is_empty(set)? || meanings.is_everybody(set)?;
            Ok((!plain).then_some(set))
        });
        let Some(Some(set)) = set else { continue };
        let Some((other, first)) = seen.get(&set) else {
            seen.insert(set, (name, home));
            continue;
        };
        let message = say!(
            en: "`{name}` and `{other}` always hold the same people",
            ja: "`{name}` と `{other}` には常に同じ人が入ります"
        );
        let help = say!(
            en: "use one of them everywhere, or mend the condition of the other",
            ja: "どちらか一方だけを使うか、もう一方の条件を直します"
        );
        let words = say!(en: "`{other}` is declared here", ja: "`{other}` の宣言はここです");
        let there = cx.place(&first.component, path(first));
        let finding = cx.at(&SAME_PEOPLE, &home.component, path(home), message);
        findings.push(finding.help(help).related(there, words));
    }
}

fn path(home: &Declared) -> &str {
    if home.path.is_empty() { "when" } else { &home.path }
}
