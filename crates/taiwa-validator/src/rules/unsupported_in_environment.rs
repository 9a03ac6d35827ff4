//! Rule TW0806, unsupported-in-environment.

use taiwa_config::environment::{Environment, InDoubt};
use taiwa_text::Finding;

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Reports what the forms of an environment know and this version does not serve yet: `separation: true`, freezes,
    /// windows, emergencies, holds, rollouts in steps, the gates `load` and `impact`, `in_doubt: drain`, hardware keys.
    ///
    /// ## Why it matters
    /// Nothing is ignored: an environment that asks for a protection would be thought to have it.
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
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// separation: false
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    pub(crate) static UNSUPPORTED_IN_ENVIRONMENT = {
        code: "TW0806",
        name: "unsupported-in-environment",
        level: Guard,
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        for (path, what) in unsupported(environment) {
            findings.push(
                cx.at_environment(
                    &UNSUPPORTED_IN_ENVIRONMENT,
                    name,
                    &path,
                    format!("{what} is not supported by this version"),
                )
                .help("take it out: nothing is ignored silently"),
            );
        }
    }
}

fn unsupported(it: &Environment) -> Vec<(String, &'static str)> {
    let fields = [
        ("separation", it.separation == Some(true), "`separation: true`"),
        ("freeze", !it.freeze.is_empty(), "`freeze`"),
        ("windows", !it.windows.is_empty(), "`windows`"),
        ("emergency", !it.emergency.is_empty(), "`emergency`"),
        ("hold", !it.hold.is_empty(), "`hold`"),
        ("retired", !it.retired.is_empty(), "`retired`"),
        ("bots", !it.bots.is_empty(), "`bots`"),
        ("rollout", !it.rollout.is_empty(), "a rollout in steps"),
        ("gates/load", it.gates.load.is_some(), "the gate `load`"),
        ("gates/impact", it.gates.impact.is_some(), "the gate `impact`"),
        ("in_doubt", it.in_doubt == Some(InDoubt::Drain), "`in_doubt: drain`"),
    ];
    let mut all: Vec<(String, &'static str)> = fields
        .into_iter()
        .filter(|it| it.1)
        .map(|(path, _, what)| (path.to_owned(), what))
        .collect();
    for (index, person) in it.people.iter().enumerate() {
        for (at, key) in person.key.iter().enumerate() {
            if key.starts_with("sk-") {
                all.push((format!("people/{index}/key/{at}"), "a hardware key (`sk-…`)"));
            }
        }
    }
    for (index, runner) in it.runners.iter().enumerate() {
        for (at, _) in runner.gates.iter().enumerate().filter(|it| it.1 != "scenarios") {
            all.push((
                format!("runners/{index}/gates/{at}"),
                "a runner for another gate than `scenarios`",
            ));
        }
    }
    all
}
