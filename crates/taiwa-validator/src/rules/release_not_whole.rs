//! Rule TW0804, release-not-whole.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::Finding;

use crate::{Check, Context, Stage};

rule! {
    /// ## What it does
    /// Checks that there is a `taiwa.yaml` and an `audience.yaml`, which everything else depends on.
    ///
    /// ## Why it matters
    /// Without the audience nothing is known of customers; without `taiwa.yaml` no date has a time zone and no price a
    /// currency.
    ///
    /// ## Bad
    /// ```yaml path=channels/shared/audience.yaml
    /// (no such file)
    /// ```
    ///
    /// ## Good
    /// ```yaml path=channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    pub(crate) static RELEASE_NOT_WHOLE = {
        code: "TW0804",
        name: "release-not-whole",
        level: Guard,
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let needed = [
        (Kind::Workspace, "taiwa", cx.components.workspace.is_some(), "taiwa.yaml"),
        (
            Kind::Audience,
            "shared",
            cx.components.audience.is_some(),
            "channels/shared/audience.yaml",
        ),
    ];
    for (kind, name, has, file) in needed {
        if has || cx.index.is_broken(kind, name) {
            continue;
        }
        let id = ComponentId::new(kind, name);
        let help = match cx.options.stage {
            Stage::Edit => format!("add the file `{file}`"),
            Stage::Mark | Stage::Promote => format!("mark it too: `taiwa mark {id}`"),
        };
        findings
            .push(cx.at(&RELEASE_NOT_WHOLE, &id, "", format!("there is no `{file}`")).help(help));
    }
}
