//! What every workflow must keep to: the second one is copied into repositories with secrets.
//!
//! Actions are pinned by commit, nothing runs with the rights of the target branch on a stranger's code, the default
//! token may only read, and no text that a stranger can choose is pasted into a shell.

use crate::tree::File;

/// One line for each thing to mend.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let workflows = files.iter().filter(|it| it.path.starts_with(".github/workflows/"));
    workflows.flat_map(|it| of_one(&it.path, &it.text)).collect()
}

fn of_one(path: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !text.contains("\npermissions:\n  contents: read\n") {
        wrong.push(format!("{path}: the default permissions are not `contents: read`"));
    }
    let mut script: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let at = format!("{path}:{}", index + 1);
        let indent = line.len() - line.trim_start().len();
        if script.is_some_and(|it| !line.trim().is_empty() && indent <= it) {
            script = None;
        }
        let item = line.trim_start().trim_start_matches("- ");
        if let Some(action) = item.strip_prefix("uses: ")
            && !pinned(action)
        {
            wrong.push(format!("{at}: `{action}` is not pinned by the full id of a commit"));
        }
        if item.starts_with("pull_request_target") || item.starts_with("workflow_run") {
            wrong.push(format!(
                "{at}: `{item}` gives a stranger's code the rights of this repository"
            ));
        }
        if item.starts_with("run:") {
            script = Some(line.len() - item.len()); // where the key stands, behind the dash
        }
        if script.is_some() && line.contains("${{") {
            wrong.push(format!("{at}: an expression in a shell script; pass it through `env`"));
        }
    }
    wrong
}

fn pinned(action: &str) -> bool {
    let commit = action.split_once('@').map_or("", |it| it.1);
    let commit = commit.split_whitespace().next().unwrap_or_default();
    commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "on: pull_request\npermissions:\n  contents: read\n";

    #[track_caller]
    fn check(rest: &str, wrong: usize) {
        let found = of_one("w.yml", &format!("{HEAD}{rest}"));
        assert_eq!(found.len(), wrong, "{found:?}");
    }

    #[test]
    fn what_a_workflow_must_keep_to() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check(&format!("      - uses: actions/checkout@{commit} # v4\n"), 0);
        check("      - uses: actions/checkout@v4\n", 1);
        check("  pull_request_target:\n", 1);
        check("      - run: echo ${{ github.head_ref }}\n", 1);
        check("      - run: |\n          echo a\n          echo ${{ github.head_ref }}\n", 1);
        check(
            "      - run: |\n          echo a\n        env:\n          A: ${{ github.head_ref }}\n",
            0,
        );
        assert_eq!(of_one("w.yml", "on: push\n").len(), 1);
    }
}
