//! Rule TW0316, double-negation.

use taiwa_text::{Finding, Fix, Span, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds `!!`, and comparisons of a condition with `true`, outside of texts.
    ///
    /// ## Why it matters
    /// They say nothing, and a reader stops to think what they may mean. Without them the condition means the same, also
    /// for people of whom something is not known.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: '!!(profile.tier == "gold")'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: 'profile.tier == "gold"'
    /// ```
    pub(crate) static DOUBLE_NEGATION = {
        code: "TW0316",
        name: "double-negation",
        level: Warning,
        ja: r"## 何を調べるか
文字列の外にある `!!` と、`true` との比較を見つけます。

## なぜ大切か
どちらも何も意味しないのに、読む人は立ち止まって考えてしまいます。取り除いても、値が分からない人も含めて条件の意味は変わりません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.checked.expr.is_some()) {
        for span in needless(&site.text) {
            let at = (&site.component, site.path.as_str());
            let finding = cx.inside(
                &DOUBLE_NEGATION,
                at,
                span,
                say!(en: "this says nothing", ja: "この部分は何も意味しません"),
            );
            let place = finding.place;
            findings.push(
                finding
                    .help(say!(
                        en: "take it out: the condition means the same without it",
                        ja: "取り除いてください。条件の意味は変わりません",
                    ))
                    .fix(Fix::likely(say!(en: "take it out", ja: "取り除く"), place, "")),
            );
        }
    }
}

/// The bytes of every `!!` and ` == true` outside of texts.
fn needless(condition: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut skip = 0;
    for (at, c) in condition.char_indices() {
        if at < skip {
            continue;
        }
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\\') => skip = at + 2,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, _) => {
                let rest = condition.get(at..).unwrap_or_default();
                let length = ["!!", " == true"].into_iter().find(|it| rest.starts_with(it));
                let Some(length) = length.map(str::len) else { continue };
                let after = rest.get(length..).and_then(|it| it.chars().next());
                let word = c == ' ' && after.is_some_and(|it| it.is_alphanumeric() || it == '_');
                if !word {
                    let byte = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
                    found.push(Span::new(byte(at), byte(at + length)));
                    skip = at + length;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_needless(condition: &str, expect: &[&str]) {
        let spans = needless(condition);
        let found: Vec<&str> = spans
            .iter()
            .map(|it| condition.get(it.start as usize..it.end as usize).unwrap())
            .collect();
        assert_eq!(found, expect, "{condition}");
    }

    #[test]
    fn what_says_nothing() {
        check_needless("!!a && b", &["!!"]);
        check_needless("!(!a)", &[]);
        check_needless("a == true || b == trueish", &[" == true"]);
        check_needless(r#"name == "!! == true" && !!!a"#, &["!!"]);
    }
}
