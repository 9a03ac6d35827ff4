//! `taiwa explain`

use taiwa_text::say;

use crate::{Cx, Exit, Failure, render::table};

/// Explain a rule: what it looks for, why, a bad and a good example
///
/// Without a code: the list of all rules.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The code of the rule, as a finding shows it: TW0101
    code: Option<String>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let Some(code) = &args.code else {
        list(cx);
        return Ok(Exit::Yes);
    };
    let wanted = code.trim().to_uppercase();
    let found = taiwa_validator::rules::ALL
        .iter()
        .find(|it| it.code == wanted || it.name.eq_ignore_ascii_case(code));
    let Some(rule) = found else {
        return Err(Failure::wrong("unknown-rule", format!("there is no rule `{code}`"))
            .help("the list of all rules: taiwa explain"));
    };
    if cx.json() {
        let page = taiwa_validator::explain(rule, cx.language());
        let docs = page.split_once("\n\n").and_then(|it| it.1.split_once("\n\n"));
        let value = serde_json::json!({
            "version": 1, "code": rule.code, "name": rule.name,
            "docs": docs.map_or("", |it| it.1).trim(),
        });
        cx.print_json(&value);
    } else {
        cx.print(taiwa_validator::explain(rule, cx.language()).trim_end());
    }
    Ok(Exit::Yes)
}

fn list(cx: &mut Cx<'_>) {
    let rules = taiwa_validator::rules::ALL;
    if cx.json() {
        let rows: Vec<_> = rules
            .iter()
            .map(|it| serde_json::json!({ "code": it.code, "name": it.name }))
            .collect();
        cx.print_json(&serde_json::json!({ "version": 1, "rules": rows }));
    } else {
        let language = cx.language();
        let heads = [
            say!(en: "code", ja: "コード"),
            say!(en: "name", ja: "名前"),
            say!(en: "what it looks for", ja: "何を調べるか"),
        ];
        let rows = rules.iter().map(|it| {
            let summary = it.summary().to(language).to_owned();
            [it.code.to_owned(), it.name.to_owned(), summary]
        });
        cx.print(table(heads.each_ref().map(|it| it.to(language)), rows));
        let more = say!(
            en: "one rule in full: taiwa explain TW0101",
            ja: "ルールの全文を見るには: taiwa explain TW0101",
        );
        cx.print(format!("\n{}", more.to(language)));
    }
}
