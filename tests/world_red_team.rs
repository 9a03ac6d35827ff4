//! The red team on real servers of a protected environment: it owns the deployer, every token, the pipeline's key, the git
//! remote, staging, and the keys of one of the two people who must approve. Whatever it sends, nothing changes: not what
//! answers, not the generation, not the policy.
#![expect(clippy::disallowed_methods, reason = "the test reads what was built")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{Envelope, Lift, Move, Plan, PlanKind, Pull};
use taiwa_stories::altered;
use taiwa_testkit::{Random, World, request, until};

use doors::{Attacker, reasons};
use loot::{APPROVERS, Loot, SATO, STOLEN, TANAKA, digest_of, sign};
use site::Site;

use crate::{doors, loot, site};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const PRODUCTION: &str = "environments/production/environment.yaml";
const ATTEMPTS: u64 = 300;
const ALL_ATTEMPTS: u64 = 10_000;
/// So many attempts between two looks at everything.
const EACH: u64 = 40;

/// A group that runs its second release under approvals, everything that was ever said on the way there, and the attacker's
/// own release on staging.
struct Scene {
    world: World,
    staging: Site,
    production: Site,
    bytes: Vec<u8>,
}

/// The sample's release, and others that say something else at the top of every offer.
fn releases(world: &World) -> [Vec<u8>; 4] {
    world.mark();
    world.taiwa(&["build", "--for", "staging", "--out", "../private/release"]).exits(0);
    let first = std::fs::read(world.private.join("release")).unwrap();
    let worded = |words: &str| {
        altered(&first, |components| {
            let all = components.as_object_mut().unwrap();
            for (_, offer) in all.iter_mut().filter(|it| it.0.starts_with("offer/")) {
                let channels = offer["content"]["treatments"].as_object_mut().unwrap();
                for forms in channels.values_mut().filter_map(Json::as_object_mut) {
                    let headlines = forms.values_mut().filter_map(|it| it.get_mut("headline"));
                    headlines.for_each(|it| *it = json!(words));
                }
            }
        })
    };
    [first.clone(), worded("second"), worded("never"), worded("evil")]
}

/// Puts a release on staging, which is unprotected: the states of its anchor that it runs there, one soak apart.
fn on_staging(staging: &Site, bytes: &[u8]) -> Vec<Envelope> {
    let of = Digest::of(bytes);
    staging.store(bytes);
    let plan = staging.plan(of);
    let bundle = taiwa_plan::Bundle::new(&plan, Vec::new()).unwrap();
    let (_, no) = staging.carry_out((&bundle, Move::FIRST));
    assert!(no.is_none(), "{}", no.unwrap().json());
    soaked(staging)
}

/// The time by the anchor's clock.
fn now(site: &Site) -> Timestamp {
    site.state(0, "now").1.issued
}

fn soaked(staging: &Site) -> Vec<Envelope> {
    let (first, began) = staging.state(0, "soak");
    let soak_ms = 1_000;
    let last = until("the soak is over", 10, || {
        let (last, receipt) = staging.state(0, "soak");
        (receipt.issued.millis_since(began.issued) >= soak_ms).then_some(last)
    });
    vec![first, last]
}

