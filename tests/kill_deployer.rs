//! A deployer that dies at any step leaves every server on a whole release, and the next command mends it.
//!
//! Twice: the deployer as a library, cut at exactly each stage; and the program, killed at instants that a seed chooses.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread::sleep,
    time::Duration,
};

use taiwa_deployer::{Stage, Watch};
use taiwa_testkit::{Random, World, until};

use crate::order;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const RESUME: [&str; 4] = ["deploy", "--to", "staging", "--resume"];
const ABORT: [&str; 4] = ["deploy", "--to", "staging", "--abort"];

/// Where the deployer dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Stored,
    AnchorPrepared,
    OtherPrepared,
    Committing,
    Committed,
    Activated,
    Verified,
}

const CUTS: [Cut; 7] = [
    Cut::Stored,
    Cut::AnchorPrepared,
    Cut::OtherPrepared,
    Cut::Committing,
    Cut::Committed,
    Cut::Activated,
    Cut::Verified,
];

impl Cut {
    fn is(self, stage: &Stage) -> bool {
        match stage {
            Stage::Busy(_) | Stage::Waiting(_) => false,
            Stage::Stored(_) => self == Self::Stored,
            Stage::Prepared(it) if it.as_str() == "staging-1" => self == Self::AnchorPrepared,
            Stage::Prepared(_) => self == Self::OtherPrepared,
            Stage::Committing => self == Self::Committing,
            Stage::Committed => self == Self::Committed,
            Stage::Activated(_) => self == Self::Activated,
            Stage::Verified(_) => self == Self::Verified,
        }
    }

    fn is_committed(self) -> bool {
        matches!(self, Self::Committed | Self::Activated | Self::Verified)
    }

    fn holds_slot(self) -> bool {
        matches!(self, Self::AnchorPrepared | Self::OtherPrepared | Self::Committing)
    }
}

/// Dies at a stage: nothing of the deployer runs after it.
struct Dies(Cut);

impl Watch for Dies {
    fn saw(&self, stage: &Stage) {
        if self.0.is(stage) {
            resume_unwind(Box::new("killed"));
        }
    }
}

/// Every server answers from one of the two releases, and no generation has shrunk.
#[track_caller]
fn whole(world: &World, releases: &BTreeMap<String, String>, before: &mut BTreeMap<String, u64>) {
    for server in world.names("staging") {
        let Some((headline, release)) = world.headline(&server) else {
            panic!("{server} does not answer");
        };
        assert_eq!(releases.get(&headline), Some(&release), "{server}: {headline} of {release}");
    }
    let now = world.status("staging").generations();
    for (server, generation) in &now {
        let earlier = before.get(server).copied().unwrap_or_default();
        assert!(*generation >= earlier, "{server}: generation {earlier} → {generation}");
    }
    before.extend(now);
}

/// The two commits, and which headline belongs to which release. The first one is deployed.
#[track_caller]
fn begin(world: &World) -> ([String; 2], BTreeMap<String, String>) {
    let two = world.two_releases();
    let mut releases = BTreeMap::new();
    for (commit, headline) in &two {
        world.git(&["checkout", "--quiet", commit]);
        let digest = world.taiwa(&["build", "--for", "staging"]).exits(0).out;
        releases.insert(headline.clone(), digest.trim().to_owned());
    }
    assert_eq!(releases.len(), 2);
    world.git(&["checkout", "--quiet", &two[0].0]);
    world.taiwa(&DEPLOY).exits(0);
    (two.map(|it| it.0), releases)
}

#[track_caller]
fn cut_everywhere(mender: &[&str]) {
    let world = World::staging(PROGRAM, 3);
    let (commits, releases) = begin(&world);
    let mut generations = world.status("staging").generations();
    let mut next = 1;
    for cut in CUTS {
        world.git(&["checkout", "--quiet", &commits[next % 2]]);
        let (live, base) = world.settled("staging");
        let order = order::Prepared::new(&world);
        let killed = catch_unwind(AssertUnwindSafe(|| order.execute(&Dies(cut)))).is_err();
        assert!(killed, "{cut:?} was never reached");
        whole(&world, &releases, &mut generations);

        let answer = world.taiwa(mender);
        assert_eq!(answer.exit, 0, "{cut:?}: {answer}");
        whole(&world, &releases, &mut generations);
        let after = world.settled("staging");
        let forward = (Some(order.to()), base + 1);
        let expected =
            if cut.is_committed() || mender == DEPLOY || (mender == RESUME && cut.holds_slot()) {
                forward
            } else {
                (live, base)
            };
        assert_eq!(after, expected, "{cut:?} mended by {mender:?}\n{answer}");
        next += usize::from(after.1 > base);
    }
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn killed_at_each_stage_and_the_next_deployment_mends_it() {
    cut_everywhere(&DEPLOY);
}

#[test]
fn killed_at_each_stage_and_resumed() {
    cut_everywhere(&RESUME);
}

#[test]
fn killed_at_each_stage_and_aborted() {
    cut_everywhere(&ABORT);
}

/// How many times the program is killed.
const ROUNDS: u64 = 12;
/// The seed; another one tries other instants.
const SEED: u64 = 20_261_121;

#[test]
fn the_program_is_killed_at_random_instants() {
    let world = World::staging(PROGRAM, 2);
    let (commits, releases) = begin(&world);
    let mut generations = world.status("staging").generations();
    let mut random = Random::new(SEED);
    for round in 1..=ROUNDS {
        let commit = &commits[usize::try_from(round % 2).unwrap()];
        world.git(&["checkout", "--quiet", commit]);
        let mut running = world.begin(&DEPLOY);
        // The instant is what is random: anywhere, or soon after the servers are first touched.
        let soon = random.below(3) > 0;
        if soon {
            until("the servers are touched", 30, || {
                (running.said().contains("storing") || running.ended()).then_some(())
            });
        }
        sleep(Duration::from_millis(random.below(if soon { 120 } else { 700 })));
        running.kill();
        whole(&world, &releases, &mut generations);
        let mender: &[&str] = match random.below(3) {
            0 => &DEPLOY,
            1 => &RESUME,
            _ => &ABORT,
        };
        world.taiwa(mender).exits(0);
        whole(&world, &releases, &mut generations);
        world.settled("staging");
        world.taiwa(&DEPLOY).exits(0);
        let release = world.taiwa(&["build", "--for", "staging"]).exits(0).out;
        assert_eq!(world.settled("staging").0.as_deref(), Some(release.trim()), "round {round}");
    }
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}
