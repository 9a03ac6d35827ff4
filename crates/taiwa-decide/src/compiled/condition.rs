//! A condition of a release: what runs, what was written, and what it looks at.

use taiwa_condition::{Expect, Names, Program, Setting, Slots, Uses, check, range};
use taiwa_model::Scope;
use taiwa_text::Severity;

/// A condition or score, ready to run and to be explained.
#[derive(Debug)]
pub(crate) struct Condition {
    /// What runs.
    pub(crate) program: Program,
    /// What was written.
    pub(crate) text: String,
    /// What it looks at.
    pub(crate) uses: Uses,
    /// The least and the greatest number that a score can be.
    pub(crate) range: (f64, f64),
}

/// Checks and compiles; the error says why not.
pub(super) fn condition(
    text: &str,
    expect: Expect,
    scope: &Scope,
    names: &Names,
    slots: &mut Slots,
) -> Result<Condition, String> {
    let setting = Setting { names, scope: scope.channel(), session: true, event: None };
    let checked = check(text, expect, &setting);
    let Some(expr) = checked.expr else {
        let errors = checked.remarks.iter().filter(|it| it.severity == Severity::Error);
        let said: Vec<_> = errors.map(|it| it.message.to_string()).collect();
        return Err(format!("`{text}` cannot be evaluated: {}", said.join(", ")));
    };
    Ok(Condition {
        program: Program::compile(&expr, slots),
        text: text.to_owned(),
        uses: checked.uses,
        range: if expect == Expect::Score { range(&expr) } else { (0.0, 0.0) },
    })
}
