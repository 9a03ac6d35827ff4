//! Rule TW0813, weaker-than-its-origin.

use taiwa_config::environment::Need;
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds environments that take releases from another one and ask for less: no scenarios where the other runs them,
    /// or fewer approvals.
    ///
    /// ## Why it matters
    /// Whoever is nearer to customers should be harder to reach; a weaker door behind a strong one is usually a slip.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/staging/environment.yaml
    /// title: Staging
    /// gates: { scenarios: all }
    /// servers:
    ///   - { name: one, url: "http://127.0.0.1:7101", token: "${TAIWA_STAGING_TOKEN}" }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/staging/environment.yaml
    /// title: Staging
    /// servers:
    ///   - { name: one, url: "http://127.0.0.1:7101", token: "${TAIWA_STAGING_TOKEN}" }
    /// ```
    pub(crate) static WEAKER_THAN_ITS_ORIGIN = {
        code: "TW0813",
        name: "weaker-than-its-origin",
        level: Warning,
        ja: r"## 何を調べるか
別の環境からリリースを受け取るのに、その環境より要求がゆるい環境を見つけます。元の環境で実行するシナリオを実行しない、または承認が少ない場合です。

## なぜ大切か
顧客に近い環境ほど入りにくくあるべきです。厳しい扉の後ろにゆるい扉があるのは、たいてい書き間違いです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        let origin = environment.from.as_ref().filter(|it| *it != name);
        let Some(from) = origin else { continue };
        let Some(other) = cx.project.environments.get(from) else { continue };
        if other.gates.scenarios.is_some() && environment.gates.scenarios.is_none() {
            let message = say!(
                en: "`{from}` runs the scenarios, and `{name}` does not ask for them",
                ja: "`{from}` ではシナリオを実行しますが、`{name}` では求められていません",
            );
            let path = if environment.gates == taiwa_config::environment::Gates::default() {
                "from"
            } else {
                "gates"
            };
            findings.push(cx.at_environment(&WEAKER_THAN_ITS_ORIGIN, name, path, message).help(
                say!(
                    en: "add `gates: {{ scenarios: all }}`",
                    ja: "`gates: {{ scenarios: all }}` を加えてください",
                ),
            ));
        }
        let count = |needs: &[Need]| needs.iter().map(|it| it.count).sum::<u32>();
        let (there, here) = (count(&other.approvals), count(&environment.approvals));
        // That nobody must approve at all is an error of its own.
        if here > 0 && here < there {
            let message = say!(
                en: "`{from}` asks for {there} approvals, `{name}` for {here}",
                ja: "`{from}` の承認は {there} 件、`{name}` の承認は {here} 件です",
            );
            findings.push(
                cx.at_environment(&WEAKER_THAN_ITS_ORIGIN, name, "approvals", message).help(say!(
                    en: "ask for at least as many, or for fewer before",
                    ja: "同じ件数以上を求めるか、手前の環境の件数を減らしてください",
                )),
            );
        }
    }
}
