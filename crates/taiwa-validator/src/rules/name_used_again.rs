//! Rule TW0110, name-used-again.

use serde_json::Value as Json;
use taiwa_model::{ComponentId, Components, Kind};
use taiwa_text::{Finding, say};

use crate::{
    Check,
    against::{Category, Comparison, share},
};

/// How much of two contents must be the same to be taken for the same thing.
const SAME: f64 = 0.5;

rule! {
    /// ## What it does
    /// Finds a new offer, goal, segment or message with the name of one that was deleted and meant something else. The
    /// history of git says so; it is looked at when a workspace is compared with another commit.
    ///
    /// ## Why it matters
    /// Reports, caps and the history of people go by the name. People who took the old offer count as people who took
    /// the new one, and the curve of the new goal begins with the numbers of the old.
    ///
    /// ## Bad
    /// ```yaml
    /// # deleted channels/shared/offers/sale.yaml
    /// title: Summer festival
    /// value: 90
    /// tags: [summer]
    /// treatments:
    ///   web-store: { en: { headline: Come to the beach, image: /beach.png } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// treatments:
    ///   web-store: { en: { headline: Now } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # deleted channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// treatments:
    ///   web-store: { en: { headline: Today } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// treatments:
    ///   web-store: { en: { headline: Now } }
    /// ```
    pub(crate) static NAME_USED_AGAIN = {
        code: "TW0110",
        name: "name-used-again",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
以前に削除され、別の意味をもっていたものと同じ名前の、新しいオファー、目標、セグメント、メッセージを探します。git の履歴からわかるため、別のコミットと比較するときに調べます。

## なぜ大切か
レポート、上限、顧客の履歴は名前で記録されます。古いオファーを受け入れた人は新しいオファーを受け入れた人と数えられ、新しい目標のグラフは古い数値から始まります。",
        check: Check::Against(Category::State, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    for (id, past) in &cx.then.past {
        let (Some(old), Some(new)) =
            (content(&past.project.components, id), content(cx.new_components(), id))
        else {
            continue;
        };
        if share(&old, &new) >= SAME {
            continue;
        }
        let (name, commit) = (&id.name, &past.commit);
        let message = say!(
            en: "{} `{name}` was something else until it was deleted after {commit}, and bears its history",
            ja: "{} `{name}` は {commit} の後に削除された別のものの名前であり、その履歴を引き継ぎます",
            id.kind
        );
        let help = say!(
            en: "give the new one a name of its own; see the old one: git show {commit}",
            ja: "新しいものには別の名前を付けてください。以前の内容を見るには: git show {commit}"
        );
        findings.push(cx.now.at(&NAME_USED_AGAIN, id, "title", message).help(help));
    }
}

/// What a component says, as far as it can be compared.
fn content(of: &Components, id: &ComponentId) -> Option<Json> {
    let name = id.name.as_str();
    let json = match id.kind {
        Kind::Offer => serde_json::to_value(&of.offers.get(name)?.content),
        Kind::Goal => serde_json::to_value(&of.goals.get(name)?.content),
        Kind::Segment => serde_json::to_value(&of.segments.get(name)?.content),
        Kind::Message => serde_json::to_value(&of.messages.get(name)?.content),
        _ => return None,
    };
    json.ok()
}
