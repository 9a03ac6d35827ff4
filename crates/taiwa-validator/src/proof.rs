//! The proof that a project obeys the rules; without it there is no release.

use taiwa_config::Project;
use taiwa_model::Components;
use taiwa_release::{Release, SealError};
use taiwa_text::Finding;

use crate::{Options, Report, check};

/// Components that obey the rules at a time and for a stage. Only [`validate`] makes it, and nothing changes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    components: Components,
    report: Report,
}

impl Checked {
    /// What was checked.
    pub const fn components(&self) -> &Components {
        &self.components
    }

    /// What was said about it: warnings and information, no error.
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

/// Checks a project and gives the proof, or the report that says what stands against it.
///
/// # Errors
/// The report, where it holds an error.
#[expect(clippy::result_large_err, reason = "made once a check, and never in a loop")]
pub fn validate(
    project: Project,
    parsing: Vec<Finding>,
    options: &Options,
) -> Result<Checked, Report> {
    let report = check(&project, parsing, options);
    if report.is_passed() {
        Ok(Checked { components: project.components, report })
    } else {
        Err(report)
    }
}

/// Makes the release of what was checked.
///
/// # Errors
/// Where the components are more or larger than a release may be.
pub fn build(checked: &Checked) -> Result<Release, SealError> {
    Release::seal(checked.components.clone())
}
