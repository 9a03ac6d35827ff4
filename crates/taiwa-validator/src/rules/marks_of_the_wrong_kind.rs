//! Rule TW0812, marks-of-the-wrong-kind.

use taiwa_config::marks::Marks;
use taiwa_text::{Finding, say};

use crate::{Check, Context, marks::place_of_mark};

rule! {
    /// ## What it does
    /// Checks that an environment with `from` marks a release, and one without marks components.
    ///
    /// ## Why it matters
    /// What was not tested together is not promoted together: an environment with an origin takes whole releases, as
    /// they ran there.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/production/marks.yaml
    /// components:
    ///   offer/kit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/staging/marks.yaml
    /// components:
    ///   offer/kit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
    /// ```
    pub(crate) static MARKS_OF_THE_WRONG_KIND = {
        code: "TW0812",
        name: "marks-of-the-wrong-kind",
        level: Error,
        ja: r"## 何を調べるか
`from` のある環境はリリースに、ない環境はコンポーネントにマークを付けていることを調べます。

## なぜ大切か
一緒に試さなかったものは、一緒に昇格させません。受け取り元のある環境は、そこで動いたリリースをそのまま受け取ります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, marks) in &cx.project.marks {
        let Some(environment) = cx.project.environments.get(name) else { continue };
        let (path, message, help) = match (marks, &environment.from) {
            (Marks::Components(all), Some(from)) => {
                let Some(first) = all.keys().next() else { continue };
                (
                    first.to_string(),
                    say!(
                        en: "`{name}` takes whole releases from `{from}`",
                        ja: "`{name}` は `{from}` からリリース全体を受け取ります",
                    ),
                    say!(
                        en: "mark a release that ran there: `taiwa mark release --for {name}`",
                        ja: "そこで動いたリリースにマークを付けてください: `taiwa mark release --for {name}`",
                    ),
                )
            }
            (Marks::Release(_), None) => (
                "release".to_owned(),
                say!(
                    en: "`{name}` has no `from`, so components are marked for it",
                    ja: "`{name}` には `from` がないため、コンポーネントにマークを付けます",
                ),
                say!(
                    en: "mark components: `taiwa mark channel/NAME --for {name}`",
                    ja: "コンポーネントにマークを付けてください: `taiwa mark channel/NAME --for {name}`",
                ),
            ),
            _ => continue,
        };
        let place = place_of_mark(cx, name, &path);
        findings.push(cx.found(&MARKS_OF_THE_WRONG_KIND, place, message).help(help));
    }
}
