//! Gates on real servers: load, exposure, and what is not built.

use serde_json::{Value, json};
use taiwa_model::Digest;
use taiwa_stories::altered;
use taiwa_testkit::{World, request, until};

#[expect(clippy::disallowed_methods, reason = "a test reads what was built")]
fn built(world: &World) -> Vec<u8> {
    world.taiwa(&["build", "--for", "staging", "--out", "../private/release"]).exits(0);
    std::fs::read(world.private.join("release")).expect("a release")
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const FILE: &str = "environments/production/environment.yaml";
const LOAD: [&str; 4] = ["test", "--on", "staging", "--load"];
const EXPOSURE: [&str; 4] = ["test", "--on", "staging", "--exposure"];

/// A world whose production asks for these gates, which its runner may prove; a release runs on staging, its scenarios
/// are proven there, and it is marked for production.
fn asks_for(gates: &str) -> World {
    let world = World::whole_with(PROGRAM, 2, |world| {
        world.edit(FILE, "gates: { scenarios: all, soak: 5s }", gates);
        world.edit(FILE, "gates: [scenarios] }", "gates: [scenarios, load, exposure] }");
    });
    world.deploy();
    world.prove().exits(0);
    world.mark_for_production();
    world
}

fn status(world: &World, server: &str) -> Value {
    let node = &world.servers[server];
    request(node.address, ("GET", "/admin/v1/status"), &node.token, b"")
        .map_or(Value::Null, |it| it.json())
}

/// Until a server has answered so many questions more.
fn answers(world: &World, server: &str, more: u64) {
    let asked = || status(world, server)["counters"]["decisions"].as_u64();
    let before = asked();
    until("the load is under way", 30, || (asked() > before.map(|it| it + more)).then_some(()));
}

#[test]
fn attack_18_a_load_that_is_not_borne_keeps_a_release_out() {
    let gates =
        "gates: { scenarios: all, soak: 5s, load: { rate: 40/s, for: 6s, p99: 2s, errors: 0% } }";
    let world = asks_for(gates);
    let unmet = world.taiwa(&["why-not", "--to", "production"]).ends(1, "gate-failed");
    unmet.says("taiwa test --on staging --load");

    // One of the two servers answers nobody for half of the time, and then goes on.
    let run = world.begin(&[&LOAD[..], &["--key", &world.cast.runner.file]].concat());
    answers(&world, "staging-1", 5);
    world.servers["staging-2"].freeze();
    // Twenty a second: that is more than three of the six seconds.
    answers(&world, "staging-1", 65);
    world.servers["staging-2"].thaw();
    let failed = run.wait();
    failed.ends(1, "load-failed").says("2000000 µs may be");
    let no = world.taiwa(&PROMOTE).ends(1, "gate-failed").says("the gate load is not passed");
    assert!(no.err.contains("taiwa test --on staging --load"), "{no}");
    assert_eq!(world.settled("production"), (None, 0));

    // Interrupted: it shows nothing, and that is written down, too.
    let run = world.begin(&[&LOAD[..], &["--key", &world.cast.runner.file]].concat());
    answers(&world, "staging-1", 5);
    run.signal("INT");
    run.wait().ends(130, "interrupted");
    world.taiwa(&PROMOTE).ends(1, "gate-failed");

    // Without a key it is no evidence, however well it goes.
    let shown = world.taiwa(&[&LOAD[..], &["--format", "json"]].concat()).exits(0);
    let shown = shown.json();
    assert_eq!((&shown["result"], &shown["numbers"]["sent"]), (&json!("passed"), &json!(240)));
    assert_eq!(shown["evidence_for"], json!([]));
    world.taiwa(&PROMOTE).ends(1, "gate-failed");

    let passed =
        world.signed_by_runner(&LOAD).exits(0).says("evidence for production: load passed");
    assert!(passed.out.contains("attempt 3"), "every attempt counts: {passed}");
    for server in ["staging-1", "staging-2"] {
        let decisions = &status(&world, server)["exposure"]["decisions"];
        assert_eq!(decisions, &json!(0), "a load is no exposure");
    }
    world.approve(&[]);
    world.soak();
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(world.settled("production").1, 1);
    world.taiwa(&["history", "--verify"]).exits(0).says("load failed on staging");
}

#[test]
fn attack_18_latency_beyond_the_limit_is_a_no() {
    // A millisecond from when a request is due is less than it takes to be noticed.
    let world = asks_for(
        "gates: { scenarios: all, soak: 5s, load: { rate: 50/s, for: 2s, p99: 1ms, errors: 0% } }",
    );
    let slow = world.signed_by_runner(&[&LOAD[..], &["--format", "json"]].concat()).exits(1).json();
    assert_eq!((&slow["reason"], &slow["result"]), (&json!("load-failed"), &json!("failed")));
    assert_eq!(slow["verdicts"]["production"]["limits"]["p99_us"], json!(1_000));
    assert_eq!(slow["evidence_for"], json!(["production"]));
    world.taiwa(&PROMOTE).ends(1, "gate-failed").says("1000 µs may be");
    // Once more is no way round: the latest decides, and every attempt is shown.
    world.signed_by_runner(&LOAD).ends(1, "load-failed");
    world.taiwa(&PROMOTE).ends(1, "gate-failed").says("attempt 2");
}

#[test]
fn a_load_is_what_an_environment_asks_for() {
    let world = World::staging(PROGRAM, 1);
    world.deploy();
    world.taiwa(&LOAD).ends(1, "nothing-to-do").says("gates: { load:");
    world.taiwa(&EXPOSURE).ends(1, "nothing-to-do").says("decisions: 1000");
    world.taiwa(&[&LOAD[..], &["--exposure"]].concat()).exits(2).says("cannot be used with");
    world.taiwa(&["test", "--load"]).exits(2).says("--on <ENV>");
}

#[test]
fn a_soak_counts_who_was_answered_and_never_too_many() {
    let mut world = asks_for("gates: { scenarios: all, soak: { for: 1s, decisions: 4 } }");
    world.taiwa(&["why-not", "--to", "production"]).ends(1, "gate-failed").says("--exposure");
    // The scenarios ran in sandboxes: nobody has been answered yet.
    world.signed_by_runner(&EXPOSURE).ends(1, "soak-missing").says("no decision was answered");
    let ask = |world: &World, server: &str, times: u64| {
        for _ in 0..times {
            assert!(world.headline(server).is_some(), "{server} answers");
        }
    };
    ask(&world, "staging-1", 2);
    ask(&world, "staging-2", 1);
    world.signed_by_runner(&EXPOSURE).ends(1, "soak-missing").says("3 of 4 decisions");
    world.taiwa(&PROMOTE).ends(1, "gate-failed");
    // A restart does not forget what was answered before.
    world.node("staging-1").stop();
    world.restart("staging-1");
    world.signed_by_runner(&EXPOSURE).ends(1, "soak-missing").says("3 of 4 decisions");
    ask(&world, "staging-1", 1);
    let stranger = ["--key", &world.cast.stranger.file];
    world.taiwa(&[&EXPOSURE[..], &stranger].concat()).ends(1, "bad-signature");
    let done =
        world.signed_by_runner(&[&EXPOSURE[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!((&done["decisions"], &done["evidence_for"]), (&json!(4), &json!(["production"])));
    world.approve(&[]);
    world.soak();
    world.taiwa(&PROMOTE).exits(0);

    // Another release begins at 0, and what was proven is of the one before.
    world.rewrite("A barista at your breakfast table");
    world.deploy();
    world.signed_by_runner(&EXPOSURE).ends(1, "soak-missing").says("no decision was answered");
}

#[test]
fn attack_18_what_was_proven_before_the_release_left_and_came_back_is_not_carried_over() {
    let world = asks_for("gates: { scenarios: all, soak: { for: 1s, decisions: 1 } }");
    assert!(world.headline("staging-1").is_some());
    world.signed_by_runner(&EXPOSURE).exits(0);
    world.approve(&[]);
    let (proven_release, _) = world.settled("staging");
    // Something else runs on staging, and then the release again: a generation that nobody has seen.
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(1);
    let first = world.git(&["rev-parse", "HEAD"]);
    world.rewrite("A barista at your breakfast table");
    world.deploy();
    world.git(&["checkout", "--quiet", &first]);
    world.taiwa(&["deploy", "--to", "staging", "--yes", "--again"]).exits(0);
    assert_eq!(world.settled("staging").0, proven_release);
    world.soak();
    let no =
        world.taiwa(&PROMOTE).ends(1, "gate-failed").says("generation 1 of staging; live is 3");
    assert!(no.err.contains("taiwa test --on staging --exposure"), "{no}");
    // Proven again, approved again.
    world.prove().exits(0);
    assert!(world.headline("staging-1").is_some());
    world.signed_by_runner(&EXPOSURE).exits(0);
    world.taiwa(&PROMOTE).ends(1, "approval-missing");
    world.approve(&[]);
    world.soak();
    world.taiwa(&PROMOTE).exits(0);
}

#[test]
fn the_impact_gate_is_refused_by_name() {
    let world = World::bare(PROGRAM);
    let gates = "gates: { scenarios: all, impact: { changed_decisions: 30% }, soak: 5s }";
    world.edit(FILE, "gates: { scenarios: all, soak: 5s }", gates);
    world
        .taiwa(&["validate", "--stage", "promote"])
        .exits(1)
        .says("the gate `impact` is not supported");
}

/// What stands against a promotion: reason words and commands.
fn unmet(world: &World) -> Vec<(String, String)> {
    let shown = world.taiwa(&["why-not", "--to", "production", "--format", "json"]).json();
    let all = shown["unmet"].as_array().unwrap_or_else(|| panic!("{shown}")).clone();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    all.iter().map(|it| (text(&it["reason"]), text(&it["command"]))).collect()
}

/// A release is named by `--to`, roles by `--as`; what a person adds is their key, and yes.
fn carry_out(world: &mut World, command: &str) {
    if let Some(server) = command.strip_prefix("taiwa runtime --name ") {
        return world.restart(server.trim_end_matches(" …"));
    }
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let (cast, key) = (&world.cast, |it: &str| vec!["--key".to_owned(), it.to_owned()]);
    let more = if command.contains("approve") {
        let manager = command.ends_with("--as manager");
        let signer = if manager { &cast.manager } else { &cast.touchpoint_manager };
        [key(&signer.file), vec!["--yes".to_owned()]].concat()
    } else {
        key(&cast.runner.file)
    };
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    world.taiwa(&[&words[..], &more].concat()).exits(0);
}

#[test]
fn carrying_out_what_why_not_says_shrinks_what_it_says() {
    let gates = "gates: { scenarios: all, soak: { for: 1s, decisions: 1 }, load: { rate: 20/s, for: 1s, p99: 9s, errors: 0% } }";
    let mut world = World::whole_with(PROGRAM, 2, |world| {
        world.edit(FILE, "gates: { scenarios: all, soak: 5s }", gates);
        world.edit(FILE, "gates: [scenarios] }", "gates: [scenarios, load, exposure] }");
    });
    world.deploy();
    world.mark_for_production();
    assert!(world.headline("staging-1").is_some());
    // A server that is away is a condition like the others, also the one whose word counts, and hides none of them.
    world.kill("production-1");
    let mut left = unmet(&world);
    assert_eq!(
        (left[0].0.as_str(), left[0].1.as_str()),
        ("unreachable", "taiwa runtime --name production-1 …")
    );
    world
        .taiwa(&["why-not", "--to", "production"])
        .ends(3, "unreachable")
        .says("whoever runs production-1");
    // Without its gates there is no plan, and all the same everything is said at once.
    assert_eq!(left.iter().filter(|it| it.0 == "gate-failed").count(), 3, "{left:?}");
    assert_eq!(left.iter().filter(|it| it.0 == "approval-missing").count(), 2, "{left:?}");
    while let Some((_, command)) = left.iter().find(|it| !it.1.is_empty()).cloned() {
        carry_out(&mut world, &command);
        let next = unmet(&world);
        assert!(next.len() < left.len(), "after {command}: {left:?} became {next:?}");
        left = next;
    }
    assert!(left.iter().all(|it| it.0 == "soak-missing"), "only time is left: {left:?}");
    world.soak();
    assert_eq!(unmet(&world), []);
    world.taiwa(&PROMOTE).exits(0);
}

#[test]
fn attack_25_what_would_kill_a_server_is_not_stored_and_the_last_good_release_answers() {
    let world = World::staging(PROGRAM, 1);
    world.deploy();
    let good = built(&world);
    let node = &world.servers["staging-1"];
    let put = |bytes: &[u8]| {
        let path = format!("/admin/v1/releases/{}", Digest::of(bytes));
        request(node.address, ("PUT", &path), &node.token, bytes).expect("an answer").status
    };
    // Nothing but the change keeps a release out.
    assert_eq!(put(&altered(&good, |_| ())), 200, "the same release again");
    let retitled =
        altered(&good, |it| it["channel/web-store"]["content"]["title"] = json!({ "en": "x" }));
    assert_eq!(put(&retitled), 200, "another title");
    let offer = "offer/espresso-starter";
    let many = ["true"; 300].join(" && ");
    let deep = format!("{}true{}", "(".repeat(5_000), ")".repeat(5_000));
    let long = format!("profile.tier == \"{}\"", "x".repeat(5_000));
    for (what, bytes) in [
        ("a null", altered(&good, |it| it[offer]["content"]["eligible"] = Value::Null)),
        ("a component that is null", altered(&good, |it| it["channel/web-store"] = Value::Null)),
        ("300 nodes", altered(&good, |it| it[offer]["content"]["eligible"] = json!(many))),
        ("5,000 levels", altered(&good, |it| it[offer]["content"]["eligible"] = json!(deep))),
        ("5 KB", altered(&good, |it| it[offer]["content"]["eligible"] = json!(long))),
        ("no condition", altered(&good, |it| it[offer]["content"]["eligible"] = json!("((("))),
        (
            "no point",
            altered(&good, |it| {
                it["channel/web-store"]["content"]["interaction_points"] = json!(7);
            }),
        ),
        ("nested lists", [&good[..16], "[".repeat(100_000).as_bytes()].concat()),
        ("nothing", good[..16].to_vec()),
    ] {
        let status = put(&bytes);
        assert!((400..500).contains(&status), "{what}: {status}");
        assert!(node.ready(), "{what}");
        assert!(world.headline("staging-1").is_some(), "{what}: it answers as before");
    }
    assert_eq!(status(&world, "staging-1")["counters"]["bugs"], json!(0));
}
