//! Attacks that end at the command line, by their numbers in the list of what can go wrong.
#![expect(clippy::disallowed_methods, reason = "the tests read everything that was written")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::fs;

use serde_json::json;
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{Approve, Bundle, Envelope, Plan, SecretKey};
use taiwa_testkit::{Answer, World, request, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const OFFER: &str = "channels/shared/offers/espresso-starter.yaml";

fn approve(world: &World) {
    let cast = &world.cast;
    let signers = [("manager", &cast.manager), ("touchpoint-manager", &cast.touchpoint_manager)];
    for (role, key) in signers {
        let words = ["approve", "--to", "production", "--as", role, "--key", &key.file, "--yes"];
        world.taiwa(&words).exits(0);
    }
}

/// What runs on staging is proven and marked for production.
fn prove_and_mark(world: &World) {
    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
}

/// The releases that a server has stored.
fn stored(world: &World, server: &str) -> String {
    let node = &world.servers[server];
    let status = request(node.address, ("GET", "/admin/v1/status"), &node.token, b"").unwrap();
    status.json()["stored"].to_string()
}

#[test]
fn attack_01_a_stale_plan_sends_nothing() {
    let world = World::staging(PROGRAM, 2);
    let [_, (second, _)] = world.two_releases();
    world.taiwa(&["plan", "--to", "staging", "--out", "../private/first.plan"]).exits(0);
    world.git(&["checkout", "--quiet", &second]);
    world.taiwa(&DEPLOY).exits(0);
    world.git(&["checkout", "--quiet", "-"]);
    let (before, had) = (world.settled("staging"), stored(&world, "staging-1"));
    let apply = ["deploy", "--to", "staging", "--plan", "../private/first.plan", "--yes"];
    world.taiwa(&apply).ends(1, "stale-plan").says("taiwa plan --to staging");
    let json = world.taiwa(&[&apply[..], &["--format", "json"]].concat()).exits(1).json();
    assert_eq!(json["reason"], "stale-plan");
    assert_eq!(world.settled("staging"), before);
    assert_eq!(stored(&world, "staging-1"), had, "nothing was sent");
}

#[test]
fn attack_02_an_approval_is_of_exactly_this_content() {
    let world = World::whole(PROGRAM, 2);
    world.deploy();
    prove_and_mark(&world);
    approve(&world);
    // Approved, and then something else is marked.
    world.rewrite("Nobody approved these words");
    world.deploy();
    prove_and_mark(&world);
    until("only approvals are missing", 20, || {
        let unmet = world.taiwa(&["why-not", "--to", "production"]).exits(1).err;
        (!unmet.contains("soak-missing")).then_some(())
    });
    let no = world.taiwa(&PROMOTE).ends(1, "approval-missing").says("tanaka").says("sato");
    assert!(!no.err.contains("gate-failed"), "{no}");
    assert_eq!(world.settled("production"), (None, 0));
    // What was refused stays on record, once, and in the ledger that everybody shares.
    world.taiwa(&PROMOTE).ends(1, "approval-missing");
    let told = world.taiwa(&["history", "production", "--format", "json"]).exits(0).json();
    let all = told["records"].as_array().unwrap();
    let refused = |it: &&serde_json::Value| {
        let text = it["text"].as_str().unwrap();
        it["kind"] == "refusal" && text.starts_with("approval-missing") && !it["plan"].is_null()
    };
    assert_eq!(all.iter().filter(refused).count(), 1, "{told:#}");
    world.taiwa(&["history", "--verify"]).exits(0);
    approve(&world);
    world.taiwa(&PROMOTE).exits(0);
    let (headline, _) = world.headline("production-1").unwrap();
    assert_eq!(headline, "Nobody approved these words");
}

#[test]
fn attack_03_an_approval_for_another_environment_does_not_count() {
    let world = World::whole(PROGRAM, 2);
    world.deploy();
    prove_and_mark(&world);
    world.taiwa(&["plan", "--to", "production", "--out", "../private/p.plan"]).exits(0);
    let bytes = fs::read(world.private.join("p.plan")).unwrap();
    let (plan, _) = Plan::read(bytes.trim_ascii_end()).unwrap();
    let staging = &world.servers["staging-1"];
    let path = format!("/admin/v1/releases/{}", plan.to);
    let release = request(staging.address, ("GET", &path), &staging.token, b"").unwrap().body;
    let node = &world.servers["production-1"];
    let put = request(node.address, ("PUT", &path), &node.token, &release).unwrap();
    assert!([200, 201].contains(&put.status), "{}", put.json());

    let signed = |environment: &str, seed: u8, role: &str| {
        let issued = Timestamp::parse(&now(&world)).unwrap();
        let body = Approve {
            environment: environment.into(),
            issued,
            plan: Plan::digest_of(&plan.to_bytes().unwrap()),
            role: role.into(),
            parachute: false,
            expires: issued.plus_millis(60_000),
            comment: String::new(),
        };
        Envelope::signed(&body, &SecretKey::from_seed(&[seed; 32]).unwrap()).unwrap()
    };
    let prepare = |environment: &str| {
        let statements =
            vec![signed(environment, 1, "manager"), signed(environment, 2, "touchpoint-manager")];
        let bundle = Bundle::new(&plan, statements).unwrap();
        let body = json!({ "bundle": bundle, "move": "step-1", "receipts": [] }).to_string();
        let door = ("POST", "/admin/v1/preparation");
        request(node.address, door, &node.token, body.as_bytes()).unwrap()
    };
    // The same bundle with approvals for production lacks only evidence and soak.
    let right = prepare("production");
    assert_eq!(right.status, 403, "{}", right.json());
    assert!(!right.json().to_string().contains("approval-missing"), "{}", right.json());
    let wrong = prepare("staging");
    assert_eq!(wrong.status, 403, "{}", wrong.json());
    assert!(wrong.json().to_string().contains("approval-missing"), "{}", wrong.json());
    assert_eq!(world.settled("production"), (None, 0));
}

/// The time by a server's clock.
fn now(world: &World) -> String {
    let node = &world.servers["production-1"];
    let status = request(node.address, ("GET", "/admin/v1/status"), &node.token, b"").unwrap();
    let text = status.json()["now"].as_str().unwrap().to_owned();
    format!("{}Z", text.get(..19).unwrap())
}

#[test]
fn attack_11_bytes_of_another_digest_are_not_stored() {
    let world = World::staging(PROGRAM, 2);
    world.mark();
    world.taiwa(&["build", "--for", "staging", "--out", "../private/release"]).exits(0);
    let bytes = fs::read(world.private.join("release")).unwrap();
    let node = &world.servers["staging-1"];
    let put = |digest: &Digest, bytes: &[u8]| {
        let path = format!("/admin/v1/releases/{digest}");
        request(node.address, ("PUT", &path), &node.token, bytes).unwrap()
    };
    let right = Digest::of(&bytes);
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for bad in [&flipped[..], &bytes[..bytes.len() - 1], &bytes[1..], b"", b"{}"] {
        let answer = put(&right, bad);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        // Whole by its digest, and yet no release.
        let answer = put(&Digest::of(bad), bad);
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    // A release, whole and good, but another one.
    world.rewrite("Another release");
    world.mark();
    world.taiwa(&["build", "--for", "staging", "--out", "../private/other"]).exits(0);
    let other = fs::read(world.private.join("other")).unwrap();
    let answer = put(&right, &other);
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    assert_eq!(stored(&world, "staging-1"), "[]");
    assert!([200, 201].contains(&put(&right, &bytes).status));
    assert_eq!(stored(&world, "staging-1"), json!([right]).to_string());
}

#[test]
fn attack_21_only_the_commit_that_is_checked_out_counts() {
    let world = World::staging(PROGRAM, 2);
    let [(first, old), (second, _)] = world.two_releases();
    world.taiwa(&["plan", "--to", "staging", "--out", "../private/p.plan"]).exits(0);
    // The branch moves between the plan and its execution.
    world.git(&["checkout", "--quiet", &second]);
    let apply = ["deploy", "--to", "staging", "--plan", "../private/p.plan", "--yes"];
    world.taiwa(&apply).ends(1, "stale-plan");
    assert_eq!(world.settled("staging"), (None, 0));
    // The work tree says something else than the commit, in content and in marks.
    world.git(&["checkout", "--quiet", &first]);
    world.write(OFFER, &world.read(OFFER).replace("Your first espresso", "Never committed"));
    let marks = world.git(&["show", &format!("{second}:environments/staging/marks.yaml")]);
    world.write("environments/staging/marks.yaml", &marks);
    world.taiwa(&["mark", "offer/espresso-starter", "--for", "staging"]).ends(1, "not-committed");
    world.taiwa(&DEPLOY).exits(0).says("not committed");
    assert_eq!(world.headline("staging-1").unwrap().0, old);
}

#[test]
fn attack_24_no_secret_is_written_anywhere() {
    let mut world = World::whole(PROGRAM, 2);
    world.deploy();
    prove_and_mark(&world);
    approve(&world);
    for arguments in [
        &["plan", "--to", "production", "--out", "../private/p.plan", "--format", "json"][..],
        &["plan", "--to", "production", "--format", "markdown"],
        &PROMOTE,
        &["status"],
        &["status", "--format", "json"],
        &["history", "--verify"],
        &["policy", "show", "production", "--format", "json"],
        &["show", "staging", "--format", "json"],
    ] {
        world.taiwa(arguments);
    }
    // Failures are where secrets leak: a wrong token, a dead server, a token in clear.
    let right = world.variables["TAIWA_STAGING_TOKEN"].clone();
    world.rewrite("Other words");
    world.mark();
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), "canary-wrong-token-0123".to_owned());
    world.variables.insert("RUST_LOG".to_owned(), "trace".to_owned());
    world.taiwa(&DEPLOY).exits(1);
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), "canary\nwrong\u{1}".to_owned());
    let odd = world.taiwa(&DEPLOY);
    assert!([1, 2, 3].contains(&odd.exit), "{odd}");
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), right);
    world.restart("staging-2");
    world.taiwa(&["test", "--on", "staging"]);
    world.kill("staging-2");
    world.taiwa(&DEPLOY).exits(3);
    world.restart("staging-2");
    let ledger = world.git(&["log", "--all", "--patch", "--text"]);
    assert!(ledger.contains("records/"), "the ledger is in what is searched");
    assert!(!ledger.contains("canary"), "a token is in git");
    let mut searched = 0;
    for (path, bytes) in taiwa_stories::below(&world.private, "") {
        if path.trim_end_matches(".key") != path || path.ends_with("/key") {
            continue;
        }
        searched += 1;
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["canary", "PRIVATE KEY"] {
            let at = text.find(secret).map(|at| text.chars().skip(at.saturating_sub(60)).take(160));
            let near = at.map(Iterator::collect::<String>);
            assert_eq!(near, None, "{secret} in {path}");
        }
    }
    assert!(searched > 40, "only {searched} files");
}

