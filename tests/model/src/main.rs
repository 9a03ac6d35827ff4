//! Searches the model: `all` for what the protocol page reports, `mutants` for each rule switched off once, or words
//! such as `servers=3 honest=2 with=rotation` for one set of bounds.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for the people of this repository: it prints and measures"
)]

use std::{process::ExitCode, time::Instant};

use taiwa_protocol_model::{
    Bounds,
    runs::{MUTANTS, Outcome, WHOLE, search, walk},
};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let well = match words.as_slice() {
        ["all"] => WHOLE.iter().filter(|it| !one(it.0, it.1)).count() == 0,
        ["mutants"] => MUTANTS.iter().filter(|it| !mutant(it)).count() == 0,
        words => one(&words.join(" "), 600),
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn bounds(words: &str) -> Option<Bounds> {
    match Bounds::read(&words.split_whitespace().collect::<Vec<_>>()) {
        Ok(bounds) => Some(bounds),
        Err(wrong) => {
            println!("{wrong}");
            None
        }
    }
}

fn one(words: &str, seconds: u64) -> bool {
    let Some(bounds) = bounds(words) else { return false };
    let begun = Instant::now();
    let outcome = if seconds == 0 { walk(&bounds, 60) } else { search(&bounds, seconds) };
    let how = if seconds == 0 { "random walks" } else { ended(&outcome) };
    let Outcome { states, made, depth, .. } = outcome;
    let took = begun.elapsed().as_secs();
    println!("{words}: {how}, {states} distinct of {made} states, depth {depth}, {took} s");
    for name in &outcome.reached {
        println!("    reached {name}");
    }
    for (name, path) in &outcome.violated {
        println!("    VIOLATED {name}");
        for action in path {
            println!("        {action:?}");
        }
    }
    outcome.violated.is_empty() && (seconds == 0 || !outcome.cut)
}

fn ended(outcome: &Outcome) -> &'static str {
    if outcome.cut { "NOT searched to the end" } else { "searched to the end" }
}

fn mutant((rule, words, invariant): &(&str, &str, &str)) -> bool {
    let Some(bounds) = bounds(&format!("{words} off={rule}")) else { return false };
    let outcome = search(&bounds, 120);
    let names: Vec<&str> = outcome.violated.iter().map(|it| it.0).collect();
    let shown = outcome.violates(invariant);
    let said = if shown { "VIOLATED" } else { "NOT VIOLATED" };
    println!("without {rule}: {said} {invariant} {names:?}");
    shown
}
