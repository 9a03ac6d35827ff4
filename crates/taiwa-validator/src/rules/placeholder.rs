//! Rule TW0515, placeholder.

use taiwa_model::{AttributeName, Content, FieldName, Value, ValueType};
use taiwa_text::Finding;

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
                            findings.push(
                                cx.inside(&PLACEHOLDER, place, hole.span, message).help(help),
                            );
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
) -> Option<(String, String)> {
    let (root, name) = match hole.kind {
        Hole::Open => return Some(("`{{` is not closed".into(), "close it with `}}`".into())),
        Hole::Malformed => {
            let message = format!("`{}` is no placeholder", hole.text);
            return Some((
                message,
                "write `{{ profile.NAME }}`, `{{ offer.FIELD }}` or `{{ link.NAME }}`".into(),
            ));
        }
        Hole::Name { root, name } => (root, name),
    };
    match root {
        "profile" => profile(cx, name, hole),
        "offer" => offer(cx, treatment, content, name),
        "link" => link(treatment, name),
        _ => Some((
            format!("`{root}` is not known in a placeholder"),
            "write `profile.NAME`, `offer.FIELD` or `link.NAME`".into(),
        )),
    }
}

fn profile(cx: &Context<'_>, name: &str, hole: &Placeholder<'_>) -> Option<(String, String)> {
    let audience = cx.components.audience.as_ref()?;
    let Some(attribute) = audience.attributes.get(name) else {
        let names = audience.attributes.keys().map(AttributeName::as_str);
        let help = suggest::help(name, names, "declare it in `channels/shared/audience.yaml`");
        return Some((format!("profile has no attribute `{name}`"), help));
    };
    let list = matches!(attribute.kind, ValueType::Strings | ValueType::Ints);
    let sure = list || attribute.default.is_some() || hole.otherwise;
    (!sure).then(|| {
        let help = format!("write `{{{{ profile.{name} ?? \"…\" }}}}`, or give `{name}` a `default` in the audience");
        (format!("`profile.{name}` may be missing: the text would have a gap"), help)
    })
}

fn offer(
    cx: &Context<'_>,
    treatment: &Localised<'_>,
    content: &Content,
    name: &str,
) -> Option<(String, String)> {
    let fields: Vec<&str> = match treatment.message {
        None => content.keys().map(FieldName::as_str).collect(),
        Some(message) => {
            let Some(offer) = &message.offer else {
                return Some((
                    "this message proposes no offer".into(),
                    "add `offer: NAME` to the message".into(),
                ));
            };
            let offer = cx.components.offers.get(offer)?;
            let all = offer.content.treatments.values().flat_map(|it| it.values());
            all.flat_map(|it| it.keys().map(FieldName::as_str)).collect()
        }
    };
    (!fields.contains(&name)).then(|| {
        let help = suggest::help(name, fields.iter().copied(), "add the field to the offer");
        (format!("the offer has no field `{name}`"), help)
    })
}

fn link(treatment: &Localised<'_>, name: &str) -> Option<(String, String)> {
    let links = treatment.message.map(|it| &it.links);
    let names = || links.into_iter().flatten().map(|it| it.0.as_str());
    (!names().any(|it| it == name)).then(|| {
        let names: Vec<&str> = names().collect();
        let help = suggest::help(name, names, "declare it under `links` of the message");
        (format!("there is no link `{name}`"), help)
    })
}
