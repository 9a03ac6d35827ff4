//! Faults of disks and of servers that lie about what they do: attacks by their numbers, on real servers.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "a test reads what was built")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::net::SocketAddr;

use serde_json::json;
use taiwa_deployer::{Deployed, ExecuteError, Stage, Watch};
use taiwa_model::Digest;
use taiwa_plan::{Bundle, Move};
use taiwa_stories::altered;
use taiwa_testkit::{Fake, Manner, Node, World, until};

use site::Site;

use crate::{order, site};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
/// A shell in which a file that grows too large is an error, and no signal.
const LIMITS: &str = "trap '' XFSZ";
const STAGING: &str = "environments/staging/environment.yaml";

/// What happens to a server, and to which, as soon as a stage is reached.
struct When<'a> {
    server: &'a Node,
    stage: fn(&Stage) -> bool,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    DiskFull,
    Silence,
}

impl Watch for When<'_> {
    fn saw(&self, stage: &Stage) {
        if (self.stage)(stage) {
            match self.fault {
                Fault::DiskFull => self.server.limit_files(Some(0)),
                Fault::Silence => self.server.freeze(),
            }
        }
    }
}

/// Carries out what is marked, while a fault happens; what is said, once the fault is over again.
fn faulty(
    world: &World,
    server: &str,
    fault: Fault,
    stage: fn(&Stage) -> bool,
) -> (order::Prepared, Result<Deployed, ExecuteError>) {
    let order = order::Prepared::new(world);
    let end = order.execute(&When { server: &world.servers[server], stage, fault });
    if fault == Fault::Silence {
        world.servers[server].thaw();
    }
    (order, end)
}

#[track_caller]
fn all_say(world: &World, headline: &str) {
    for server in world.names("staging") {
        assert_eq!(world.headline(&server).map(|it| it.0).as_deref(), Some(headline), "{server}");
    }
}

#[test]
fn attack_12_half_of_a_group_is_never_a_success() {
    let mut world = World::staging(PROGRAM, 2);
    let staging = Site::of(&world, "staging");
    // Nobody waits for long here.
    world.edit(STAGING, "lease: 4s\ndeadline: 4s", "lease: 2s\ndeadline: 2s");
    world.taiwa(&["policy", "propose", "staging"]).exits(0);
    world.commit("Shorter");
    for server in ["staging-1", "staging-2"] {
        world.restart_after(server, LIMITS);
    }
    world.deploy();
    let (before, old) = (world.settled("staging"), world.headline("staging-1").unwrap().0);
    world.rewrite("Half of it");
    world.mark();

    // Full before the bytes are stored: nothing is sent on, nothing changes.
    world.servers["staging-2"].limit_files(Some(1_000));
    let no = world.taiwa(&[&DEPLOY[..], &["--format", "json"]].concat()).exits(3).json();
    assert_eq!(no["reason"], "disk-full", "{no:#}");
    assert!(no["message"].to_string().contains("nothing was changed on any server"), "{no:#}");
    world.servers["staging-2"].limit_files(None);
    assert_eq!(world.settled("staging"), before);
    all_say(&world, &old);

    // Full where the command runs: what cannot be told of is not done.
    let no = world.taiwa_after(&format!("{LIMITS}; ulimit -f 1"), &DEPLOY).ends(3, "ledger");
    no.says("nothing was changed on any server of staging").says("then the same command again");
    assert_eq!(world.settled("staging"), before);

    // Full when it is to promise.
    let first = |it: &Stage| *it == Stage::Prepared("staging-1".into());
    let (_, end) = faulty(&world, "staging-2", Fault::DiskFull, first);
    assert!(matches!(end, Err(ExecuteError::NothingChanged { .. })), "{end:?}");
    all_say(&world, &old);
    assert_eq!(world.settled("staging"), before, "also while its disk is full");
    world.servers["staging-2"].limit_files(None);

    // Full at the anchor when it is to commit: it has not, and nobody says that it has.
    let (_, end) = faulty(&world, "staging-1", Fault::DiskFull, |it| *it == Stage::Committing);
    let honest = matches!(
        end,
        Err(ExecuteError::NothingChanged { .. } | ExecuteError::OutcomeUnknown { .. })
    );
    assert!(honest, "{end:?}");
    all_say(&world, &old);
    world.servers["staging-1"].limit_files(None);
    until("its lease is over", 15, || staging.status(0)["slot"].is_null().then_some(()));
    assert_eq!(world.settled("staging"), before);

    // Full at another server once the anchor has committed: half of the group moved, and everybody says so.
    let (order, end) = faulty(&world, "staging-2", Fault::DiskFull, |it| *it == Stage::Committed);
    let Err(ExecuteError::PartlyActivated { behind, .. }) = end else { panic!("{end:?}") };
    assert_eq!(behind, ["staging-2".into()]);
    let told = world.taiwa(&["status", "staging", "--format", "json"]).exits(1).json();
    let servers = &told["environments"][0]["servers"];
    assert_eq!(servers[0]["signed"]["release"], json!(order.to()));
    assert_eq!(servers[1]["signed"]["release"], json!(before.0));
    assert_eq!(world.headline("staging-2").unwrap().0, old, "it goes on answering");
    // There is room again: it follows by itself, with the process that was there all the while.
    world.servers["staging-2"].limit_files(None);
    until("it has caught up", 15, || world.status("staging").in_step.then_some(()));
    all_say(&world, "Half of it");
    assert_eq!(world.settled("staging"), (Some(order.to()), before.1 + 1));

    // Silent when it is to switch, and full, and restarted with room.
    world.rewrite("Another half");
    world.mark();
    let (order, end) = faulty(&world, "staging-2", Fault::Silence, |it| *it == Stage::Committed);
    let Err(ExecuteError::PartlyActivated { behind, .. }) = end else { panic!("{end:?}") };
    assert_eq!(behind, ["staging-2".into()]);
    world.taiwa(&["deploy", "--to", "staging", "--resume"]).exits(0);
    assert_eq!(world.settled("staging"), (Some(order.to()), before.1 + 2));
    world.servers["staging-1"].limit_files(Some(0));
    world.restart("staging-1");
    assert_eq!(world.settled("staging"), (Some(order.to()), before.1 + 2));
    world.taiwa(&["history", "--verify"]).exits(0);
}

