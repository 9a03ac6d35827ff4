//! Rule TW0515, placeholder.

use taiwa_model::{AttributeName, Content, FieldName, LinkName, Value, ValueType};
use taiwa_text::{Finding, LocalFix, Span, Text, say};

use crate::{
    Check, Context,
    placeholder::{Hole, Placeholder, placeholders},
    suggest,
    treatments::{Localised, treatments},
};

rule! {
    /// ## What it does
    /// Checks what stands between `{{` and `}}`: an attribute of the profile that is never missing, a field of the
    /// offer, or a link of the message.
    ///
    /// ## Why it matters
    /// A customer would read `Hello {{ profile.nmae }}`, or `Hello` and nothing.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: "For you, {{ profile.name }}" } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: "For you, {{ profile.name ?? 'friend' }}" } }
    /// ```
    pub(crate) static PLACEHOLDER = {
        code: "TW0515",
        name: "placeholder",
        level: Guard,
        ja: r"## 何を調べるか
`{{` と `}}` の間に書かれたものを調べます。必ず値のあるプロファイルの属性、オファーの項目、
メッセージのリンクのいずれかであることを確かめます。

## なぜ大切か
そのままでは、顧客が `Hello {{ profile.nmae }}` や、名前の抜けた `Hello` を読むことになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        for (locale, content) in it.treatment {
            for (field, value) in content {
                let path = format!("{}/{locale}/{field}", it.path);
                texts(value, &path, &mut |text, path| {
                    for hole in placeholders(text) {
                        let wrong = wrong(cx, &it, content, &hole);
                        if let Some((message, help)) = wrong {
                            let place = (&it.id, path);
                            let mut finding =
                                cx.inside(&PLACEHOLDER, place, hole.span, message).help(help);
                            finding.fix = meant(cx, &it, content, &hole)
                                .and_then(|it| cx.project.condition_fix(place.0, path, it));
                            findings.push(finding);
                        }
                    }
                });
            }
        }
    }
}

fn texts(value: &Value, path: &str, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Text(text) => found(text, path),
        Value::Texts(all) => {
            for (index, text) in all.iter().enumerate() {
                found(text, &format!("{path}/{index}"));
            }
        }
        _ => {}
    }
}

fn wrong(
    cx: &Context<'_>,
    treatment: &Localised<'_>,
    content: &Content,
    hole: &Placeholder<'_>,
) -> Option<(Text, Text)> {
    let (root, name) = match hole.kind {
        Hole::Open => {
            return Some((
                say!(en: "`{{{{` is not closed", ja: "`{{{{` が閉じられていません"),
                say!(en: "close it with `}}}}`", ja: "`}}}}` で閉じてください"),
            ));
        }
        Hole::Malformed => {
            let message = say!(en: "`{}` is no placeholder", ja: "`{}` は差し込みとして読めません", hole.text);
            return Some((
                message,
                say!(
                    en: "write `{{{{ profile.NAME }}}}`, `{{{{ offer.FIELD }}}}` or `{{{{ link.NAME }}}}`",
                    ja: "`{{{{ profile.NAME }}}}`、`{{{{ offer.FIELD }}}}`、`{{{{ link.NAME }}}}` のいずれかの形で書いてください",
                ),
            ));
        }
        Hole::Name { root, name } => (root, name),
    };
    match root {
        "profile" => profile(cx, name, hole),
        "offer" => offer(cx, treatment, content, name),
        "link" => link(treatment, name),
        _ => Some((
            say!(en: "`{root}` is not known in a placeholder", ja: "差し込みで `{root}` は使えません"),
            say!(
                en: "write `profile.NAME`, `offer.FIELD` or `link.NAME`",
                ja: "`profile.NAME`、`offer.FIELD`、`link.NAME` のいずれかの形で書いてください",
            ),
        )),
    }
}

