//! The chores of this repository, as code: `cargo xtask test`, `ci`, `tidy`, `generate`, `readers`, `bench`, `model`.
//!
//! Every chore says what it does before it does it and ends with one line that sums up. Deliberately absent:
//! anything that a user of taiwa needs, and every dependency on the crates it tests, so that a chore still runs
//! when one of them does not compile.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for the people of this repository: it prints, reads the tree and measures"
)]

mod attacks;
mod built;
mod generate;
mod programs;
mod readers;
mod report;
mod steps;
mod tidy;
mod tree;
mod words;
mod workflows;

use std::process::ExitCode;

use report::Report;

const HELP: &str = "\
The chores of this repository.

  cargo xtask test              format, lints, tests, tidiness, generated pages, and the demo: what `.ci/run` runs
  cargo xtask ci                the same, and documentation and dependency checks
  cargo xtask tidy              formats the code, then checks what no lint can
  cargo xtask tidy --check      only the checks
  cargo xtask readers           reads what taiwa writes with programs that are not ours, and tries an editor
  cargo xtask bench             measures, in the release profile; docs/performance.md keeps the figures
  cargo xtask model             searches the promotion protocol to the end within the bounds that its page reports, and
                                switches each rule off once (minutes, several GB)
  cargo xtask simulate          ten thousand histories of the protocol's simulation, ten thousand attempts of the red team,
                                and as many on real servers
  cargo xtask generate          writes the generated pages of docs/
  cargo xtask generate --check  says which of them are out of date
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let report = match words.as_slice() {
        ["test"] => steps::test(Report::new("test")),
        ["ci"] => steps::ci(Report::new("ci")),
        ["tidy"] => steps::tidy(Report::new("tidy")),
        ["tidy", "--check"] => steps::tidy_check(Report::new("tidy --check")),
        ["readers"] => readers::check(Report::new("readers")),
        ["model"] => steps::model(Report::new("model")),
        ["simulate"] => steps::simulate(Report::new("simulate")),
        ["bench"] => steps::bench(Report::new("bench")),
        ["generate"] => generate::write(Report::new("generate")),
        ["generate", "--check"] => generate::check(Report::new("generate --check")),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    report.finish()
}

#[cfg(test)]
mod layers;
