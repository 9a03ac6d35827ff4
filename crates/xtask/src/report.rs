//! What a chore did: one line before each step, one line at the end of all.

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use crate::tree;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Not, and why.
    Failed(String),
    /// It did not run, and why.
    Skipped(String),
}

/// The steps of one chore so far.
pub(crate) struct Report {
    chore: &'static str,
    started: Instant,
    steps: Vec<(String, Outcome)>,
}

impl Report {
    /// Begins a chore.
    pub(crate) fn new(chore: &'static str) -> Self {
        Self { chore, started: Instant::now(), steps: Vec::new() }
    }

    /// Runs one command from the root of the repository, its output shown as it comes.
    pub(crate) fn command(&mut self, name: &str, program: &str, args: &[&str]) {
        println!("\n── {name}: {program} {}", args.join(" "));
        let outcome = run(tree::root(), program, args);
        self.record(name, outcome);
    }

    /// Runs one check of our own; what it says is what is wrong.
    pub(crate) fn check(&mut self, name: &str, check: impl FnOnce() -> Vec<String>) {
        println!("\n── {name}");
        let wrong = check();
        for line in &wrong {
            println!("   {line}");
        }
        let outcome = match wrong.len() {
            0 => Outcome::Passed,
            many => Outcome::Failed(format!("{many} to mend")),
        };
        self.record(name, outcome);
    }

    /// Says that a step did not run.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        println!("\n── {name}: skipped, {why}");
        self.steps.push((name.to_owned(), Outcome::Skipped(why.to_owned())));
    }

    fn record(&mut self, name: &str, outcome: Outcome) {
        if let Outcome::Failed(why) = &outcome {
            println!("   failed: {why}");
        }
        self.steps.push((name.to_owned(), outcome));
    }

    /// The last line, and the exit code.
    pub(crate) fn finish(self) -> ExitCode {
        let seconds = self.started.elapsed().as_secs();
        println!("\n{}", summary(self.chore, &self.steps, seconds));
        let failed = self.steps.iter().any(|(_, it)| matches!(it, Outcome::Failed(_)));
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn summary(chore: &str, steps: &[(String, Outcome)], seconds: u64) -> String {
    let names = |wanted: fn(&Outcome) -> bool| {
        let found: Vec<&str> =
            steps.iter().filter(|it| wanted(&it.1)).map(|it| it.0.as_str()).collect();
        (found.len(), found.join(", "))
    };
    let (failed, failures) = names(|it| matches!(it, Outcome::Failed(_)));
    let (skipped, skips) = names(|it| matches!(it, Outcome::Skipped(_)));
    let result = if failed == 0 {
        format!("{} steps passed", steps.len() - skipped)
    } else {
        format!("{failed} of {} steps failed: {failures}", steps.len())
    };
    let rest = if skipped == 0 { String::new() } else { format!("; skipped: {skips}") };
    format!("xtask {chore}: {result}{rest} ({seconds} s)")
}

fn run(root: &Path, program: &str, args: &[&str]) -> Outcome {
    match Command::new(program).args(args).current_dir(root).status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => Outcome::Failed(status.to_string()),
        Err(error) => Outcome::Failed(format!("`{program}` could not be started: {error}")),
    }
}

/// Whether `cargo NAME` exists on this machine.
pub(crate) fn has_cargo(name: &str) -> bool {
    Command::new("cargo")
        .args([name, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outcomes: &[Outcome], expect: &str) {
        let steps: Vec<_> =
            outcomes.iter().enumerate().map(|(n, it)| (format!("s{n}"), it.clone())).collect();
        assert_eq!(summary("test", &steps, 7), expect);
    }

    #[test]
    fn the_last_line_sums_up() {
        use Outcome::{Failed, Passed, Skipped};
        check(&[Passed, Passed], "xtask test: 2 steps passed (7 s)");
        check(&[Passed, Failed("x".into())], "xtask test: 1 of 2 steps failed: s1 (7 s)");
        check(&[Passed, Skipped("x".into())], "xtask test: 1 steps passed; skipped: s1 (7 s)");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure() {
        assert!(matches!(run(Path::new("."), "no-such-program-at-all", &[]), Outcome::Failed(_)));
    }
}
