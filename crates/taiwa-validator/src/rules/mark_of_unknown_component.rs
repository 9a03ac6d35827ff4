//! Rule TW0811, mark-of-unknown-component.

use taiwa_config::marks::Marks;
use taiwa_config::noun;
use taiwa_text::{Finding, say};

use crate::{Check, Context, marks::place_of_mark, suggest};

rule! {
    /// ## What it does
    /// Checks that every component that is marked for an environment has a file.
    ///
    /// ## Why it matters
    /// The mark keeps content alive that nobody finds any more; where a file was deleted, its mark goes with it.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/staging/marks.yaml
    /// components:
    ///   offer/kitt: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/staging/marks.yaml
    /// components:
    ///   offer/kit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
    /// ```
    pub(crate) static MARK_OF_UNKNOWN_COMPONENT = {
        code: "TW0811",
        name: "mark-of-unknown-component",
        level: Error,
        ja: r"## 何を調べるか
環境のマークが付いたすべてのコンポーネントに、ファイルがあるかを調べます。

## なぜ大切か
マークがあると、もう誰にも見つけられない内容が残り続けます。ファイルを削除したら、マークも外してください。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, marks) in &cx.project.marks {
        let Marks::Components(components) = marks else { continue };
        for id in components.keys().filter(|it| !cx.project.documents.contains_key(*it)) {
            let place = place_of_mark(cx, name, &id.to_string());
            let names: Vec<String> = cx.project.documents.keys().map(ToString::to_string).collect();
            let text = id.to_string();
            let otherwise = say!(
                en: "take it out: `taiwa unmark {id} --for {name}`",
                ja: "削除してください: `taiwa unmark {id} --for {name}`",
            );
            let help = suggest::nearest(&text, names.iter().map(String::as_str)).map_or(
                otherwise,
                |it| say!(en: "did you mean `{it}`?", ja: "もしかして `{it}` ですか？"),
            );
            findings.push(
                cx.found(
                    &MARK_OF_UNKNOWN_COMPONENT,
                    place,
                    say!(
                        en: "there is no {} `{}`",
                        ja: "{} `{}` はありません",
                        noun(id.kind.as_str()),
                        id.name,
                    ),
                )
                .help(help),
            );
        }
    }
}
