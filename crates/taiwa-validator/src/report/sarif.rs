//! The findings as SARIF 2.1.0, the form that code hosts and viewers of many tools share.
//!
//! **Invariants.** Columns count code points, as the log says; paths are percent-encoded and count from the root of the
//! repository; no message can hold a link of its own. Deliberately absent: absolute paths, times and whatever else
//! would make two runs over the same files differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{JsonEdit, JsonFinding, JsonFix, JsonReport, View, visible::visible};
use crate::{Rule, explain, rules::by_code};

const ROOT: &str = "%SRCROOT%";

/// The log, with one run.
pub fn sarif(view: &View<'_>) -> Value {
    let report = view.json();
    let codes: BTreeSet<&str> = report.findings.iter().map(|it| it.code.as_str()).collect();
    let rules: Vec<Value> = codes.iter().map(|it| rule(it, view)).collect();
    let index: BTreeMap<&str, usize> = codes.iter().enumerate().map(|it| (*it.1, it.0)).collect();
    let results: Vec<Value> = report.findings.iter().map(|it| result(it, &index, view)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "taiwa",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "language": view.language.as_str(),
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the repository." } } },
            "invocations": [invocation(&report, view)],
            "results": results,
        }],
    })
}

fn invocation(report: &JsonReport, view: &View<'_>) -> Value {
    let mut made = json!({ "executionSuccessful": true });
    let left = view.left_out();
    if left > 0 {
        let listed = report.findings.len();
        let text = view
            .say(
                "{listed} findings are listed; {left} more are not",
                "{listed} 件を表示; 残り {left} 件は省略",
            )
            .replace("{listed}", &listed.to_string())
            .replace("{left}", &left.to_string());
        made["toolExecutionNotifications"] =
            json!([{ "level": "warning", "message": { "text": text } }]);
    }
    made
}

fn rule(code: &str, view: &View<'_>) -> Value {
    let Some(rule) = by_code(code) else { return json!({ "id": code }) };
    let level = level(rule.level.at(view.report.stage).as_str());
    let (page, summary) = (explain(rule, view.language), rule.summary());
    let summary = summary.to(view.language);
    json!({
        "id": code,
        "name": pascal(rule),
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level },
        "properties": { "problem.severity": problem(level), "tags": ["marketing"] },
    })
}

/// `UnknownOffer`.
fn pascal(rule: &Rule) -> String {
    let words = rule.name.split('-').map(|it| {
        let (first, rest) = it.split_at(usize::from(!it.is_empty()));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

fn level(severity: &str) -> &'static str {
    match severity {
        "error" => "error",
        "warning" => "warning",
        _ => "note",
    }
}

/// The word of GitHub for the same.
fn problem(level: &str) -> &'static str {
    match level {
        "error" => "error",
        "warning" => "warning",
        _ => "recommendation",
    }
}

fn result(it: &JsonFinding, index: &BTreeMap<&str, usize>, view: &View<'_>) -> Value {
    let mut made = Map::new();
    let mut put = |key: &str, value: Value| made.insert(key.to_owned(), value);
    put("ruleId", json!(it.code));
    put("ruleIndex", json!(index.get(it.code.as_str())));
    put("level", json!(level(&it.severity)));
    put("message", json!({ "text": message(&it.said(view.language)) }));
    let region = region((it.line, it.column), (it.end_line, it.end_column));
    put("locations", json!([location(&it.file, &region, view)]));
    if !it.related.is_empty() {
        let related = it.related.iter().enumerate().map(|(id, it)| {
            let region = self::region((it.line, it.column), (it.end_line, it.end_column));
            let mut at = location(&it.file, &region, view);
            at["id"] = json!(id + 1);
            at["message"] = json!({ "text": message(&it.message) });
            at
        });
        put("relatedLocations", related.collect());
    }
    put("partialFingerprints", json!({ "taiwaFinding/v1": it.fingerprint }));
    if let Some(fix) = &it.fix {
        put("fixes", json!([fixed(fix, view)]));
    }
    let mut properties = Map::new();
    if let Some(component) = &it.component {
        properties.insert("component".to_owned(), json!(component));
    }
    if let Some(witness) = &it.witness {
        properties.insert("witness".to_owned(), json!(witness));
    }
    if !properties.is_empty() {
        put("properties", Value::Object(properties));
    }
    Value::Object(made)
}

fn region(from: (u32, u32), to: (u32, u32)) -> Value {
    let (line, column) = to.max(from);
    json!({ "startLine": from.0, "startColumn": from.1, "endLine": line, "endColumn": column })
}

fn location(file: &str, region: &Value, view: &View<'_>) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(file, view), "region": region } })
}

fn artifact(file: &str, view: &View<'_>) -> Value {
    json!({ "uri": encoded(&view.path(file)), "uriBaseId": ROOT })
}

/// The changes of a fix, by file.
fn fixed(fix: &JsonFix, view: &View<'_>) -> Value {
    let mut files: BTreeMap<&str, Vec<&JsonEdit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(&edit.file).or_default().push(edit);
    }
    let changes = files.into_iter().map(|(file, edits)| {
        let replacements = edits.iter().map(|it| {
            json!({
                "deletedRegion": region((it.line, it.column), (it.end_line, it.end_column)),
                "insertedContent": { "text": it.text },
            })
        });
        let replacements: Vec<Value> = replacements.collect();
        json!({ "artifactLocation": artifact(file, view), "replacements": replacements })
    });
    let changes: Vec<Value> = changes.collect();
    json!({ "description": { "text": message(&fix.said) }, "artifactChanges": changes })
}

