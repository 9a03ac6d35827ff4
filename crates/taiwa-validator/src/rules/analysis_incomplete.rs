//! Rule TW0099, analysis-incomplete.

use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Says that the conditions of this project are too much for the analysis of their meaning, and where it gave up.
    /// Effort is counted, not timed: the same project gives the same answer on every machine.
    ///
    /// ## Why it matters
    /// No finding about who is meant is no proof then: what is named here was not looked at to the end.
    ///
    /// The budget is two million nodes of decision diagrams, which thousands of segments do not use up. The examples are
    /// tried with a hundred.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Older people need fewer points, and on some days fewer still
    /// when: >-
    ///   profile.age > 80 && profile.points > 10 && session.weekday != 1
    ///   || profile.age > 70 && profile.points > 20 && session.weekday != 2
    ///   || profile.age > 60 && profile.points > 30 && session.weekday != 3
    ///   || profile.age > 50 && profile.points > 40 && session.weekday != 4
    ///   || profile.age > 40 && profile.points > 50 && session.weekday != 5
    ///   || profile.age > 30 && profile.points > 60 && session.weekday != 6
    ///   || profile.age > 20 && profile.points > 70 && session.weekday != 7
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Older people need fewer points
    /// when: profile.age > 80 && profile.points > 10 || profile.age > 40 && profile.points > 50
    /// ```
    pub(crate) static ANALYSIS_INCOMPLETE = {
        code: "TW0099",
        name: "analysis-incomplete",
        level: Warning,
        ja: r"## 何を調べるか
このプロジェクトの条件が、意味の解析には複雑すぎることと、どこで解析をやめたかを知らせます。手間は時間ではなく量で
数えるので、同じプロジェクトならどの機械でも同じ答えになります。

## なぜ大切か
この場合、「誰が対象か」についての指摘がないことは、問題がない証明にはなりません。ここに挙げたものは最後まで調べていません。",
        check: Check::Last(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let all = cx.unanswered();
    let Some((first, others)) = all.split_first() else { return };
    let more = others.len();
    let message = match more {
        0 => say!(
            en: "the analysis gave up here: what `{first}` means was not looked at to the end",
            ja: "解析をここでやめました: `{first}` の意味は最後まで調べていません"
        ),
        _ => say!(
            en: "the analysis gave up: what `{first}` and {more} more components mean was not looked at to the end",
            ja: "解析をやめました: `{first}` ほか {more} 件のコンポーネントの意味は最後まで調べていません"
        ),
    };
    let help = say!(
        en: "split long conditions into segments that ask about fewer things at once",
        ja: "長い条件を、一度に尋ねることが少ないセグメントに分けます"
    );
    findings.push(cx.at(&ANALYSIS_INCOMPLETE, first, "", message).help(help));
}