/// Words that would be obeyed by a terminal, a workflow run or a page.
const NAUGHTY: &str =
    "\u{1b}[31mred\u{1b}]8;;http://evil.example\u{7}::set-output name=x::y</details><img src=x>";

#[test]
fn attack_28_words_of_people_stay_words() {
    let world = World::staging(PROGRAM, 1);
    world.deploy();
    let clean = world.read(OFFER);
    // In YAML, as escapes: what is not refused by the rules must be harmless in every output.
    let escaped = serde_json::to_string(NAUGHTY).unwrap();
    let plain = "\"a %0A::set-output name=x::y</details><img src=x>\\n::error::z `code` [a](b)\"";
    let mut shown = 0;
    for title in [escaped.as_str(), plain, "\"::set-output name=x::y\"", "\"=cmd()|'/c calc'\""] {
        let body = "'Machine, tamper and 500 g of beans: everything for the first cup.'";
        let worded = clean.replace(body, title);
        assert_ne!(worded, clean);
        let both = worded.replace("{ en: Espresso starter kit,", &format!("{{ en: {title},"));
        assert_ne!(both, worded);
        world.write(OFFER, &both);
        world.git(&[
            "-c",
            &format!("user.name={NAUGHTY}"),
            "commit",
            "--quiet",
            "--all",
            "-m",
            NAUGHTY,
        ]);
        for arguments in [
            &["validate"][..],
            &["validate", "--format", "json"],
            &["validate", "--format", "github"],
            &["mark", "offer/espresso-starter", "--for", "staging"],
            &["test"],
            &["diff", "HEAD~1", "HEAD"],
            &["diff", "HEAD~1", "HEAD", "--format", "json"],
        ] {
            harmless(&world, arguments);
        }
        world.commit("Marks, if they were taken");
        for arguments in [
            &["plan", "--to", "staging"][..],
            &["plan", "--to", "staging", "--format", "json"],
            &["plan", "--to", "staging", "--format", "markdown"],
            &DEPLOY,
            &["test", "--on", "staging"],
            &["show", "staging"],
            &["show", "staging", "offer/espresso-starter"],
            &["history"],
            &["status"],
        ] {
            let answer = harmless(&world, arguments);
            shown += usize::from(answer.out.contains("set-output"));
        }
    }
    assert!(shown >= 4, "words that no rule refuses are shown, harmless: {shown}");
    // Words on the command line come back in what is said about them.
    harmless(&world, &["mark", NAUGHTY, "--for", "staging"]);
    harmless(&world, &["show", NAUGHTY]);
    harmless(&world, &["deploy", "--to", NAUGHTY]);
    harmless(&world, &["deploy", "--to", "staging", "--plan", NAUGHTY]);
    harmless(&world, &["diff", NAUGHTY, "HEAD"]);
    harmless(&world, &["explain", NAUGHTY]);
    harmless(&world, &["validate", NAUGHTY]);
    harmless(&world, &["frobnicate", NAUGHTY]);
}

#[track_caller]
fn harmless(world: &World, arguments: &[&str]) -> Answer {
    let answer = world.taiwa(arguments);
    assert_ne!(answer.exit, 101, "{answer}");
    for text in [&answer.out, &answer.err] {
        let bad = text.chars().find(|it| it.is_control() && !['\n', '\t'].contains(it));
        assert_eq!(bad, None, "{answer}");
        for line in text.lines() {
            let line = line.trim_start();
            let command = line.starts_with("::") && !line.starts_with(":::");
            let ours = arguments.contains(&"github")
                && ["::error file=", "::warning file=", "::notice file="]
                    .iter()
                    .any(|it| line.starts_with(it));
            assert!(!command || ours, "a workflow run would obey `{line}`\n{answer}");
        }
    }
    if arguments.contains(&"markdown") {
        let outside = answer.out.split("```").step_by(2).collect::<String>();
        assert!(!outside.contains("<img"), "{answer}");
        assert_eq!(answer.out.matches("```").count() % 2, 0, "{answer}");
    }
    if arguments.contains(&"json") {
        answer.json();
    }
    answer
}
