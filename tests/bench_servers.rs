//! Deployments to many real server processes on loopback: from the question to every server verified, and for how long
//! servers differed. Part of `cargo xtask bench`; docs/performance.md keeps the figures.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
/// Sizes of the group.
const SIZES: [usize; 3] = [2, 20, 50];
/// Deployments of each size that are measured, after the first.
const TURNS: usize = 5;

fn main() {
    println!(
        "| servers | from `deploy` to all verified, median | slowest | servers differed, median | longest |"
    );
    println!("|---|---|---|---|---|");
    for size in SIZES {
        let world = World::staging(PROGRAM, size);
        world.deploy();
        let (mut total, mut mixed) = (Vec::new(), Vec::new());
        for turn in 0..TURNS {
            world.rewrite(&format!("Words of turn {turn}"));
            world.mark();
            let words = ["deploy", "--to", "staging", "--yes", "--format", "json"];
            let answer = world.taiwa(&words).exits(0).json();
            total.push(answer["total_ms"].as_u64().expect("a time"));
            mixed.push(answer["mixed_window_ms"].as_u64().expect("a time"));
        }
        let ([total, slowest], [mixed, longest]) = (sorted(total), sorted(mixed));
        println!("| {size} | {total} ms | {slowest} ms | {mixed} ms | {longest} ms |");
    }
}

/// The median and the greatest.
fn sorted(mut all: Vec<u64>) -> [u64; 2] {
    all.sort_unstable();
    [all[all.len() / 2], all[all.len() - 1]]
}