impl Scene {
    fn new(seed: u64) -> (Self, Loot) {
        let world = World::whole_with(PROGRAM, 2, |world| {
            // Every kind of move needs both people.
            let both =
                "  - { role: manager, count: 1 }\n  - { role: touchpoint-manager, count: 1 }\n";
            let alone = "rollback:\n  - { role: manager, count: 1 }\n";
            world.edit(PRODUCTION, alone, &format!("rollback:\n{both}emergency:\n{both}"));
        });
        let all = releases(&world);
        let (staging, production) = (Site::of(&world, "staging"), Site::of(&world, "production"));
        for bytes in &all {
            production.store(bytes);
        }
        let digests: Vec<Digest> = all.iter().map(|it| Digest::of(it)).collect();
        let mut loot = Loot {
            dice: Random::new(seed),
            keys: STOLEN.to_vec(),
            now: now(&production),
            plans: Vec::new(),
            bundles: Vec::new(),
            statements: Vec::new(),
            receipts: Vec::new(),
            origin: Vec::new(),
            own: production.plan(digests[3]),
            releases: digests,
            staging: 0,
        };
        for (place, bytes) in all.iter().take(2).enumerate() {
            loot.origin = on_staging(&staging, bytes);
            loot.staging += 1;
            loot.now = now(&production);
            if place == 1 {
                overtaken(&mut loot, &production);
            }
            let plan = production.plan(Digest::of(bytes));
            let (plan, bundle) = loot.proven(plan, &APPROVERS);
            let (receipts, no) = production.carry_out((&bundle, Move::FIRST));
            assert!(no.is_none(), "{}", no.unwrap().json());
            loot.plans.push(plan);
            loot.bundles.push(bundle.clone());
            loot.statements.extend(bundle.statements);
            loot.receipts.extend(receipts);
        }
        loot.origin = on_staging(&staging, &all[3]);
        loot.staging += 1;
        loot.now = now(&production);
        loot.own = production.plan(loot.releases[3]);
        for server in [0, 1] {
            loot.receipts.push(production.state(server, "loot").0);
            loot.receipts.push(staging.state(server, "loot").0);
        }
        loot.receipts.extend(loot.origin.clone());
        words_of_sato(&mut loot);
        (Self { world, staging, production, bytes: all[3].clone() }, loot)
    }

    /// Everything that must stay as it is.
    fn standing(&self) -> Json {
        let servers: BTreeMap<_, _> = self
            .production
            .servers
            .iter()
            .enumerate()
            .map(|(place, (id, _))| {
                let all = self.production.status(place);
                let kept = [
                    "active",
                    "serving",
                    "generation",
                    "epoch",
                    "slot",
                    "policy",
                    "rolled_back",
                    "ready",
                ];
                let kept: BTreeMap<_, _> = kept.iter().map(|it| (*it, all[*it].clone())).collect();
                assert_eq!(all["counters"]["bugs"], 0, "a request met a bug");
                (id.to_string(), json!({ "state": kept, "answers": self.answers(place) }))
            })
            .collect();
        json!(servers)
    }

    /// What a server answers to these people, here and there.
    fn answers(&self, server: usize) -> Vec<Json> {
        let node = &self.world.servers[self.production.servers[server].0.as_str()];
        let token = format!("client-{}", node.token);
        let points = [("web-store", "home-banner"), ("mobile-app", "home-screen")];
        let tiers = ["gold", "none"];
        let ask = |((channel, point), tier): ((&str, &str), &str)| {
            let body = json!({
                "channel": channel, "point": point, "audience": { "customer_id": "red-team" },
                "attributes": { "tier": tier }, "locale": "en",
            });
            let reply =
                request(node.address, ("POST", "/v1/decide"), &token, body.to_string().as_bytes());
            let mut answer = reply.unwrap().json();
            // Every decision has a name and a time of its own.
            answer.as_object_mut().unwrap().remove("decision");
            for offer in answer["offers"].as_array_mut().into_iter().flatten() {
                offer.as_object_mut().unwrap().remove("tracking");
            }
            answer
        };
        points.into_iter().flat_map(|it| tiers.map(|tier| (it, tier))).map(ask).collect()
    }

    /// Number and words of the journal's entries after a number.
    fn journal(&self, server: usize, after: u64) -> Vec<(u64, String)> {
        let all = self.production.status(server);
        let entries = all["journal"].as_array().unwrap().clone();
        let entry = |it: &Json| Some((it["seq"].as_u64()?, it["what"].as_str()?.to_owned()));
        entries.iter().filter_map(entry).filter(|it| it.0 > after).collect()
    }
}

