//! Rule TW0815, person-without-role.

use taiwa_config::environment::Separation;
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds people of an environment who have no role. Where nobody approves what they wrote (`separation`), whoever only
    /// writes is meant to have none.
    ///
    /// ## Why it matters
    /// They can approve nothing and are counted nowhere; whoever wrote them down meant them to.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    ///   - { id: sato, name: Ken, roles: [], email: [sato@contoso.example] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    ///   - { id: sato, name: Ken, roles: [reviewer], email: [sato@contoso.example] }
    /// ```
    pub(crate) static PERSON_WITHOUT_ROLE = {
        code: "TW0815",
        name: "person-without-role",
        level: Warning,
        ja: r"## 何を調べるか
ロールを 1 つも持たない、環境の `people` を見つけます。自分が書いたものを承認できない環境 (`separation`) で
書くだけの人には、ロールがなくてかまいません。

## なぜ大切か
何も承認できず、どこにも数えられません。書いた人はそのつもりではなかったはずです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        for (index, person) in environment.people.iter().enumerate() {
            let writes = environment.separation.is_some_and(|it| it != Separation::Off)
                && !person.email.is_empty();
            if !person.roles.is_empty() || writes {
                continue;
            }
            let message = say!(
                en: "`{}` has no role, and can approve nothing",
                ja: "`{}` にはロールがなく、何も承認できません",
                person.id,
            );
            let path = format!("people/{index}");
            findings.push(cx.at_environment(&PERSON_WITHOUT_ROLE, name, &path, message).help(
                say!(
                    en: "add for example `roles: [manager]`, or take the person out",
                    ja: "`roles: [manager]` などを加えるか、この人を削除してください",
                ),
            ));
        }
    }
}
