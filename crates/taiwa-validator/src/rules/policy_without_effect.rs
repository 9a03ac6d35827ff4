//! Rule TW0616, policy-without-effect.

use taiwa_model::{ComponentId, Direction, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds contact policies without `limits` and `never`, and policies that name a channel on which nothing is sent.
    ///
    /// ## Why it matters
    /// People rely on a policy that exists; this one stops no message.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// limits: [ { sent: 2, per: 1d } ]
    /// ```
    pub(crate) static POLICY_WITHOUT_EFFECT = {
        code: "TW0616",
        name: "policy-without-effect",
        level: Warning,
        ja: r"## 何を調べるか
`limits` も `never` もないコンタクトポリシーと、何も送信しないチャネルを挙げたコンタクトポリシーを見つけます。

## なぜ大切か
ポリシーがあれば、人はそれを当てにします。このポリシーは 1 通も止めません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, policy) in &cx.components.policies {
        let id = ComponentId::new(Kind::Policy, name.as_str());
        let policy = &policy.content;
        if policy.limits.is_empty() && policy.never.is_none() && !cx.is_doubtful(&id) {
            let message = say!(
                en: "the policy `{name}` stops nothing",
                ja: "コンタクトポリシー `{name}` は何も止めません",
            );
            findings.push(cx.at_key(&POLICY_WITHOUT_EFFECT, &id, "", message).help(say!(
                en: "add `limits: [ {{ sent: 2, per: 1d }} ]` or `never`",
                ja: "`limits: [ {{ sent: 2, per: 1d }} ]` か `never` を加えてください",
            )));
        }
        for channel in &policy.channels {
            let declared = cx.components.channels.get(channel);
            if declared.is_none_or(|it| it.direction == Direction::Outbound) {
                continue;
            }
            let message = say!(
                en: "nothing is sent on `{channel}`: it is inbound",
                ja: "`{channel}` はインバウンドのチャネルなので、何も送信されません",
            );
            findings.push(
                cx.at(&POLICY_WITHOUT_EFFECT, &id, &format!("channels/={channel}"), message).help(
                    say!(
                        en: "take it out; `cap` of an offer says how often it is shown",
                        ja: "削除してください。表示の回数は、オファーの `cap` で決めます",
                    ),
                ),
            );
        }
    }
}
