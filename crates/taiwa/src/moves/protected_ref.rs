//! Where a command runs: what CI says of the event and of the branch that it works for.
//!
//! Whoever owns the machine can say anything here; what keeps servers safe are signatures. This keeps an honest pipeline
//! from moving servers for a pull request, or from a branch that everybody may push to.

use crate::{Cx, Failure};

/// Events of GitHub that people outside can cause, or whose content they write.
const FOREIGN_EVENTS: [&str; 6] = [
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "issue_comment",
    "issues",
];
/// Sources of GitLab's pipelines of that sort.
const FOREIGN_SOURCES: [&str; 2] = ["merge_request_event", "external_pull_request_event"];

/// Refuses to move servers for what is not protected, where CI says so.
pub(crate) fn from_protected_ref(cx: &Cx<'_>) -> Result<(), Failure> {
    let no = |what: &str| {
        let text = format!("this pipeline {what}; nothing was sent to any server");
        Err(Failure::no("unprotected-ref", text)
            .help("deploy from a protected branch, after the merge")
            .help("to see what would change: taiwa plan, or --dry-run"))
    };
    let foreign = |name, list: &[&str]| cx.var(name).is_some_and(|it| list.contains(&it));
    if foreign("GITHUB_EVENT_NAME", &FOREIGN_EVENTS)
        || foreign("CI_PIPELINE_SOURCE", &FOREIGN_SOURCES)
    {
        return no("works for a pull request or a comment, which people outside can make");
    }
    for name in ["GITHUB_REF_PROTECTED", "CI_COMMIT_REF_PROTECTED"] {
        if cx.var(name) == Some("false") {
            return no(&format!("works for a branch that is not protected ({name} is false)"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expect: bool) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut cx = Cx::captured(std::path::PathBuf::new(), &mut out, &mut err);
        cx.env.extend(variables.iter().map(|it| (it.0.to_owned(), it.1.to_owned())));
        assert_eq!(from_protected_ref(&cx).is_ok(), expect, "{variables:?}");
    }

    #[test]
    fn what_ci_says_decides() {
        check(&[], true);
        check(&[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF_PROTECTED", "true")], true);
        check(&[("GITHUB_EVENT_NAME", "workflow_dispatch")], true);
        check(&[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF_PROTECTED", "false")], false);
        check(&[("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_REF_PROTECTED", "true")], true);
        check(&[("CI_COMMIT_REF_PROTECTED", "false")], false);
        for event in FOREIGN_EVENTS {
            check(&[("GITHUB_EVENT_NAME", event), ("GITHUB_REF_PROTECTED", "true")], false);
        }
        for source in FOREIGN_SOURCES {
            check(&[("CI_PIPELINE_SOURCE", source)], false);
        }
    }
}
