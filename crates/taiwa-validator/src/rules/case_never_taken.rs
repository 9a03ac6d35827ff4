//! Rule TW0404, case-never-taken.

use taiwa_text::{Finding, Witness, say};

use crate::{
    Check, Context,
    analysis::witness,
    cases::{Fork, forks},
};

rule! {
    /// ## What it does
    /// Finds a case of a flowchart that nobody takes: the cases before it, or the way to its node, leave nobody for it.
    ///
    /// ## Why it matters
    /// The people it was written for go elsewhere, and the segment behind it stays empty.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first:
    ///     decide:
    ///       - { when: 'profile.age >= 18', go: adults }
    ///       - { when: 'profile.age >= 65', go: seniors }
    ///       - { otherwise: rest }
    ///   adults: { segment: adults }
    ///   seniors: { segment: seniors }
    ///   rest: { segment: regulars }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first:
    ///     decide:
    ///       - { when: 'profile.age >= 65', go: seniors }
    ///       - { when: 'profile.age >= 18', go: adults }
    ///       - { otherwise: rest }
    ///   adults: { segment: adults }
    ///   seniors: { segment: seniors }
    ///   rest: { segment: regulars }
    /// ```
    pub(crate) static CASE_NEVER_TAKEN = {
        code: "TW0404",
        name: "case-never-taken",
        level: Warning,
        ja: r"## 何を調べるか
フローチャートの中で、誰も通らない分岐を見つけます。前の分岐、またはそのノードまでの道のりで、該当する人が残りません。

## なぜ大切か
その分岐が想定した人は別の場所へ行き、その先のセグメントは空のままです。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for fork in forks(cx) {
        for (index, case) in fork.cases.iter().enumerate() {
            let Some(site) = case.site.filter(|_| !fork.is_behind_everybody(index)) else {
                continue;
            };
            let found = analysis.ask(&fork.chart, |meanings| {
                let Some(yes) = case.yes else { return Ok(None) };
                if !meanings.is_empty(case.taken)? || meanings.is_empty(yes)? {
                    return Ok(None);
                }
                let here = meanings.and(fork.reached, yes)?;
                let nobody_comes = meanings.is_empty(here)?;
                let shown = if nobody_comes { yes } else { here };
                let person = meanings.smallest(shown)?;
                let mut by = Vec::new();
                for (other, it) in fork.cases.iter().enumerate().take(index) {
                    if meanings.overlaps(it.taken, yes)? {
                        by.push(other);
                    }
                }
                let witness = person.map(|it| witness(&it, None));
                Ok(Some(Never { nobody_comes, by, witness }))
            });
            if let Some(Some(never)) = found {
                findings.push(finding(cx, &fork, (index, site), never));
            }
        }
    }
}

struct Never {
    nobody_comes: bool,
    by: Vec<usize>,
    witness: Option<Witness>,
}

fn finding(
    cx: &Context<'_>,
    fork: &Fork<'_>,
    (index, site): (usize, &crate::Site),
    never: Never,
) -> Finding {
    let (message, help) = if never.nobody_comes {
        let node = fork.node;
        (
            say!(
                en: "nobody takes this case: who fulfils it never comes to `{node}`",
                ja: "この分岐は誰も通りません: これを満たす人は `{node}` に来ません"
            ),
            say!(
                en: "delete the case, or mend the conditions on the way to the node",
                ja: "分岐を削除するか、このノードまでの条件を直します"
            ),
        )
    } else {
        (
            say!(
                en: "nobody takes this case: whoever fulfils it is taken by a case before it",
                ja: "この分岐は誰も通りません: これを満たす人は前の分岐が受け取ります"
            ),
            say!(
                en: "move it before the other, mend its condition, or delete it",
                ja: "他の分岐の前に移すか、条件を直すか、削除します"
            ),
        )
    };
    let path = format!("{}/{index}/when", fork.path);
    let span = site.checked.expr.as_ref().map(|it| it.span).unwrap_or_default();
    let mut finding = cx.inside(&CASE_NEVER_TAKEN, (&fork.chart, &path), span, message).help(help);
    for other in never.by {
        let there = cx.place(&fork.chart, &format!("{}/{other}", fork.path));
        let words = say!(en: "this one takes them", ja: "こちらが受け取ります");
        finding = finding.related(there, words);
    }
    finding.witness = never.witness;
    finding
}