/// A plan that both people approved, and that was overtaken by another before it was carried out.
fn overtaken(loot: &mut Loot, production: &Site) {
    let plan = production.plan(loot.releases[2]);
    let (plan, bundle) = loot.proven(plan, &APPROVERS);
    loot.plans.push(plan);
    loot.bundles.push(bundle.clone());
    loot.statements.extend(bundle.statements);
}

/// What Sato, who must approve, said of the plan in hand: for another environment, too early, in a role that is not
/// Sato's, as another kind of word.
fn words_of_sato(loot: &mut Loot) {
    let (plan, _) = loot.proven(loot.own.clone(), &[]);
    let digest = digest_of(&plan);
    loot.plans.extend([loot.own.clone(), plan.clone()]);
    let right = loot.approve(digest, "touchpoint-manager");
    let (production, issued, expires) = ("production".into(), loot.in_s(-7200), loot.in_s(-3600));
    let emergency = Plan { kind: PlanKind::Emergency, ..plan };
    let live = digest_of(&loot.plans[2]);
    loot.statements.extend([
        sign(&taiwa_plan::Approve { environment: "staging".into(), ..right.clone() }, SATO),
        sign(&taiwa_plan::Approve { issued, expires, ..right.clone() }, SATO),
        sign(&taiwa_plan::Approve { role: "manager".into(), ..right.clone() }, SATO),
        sign(&taiwa_plan::Approve { plan: digest_of(&emergency), ..right }, SATO),
        sign(
            &Pull {
                environment: production,
                issued: loot.now,
                plan: live,
                step: Move::Back,
                expires: loot.in_s(3600),
            },
            SATO,
        ),
    ]);
}

/// What `attempts` attempts came to.
#[derive(Debug, Default)]
struct Tally {
    requests: u64,
    granted: u64,
    only_people: u64,
    refusals: u64,
    kinds: BTreeMap<&'static str, u64>,
}

/// Makes so many attempts, and insists that nothing moves.
fn attack(scene: &Scene, loot: Loot, attempts: u64, seed: u64) -> (Loot, Tally) {
    let (staging, production) = (&scene.staging, &scene.production);
    let tokens = [
        String::new(),
        "Bearer x".to_owned(),
        format!("Bearer {}", staging.token),
        format!("Bearer client-{}", production.token),
        format!("Basic {}", production.token),
        format!("Bearer {}", "x".repeat(2000)),
    ];
    let mut attacker = Attacker::new(production, loot, scene.bytes.clone(), tokens.to_vec());
    let (before, mut tally) = (scene.standing(), Tally::default());
    let mut written = [0, 1].map(|it| last(&scene.journal(it, 0)));
    for attempt in 0..attempts {
        let at = format!("attempt {attempt} of TAIWA_SEED={seed}");
        let came = attacker.attempt();
        tally.requests += came.requests;
        tally.granted += u64::from(came.granted);
        tally.only_people += u64::from(came.only_people);
        *tally.kinds.entry(came.what).or_default() += 1;
        let looks = (attempt + 1) % EACH == 0 || attempt + 1 == attempts;
        if came.granted || looks {
            let other = differences("", &before, &scene.standing());
            assert!(other.is_empty(), "{at}: {} changed {other:#?}", came.what);
        }
        if looks {
            for (server, written) in written.iter_mut().enumerate() {
                let entries = scene.journal(server, *written);
                let told = |it: &&(u64, String)| !HARMLESS.contains(&it.1.as_str());
                let other = entries.iter().find(told);
                assert!(other.is_none(), "{at}: the journal says {other:?}");
                tally.refusals += entries.iter().filter(|it| it.1 == "refused").count() as u64;
                *written = last(&entries).max(*written);
            }
            attacker.loot.now = now(production);
            attacker.loot.origin[1] = staging.state(0, "fresh").0;
        }
    }
    (attacker.loot, tally)
}

