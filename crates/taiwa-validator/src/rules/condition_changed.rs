//! Rule TW1005, condition-changed.

use taiwa_meaning::Budget;
use taiwa_model::Kind;
use taiwa_text::{Finding, Language, Text, say};

use crate::{
    Check,
    against::{Category, Changed, Comparison, Moved, Somebody, Subject, changed, joined},
};

rule! {
    /// ## What it does
    /// Compares the conditions of segments, flowcharts, offers and policies by what they mean: says whether one is wider,
    /// narrower or another, with a person who is in now and a person who is out now. A condition that is only written in
    /// another way is not reported: that it means the same was proved.
    ///
    /// ## Why it matters
    /// Whoever reads `>= 18` in the place of `> 18` sees a character. The customer who is 18 sees an offer, or does not. The
    /// person in the finding can be put into a scenario, so that the change is meant and stays so.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold' && profile.points > 100
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: "!(profile.tier != 'gold')"
    /// ```
    pub(crate) static CONDITION_CHANGED = {
        code: "TW1005",
        name: "condition-changed",
        level: Warning,
        ja: r"## 何を調べるか
セグメント、フローチャート、オファー、コンタクトポリシーの条件を意味で比較し、広がったか、狭まったか、別のものになったかを、新たに入る人と新たに外れる人の例とともに示します。書き方だけが変わった条件は、意味が同じであることが証明されるため報告しません。

## なぜ大切か
`> 18` が `>= 18` に変わっても、読む人に見えるのは一文字の違いだけです。18歳の顧客には、オファーが見えるかどうかの違いになります。示された人をシナリオに書けば、意図した変更であることを確かめ、守り続けられます。",
        check: Check::Against(Category::Behaviour, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    if !cx.is_understood() {
        return;
    }
    let (all, mut meanings) = changed(cx, Budget::default());
    for it in &all {
        let channel = cx.channel_of(&it.id);
        findings.extend(found(cx, it, it.moved(&mut meanings, channel)));
    }
}

fn found(cx: &Comparison<'_>, it: &Changed, moved: Moved) -> Option<Finding> {
    let at = |message: Text| cx.now.at(&CONDITION_CHANGED, &it.id, &it.path, message);
    match moved {
        Moved::Nobody => None,
        Moved::Unknown => {
            let message = say!(
                en: "this condition changed, and comparing what it means takes too long",
                ja: "この条件は変わりましたが、意味の比較が予算内に終わりませんでした"
            );
            let help = say!(
                en: "look at it yourself, or divide it into segments",
                ja: "人が確認するか、セグメントに分けてください"
            );
            Some(at(message).help(help).info())
        }
        Moved::Some { joins, leaves } => {
            let possible = [&joins, &leaves].into_iter().flatten().all(|it| it.possible);
            let mut message = headline(&name(it), joins.is_some(), leaves.is_some());
            if let Some(it) = &joins {
                let who = &it.witness.said;
                message = joined(&message, &says(it, "newly in", "新たに入る例", who));
            }
            if let Some(it) = &leaves {
                let who = &it.witness.said;
                message = joined(&message, &says(it, "newly out", "新たに外れる例", who));
            }
            let finding = at(message).help(help(it.subject));
            // Who loses something complains first; of a policy, who hears nothing any more.
            let graver =
                if it.subject == Subject::Policy { joins.or(leaves) } else { leaves.or(joins) };
            let finding = match graver {
                Some(it) => finding.witness(it.witness),
                None => finding,
            };
            Some(if possible { finding.info() } else { finding })
        }
    }
}

/// What it is about, in both languages.
fn name(it: &Changed) -> Text {
    let name = match it.id.kind {
        // A leaf is called by its segment.
        Kind::Flowchart => it.segment.as_ref().map_or(it.id.name.as_str(), |it| it.as_str()),
        _ => &it.id.name,
    };
    match it.subject {
        Subject::Segment => say!(en: "segment `{name}`", ja: "セグメント `{name}`"),
        Subject::Offer => say!(en: "offer `{name}`", ja: "オファー `{name}`"),
        Subject::Policy => say!(en: "policy `{name}`", ja: "コンタクトポリシー `{name}`"),
    }
}

fn headline(name: &Text, joins: bool, leaves: bool) -> Text {
    let (en, ja) = (name.to(Language::En), name.to(Language::Ja));
    match (joins, leaves) {
        (true, false) => say!(
            en: "{en} is wider: it takes in people who were out",
            ja: "{ja} が広がり、これまで外れていた人が入ります"
        ),
        (false, _) => say!(
            en: "{en} is narrower: people fall out who were in",
            ja: "{ja} が狭まり、これまで入っていた人が外れます"
        ),
        (true, true) => say!(
            en: "{en} takes other people than before",
            ja: "{ja} の対象者が変わります"
        ),
    }
}

fn says(it: &Somebody, en: &str, ja: &str, who: &Text) -> Text {
    let (who_en, who_ja) = (who.to(Language::En), who.to(Language::Ja));
    if it.possible {
        return say!(
            en: "{en} perhaps: {who_en}",
            ja: "{ja} (可能性): {who_ja}"
        );
    }
    say!(en: "{en}: {who_en}", ja: "{ja}: {who_ja}")
}

fn help(subject: Subject) -> Text {
    match subject {
        Subject::Segment => say!(
            en: "if it is meant, write a scenario that expects it",
            ja: "意図した変更であれば、それを期待するシナリオを書いてください"
        ),
        Subject::Offer => say!(
            en: "if it is meant, write a scenario that expects it, or expects that the offer is not shown",
            ja: "意図した変更であれば、オファーの表示または非表示を期待するシナリオを書いてください"
        ),
        Subject::Policy => say!(
            en: "whoever is in gets no messages: if it is meant, say so to those who wait for the numbers",
            ja: "入る人にはメッセージが送られません。意図した変更であれば、結果を見る人に知らせてください"
        ),
    }
}
