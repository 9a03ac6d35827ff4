//! `taiwa validate --fix`: files are mended whole, shown before, and left alone where that is not safe.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    reason = "test edge: a file that may not be written, a full disk"
)]

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const OFFER: &str = "channels/web-store/offers/gift-wrap.yaml";
const ADULTS: &str = "channels/shared/segments/adults.yaml";

/// A world with a safe mistake in one file and one to guess at in another.
fn faulty() -> (World, String, String) {
    let world = World::bare(PROGRAM);
    let (offer, adults) = (world.read(OFFER), world.read(ADULTS));
    world.write(
        OFFER,
        &offer.replacen("value: 250", "value: \"250\" # yen", 1).replace('\n', "\r\n"),
    );
    world.write(ADULTS, &adults.replacen("when:", "wehn:", 1));
    (world, offer, adults)
}

#[test]
fn a_difference_is_shown_then_made_and_then_there_is_none() {
    let (world, offer, adults) = faulty();
    let before = world.read(OFFER);
    let shown = world.taiwa(&["validate", "--diff"]).ends(1, "fixable");
    for line in [
        "--- a/channels/web-store/offers/gift-wrap.yaml",
        "-value: \"250\" # yen",
        "+value: 250 # yen",
    ] {
        assert!(shown.out.contains(line), "{shown}");
    }
    assert_eq!(world.read(OFFER), before);
    world.taiwa(&["validate", "--fix", "channels/shared"]).ends(1, "findings");
    assert_eq!(world.read(OFFER), before, "only the files that were named");
    let fixed = world.taiwa(&["validate", "--fix"]).ends(1, "findings");
    assert!(fixed.out.contains("1 fixed; look at the changes: git diff"), "{fixed}");
    assert!(fixed.out.contains("1 can be fixed, with a look at the result"), "{fixed}");
    let expect = offer.replacen("value: 250", "value: 250 # yen", 1).replace('\n', "\r\n");
    assert_eq!(world.read(OFFER), expect, "comments and line ends stay");
    let json =
        world.taiwa(&["validate", "--fix", "--unsafe-fixes", "--format", "json"]).exits(0).json();
    assert_eq!(json["fixed"][0]["code"], "TW0003", "{json}");
    assert_eq!(json["fixed"][0]["safety"], "unsafe");
    assert_eq!(json["summary"]["error"], 0);
    assert_eq!(world.read(ADULTS), adults);
    world.taiwa(&["validate", "--diff", "--unsafe-fixes"]).exits(0).says("nothing to fix");
    world.taiwa(&["validate", "--unsafe-fixes"]).ends(2, "usage");
}

#[test]
fn a_file_that_may_not_be_written_stops_all() {
    let (world, _, _) = faulty();
    let path = world.workspace.join(ADULTS);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let before = [world.read(OFFER), world.read(ADULTS)];
    world.taiwa(&["validate", "--fix", "--unsafe-fixes"]).ends(1, "read-only");
    assert_eq!([world.read(OFFER), world.read(ADULTS)], before);
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let (world, _, _) = faulty();
    let before = world.read(OFFER);
    // no file may grow beyond nothing: writing the temporary one fails
    let script = format!("trap '' XFSZ; ulimit -f 0; exec '{PROGRAM}' validate --fix");
    let ended =
        Command::new("sh").args(["-c", &script]).current_dir(&world.workspace).output().unwrap();
    assert_eq!(world.read(OFFER), before);
    assert_ne!(ended.status.code(), Some(0), "{ended:?}");
    let folder = world.workspace.join("channels/web-store/offers");
    let left = fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let odd: Vec<_> =
        left.filter(|it| it.path().extension().is_none_or(|it| it != "yaml")).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