/// A release with so many offers in one place, for everybody, each with as long a condition as there may be, of which the
/// last part decides.
fn costly(bytes: &[u8], offers: usize) -> Vec<u8> {
    let never = ["profile.points > 999999"; 49].join(" || ");
    altered(bytes, |components| {
        let mut offer = components["offer/espresso-starter"].clone();
        offer["content"]["eligible"] = json!(never);
        offer["content"].as_object_mut().unwrap().remove("cap");
        let rules = components["strategy/web-store"]["content"]["rules"].as_array_mut().unwrap();
        for number in 0..offers {
            rules.push(json!({
                "offer": format!("costly-{number}"), "score": { "fixed": 100 },
                "segment": "everyone", "zone": "home-hero",
            }));
        }
        let all = components.as_object_mut().unwrap();
        all.extend((0..offers).map(|it| (format!("offer/costly-{it}"), offer.clone())));
    })
}

#[test]
fn attack_25_what_is_too_large_is_refused_and_what_is_costly_but_legal_is_served() {
    let world = World::staging(PROGRAM, 1);
    world.deploy();
    world.taiwa(&["build", "--for", "staging", "--out", "../private/release"]).exits(0);
    let bytes = std::fs::read(world.private.join("release")).unwrap();
    let staging = Site::of(&world, "staging");
    let answers = || world.headline("staging-1").unwrap().0;
    let before = answers();
    let large = vec![b' '; (64 << 20) + 1];
    let path = format!("/admin/v1/releases/{}", Digest::of(&large));
    let no = staging.ask(0, ("PUT", &path), &large);
    assert_eq!((no.status, &no.json()["code"]), (413, &json!("too-large")));
    assert_eq!(answers(), before);

    let bytes = costly(&bytes, 500);
    staging.store(&bytes);
    assert_eq!(answers(), before, "stored, and nothing moved");
    let bundle = Bundle::new(&staging.plan(Digest::of(&bytes)), Vec::new()).unwrap();
    let (_, no) = staging.carry_out((&bundle, Move::FIRST));
    assert!(no.is_none(), "{}", no.unwrap().json());
    let (headline, release) = world.headline("staging-1").unwrap();
    assert_eq!((headline, &release), (before, &Digest::of(&bytes).to_string()));
    let all = staging.status(0);
    assert_eq!(all["active"]["release"], json!(release));
    assert_eq!(all["counters"]["bugs"], 0);
    assert_eq!(all["sides"][0]["slow"], 0, "no decision took too long: {}", all["sides"]);
}

#[test]
fn attack_26_what_a_server_says_is_not_what_it_decides() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let probe = ["status", "staging", "--probe"];
    let honest = world.taiwa(&probe).exits(0);
    let staging = Site::of(&world, "staging");
    for (place, server) in ["staging-1", "staging-2"].iter().enumerate() {
        let line = honest.out.lines().find(|it| it.contains(*server) && it.contains("decided as"));
        assert!(line.is_some(), "{honest}");
        assert_eq!(staging.status(place)["exposure"]["decisions"], 0, "nobody was answered");
    }
    let json = world.taiwa(&[&probe[..], &["--format", "json"]].concat()).exits(0).json();
    let asked = &json["environments"][0]["probed"]["staging-1"]["asked"];
    assert!(asked.as_u64().is_some_and(|it| it > 20), "{asked}");

    // Whoever runs it changed what it answers; what it signs is as before.
    let node = &world.servers["staging-2"];
    let (headline, other) = ("your first order", "your worst order");
    let manner = Manner::Rewrites {
        behind: node.address,
        before: headline.to_owned(),
        after: other.to_owned(),
    };
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    world.edit(STAGING, &node.url(), &format!("http://{}", fake.address()));
    world.commit("Another way to a server");
    world.taiwa(&["status", "staging"]).exits(0).says("in step");
    let found = world.taiwa(&probe).ends(1, "decides-otherwise").says(other);
    assert!(found.out.contains("staging-2: DECIDES OTHERWISE"), "{found}");
    assert!(!found.out.contains("staging-1: DECIDES OTHERWISE"), "{found}");
    let json = world.taiwa(&[&probe[..], &["--format", "json"]].concat()).exits(1).json();
    let differ = &json["environments"][0]["probed"]["staging-2"]["differ"][0];
    assert!(differ["expected"].to_string().contains(headline), "{differ:#}");
    assert!(differ["answered"].to_string().contains(other), "{differ:#}");
}
