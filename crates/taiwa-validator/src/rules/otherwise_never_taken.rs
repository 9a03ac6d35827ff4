//! Rule TW0406, otherwise-never-taken.

use taiwa_text::{Finding, say};

use crate::{Check, Context, cases::forks};

rule! {
    /// ## What it does
    /// Finds an `otherwise` of a flowchart that nobody takes, because the cases before it already take everybody who comes
    /// there.
    ///
    /// ## Why it matters
    /// The segment behind it stays empty. That the last case takes all the rest is said more plainly by `otherwise`.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first:
    ///     decide:
    ///       - { when: profile.points >= 100, go: top }
    ///       - { when: profile.points < 100, go: rest }
    ///       - { otherwise: lost }
    ///   top: { segment: vip }
    ///   rest: { segment: regulars }
    ///   lost: { segment: lost }
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
    ///       - { when: profile.points >= 100, go: top }
    ///       - { otherwise: rest }
    ///   top: { segment: vip }
    ///   rest: { segment: regulars }
    /// ```
    pub(crate) static OTHERWISE_NEVER_TAKEN = {
        code: "TW0406",
        name: "otherwise-never-taken",
        level: Warning,
        ja: r"## 何を調べるか
フローチャートの中で、誰も通らない `otherwise` を見つけます。前の分岐が、そこに来る全員をすでに受け取っています。

## なぜ大切か
その先のセグメントは空のままです。最後の分岐が残り全員を受け取ることは、`otherwise` のほうがはっきり伝わります。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for fork in forks(cx) {
        let Some((last, before)) = fork.cases.split_last() else { continue };
        let index = before.len();
        if last.site.is_some() || before.is_empty() || fork.is_behind_everybody(index) {
            continue;
        }
        let never = analysis.ask(&fork.chart, |meanings| {
            Ok(meanings.is_empty(last.taken)? && !meanings.is_empty(fork.reached)?)
        });
        if never != Some(true) {
            continue;
        }
        let node = fork.node;
        let message = say!(
            en: "nobody is left for `otherwise`: the cases before it take everybody who comes to `{node}`",
            ja: "`otherwise` に残る人がいません: 前の分岐が `{node}` に来る全員を受け取ります"
        );
        let help = say!(
            en: "write `otherwise` in place of the condition of the case before it",
            ja: "一つ前の分岐の条件の代わりに `otherwise` と書きます"
        );
        let path = format!("{}/{index}", fork.path);
        findings.push(cx.at(&OTHERWISE_NEVER_TAKEN, &fork.chart, &path, message).help(help));
    }
}
