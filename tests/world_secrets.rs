//! Secrets that must be found nowhere, pipelines that others write, and crowds: attacks by their numbers.
#![expect(clippy::disallowed_methods, reason = "the tests read everything that was written")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{fs, net::SocketAddr, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use taiwa_testkit::{Answer, Receiver, World, request, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
/// What no output may hold: every secret of this file has one of them in it, one of them in base64.
const CANARIES: [&str; 3] = ["canary", "Y2FuYXJ5", "PRIVATE KEY"];
/// Files with this in their name are where secrets are kept.
const KEPT: &str = "keep-";

fn receiver() -> Receiver {
    Receiver::at(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
}

/// Every word that names a command.
fn commands(world: &World) -> Vec<String> {
    let help = world.taiwa(&["--help"]).exits(0).out;
    let list = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let words = list.lines().filter(|it| it.starts_with("  ") && !it.starts_with("   "));
    words.filter_map(|it| it.split_whitespace().next()).map(ToOwned::to_owned).collect()
}

/// A key with a passphrase, and a program that says the passphrase to whoever asks.
fn locked_key(world: &mut World) -> String {
    let file = world.private.join(format!("{KEPT}locked"));
    let path = file.display().to_string();
    let words = ["-q", "-t", "ed25519", "-N", "canary-passphrase", "-C", "x", "-f", &path];
    let made = Command::new("ssh-keygen").args(words).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let ask = world.private.join(format!("{KEPT}ask"));
    fs::write(&ask, "#!/bin/sh\necho canary-passphrase\n").unwrap();
    Command::new("chmod").arg("700").arg(&ask).output().unwrap();
    for (name, value) in
        [("SSH_ASKPASS", ask.display().to_string()), ("SSH_ASKPASS_REQUIRE", "force".to_owned())]
    {
        world.variables.insert(name.to_owned(), value);
    }
    path
}

#[test]
fn attack_24_canaries_are_found_nowhere() {
    let (hook, chat) = (receiver(), receiver());
    let mut world = World::whole_with(PROGRAM, 2, |world| {
        for name in ["staging", "production"] {
            let file = format!("environments/{name}/environment.yaml");
            let lines = "notify:\n  - { url: \"${HOOK_URL}\", secret: \"${HOOK_SECRET}\" }\n  \
                 - { url: \"${CHAT_URL}\", format: slack }\n";
            world.write(&file, &format!("{}{lines}", world.read(&file)));
        }
    });
    let cert = world.private.join(format!("{KEPT}client.pem"));
    fs::write(&cert, "-----BEGIN PRIVATE KEY-----\ncanary-key\n-----END PRIVATE KEY-----\n")
        .unwrap();
    for (name, value) in [
        ("HOOK_URL", format!("http://{}/canary-path?canary=1", hook.address)),
        ("HOOK_SECRET", format!("whsec_{}", STANDARD.encode("canary-hook-key-0123456789abcdef"))),
        ("CHAT_URL", format!("http://{}/services/canary", chat.address)),
        ("UNRELATED_SECRET", "canary-unrelated".to_owned()),
        ("RUST_LOG", "debug".to_owned()),
        ("RUST_BACKTRACE", "full".to_owned()),
    ] {
        world.variables.insert(name.to_owned(), value);
    }
    let locked = locked_key(&mut world);
    for name in ["staging-1", "staging-2", "production-1", "production-2"] {
        world.restart(name);
    }
    story(&world, &locked);
    failures(&mut world, (hook, chat), &cert.display().to_string());
    for name in commands(&world) {
        for more in
            [&[][..], &["--to", "staging"], &["--on", "staging"], &["staging", "--format", "json"]]
        {
            let long = ["runtime", "console", "demo"].contains(&name.as_str());
            if !(long && more.is_empty()) {
                world.taiwa(&[&[name.as_str()][..], more].concat());
            }
        }
    }
    searched(&world);
}

/// The whole story, in every form of output.
fn story(world: &World, locked: &str) {
    world.mark();
    for arguments in [
        &["plan", "--to", "staging", "--out", "../private/staging.plan", "--format", "json"][..],
        &DEPLOY,
        &["test", "--on", "staging", "--key", &world.cast.runner.file],
        &["mark", "staging", "--for", "production"],
    ] {
        world.taiwa(arguments).exits(0);
    }
    world.commit("Mark for production");
    let approve = |role, key: &str, more: &[&str]| {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
        world.taiwa(&[&words[..], more].concat())
    };
    approve("manager", locked, &[]).exits(1);
    approve("manager", "../private/no-such.key", &[]).exits(2);
    approve("manager", &world.cast.manager.file, &["--comment", "fine"]).exits(0);
    approve("touchpoint-manager", &world.cast.touchpoint_manager.file, &["--format", "json"])
        .exits(0);
    for arguments in [
        &PROMOTE[..],
        &["plan", "--to", "production", "--format", "markdown"],
        &["why-not", "--to", "production", "--format", "json"],
        &["hold", "--on", "production", "--why", "stop", "--key", &world.cast.manager.file],
        &["status", "--format", "json"],
        &["status", "--heal"],
        &["history", "--verify", "--format", "json"],
        &["policy", "show", "production", "--format", "json"],
        &["show", "staging", "--format", "json"],
        &["diff", "staging", "HEAD", "--format", "json"],
        &["rollback", "--on", "staging", "--only", "offer/gold-tasting", "--yes"],
    ] {
        world.taiwa(arguments);
    }
}

/// Failures are where secrets leak.
fn failures(world: &mut World, (hook, chat): (Receiver, Receiver), cert: &str) {
    world.rewrite("Other words");
    world.mark();
    let right = world.variables.clone();
    let mut with = |name: &str, value: &str, arguments: &[&str]| -> Answer {
        world.variables.insert(name.to_owned(), value.to_owned());
        let answer = world.taiwa(arguments);
        world.variables.clone_from(&right);
        assert_ne!(answer.exit, 101, "{answer}");
        answer
    };
    for token in ["canary-wrong-0123456789", "canary\nwrong\u{1}", "canary-日本", " canary "] {
        with("TAIWA_STAGING_TOKEN", token, &DEPLOY);
        with("TAIWA_STAGING_TOKEN", token, &["status", "staging", "--format", "json"]);
    }
    with("TAIWA_CLIENT_CERT_FILE", cert, &DEPLOY).ends(2, "tls-unusable");
    with("TAIWA_CA_FILE", cert, &DEPLOY).ends(2, "tls-unusable");
    with("TAIWA_RUNNER_KEY", cert, &["test", "--on", "staging"]);
    let before = [("GIT_DIR", "/canary-nowhere"), ("TAIWA_ADMIN_TOKEN", "canary")];
    for (name, value) in before {
        with(
            name,
            value,
            &[
                "runtime",
                "--data",
                "../private/short",
                "--listen",
                "127.0.0.1:0",
                "--policy",
                "none",
            ],
        );
    }
    for url in [
        "http://canary.example/x",
        "canary",
        "https://canary@127.0.0.1:1/",
        "http://127.0.0.1:1/canary",
    ] {
        with("HOOK_URL", url, &["rollback", "--on", "staging", "--yes"]);
        with("HOOK_URL", url, &["deploy", "--to", "staging", "--again", "--yes"]);
    }
    with("HOOK_SECRET", "canary-no-key", &["rollback", "--on", "staging", "--yes"]);
    hook.answer(&[500; 9]);
    chat.answer(&[302, 418]);
    world.taiwa(&DEPLOY);
    let came = [hook.take(), chat.take()].concat();
    assert!(came.len() > 6, "{}", came.len());
    for it in came {
        let mut headers = it.headers.clone();
        headers.remove("host");
        clean(&format!("{headers:?}\n{}", it.body), "a notification");
    }
    // A server that is gone, one whose address is another program's.
    world.kill("staging-2");
    world.taiwa(&DEPLOY);
    let other =
        until("the address is free", 10, || Receiver::at(world.servers["staging-2"].address).ok());
    world.taiwa(&DEPLOY);
    assert!(!other.take().is_empty());
    drop(other);
    until("it starts again", 20, || {
        world.restart("staging-2");
        Some(())
    });
}

#[track_caller]
fn clean(text: &str, place: &str) {
    for canary in CANARIES {
        let at = text.find(canary).map(|at| {
            let from = text.char_indices().map(|it| it.0).rfind(|it| *it + 80 <= at).unwrap_or(0);
            text.get(from..).unwrap_or_default().chars().take(200).collect::<String>()
        });
        assert_eq!(at, None, "{canary} in {place}");
    }
}

#[test]
#[should_panic(expected = "canary in here")]
fn a_canary_is_found_where_there_is_one() {
    clean("日本 a token: canary-0123", "here");
}

/// Everything that was written: outputs, logs, data of servers, plans, the repository with its ledger and its outbox.
fn searched(world: &World) {
    for (name, node) in &world.servers {
        for door in ["/admin/v1/status", "/v1/group", "/v1/group/bundle"] {
            let said = request(node.address, ("GET", door), &node.token, b"").unwrap();
            clean(&String::from_utf8_lossy(&said.body), &format!("{door} of {name}"));
        }
    }
    let objects = world.git(&["cat-file", "--batch", "--batch-all-objects", "--buffer"]);
    assert!(objects.contains("taiwa.yaml") || objects.contains("\"seq\""), "the ledger is in it");
    clean(&objects, "git");
    let outbox = taiwa_stories::below(&world.workspace.join(".git/taiwa"), "");
    assert!(!outbox.is_empty(), "some messages wait");
    let mut searched = 0;
    for (path, bytes) in outbox.into_iter().chain(taiwa_stories::below(&world.private, "")) {
        let key = path.trim_end_matches(".key") != path || path.ends_with("/key");
        if path.contains(KEPT) || key {
            continue;
        }
        searched += 1;
        clean(&String::from_utf8_lossy(&bytes), &path);
    }
    assert!(searched > 150, "only {searched} files");
    let log = fs::read_to_string(&world.servers["staging-1"].log).unwrap();
    assert!(log.contains("DEBUG") || log.contains("debug"), "the log is one of debugging: {log}");
}

#[test]
fn attack_29_a_pull_request_needs_nothing_and_moves_nothing() {
    let mut world = World::staging(PROGRAM, 1);
    world.deploy();
    let before = world.settled("staging");
    world.rewrite("From a fork");
    world.mark();
    // Every server's address leads to somebody who counts the calls; no secret is set.
    let spy = receiver();
    let url = world.servers["staging-1"].url();
    let file = "environments/staging/environment.yaml";
    let text = world.read(file);
    world.write(file, &text.replace(&url, &format!("http://{}", spy.address)));
    world.commit("A spy");
    let right = world.variables.clone();
    world.variables.retain(|name, _| !name.contains("TOKEN"));
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        world.variables.insert(name.to_owned(), format!("http://{}", spy.address));
    }
    for arguments in [
        &["validate"][..],
        &["validate", "--format", "github", "--against", "HEAD~1"],
        &["validate", "--stage", "promote"],
        &["test"],
        &["test", "--for", "staging"],
        &["build", "--for", "staging"],
        &["diff", "HEAD~1", "HEAD"],
        &["explain", "TW0001"],
        &["schema", "offer"],
    ] {
        let answer = world.taiwa(arguments);
        assert!([0, 1].contains(&answer.exit), "{answer}");
        assert!(!answer.err.contains("secret-missing"), "{answer}");
    }
    assert!(spy.take().is_empty(), "nobody was called");
    world.variables = right;
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);

    for (name, value) in [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("GITHUB_EVENT_NAME", "issue_comment"),
        ("GITHUB_REF_PROTECTED", "false"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_REF_PROTECTED", "false"),
    ] {
        world.variables.insert(name.to_owned(), value.to_owned());
        for command in [
            "deploy --to staging --yes",
            "rollback --on staging --yes",
            "deploy --to staging --resume",
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            world.taiwa(&words).ends(1, "unprotected-ref");
        }
        world.taiwa(&["promote", "--to", "production", "--yes"]).ends(1, "unprotected-ref");
        world.taiwa(&["plan", "--to", "staging"]).exits(0);
        world.taiwa(&["deploy", "--to", "staging", "--dry-run"]).exits(0);
        world.variables.remove(name);
    }
    assert_eq!(world.settled("staging"), before, "nothing has moved");
    world.variables.insert("GITHUB_REF_PROTECTED".to_owned(), "true".to_owned());
    world.variables.insert("GITHUB_EVENT_NAME".to_owned(), "push".to_owned());
    world.taiwa(&DEPLOY).exits(0);
}

