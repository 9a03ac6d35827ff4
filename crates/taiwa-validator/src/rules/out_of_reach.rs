//! Rule TW0111, out-of-reach.

use taiwa_model::{ComponentId, Kind, Scope};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Target};

rule! {
    /// ## What it does
    /// Checks that what lies in a channel's own folder is used by that channel only.
    ///
    /// ## Why it matters
    /// The folder says whose it is. The owner of a channel may change what is its own without asking anybody; another
    /// channel would change with it.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/mobile/channel.yaml
    /// title: App
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   top: { title: Top }
    /// interaction_points:
    ///   card: { zone: top, offers: 1, fallback: none }
    /// ```
    ///
    /// ```yaml
    /// # channels/mobile/strategy.yaml
    /// rules:
    ///   - { zone: top, segment: everyone, offer: web-only, score: 10 }
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/offers/web-only.yaml
    /// title: Only here
    /// treatments:
    ///   mobile: { en: { headline: Hello } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/offers/web-only.yaml
    /// title: Only here
    /// treatments:
    ///   web-store: { en: { headline: Hello } }
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    ///   - { zone: home, segment: everyone, offer: web-only, score: 20 }
    /// ```
    pub(crate) static OUT_OF_REACH = {
        code: "TW0111",
        name: "out-of-reach",
        level: Guard,
        ja: r"## 何を調べるか
チャネル専用のフォルダーにあるものを、そのチャネルだけが使っているかを調べます。

## なぜ大切か
フォルダーは、誰のものかを示します。チャネルの担当者は自分のものを誰にも聞かずに変えられますが、
ほかのチャネルが使っていると、そちらも変わってしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in &cx.references {
        let Some((owner, home)) = owner(cx, &it.to) else { continue };
        let Scope::Channel(channel) = &owner else { continue };
        if it.scope == owner {
            continue;
        }
        let message = say!(
            en: "{} belongs to the channel `{channel}`",
            ja: "{} はチャネル `{channel}` のものです",
            it.to.words(),
        );
        let file = cx.file_of(&home).unwrap_or_default();
        let help = say!(
            en: "move `{file}` to `channels/shared/`, or use one that is shared",
            ja: "`{file}` を `channels/shared/` に移すか、共有のものを使ってください",
        );
        let finding = match it.span {
            Some(span) => cx.inside(&OUT_OF_REACH, (&it.from, &it.path), span, message),
            None => cx.at(&OUT_OF_REACH, &it.from, &it.path, message),
        };
        findings.push(finding.help(help).related(
            cx.place(&home, ""),
            say!(en: "it is declared here", ja: "宣言はここにあります"),
        ));
    }
}

fn owner(cx: &Context<'_>, target: &Target) -> Option<(Scope, ComponentId)> {
    match target {
        Target::Offer(it) => {
            let scope = cx.components.offers.get(it)?.scope.clone();
            Some((scope, ComponentId::new(Kind::Offer, it.as_str())))
        }
        Target::Goal(it) => {
            let scope = cx.components.goals.get(it)?.scope.clone();
            Some((scope, ComponentId::new(Kind::Goal, it.as_str())))
        }
        Target::Segment(it) => {
            let declared = cx.index.segments.get(it)?.first()?;
            Some((declared.scope.clone(), declared.component.clone()))
        }
        // Whatever a channel declares may be named by everybody who names the channel.
        _ => None,
    }
}
