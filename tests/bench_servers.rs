//! Deployments to many real server processes on loopback: from the question to every server verified, and for how long
//! servers differed. Part of `cargo xtask bench`; docs/performance.md keeps the figures.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]
#![expect(clippy::disallowed_methods, reason = "it reads a clock: that is what it measures")]

use std::time::Instant;

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
/// Sizes of the group.
const SIZES: [usize; 3] = [2, 20, 50];
/// Deployments of each size that are measured, after the first.
const TURNS: usize = 5;
/// Sizes of the group of a production that goes back.
const BACK_SIZES: [usize; 2] = [2, 20];

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
    println!();
    println!(
        "| servers of production | back by one signature, verified | the whole command | servers differed |"
    );
    println!("|---|---|---|---|");
    for size in BACK_SIZES {
        back(size);
    }
}

/// Two promotions, and the way back by the parachute of the second.
fn back(size: usize) {
    let world = World::whole(PROGRAM, size);
    for headline in ["The first words", "The second words"] {
        world.rewrite(headline);
        world.mark();
        world.ready_to_promote(&[]);
        world.taiwa(&["promote", "--to", "production", "--yes"]).exits(0);
    }
    let key = &world.cast.manager.file;
    let back = ["rollback", "--on", "production", "--as", "manager", "--key", key, "--yes"];
    let begun = Instant::now();
    let answer = world.taiwa(&[&back[..], &["--format", "json"]].concat()).exits(0).json();
    let whole = begun.elapsed().as_millis();
    let [total, mixed] =
        ["total_ms", "mixed_window_ms"].map(|it| answer[it].as_u64().expect("a time"));
    println!("| {size} | {total} ms | {whole} ms | {mixed} ms |");
}

/// The median and the greatest.
fn sorted(mut all: Vec<u64>) -> [u64; 2] {
    all.sort_unstable();
    [all[all.len() / 2], all[all.len() - 1]]
}
