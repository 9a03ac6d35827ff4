//! Every kind of file, well and badly written: what is found, and exactly where.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attack_19;
mod fields;
mod fixed;
mod forms;
mod words;

use taiwa_config::{Content, InputFile, Project, load};
use taiwa_text::Finding;

const WORKSPACE: &str = "format: 1\ntitle: T\nlocales: [en]\ntime_zone: UTC\ncurrency: EUR\n";
const AUDIENCE: &str = "levels:\n  customer: { key: customer_id }\nattributes: {}\n";

fn loaded(files: &[(&str, &str)]) -> (Project, Vec<Finding>) {
    let mut all = vec![("taiwa.yaml", WORKSPACE), ("channels/shared/audience.yaml", AUDIENCE)];
    all.retain(|it| !files.iter().any(|file| file.0 == it.0));
    let folder = files[0].0.split('/').nth(1).filter(|it| *it != "shared" && *it != "production");
    let channel = folder.map(|it| format!("channels/{it}/channel.yaml")).unwrap_or_default();
    if folder.is_some() && channel != files[0].0 {
        all.push((&channel, "title: C\ndirection: inbound\n"));
    }
    all.extend(files);
    let input = |(path, text): &(&str, &str)| InputFile {
        path: (*path).into(),
        content: Content::Bytes(text.as_bytes().to_vec()),
    };
    load(all.iter().map(input).collect())
}

fn said(project: &Project, findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        assert!(it.message.speaks_japanese(), "{it:?}");
        assert!(it.help.as_ref().is_none_or(taiwa_text::Text::speaks_japanese), "{it:?}");
        let help = it.help.as_ref().map(|it| format!(" | {}", &**it)).unwrap_or_default();
        format!("{}:{} {} {}{help}", at.line, at.column, it.code, &*it.message)
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) {
    let (project, findings) = loaded(&[(path, text)]);
    assert_eq!(said(&project, &findings), expect, "{text}");
}

/// What became of the only component of that file.
#[track_caller]
fn lowered(path: &str, text: &str, expect: &str) {
    let (project, findings) = loaded(&[(path, text)]);
    assert_eq!(said(&project, &findings), Vec::<String>::new());
    let parts = &project.components;
    let json = match taiwa_config::place_of(path) {
        taiwa_config::FilePlace::Environment(name) => {
            serde_json::to_value(&project.environments[&name])
        }
        taiwa_config::FilePlace::Component(id, _) => match id.kind.as_str() {
            "audience" => serde_json::to_value(&parts.audience),
            "channel" => serde_json::to_value(&parts.channels[id.name.as_str()]),
            "strategy" => serde_json::to_value(&parts.strategies[id.name.as_str()]),
            "goal" => serde_json::to_value(&parts.goals[id.name.as_str()].content),
            "flowchart" => serde_json::to_value(&parts.flowcharts[id.name.as_str()].content),
            "offer" => serde_json::to_value(&parts.offers[id.name.as_str()].content),
            "touchpoint" => serde_json::to_value(&parts.touchpoints[id.name.as_str()].content),
            "scenario" => serde_json::to_value(&parts.scenarios[id.name.as_str()].content),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    };
    let expect: serde_json::Value = serde_json::from_str(expect).unwrap();
    assert_eq!(json.unwrap(), expect);
}
