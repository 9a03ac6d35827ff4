//! Rule TW0301, constant-condition.

use taiwa_condition::constant;
use taiwa_text::{Finding, say};

use crate::{Check, Context, SiteKind, contradiction::contradiction};

rule! {
    /// ## What it does
    /// Reports a condition that is true for everybody, or for nobody, because of its constants.
    ///
    /// ## Why it matters
    /// An offer that nobody can get looks alive and is not; one that everybody gets was probably meant for some.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age < 18 && profile.age >= 18
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18 && profile.age < 65
    /// ```
    pub(crate) static CONSTANT_CONDITION = {
        code: "TW0301",
        name: "constant-condition",
        level: Warning,
        ja: r"## 何を調べるか
書かれた値だけで、誰にでも当てはまる、または誰にも当てはまらないと決まってしまう条件を報告します。

## なぜ大切か
誰も受け取れないオファーは、動いているように見えて動いていません。誰でも受け取れるオファーは、
おそらく一部の人に向けたものでした。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.kind != SiteKind::Score) {
        let Some(expr) = &site.checked.expr else { continue };
        let place = (&site.component, site.path.as_str());
        if let Some(found) = contradiction(expr) {
            let message = say!(
                en: "nobody can match: nothing is left for `{}`",
                ja: "誰も当てはまりません。`{}` が取れる値がなくなります",
                found.attribute,
            );
            let help = say!(
                en: "mend one of the two comparisons, or write `||` where either is enough",
                ja: "2 つの比較のどちらかを直すか、一方だけでよいなら `||` でつないでください",
            );
            findings.push(cx.inside(&CONSTANT_CONDITION, place, found.span, message).help(help));
        } else if let Some(it) = constant(expr) {
            let message = if it {
                say!(en: "this is true for everybody", ja: "これは誰にでも当てはまります")
            } else {
                say!(en: "this is true for nobody", ja: "これは誰にも当てはまりません")
            };
            let help = match (it, site.kind) {
                (true, SiteKind::Segment) => {
                    say!(
                        en: "use the segment `everyone` instead",
                        ja: "代わりにセグメント `everyone` を使ってください",
                    )
                }
                (true, SiteKind::Eligibility) => {
                    say!(en: "leave `eligible` out", ja: "`eligible` を削除してください")
                }
                _ => {
                    say!(
                        en: "look for the comparison that decides it, and mend it",
                        ja: "結果を決めている比較を探して直してください",
                    )
                }
            };
            findings.push(cx.inside(&CONSTANT_CONDITION, place, expr.span, message).help(help));
        }
    }
}
