//! Rule TW0314, condition-too-long.

use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds conditions that join more than 24 parts with `&&` and `||`.
    ///
    /// ## Why it matters
    /// Nobody can review such a condition, and nobody can say in words whom it means. Segments give its parts names.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier == 'gold' && (
    ///   profile.points == 100 ||
    ///   profile.points == 200 ||
    ///   profile.points == 300 ||
    ///   profile.points == 400 ||
    ///   profile.points == 500 ||
    ///   profile.points == 600 ||
    ///   profile.points == 700 ||
    ///   profile.points == 800 ||
    ///   profile.points == 900 ||
    ///   profile.points == 1000 ||
    ///   profile.points == 1100 ||
    ///   profile.points == 1200 ||
    ///   profile.points == 1300 ||
    ///   profile.points == 1400 ||
    ///   profile.points == 1500 ||
    ///   profile.points == 1600 ||
    ///   profile.points == 1700 ||
    ///   profile.points == 1800 ||
    ///   profile.points == 1900 ||
    ///   profile.points == 2000 ||
    ///   profile.points == 2100 ||
    ///   profile.points == 2200 ||
    ///   profile.points == 2300 ||
    ///   profile.points == 2400 ||
    ///   profile.points == 2500
    ///   )
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold' && profile.points <= 2500
    /// ```
    pub(crate) static CONDITION_TOO_LONG = {
        code: "TW0314",
        name: "condition-too-long",
        level: Warning,
        ja: r"## 何を調べるか
`&&` と `||` で 24 個を超える部分をつないだ条件を見つけます。

## なぜ大切か
そのような条件は誰にもレビューできず、誰を指すのか言葉で説明できません。セグメントに分ければ、部分に名前が付きます。
",
        check: Check::Project(check),
    }
}

/// Most parts that a person can follow: about one screen.
const MOST_PARTS: usize = 24;

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter() {
        let parts = 1 + signs(&site.text);
        if parts <= MOST_PARTS {
            continue;
        }
        let message = say!(
            en: "this condition joins {parts} parts",
            ja: "この条件は {parts} 個の部分をつないでいます",
        );
        findings.push(cx.at(&CONDITION_TOO_LONG, &site.component, &site.path, message).help(say!(
            en: "make segments of its parts, and ask for them with `in_segment(\"…\")`",
            ja: "部分ごとにセグメントを作り、`in_segment(\"…\")` で参照してください",
        )));
    }
}

/// How many `&&` and `||` stand outside of texts.
fn signs(condition: &str) -> usize {
    let (mut count, mut quote, mut previous) = (0, None, ' ');
    for c in condition.chars() {
        match (quote, c) {
            (Some(open), c) if c == open && previous != '\\' => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '&' | '|') if c == previous => count += 1,
            _ => {}
        }
        previous = c;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_in_texts_do_not_count() {
        assert_eq!(signs(r#"a && b || "x && y" == c && d"#), 3);
        assert_eq!(signs(r"'\' && ' == a"), 0);
    }
}
