//! Rule TW0601, limit-never-reached.

use taiwa_model::{ComponentId, Kind, Limit};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds limits of a contact policy that can never be the one that stops a message, because a longer window allows
    /// no more.
    ///
    /// ## Why it matters
    /// Five a day do not matter where three a week are allowed; often the numbers were exchanged.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// limits: [ { sent: 5, per: 1d }, { sent: 3, per: 7d } ]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// limits: [ { sent: 2, per: 1d }, { sent: 4, per: 7d } ]
    /// ```
    pub(crate) static LIMIT_NEVER_REACHED = {
        code: "TW0601",
        name: "limit-never-reached",
        level: Warning,
        ja: r"## 何を調べるか
より長い期間の上限のほうが厳しいため、決して効くことのないコンタクトポリシーの上限を見つけます。

## なぜ大切か
1 週間に 3 通までなら、1 日に 5 通という上限に意味はありません。数を取り違えていることがよくあります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, policy) in &cx.components.policies {
        let id = ComponentId::new(Kind::Policy, name.as_str());
        let limits = &policy.content.limits;
        for (index, limit) in limits.iter().enumerate() {
            let stricter = |it: &(usize, &Limit)| {
                it.0 != index
                    && it.1.per >= limit.per
                    && it.1.sent <= limit.sent
                    && (it.1.per, it.1.sent, it.0) != (limit.per, limit.sent, index)
                    && !(it.1 == limit && it.0 > index)
            };
            let Some((other, by)) = limits.iter().enumerate().find(stricter) else { continue };
            let message = say!(
                en: "{} in {} is never reached: at most {} in {} are allowed",
                ja: "{1} に {0} 通という上限に達することはありません。{3} に {2} 通までしか送れないためです",
                limit.sent,
                limit.per,
                by.sent,
                by.per,
            );
            findings.push(
                cx.at(&LIMIT_NEVER_REACHED, &id, &format!("limits/{index}"), message)
                    .help(say!(en: "take it out, or exchange the numbers", ja: "削除するか、数を入れ替えてください"))
                    .related(cx.place(&id, &format!("limits/{other}")), say!(
                        en: "the stricter limit",
                        ja: "より厳しい上限",
                    )),
            );
        }
    }
}
