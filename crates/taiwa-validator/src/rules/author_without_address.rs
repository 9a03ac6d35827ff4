//! Rule TW0816, author-without-address.

use taiwa_config::environment::{Person, Separation};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds people without an address in an environment where nobody approves what they wrote (`separation`).
    ///
    /// ## Why it matters
    /// People are known by the key that signed a commit, else by their address in git. Without an address, what they write
    /// and do not sign is by somebody unknown: it takes one approval more, and keeps nobody from approving it.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// separation: true
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// separation: true
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    pub(crate) static AUTHOR_WITHOUT_ADDRESS = {
        code: "TW0816",
        name: "author-without-address",
        level: Warning,
        ja: r"## 何を調べるか
自分が書いたものを承認できない環境 (`separation`) で、メールアドレスのない `people` を見つけます。

## なぜ大切か
人は、コミットに署名した鍵か、git のメールアドレスで見分けられます。アドレスがなければ、署名なしで書いたものは
誰のものか分からず、承認がもう 1 つ必要になり、本人による承認も防げません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        if environment.separation.is_none_or(|it| it == Separation::Off) {
            continue;
        }
        let nameless = environment.people.iter().enumerate().filter(|it| !has_address(it.1));
        for (index, person) in nameless {
            let message = say!(
                en: "`{}` has no address, so that what they write is by somebody unknown",
                ja: "`{}` にはメールアドレスがなく、書いたものが誰のものか分かりません",
                person.id,
            );
            let path = format!("people/{index}");
            findings
                .push(cx.at_environment(&AUTHOR_WITHOUT_ADDRESS, name, &path, message).help(say!(
                en: "add for example `email: [tanaka@contoso.example]`, as git knows it",
                ja: "git で使うアドレスを `email: [tanaka@contoso.example]` のように加えてください",
            )));
        }
    }
}

/// An address of their own, or the comment of a key, which a policy takes for one.
fn has_address(it: &Person) -> bool {
    let comment = |key: &String| key.split_whitespace().nth(2).is_some_and(|it| it.contains('@'));
    !it.email.is_empty() || it.key.iter().any(comment)
}
