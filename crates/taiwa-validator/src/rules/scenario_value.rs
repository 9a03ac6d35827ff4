//! Rule TW0121, scenario-value.

use std::collections::{BTreeMap, BTreeSet};
use taiwa_model::{
    AttributeName, ChannelName, ComponentId, EventRef, Kind, PastWhat, PropertyName, Scenario,
    Step, Value,
};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, misfit::misfit, suggest};

rule! {
    /// ## What it does
    /// Checks that the attributes and properties of a scenario are of their declared types and among their declared
    /// values, that it says who the person is, and that posted events have the properties they require.
    ///
    /// ## Why it matters
    /// A scenario is proof. One that posts what no touchpoint could post proves nothing.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: golden }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - offers: { point: banner, expect: [kit] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - offers: { point: banner, expect: [kit] }
    /// ```
    pub(crate) static SCENARIO_VALUE = {
        code: "TW0121",
        name: "scenario-value",
        level: Guard,
        ja: r"## 何を調べるか
シナリオの属性とプロパティが宣言された型と値に合い、誰の話かが書かれ、送るイベントに必須のプロパティがあるかを調べます。

## なぜ大切か
シナリオは証明です。どのタッチポイントにも送れないものを送るシナリオでは、何も証明できません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, scenario) in &cx.components.scenarios {
        let id = ComponentId::new(Kind::Scenario, name.as_str());
        given(cx, &id, &scenario.content, findings);
        let mut home: Option<&ChannelName> = None;
        for (index, step) in scenario.content.steps.iter().enumerate() {
            match step {
                Step::Start { channel, locale: _ } => home = Some(channel),
                Step::Post { event, properties } => {
                    let path = format!("steps/{index}/post");
                    if let Some(event) = EventRef::parse(event, home) {
                        posted(cx, (&id, &path), (&event, properties), findings);
                    }
                }
                _ => {}
            }
        }
    }
}

fn given(cx: &Context<'_>, id: &ComponentId, scenario: &Scenario, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let given = &scenario.given;
    let path = "given/profile";
    let level = audience.levels.iter().find(|it| it.name == given.level);
    // A key that is misspelt is said to be no attribute, at its place.
    let keys: BTreeSet<&str> = audience.levels.iter().map(|it| it.key.as_str()).collect();
    let unknown =
        |it: &AttributeName| !audience.attributes.contains_key(it) && !keys.contains(it.as_str());
    let told = |key: &str| given.profile.contains_key(key) || given.profile.keys().any(unknown);
    if let Some(level) = level.filter(|it| !told(it.key.as_str())) {
        findings.push(
            cx.at(
                &SCENARIO_VALUE,
                id,
                "given/level",
                say!(
                    en: "this does not say who the {} is",
                    ja: "この `{}` が誰なのかが書かれていません",
                    given.level,
                ),
            )
            .help(say!(en: "add `{}: c-1`", ja: "`{}: c-1` を加えてください", level.key)),
        );
    }
    for (name, value) in &given.profile {
        let Some(attribute) = audience.attributes.get(name) else { continue };
        let wrong = misfit(
            &said(name),
            value,
            attribute.kind,
            &attribute.values,
            (attribute.min, attribute.max),
        );
        if let Some((message, help)) = wrong {
            findings
                .push(cx.at(&SCENARIO_VALUE, id, &format!("{path}/{name}"), message).help(help));
        }
    }
    for (index, past) in given.history.iter().enumerate() {
        if let PastWhat::Event { event, properties } = &past.what {
            let path = format!("given/history/{index}/what/event");
            posted(cx, (id, &path), (event, properties), findings);
        }
    }
}

/// A name as the subject of a sentence.
fn said(name: &impl std::fmt::Display) -> Text {
    say!(en: "`{name}`", ja: "`{name}` ")
}

fn posted(
    cx: &Context<'_>,
    (id, path): (&ComponentId, &str),
    (event, properties): (&EventRef, &BTreeMap<PropertyName, Value>),
    findings: &mut Vec<Finding>,
) {
    let channel = cx.components.channels.get(&event.channel);
    let Some(declared) = channel.and_then(|it| it.events.get(&event.event)) else { return };
    for (name, value) in properties {
        let at = format!("{path}/properties/{name}");
        let Some(property) = declared.properties.get(name) else {
            let names = declared.properties.keys().map(PropertyName::as_str);
            let help = suggest::help(
                name.as_str(),
                names.clone(),
                &say!(
                    en: "declare it in `channel.yaml`, or leave it out",
                    ja: "`channel.yaml` で宣言するか、これを削除してください",
                ),
            );
            let message = say!(
                en: "event `{event}` has no property `{name}`",
                ja: "イベント `{event}` にプロパティ `{name}` はありません",
            );
            let finding = cx.at_key(&SCENARIO_VALUE, id, &at, message).help(help);
            findings.push(cx.guessed(finding, (id, &at), name.as_str(), names));
            continue;
        };
        if let Some((message, help)) =
            misfit(&said(name), value, property.kind, &property.values, (None, None))
        {
            findings.push(cx.at(&SCENARIO_VALUE, id, &at, message).help(help));
        }
    }
    for (name, _) in declared
        .properties
        .iter()
        .filter(|(name, it)| !it.optional && !properties.contains_key(*name))
    {
        let message = say!(
            en: "event `{event}` needs the property `{name}`",
            ja: "イベント `{event}` にはプロパティ `{name}` が必要です",
        );
        let help = say!(
            en: "add it under `properties`, or declare `{name}` with `required: false`",
            ja: "`properties` に加えるか、`{name}` を `required: false` と宣言してください",
        );
        findings.push(cx.at(&SCENARIO_VALUE, id, path, message).help(help));
    }
}