#[test]
fn attack_29_the_generated_workflow_has_nothing_to_take() {
    let world = World::bare(PROGRAM);
    let text = world.read(".github/workflows/taiwa-validate.yml");
    let code: Vec<&str> = text.lines().filter(|it| !it.trim_start().starts_with('#')).collect();
    let code = code.join("\n");
    assert!(!code.contains("pull_request_target") && !code.contains("issue_comment"), "{code}");
    for moving in ["taiwa deploy", "taiwa promote", "taiwa rollback", "taiwa approve"] {
        assert!(!code.contains(moving), "{moving}");
    }
    let jobs = code.split("\njobs:").nth(1).unwrap();
    let mut names = Vec::new();
    for job in jobs.split("\n  ").filter(|it| !it.starts_with(' ') && it.trim_end().ends_with(':'))
    {
        names.push(job.trim().trim_end_matches(':').to_owned());
    }
    assert!(names.contains(&"validate".to_owned()), "{names:?}");
    let validate = jobs.split("\n  validate:").nth(1).unwrap();
    let end = names.iter().filter(|it| *it != "validate");
    let end =
        end.filter_map(|it| validate.find(&format!("\n  {it}:"))).min().unwrap_or(validate.len());
    let validate = validate.get(..end).unwrap();
    assert!(!validate.contains("secrets."), "{validate}");
    // Whoever gets a secret runs for branches of this repository only.
    for (place, _) in jobs.match_indices("secrets.") {
        let before = jobs.get(..place).unwrap();
        let job = names.iter().filter_map(|it| before.rfind(&format!("\n  {it}:"))).max().unwrap();
        let job = jobs.get(job..place).unwrap();
        assert!(job.contains("head.repo.full_name == github.repository"), "{job}");
    }
}

