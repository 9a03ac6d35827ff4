//! Notifications on real servers: a receiver that verifies every signature, one that fails, one that is not there.
#![expect(clippy::disallowed_methods, reason = "the tests look into the outbox and measure time")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{net::SocketAddr, time::Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use taiwa_testkit::{Fake, Manner, Received, Receiver, World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const KEY: [u8; 32] = *b"canary-hook-key-0123456789abcdef";

fn anywhere() -> Receiver {
    Receiver::at(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
}

/// Both environments tell the hook everything, and the chat what `on` says.
fn told(world: &World, on: &str) {
    for name in ["staging", "production"] {
        let file = format!("environments/{name}/environment.yaml");
        let lines = format!(
            "notify:\n  - {{ url: \"${{HOOK_URL}}\", secret: \"${{HOOK_SECRET}}\" }}\n  \
             - {{ url: \"${{CHAT_URL}}\", format: slack, on: {on} }}\n"
        );
        let text = world.read(&file);
        world.write(&file, &format!("{text}{lines}"));
    }
    world.commit("Who hears what");
}

fn set(world: &mut World, hook: SocketAddr, chat: SocketAddr) {
    let secret = format!("whsec_{}", STANDARD.encode(KEY));
    for (name, value) in [
        ("HOOK_URL", format!("http://{hook}/canary-path")),
        ("HOOK_SECRET", secret),
        ("CHAT_URL", format!("http://{chat}/services/canary-chat")),
    ] {
        world.variables.insert(name.to_owned(), value);
    }
}

/// As a receiver has to do it, from the bytes that came.
#[track_caller]
fn verified(it: &Received) {
    let (id, at) = (it.header("webhook-id"), it.header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(format!("{id}.{at}.{}", it.body).as_bytes());
    let signature = it.header("webhook-signature").strip_prefix("v1,").unwrap();
    mac.verify_slice(&STANDARD.decode(signature).unwrap()).unwrap_or_else(|_| panic!("{it:#?}"));
    assert!(id.starts_with("msg_") && it.header("content-type") == "application/json", "{it:#?}");
    assert_eq!(it.line, "POST /canary-path HTTP/1.1");
}

/// The types of what came, in order; every one is signed.
#[track_caller]
fn types(receiver: &Receiver) -> Vec<String> {
    let came = receiver.take();
    came.iter().for_each(verified);
    came.iter().map(|it| it.json()["type"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn everybody_hears_what_they_asked_for_signed() {
    let (hook, chat) = (anywhere(), anywhere());
    let mut world = World::whole_with(PROGRAM, 2, |world| told(world, "[held, rolled-back]"));
    set(&mut world, hook.address, chat.address);
    world.mark();
    world.taiwa(&[&DEPLOY[..], &["--dry-run"]].concat()).exits(0);
    assert!(types(&hook).is_empty(), "a dry run tells nobody");
    world.taiwa(&DEPLOY).exits(0);
    let came = hook.take();
    assert_eq!(came.len(), 1, "{came:#?}");
    verified(&came[0]);
    let json = came[0].json();
    let (release, _) = world.settled("staging");
    assert_eq!(
        (json["type"].as_str(), json["version"].as_u64()),
        (Some("taiwa.deployed"), Some(1))
    );
    assert_eq!(json["data"]["release"].as_str(), release.as_deref(), "{json:#}");
    assert_eq!(
        (json["data"]["environment"].as_str(), json["data"]["generation"].as_u64()),
        (Some("staging"), Some(1))
    );
    assert!(json["timestamp"].is_string() && json["data"]["text"].is_string());

    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
    world.taiwa(&["why-not", "--to", "production"]).exits(1);
    assert_eq!(types(&hook), ["taiwa.approval-waiting"], "the plan was filed");
    world.taiwa(&PROMOTE).exits(1);
    assert_eq!(types(&hook), ["taiwa.refused"]);
    let cast = &world.cast;
    let sign = |role, key: &str| {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
        world.taiwa(&words).exits(0);
    };
    sign("manager", &cast.manager.file);
    let waiting = hook.take();
    assert_eq!(waiting[0].json()["data"]["missing"][0]["role"], "touchpoint-manager");
    sign("touchpoint-manager", &cast.touchpoint_manager.file);
    assert!(types(&hook).is_empty(), "nobody is waited for");
    until("the soak is over", 20, || {
        (world.taiwa(&["why-not", "--to", "production"]).exit == 0).then_some(())
    });
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(types(&hook), ["taiwa.deployed"]);
    assert!(chat.take().is_empty(), "the chat did not ask for any of this");

    let why = "<!channel> A & B > C";
    world
        .taiwa(&[
            "hold",
            "--on",
            "production",
            "--why",
            why,
            "--id",
            "h-1",
            "--key",
            &cast.manager.file,
        ])
        .exits(0);
    assert_eq!(types(&hook), ["taiwa.held"]);
    let text = chat.take()[0].json();
    let said = text["text"].as_str().unwrap();
    assert_eq!(text.as_object().map(serde_json::Map::len), Some(1));
    assert!(said.starts_with("production: tanaka stopped changes"), "{said}");
    assert!(said.contains("&lt;!channel&gt; A &amp; B &gt; C") && !said.contains('<'), "{said}");
    world.taiwa(&["lift", "h-1", "--on", "production", "--key", &cast.manager.file]).exits(0);
    let json = hook.take()[0].json();
    assert_eq!(json["type"].as_str(), Some("taiwa.lifted"), "{json:#}");
    assert_eq!((&json["data"]["hold"], &json["data"]["by"]), (&"h-1".into(), &"tanaka".into()));
}

#[test]
fn going_back_is_told_as_such_whole_or_in_part() {
    let (hook, chat) = (anywhere(), anywhere());
    let mut world = World::whole_with(PROGRAM, 1, |world| told(world, "[rolled-back]"));
    set(&mut world, hook.address, chat.address);
    world.deploy();
    world.edit("channels/shared/offers/brand-story.yaml", "The story of", "The tale of");
    world.rewrite("Another one");
    world.deploy();
    hook.take();
    world.taiwa(&["rollback", "--on", "staging", "--only", "offer/brand-story", "--yes"]).exits(0);
    assert_eq!(types(&hook), ["taiwa.rolled-back"]);
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(0);
    assert_eq!(types(&hook), ["taiwa.rolled-back"]);
    assert_eq!(chat.take().len(), 2);
    world.git(&["checkout", "--quiet", "--", "."]);
    world.taiwa(&DEPLOY).exits(1);
    assert_eq!(types(&hook), ["taiwa.refused"]);
}

/// Committed, and one server does not follow: that is told, and so is what can be done.
#[test]
fn a_move_that_is_half_way_is_told() {
    let (hook, chat) = (anywhere(), anywhere());
    let mut world = World::staging(PROGRAM, 2);
    told(&world, "[partly-activated]");
    set(&mut world, hook.address, chat.address);
    let file = "environments/staging/environment.yaml";
    world.write(file, &format!("{}deadline: 2s\n", world.read(file)));
    world.taiwa(&["policy", "propose", "staging"]).exits(0);
    world.commit("Two seconds are enough");
    world.taiwa(&["policy", "install", "staging"]).exits(0);
    world.mark();
    let behind = world.servers["staging-2"].address;
    let manner = Manner::HoldsBack { behind, request: "POST /admin/v1/activation".to_owned() };
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    world.edit(file, &world.servers["staging-2"].url(), &format!("http://{}", fake.address()));
    world.commit("Another way to a server");
    let running = world.begin(&DEPLOY);
    until("the activation is held back", 30, || (fake.held() > 0).then_some(()));
    world.servers["staging-2"].freeze();
    running.wait().ends(3, "partly-activated").says("taiwa deploy --to staging --resume");
    let came = hook.take();
    assert_eq!(came.len(), 1, "{came:#?}");
    verified(&came[0]);
    let json = came[0].json();
    assert_eq!(json["type"], "taiwa.partly-activated");
    assert_eq!(
        (&json["data"]["generation"], &json["data"]["share_bp"]),
        (&1.into(), &10_000.into())
    );
    assert!(json["data"]["message"].as_str().unwrap().contains("staging-2"), "{json:#}");
    assert_eq!(chat.take().len(), 1);
    world.servers["staging-2"].thaw();
    until("it follows", 30, || world.status("staging").in_step.then_some(()));
    // What was said in that hour holds for ever: the record has the anchor's receipt.
    let story = world.taiwa(&["history", "--verify"]).exits(0);
    story.says("partly-activated: release ").says("is generation 1, but not yet on staging-2");
}

#[test]
fn a_receiver_in_trouble_never_changes_the_end_of_a_command() {
    let (hook, chat) = (anywhere(), anywhere());
    let mut world = World::whole_with(PROGRAM, 1, |world| told(world, "[deployed]"));
    set(&mut world, hook.address, chat.address);
    world.mark();
    // Twice an error, then taken: three times the same message.
    hook.answer(&[500, 503]);
    chat.answer(&[404]);
    world.taiwa(&DEPLOY).exits(0).says("was not taken, and is not sent again: it answered 404");
    let came = hook.take();
    assert_eq!(came.len(), 3);
    came.iter().for_each(verified);
    assert!(came.iter().all(
        |it| it.header("webhook-id") == came[0].header("webhook-id") && it.body == came[0].body
    ));
    assert_eq!(chat.take().len(), 1, "what is not wanted is not sent again");

    // Nobody is there.
    let (at, other) = (hook.address, chat.address);
    drop(hook);
    world.rewrite("Two");
    world.mark();
    let begun = Instant::now();
    let said = world.taiwa(&DEPLOY).exits(0);
    assert!(begun.elapsed().as_secs() < 30);
    assert!(said.err.contains("could not be sent, the next command tries again"), "{said}");
    let outbox = world.workspace.join(".git/taiwa/outbox");
    let waiting = taiwa_stories::below(&outbox, "");
    assert_eq!(waiting.len(), 1);
    let text = String::from_utf8_lossy(waiting.values().next().unwrap()).into_owned();
    assert!(
        text.contains("${HOOK_URL}") && !text.contains("canary") && !text.contains("whsec_"),
        "{text}"
    );
    assert!(!said.err.contains("canary") && !said.out.contains("canary"), "{said}");
    assert!(world.git(&["status", "--porcelain"]).is_empty(), "the outbox is nobody else's");

    // A secret that is not set, or none: said, kept, and nothing is sent unsigned.
    let secret = world.variables.remove("HOOK_SECRET").unwrap();
    let hook = until("the address is free", 10, || Receiver::at(at).ok());
    world.taiwa(&["status", "staging"]).exits(0).says("HOOK_SECRET is not set");
    world.variables.insert("HOOK_SECRET".to_owned(), "canary-too-simple".to_owned());
    let odd = world.taiwa(&["status", "staging"]).exits(0).says("whsec_");
    assert!(!odd.err.contains("canary"), "{odd}");
    assert!(hook.take().is_empty());
    world.variables.insert("HOOK_SECRET".to_owned(), secret);
    // The next command tells, with the id of then; and then it is told.
    world.taiwa(&["status", "staging"]).exits(0);
    let came = hook.take();
    assert_eq!(came.len(), 1);
    verified(&came[0]);
    assert!(text.contains(came[0].header("webhook-id")));
    assert!(taiwa_stories::below(&outbox, "").is_empty());
    world.taiwa(&["status", "staging"]).exits(0);
    assert!(hook.take().is_empty());

    // Only https leaves this machine.
    world
        .variables
        .insert("CHAT_URL".to_owned(), format!("http://canary.example:{}", other.port()));
    world.rewrite("Three");
    world.mark();
    let said = world.taiwa(&DEPLOY).exits(0).says("its address is not https");
    assert!(!said.err.contains("canary"), "{said}");
}

#[test]
fn a_receiver_that_never_answers_costs_a_bounded_time() {
    let (hook, chat) = (anywhere(), anywhere());
    let mut world = World::whole_with(PROGRAM, 1, |world| told(world, "[deployed]"));
    set(&mut world, hook.address, chat.address);
    let address = hook.address;
    drop(hook);
    let silent = until("the address is free", 10, || Fake::at(address, Manner::Silent).ok());
    world.mark();
    let begun = Instant::now();
    world.taiwa(&DEPLOY).exits(0).says("could not be sent");
    assert!(begun.elapsed().as_secs() < 25, "eight seconds for all of it");
    assert!(silent.held() >= 2, "it was tried again");
    assert_eq!(world.settled("staging").1, 1);
}

#[test]
fn addresses_that_are_secrets_do_not_stand_in_files() {
    let world = World::bare(PROGRAM);
    let file = "environments/staging/environment.yaml";
    let text = world.read(file);
    world.write(file, &format!("{text}notify:\n  - {{ url: \"https://hooks.slack.com/services/T0/B0/canary\", format: slack }}\n"));
    let no = world.taiwa(&["validate"]).ends(1, "findings");
    assert!(no.out.contains("TW0705") || no.err.contains("TW0705"), "{no}");
    world.write(file, &format!("{text}notify:\n  - {{ url: \"https://hooks.contoso.example/t\", secret: \"${{S}}\" }}\n"));
    world.taiwa(&["validate"]).exits(0);
    // What would never be sent is an error before anything happens.
    world.write(
        file,
        &format!("{text}notify:\n  - {{ url: \"https://hooks.contoso.example/t\" }}\n"),
    );
    world.taiwa(&["validate"]).ends(1, "findings").says("TW0805").says("needs a `secret`");
    world.write(
        file,
        &format!(
            "{text}notify:\n  - {{ url: \"https://hooks.contoso.example/t\", format: slack }}\n"
        ),
    );
    world.taiwa(&["validate"]).exits(0);
}