/// Text of a message: `[words](target)` would be a link, wherever it came from, so its bracket is escaped.
fn message(text: &str) -> String {
    visible(text).replace("](", "\\](")
}

/// A path as a relative reference of RFC 3986: everything but unreserved characters and `/` in hex.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(format!("%{byte:02X}").chars());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use taiwa_text::{
        Finding, Fix, Language, Place, Severity, Source, Sources, Span, Text, Witness,
    };

    use super::*;
    use crate::{Options, Report};

    fn log(language: Language) -> Value {
        let mut sources = Sources::default();
        let text = "名: x\nb: 👍 100%\n".to_owned();
        let file = sources.add(Source { path: "channels/a b:%.yaml".into(), text });
        let place = |from, to| Place { file, span: Span::new(from, to) };
        let said = taiwa_text::say!(en: "gold, no age", ja: "ゴールド、年齢なし");
        let finding =
            Finding::error("TW0101", place(10, 15), Text::same("no [x](http://a.b) \u{202e}"))
                .help(Text::same("did you mean `y`?"))
                .related(place(5, 6), Text::same("here"))
                .witness(Witness { said, given: r#"{"tier":"gold"}"#.into() })
                .fix(Fix::likely(Text::same("write `y`"), place(10, 14), "y"));
        let options = Options { at: taiwa_model::Timestamp::default(), stage: crate::Stage::Edit };
        let report = Report::new(vec![finding], &sources, &options);
        let (report, sources, files) = (&report, &sources, &[][..]);
        sarif(&View { report, sources, files, language, folder: "shop/", fails: Severity::Error })
    }

    #[test]
    fn a_result_has_its_place_its_words_and_its_fix() {
        let log = log(Language::En);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(
            result["message"]["text"],
            "no [x\\](http://a.b) \\u{202e}\nhelp: did you mean `y`?\nfor example: gold, no age"
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "shop/channels/a%20b%3A%25.yaml");
        let region = json!({ "startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 6 });
        assert_eq!(place["region"], region);
        assert_eq!(result["relatedLocations"][0]["id"], 1);
        assert_eq!(result["properties"]["witness"]["given"]["tier"], "gold");
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["replacements"][0]["deletedRegion"]["endColumn"], 5);
        assert_eq!(change["replacements"][0]["insertedContent"]["text"], "y");
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!((&rule["id"], &rule["name"]), (&json!("TW0101"), &json!("UnknownOffer")));
    }

    #[test]
    fn it_speaks_the_language_that_was_asked_for() {
        let log = log(Language::Ja);
        let text = log["runs"][0]["results"][0]["message"]["text"].to_string();
        assert!(text.contains("ヒント: ") && text.contains("例: ゴールド"), "{text}");
        assert_eq!(log["runs"][0]["language"], "ja");
    }
}