#[test]
fn attack_30_a_crowd_is_served_and_a_server_starts_alone() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    world.rewrite("The second");
    world.mark();
    // Many deployers at once, as after an outage: one of them does it, the others are told at once, nobody waits for ever.
    let crowd: Vec<_> = (0..8).map(|it| world.clone_to(&format!("crowd-{it}"))).collect();
    let running: Vec<_> = crowd.iter().map(|it| world.begin_in(it, &DEPLOY)).collect();
    for answer in running.into_iter().map(taiwa_testkit::Running::wait) {
        let known = ["conflict", "stale-plan", "overloaded", "unreachable"];
        // Two that made the very same plan may both say that it is done: the second repeats what has happened.
        let told = answer.exit == 0 || known.iter().any(|it| answer.err.contains(it));
        assert!(told, "{answer}");
        assert!(world.headline("staging-1").is_some(), "customers are answered all the while");
    }
    world.taiwa(&DEPLOY).exits(0);
    let (release, generation) = world.settled("staging");
    assert_eq!(generation, 2, "and one generation for all of them");
    // The whole group, git and the deployer are gone; one server comes back, alone.
    world.kill("staging-1");
    world.kill("staging-2");
    world.restart("staging-2");
    until("it answers from the last release", 20, || {
        let (headline, of) = world.headline("staging-2")?;
        (headline == "The second" && Some(of) == release).then_some(())
    });
}