/// Where two trees differ, and what stands there.
fn differences(path: &str, one: &Json, other: &Json) -> Vec<String> {
    match (one, other) {
        (Json::Object(a), Json::Object(b)) if a.keys().eq(b.keys()) => {
            let below = a
                .iter()
                .flat_map(|(name, it)| differences(&format!("{path}/{name}"), it, &b[name]));
            below.collect()
        }
        _ if one == other => Vec::new(),
        _ => vec![format!("{path}: {one} became {other}")],
    }
}

/// What the journal may tell of: what was refused, and what every single person may say.
const HARMLESS: [&str; 4] = ["refused", "held", "lifted", "rejected"];

fn last(entries: &[(u64, String)]) -> u64 {
    entries.iter().map(|it| it.0).max().unwrap_or(0)
}

/// Whoever owns the remote writes the file with which a server is started.
fn pushes_a_policy(scene: &mut Scene) {
    const FILE: &str = "environments/production/policy.json";
    let (before, right) = (scene.standing(), scene.world.read(FILE));
    let now = &scene.production.policy;
    let mut document = now.document().clone();
    (document.version, document.previous, document.protected) = (2, Some(*now.digest()), false);
    let open = sign(&document, TANAKA);
    document.protected = true;
    document.people.retain(|it| it.id.as_str() == "tanaka");
    document.people[0].roles.push("touchpoint-manager".into());
    for envelope in [open, sign(&document, TANAKA)] {
        scene.world.write(FILE, std::str::from_utf8(&envelope.to_bytes().unwrap()).unwrap());
        scene.world.start_fails("production-2");
    }
    scene.world.write(FILE, &right);
    scene.world.restart("production-2");
    until("it is what it was", 10, || (scene.standing() == before).then_some(()));
}

/// The same request with everybody's keys, by the same way: the attempts are able to.
fn succeeds(scene: &Scene, loot: &Loot) {
    let production = &scene.production;
    for server in 0..production.servers.len() {
        let holds = production.status(server)["holds"].as_array().unwrap().clone();
        for id in holds.iter().filter_map(|it| it["id"].as_str().map(ToOwned::to_owned)) {
            let lift = Lift { environment: "production".into(), issued: loot.now, id };
            let body = json!({ "statement": sign(&lift, TANAKA) });
            assert_eq!(production.post(server, "/admin/v1/statements", &body).status, 200);
        }
    }
    let alone = loot.proven(loot.own.clone(), &APPROVERS[..1]).1;
    let (_, no) = production.carry_out((&alone, Move::FIRST));
    assert_eq!(
        reasons(&no.unwrap()),
        ["approval-missing"],
        "one person is missing, and nothing else"
    );
    let both = loot.proven(loot.own.clone(), &APPROVERS).1;
    let (_, no) = production.carry_out((&both, Move::FIRST));
    assert!(no.is_none(), "{}", no.unwrap().json());
    for server in 0..production.servers.len() {
        let active = &production.status(server)["active"]["release"];
        assert_eq!(*active, json!(loot.own.to), "with everybody's keys it is live");
    }
}

/// The seed to replay, or the first one.
fn seed() -> u64 {
    std::env::var("TAIWA_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(1)
}

#[track_caller]
fn runs(attempts: u64) {
    let seed = seed();
    let (mut scene, loot) = Scene::new(seed);
    let (loot, tally) = attack(&scene, loot, attempts, seed);
    let Tally { requests, granted, only_people, refusals, ref kinds } = tally;
    assert!(requests > attempts && kinds.len() == 11, "{tally:?}");
    // Not noise: many lacked nothing but people; in many, what was done before was granted once more.
    assert!(only_people * 20 > attempts && refusals > 0, "{tally:?}");
    assert!(granted > 0 || attempts < 2_000, "{tally:?}");
    pushes_a_policy(&mut scene);
    succeeds(&scene, &loot);
}

#[test]
fn red_team_with_one_person_and_every_token_moves_no_server() {
    runs(ATTEMPTS);
}

#[test]
#[ignore = "minutes; `cargo xtask simulate` runs it"]
fn red_team_makes_ten_thousand_attempts_on_servers() {
    runs(ALL_ATTEMPTS);
}
