//! A server that dies in the middle of a deployment: the others stay on whole releases, what the deployer says is true,
//! and the next command brings the server along once it is back.
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::sync::Mutex;

use taiwa_deployer::{Deployed, ExecuteError, Stage, Watch};
use taiwa_testkit::World;

use crate::order;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];

/// When the server dies: as soon as the watch hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Stored,
    AnchorPrepared,
    OtherPrepared,
    Committing,
    Committed,
    Activated,
    Verified,
}

impl When {
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
}

/// What the deployer says in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Done,
    NothingChanged,
    OutcomeUnknown,
    PartlyActivated,
}

fn said(end: &Result<Deployed, ExecuteError>) -> Said {
    match end {
        Ok(_) => Said::Done,
        Err(ExecuteError::NothingChanged { .. }) => Said::NothingChanged,
        Err(ExecuteError::OutcomeUnknown { .. }) => Said::OutcomeUnknown,
        Err(ExecuteError::PartlyActivated { .. }) => Said::PartlyActivated,
        Err(error) => panic!("{error}"),
    }
}

/// Kills a server, once, when its time has come.
struct Kills<'a> {
    world: Mutex<&'a mut World>,
    server: &'a str,
    when: When,
}

impl Watch for Kills<'_> {
    fn saw(&self, stage: &Stage) {
        if self.when.is(stage) {
            self.world.lock().unwrap().kill(self.server);
        }
    }
}

/// For each instant: what the deployer may say, where more than one thing can be true before the commit.
type Rows = [(When, &'static [Said]); 7];

#[track_caller]
fn killed(server: &str, rows: Rows) {
    let mut world = World::staging(PROGRAM, 2);
    let [(first, old), (second, new)] = world.two_releases();
    world.taiwa(&DEPLOY).exits(0);
    let mut next = (&second, &new, &old);
    for (when, may) in rows {
        let (commit, coming, leaving) = next;
        world.git(&["checkout", "--quiet", commit]);
        let (live, base) = world.settled("staging");
        let order = order::Prepared::new(&world);
        let end = order.execute(&Kills { world: Mutex::new(&mut world), server, when });
        let said = said(&end);
        assert!(may.contains(&said), "{server} dies at {when:?}: {end:?}");

        let committed = matches!(said, Said::Done | Said::PartlyActivated);
        for name in world.names("staging").iter().filter(|it| *it != server) {
            let (headline, _) = world.headline(name).unwrap();
            if committed {
                assert_eq!(headline, *coming, "{name} after {when:?}");
            } else if said == Said::NothingChanged {
                assert_eq!(headline, *leaving, "{name} after {when:?}");
            } else {
                assert!([coming, leaving].contains(&&headline), "{name} after {when:?}");
            }
        }
        let down = world.taiwa(&["status", "staging"]).exits(3);
        assert!(down.out.contains("unreachable"), "{down}");

        world.restart(server);
        let (headline, _) = world.headline(server).unwrap();
        assert!([coming, leaving].contains(&&headline), "{server} is back with {headline}");
        // Whatever was said: the next command ends with all in step, at the next generation.
        let mended = world.taiwa(&DEPLOY);
        assert_eq!(mended.exit, 0, "{server} died at {when:?}: {mended}");
        let after = world.settled("staging");
        assert_eq!(after, (Some(order.to()), base + 1), "{when:?}, before: {live:?}\n{mended}");
        next = if *commit == second { (&first, &old, &new) } else { (&second, &new, &old) };
    }
    world.taiwa(&["history", "--verify"]).exits(0);
}

#[test]
fn the_anchor_dies() {
    killed(
        "staging-1",
        [
            (When::Stored, &[Said::NothingChanged, Said::OutcomeUnknown]),
            (When::AnchorPrepared, &[Said::OutcomeUnknown]),
            (When::OtherPrepared, &[Said::OutcomeUnknown]),
            (When::Committing, &[Said::OutcomeUnknown]),
            (When::Committed, &[Said::PartlyActivated]),
            (When::Activated, &[Said::PartlyActivated]),
            (When::Verified, &[Said::Done, Said::PartlyActivated]),
        ],
    );
}

#[test]
fn another_server_dies() {
    killed(
        "staging-2",
        [
            (When::Stored, &[Said::NothingChanged]),
            (When::AnchorPrepared, &[Said::NothingChanged]),
            (When::OtherPrepared, &[Said::PartlyActivated]),
            (When::Committing, &[Said::PartlyActivated]),
            (When::Committed, &[Said::PartlyActivated]),
            (When::Activated, &[Said::PartlyActivated]),
            (When::Verified, &[Said::Done, Said::PartlyActivated]),
        ],
    );
}

/// Sleeps through its lease just before the commit, while somebody else deploys.
struct Sleeps<'a>(Mutex<&'a mut World>);

impl Watch for Sleeps<'_> {
    fn saw(&self, stage: &Stage) {
        if *stage == Stage::Committing {
            let world = self.0.lock().unwrap();
            world.git(&["checkout", "--quiet", "other"]);
            world.taiwa(&DEPLOY).exits(0).says("another deployment of staging is under way");
        }
    }
}

#[test]
fn attack_13_a_deployer_that_slept_through_its_lease_has_no_effect() {
    let mut world = World::staging(PROGRAM, 2);
    let [_, (second, new)] = world.two_releases();
    world.git(&["branch", "other", &second]);
    let order = order::Prepared::new(&world);
    let end = order.execute(&Sleeps(Mutex::new(&mut world)));
    assert_eq!(said(&end), Said::NothingChanged, "{end:?}");
    let (release, generation) = world.settled("staging");
    assert_eq!(generation, 1, "one of the two moved it");
    assert_ne!(release, Some(order.to()));
    for server in world.names("staging") {
        assert_eq!(world.headline(&server).map(|it| it.0).as_ref(), Some(&new));
    }
}
