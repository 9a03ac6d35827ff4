//! Rule TW0705, secret-in-clear.

use std::collections::BTreeMap;
use taiwa_text::{FileId, Finding, Place, Span, say};

use crate::{
    Check, Context,
    secrets::{known_forms, named_secrets},
};

rule! {
    /// ## What it does
    /// Finds tokens, passwords and private keys that are written in clear: by their known forms, by the name of their
    /// field, and passwords in addresses.
    ///
    /// ## Why it matters
    /// Whoever can read the repository can use it, for ever: git forgets nothing. Write `${NAME}`, and put the value
    /// into the environment of the program that needs it.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/staging/environment.yaml
    /// title: Staging
    /// servers:
    ///   - { name: one, url: "http://127.0.0.1:7101", token: "x8Kq0vTz4LmPr2Ws7YbN" }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/staging/environment.yaml
    /// title: Staging
    /// servers:
    ///   - { name: one, url: "http://127.0.0.1:7101", token: "${TAIWA_STAGING_TOKEN}" }
    /// ```
    pub(crate) static SECRET_IN_CLEAR = {
        code: "TW0705",
        name: "secret-in-clear",
        level: Guard,
        ja: r"## 何を調べるか
そのまま書かれたトークン、パスワード、秘密鍵を見つけます。よく知られた形、項目の名前、
アドレスの中のパスワードから見つけます。

## なぜ大切か
リポジトリを読める人なら誰でも、いつまでも使えてしまいます。git は何も忘れません。`${NAME}` と書き、値は、
それを必要とするプログラムの環境に設定してください。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let help = say!(
        en: "revoke it, write `${{NAME}}` here, and set NAME where the program runs",
        ja: "無効にし、ここには `${{NAME}}` と書き、値はプログラムを動かす環境で `NAME` に設定してください",
    );
    let mut seen: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    for (file, source) in cx.project.sources.iter() {
        for (span, what) in known_forms(&source.text) {
            let place = Place { file, span };
            seen.entry(file).or_default().push(span);
            findings.push(
                cx.found(
                    &SECRET_IN_CLEAR,
                    place,
                    say!(en: "this looks like {}", ja: "これは{}のようです", what),
                )
                .help(help.clone()),
            );
        }
    }
    let documents = cx.project.documents.iter().map(|(id, it)| (Some(id), it));
    let environments = cx.project.environment_documents.values().map(|it| (None, it));
    // The token of a server must be `${NAME}`: the reader of environments says so itself.
    let apart: &[&str] = &["token"];
    for (id, document) in documents.chain(environments) {
        for (span, key) in named_secrets(&document.tree, apart) {
            let place = Place { file: document.file, span };
            let inside = |it: &Span| span.start <= it.start && it.end <= span.end;
            if seen.get(&document.file).is_some_and(|it| it.iter().any(inside)) {
                continue;
            }
            let message = say!(
                en: "the value of `{key}` is written in clear",
                ja: "`{key}` の値がそのまま書かれています",
            );
            let finding = cx.found(&SECRET_IN_CLEAR, place, message).help(help.clone());
            findings.push(match id {
                Some(id) => finding.component(id),
                None => finding,
            });
        }
    }
}
