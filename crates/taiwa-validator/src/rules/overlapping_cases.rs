//! Rule TW0402, overlapping-cases.

use taiwa_text::{Finding, say};

use crate::{Check, Context, analysis::witness, cases::forks};

rule! {
    /// ## What it does
    /// Finds two cases of a node of a flowchart that can both hold for somebody: the first one is taken. Off unless
    /// `taiwa.yaml` sets a level, because many flowcharts count on the order.
    ///
    /// ## Why it matters
    /// Whoever moves a case then moves people, too.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// rules: { TW0402: info }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first:
    ///     decide:
    ///       - { when: 'profile.age >= 65', go: top }
    ///       - { when: 'profile.age >= 18', go: adults }
    ///       - { otherwise: rest }
    ///   top: { segment: vip }
    ///   adults: { segment: adults }
    ///   rest: { segment: regulars }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// rules: { TW0402: info }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first:
    ///     decide:
    ///       - { when: 'profile.age >= 65', go: top }
    ///       - { when: 'profile.age < 18', go: middle }
    ///       - { otherwise: rest }
    ///   top: { segment: vip }
    ///   middle: { segment: middle }
    ///   rest: { segment: regulars }
    /// ```
    pub(crate) static OVERLAPPING_CASES = {
        code: "TW0402",
        name: "overlapping-cases",
        level: Off,
        ja: r"## 何を調べるか
フローチャートのノードで、同じ人に当てはまりうる二つの分岐を見つけます。先のものが選ばれます。
順序に頼るフローチャートは多いため、`taiwa.yaml` でレベルを決めない限り報告しません。

## なぜ大切か
分岐の順序を変えると、人の行き先も変わります。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // Whoever did not ask for it does not pay for it.
    if !cx.project.settings.rules.contains_key(OVERLAPPING_CASES.code) {
        return;
    }
    let Some(analysis) = cx.analysis() else { return };
    for fork in forks(cx) {
        for (index, case) in fork.cases.iter().enumerate() {
            let (Some(site), Some(yes)) = (case.site, case.yes) else { continue };
            let found = analysis.ask(&fork.chart, |meanings| {
                // A case that nobody takes is a finding of its own.
                if meanings.is_empty(case.taken)? {
                    return Ok(None);
                }
                for (other, it) in fork.cases.iter().enumerate().take(index) {
                    let both = meanings.and(it.taken, yes)?;
                    if let Some(person) = meanings.smallest(both)? {
                        return Ok(Some((other, both.possible, witness(&person, None))));
                    }
                }
                Ok(None)
            });
            let Some(Some((other, possible, person))) = found else { continue };
            let message = if possible {
                say!(
                    en: "somebody may fulfil this and be taken by a case before it",
                    ja: "これを満たす人が、前の分岐に受け取られるかもしれません"
                )
            } else {
                say!(
                    en: "some who fulfil this are taken by a case before it",
                    ja: "これを満たす人の一部は、前の分岐が受け取ります"
                )
            };
            let help = say!(
                en: "say in the condition which of the two is meant, if the order should not matter",
                ja: "順序に頼らないなら、どちらを意味するのかを条件に書きます"
            );
            let span = site.checked.expr.as_ref().map(|it| it.span).unwrap_or_default();
            let path = format!("{}/{index}/when", fork.path);
            let there = cx.place(&fork.chart, &format!("{}/{other}", fork.path));
            let words = say!(en: "this one takes them", ja: "こちらが受け取ります");
            findings.push(
                cx.inside(&OVERLAPPING_CASES, (&fork.chart, &path), span, message)
                    .help(help)
                    .related(there, words)
                    .witness(person),
            );
        }
    }
}
