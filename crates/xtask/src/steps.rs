//! The chores, as lists of steps.

use crate::{
    built, generate, programs, readers,
    report::{Report, has_cargo},
    tidy,
};

/// What everybody runs before a commit, and what `.ci/run` runs.
pub(crate) fn test(mut report: Report) -> Report {
    report.check("programs", programs::check);
    report.command("format", "cargo", &["fmt", "--all", "--check"]);
    report.check("tidy", tidy::check);
    report.command(
        "lints",
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
    );
    let threads = format!("--test-threads={}", side_by_side());
    if has_cargo("nextest") {
        report.command(
            "tests",
            "cargo",
            &["nextest", "run", "--workspace", "--locked", "--no-fail-fast", &threads],
        );
        report.command(
            "documentation tests",
            "cargo",
            &["test", "--workspace", "--locked", "--doc", "--quiet"],
        );
    } else {
        report.command(
            "tests",
            "cargo",
            &["test", "--workspace", "--locked", "--no-fail-fast", "--quiet", "--", &threads],
        );
    }
    report = generate::check(report);
    match built::program("taiwa") {
        Ok(taiwa) => report.command("demo", &taiwa, &["demo"]),
        Err(why) => report.check("demo", || vec![why]),
    }
    readers::check(report)
}

/// How many tests run at a time: one more than there are processors, because those with servers wait a good deal.
fn side_by_side() -> usize {
    std::thread::available_parallelism().map_or(2, |it| it.get() + 1)
}

/// The same, and what only the build machines need to know.
pub(crate) fn ci(report: Report) -> Report {
    let mut report = test(report);
    report.command(
        "documentation",
        "cargo",
        &["doc", "--workspace", "--no-deps", "--locked", "--quiet"],
    );
    if has_cargo("deny") {
        report.command(
            "dependencies",
            "cargo",
            &["deny", "--locked", "--config", ".deny.toml", "check", "bans", "licenses", "sources"],
        );
    } else {
        report.skip(
            "dependencies",
            "there is no cargo-deny here (cargo install --locked cargo-deny)",
        );
    }
    report
}

/// Formats, then checks what no lint can.
pub(crate) fn tidy(mut report: Report) -> Report {
    report.command("format", "cargo", &["fmt", "--all"]);
    tidy_check(report)
}

/// Checks what no lint can.
pub(crate) fn tidy_check(mut report: Report) -> Report {
    report.check("tidy", tidy::check);
    report
}

/// Prints the tables of `docs/performance.md`: what happens in process, and what happens over HTTP.
pub(crate) fn bench(mut report: Report) -> Report {
    for (name, bench) in [
        ("in process", "process"),
        ("validation", "validation"),
        ("over HTTP", "http"),
        ("many servers", "servers"),
    ] {
        let run = ["bench", "--quiet", "--locked", "--package", "taiwa-stories", "--bench", bench];
        report.command(name, "cargo", &run);
    }
    report
}

/// Searches the model of the promotion protocol: whole, and with each rule switched off once.
pub(crate) fn model(mut report: Report) -> Report {
    let package = "taiwa-protocol-model";
    for (name, word) in [("the rules", "all"), ("without each rule", "mutants")] {
        let run = ["run", "--quiet", "--release", "--locked", "--package", package, "--", word];
        report.command(name, "cargo", &run);
    }
    report
}

/// The full runs of the simulation and of the red team, in the release profile.
pub(crate) fn simulate(mut report: Report) -> Report {
    for (name, package, tests, filter) in [
        ("histories", "taiwa-plan", "protocol", "ten_thousand_histories"),
        ("attempts", "taiwa-plan", "protocol", "ten_thousand_attempts"),
        ("attempts on servers", "taiwa-stories", "worlds", "ten_thousand_attempts"),
    ] {
        let of = ["test", "--release", "--locked", "--package", package, "--test", tests];
        let run = [&of[..], &["--", "--ignored", filter]].concat();
        report.command(name, "cargo", &run);
    }
    report
}
