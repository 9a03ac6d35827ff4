//! `taiwa validate --watch`: it says what changed, checks again, and ends cleanly.

use taiwa_testkit::{World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const OFFER: &str = "channels/web-store/offers/gift-wrap.yaml";

#[test]
fn a_change_is_named_and_checked_and_a_signal_ends_it() {
    for (signal, exit) in [("INT", 130), ("TERM", 143)] {
        let world = World::bare(PROGRAM);
        let good = world.read(OFFER);
        let mut running = world.begin(&["validate", "--watch"]);
        let says = |text: &str, times: usize| {
            until(text, 60, || (running.said().matches(text).count() >= times).then_some(()));
        };
        says("watching; Ctrl-C ends it", 1);
        world.write(OFFER, &format!("{good}tagss: [a]\n"));
        says("watching; Ctrl-C ends it", 2);
        says(&format!("{OFFER} changed"), 1);
        says("findings: 1 error", 1);
        world.write(OFFER, &good);
        says("watching; Ctrl-C ends it", 3);
        assert!(!running.ended());
        running.signal(signal);
        let answer = running.wait().exits(exit).says("interrupted: no longer watching");
        assert!(!answer.out.contains('\u{1b}'), "a file is not cleared:\n{answer}");
        assert_eq!(answer.out.matches("no findings").count(), 2, "{answer}");
        assert!(answer.out.contains("did you mean `tags`?"), "{answer}");
    }
}

#[test]
fn watching_is_for_a_person() {
    let world = World::bare(PROGRAM);
    world.taiwa(&["validate", "--watch", "--format", "sarif"]).ends(2, "usage");
}