/// The name that was probably meant.
fn meant(
    cx: &Context<'_>,
    treatment: &Localised<'_>,
    content: &Content,
    hole: &Placeholder<'_>,
) -> Option<LocalFix> {
    let Hole::Name { root, name } = hole.kind else { return None };
    let names: Vec<&str> = match (root, treatment.message) {
        ("profile", _) => cx
            .components
            .audience
            .iter()
            .flat_map(|it| it.attributes.keys())
            .map(AttributeName::as_str)
            .collect(),
        ("offer", None) => content.keys().map(FieldName::as_str).collect(),
        ("link", Some(message)) => message.links.keys().map(LinkName::as_str).collect(),
        _ => return None,
    };
    if names.contains(&name) {
        return None;
    }
    let near = suggest::nearest(name, names.iter().copied())?;
    let start = hole.span.start + u32::try_from(root.len() + 1).ok()?;
    let end = start + u32::try_from(name.len()).ok()?;
    Some(LocalFix::guess(Span::new(start, end), near))
}

fn profile(cx: &Context<'_>, name: &str, hole: &Placeholder<'_>) -> Option<(Text, Text)> {
    let audience = cx.components.audience.as_ref()?;
    let Some(attribute) = audience.attributes.get(name) else {
        let names = audience.attributes.keys().map(AttributeName::as_str);
        let help = suggest::help(
            name,
            names,
            &say!(
                en: "declare it in `channels/shared/audience.yaml`",
                ja: "`channels/shared/audience.yaml` で宣言してください",
            ),
        );
        return Some((
            say!(en: "profile has no attribute `{name}`", ja: "プロファイルに属性 `{name}` はありません"),
            help,
        ));
    };
    let list = matches!(attribute.kind, ValueType::Strings | ValueType::Ints);
    let sure = list || attribute.default.is_some() || hole.otherwise;
    (!sure).then(|| {
        let help = say!(
            en: "write `{{{{ profile.{name} ?? \"…\" }}}}`, or give `{name}` a `default` in the audience",
            ja: "`{{{{ profile.{name} ?? \"…\" }}}}` と書くか、オーディエンスで `{name}` に `default` を付けてください",
        );
        (say!(
            en: "`profile.{name}` may be missing: the text would have a gap",
            ja: "`profile.{name}` の値がないことがあり、文章の一部が抜けてしまいます",
        ), help)
    })
}

fn offer(
    cx: &Context<'_>,
    treatment: &Localised<'_>,
    content: &Content,
    name: &str,
) -> Option<(Text, Text)> {
    let fields: Vec<&str> = match treatment.message {
        None => content.keys().map(FieldName::as_str).collect(),
        Some(message) => {
            let Some(offer) = &message.offer else {
                return Some((
                    say!(en: "this message proposes no offer", ja: "このメッセージはオファーを提案していません"),
                    say!(
                        en: "add `offer: NAME` to the message",
                        ja: "メッセージに `offer: NAME` を加えてください",
                    ),
                ));
            };
            let offer = cx.components.offers.get(offer)?;
            let all = offer.content.treatments.values().flat_map(|it| it.values());
            all.flat_map(|it| it.keys().map(FieldName::as_str)).collect()
        }
    };
    (!fields.contains(&name)).then(|| {
        let help = suggest::help(
            name,
            fields.iter().copied(),
            &say!(en: "add the field to the offer", ja: "オファーにその項目を加えてください"),
        );
        (
            say!(en: "the offer has no field `{name}`", ja: "オファーに項目 `{name}` はありません"),
            help,
        )
    })
}

fn link(treatment: &Localised<'_>, name: &str) -> Option<(Text, Text)> {
    let links = treatment.message.map(|it| &it.links);
    let names = || links.into_iter().flatten().map(|it| it.0.as_str());
    (!names().any(|it| it == name)).then(|| {
        let names: Vec<&str> = names().collect();
        let help = suggest::help(
            name,
            names,
            &say!(en: "declare it under `links` of the message", ja: "メッセージの `links` で宣言してください"),
        );
        (say!(en: "there is no link `{name}`", ja: "リンク `{name}` はありません"), help)
    })
}
