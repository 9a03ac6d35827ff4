//! A group whose anchor is lost between the promises and its word: who stays ready, who waits, and each rule for itself.
//! Long because each part of each rule is shown to be needed.

use taiwa_plan::{
    Absent, Bundle, Envelope, InDoubt, Move, Policy, PolicyDocument, Receipt,
    server::{
        COOL_MS, Effect, Learning, STAY_MS, ServerState, Sight, hear, learn, restart, rotate,
        settle, store, timer, unready,
    },
};

use super::group::Group;
use crate::world::{Case, at, release, secret};

const DEADLINE_MS: i64 = 15_000;

/// The group, what each server has seen, and a clock that only runs on.
struct Scene {
    group: Group,
    bundle: Bundle,
    promises: Vec<Envelope>,
    sights: [Sight; 3],
    now_ms: i64,
}

impl Scene {
    /// Everyone has promised; the anchor has not said a word.
    fn promised(change: impl FnOnce(&mut Case)) -> Self {
        let mut case = Case::new();
        case.document.in_doubt = InDoubt::Drain;
        change(&mut case);
        let bundle = case.bundle().2;
        let group = Group::new(&case.policy(), &[release("espresso")]);
        let sights = [0; 3].map(Sight::new);
        let mut scene = Self { group, bundle, promises: Vec::new(), sights, now_ms: 1_000 };
        scene.promises = scene.group.prepare(&scene.bundle, Move::FIRST, &at(1)).unwrap();
        scene.followed();
        scene
    }

    /// The others' deadline is over, and each has shown its doubt to the other.
    fn in_doubt() -> Self {
        let mut scene = Self::promised(|_| ());
        scene.doubts(&[1, 2]);
        scene.asks(1, 2);
        scene.asks(2, 1);
        scene
    }

    /// What each has in mind follows what is on its disk.
    fn followed(&mut self) {
        for (sight, state) in self.sights.iter_mut().zip(&self.group.servers) {
            sight.follow(&self.group.policy, state, self.now_ms);
        }
    }

    fn doubts(&mut self, servers: &[usize]) {
        self.now_ms += DEADLINE_MS;
        for server in servers {
            let state = &mut self.group.servers[*server];
            let Some(epoch) = state.slot.as_ref().map(|it| it.epoch) else { continue };
            *state = timer(&self.group.policy, state, epoch, &at(16)).state;
        }
        self.followed();
    }

    fn says(&self, peer: usize) -> Receipt {
        self.group.state(peer, &at(16))
    }

    fn asks(&mut self, server: usize, peer: usize) {
        let (said, now_ms) = (self.says(peer), self.now_ms);
        self.hears(server, &said, now_ms);
    }

    fn hears(&mut self, server: usize, said: &Receipt, asked_ms: i64) {
        let state = &self.group.servers[server];
        self.sights[server].hear((&self.group.policy, state), said, (asked_ms, self.now_ms));
    }

    fn commits(&mut self) {
        self.group.commit(&self.bundle, (Move::FIRST, &self.promises), &at(2)).unwrap();
        self.followed();
    }

    fn follows(&mut self, server: usize) {
        self.group.follow(server, (&self.bundle, Move::FIRST), &at(16)).unwrap();
        self.followed();
    }

    fn restarts(&mut self, server: usize) {
        let state = &self.group.servers[server];
        let present = state.stored.clone();
        self.group.servers[server] = restart(&self.group.policy, state, present, &at(16)).state;
        self.sights[server] = Sight::new(self.now_ms);
        self.followed();
    }

    fn settles(&mut self, server: usize) {
        if let Some(done) = settle(&self.group.servers[server], &self.sights[server], self.now_ms) {
            assert!(done.receipt.is_none() && done.effect == Effect::Nothing);
            self.group.servers[server] = done.state;
        }
        self.followed();
    }

    fn unready(&self, server: usize) -> Vec<&'static str> {
        let sight = (&self.sights[server], self.now_ms);
        unready(&self.group.policy, &self.group.servers[server], &at(16), sight)
    }
}

#[test]
fn who_sees_everybody_in_the_same_doubt_stays_ready() {
    let scene = Scene::in_doubt();
    assert!(scene.says(1).doubt && !scene.says(0).doubt);
    assert_eq!([1, 2].map(|it| scene.unready(it)), [vec![], Vec::<&str>::new()]);
}

#[test]
fn what_was_shown_counts_for_a_short_time_from_the_question_on() {
    let mut scene = Scene::in_doubt();
    scene.now_ms += STAY_MS - 1;
    assert!(scene.unready(1).is_empty());
    scene.now_ms += 1;
    assert_eq!(scene.unready(1), ["in-doubt"]);
    // An answer that was long on its way is as old as its question.
    let said = scene.says(2);
    scene.hears(1, &said, scene.now_ms - STAY_MS);
    assert_eq!(scene.unready(1), ["in-doubt"]);
    scene.asks(1, 2);
    assert!(scene.unready(1).is_empty());
    // An older answer that arrives later takes nothing away.
    scene.hears(1, &said, scene.now_ms - STAY_MS);
    assert!(scene.unready(1).is_empty());
}

/// One thing is different from a doubt that is the same: the server is not ready by it.
#[track_caller]
fn does_not_count(change: impl FnOnce(&mut Receipt)) {
    let mut scene = Scene::in_doubt();
    let mut said = scene.says(2);
    change(&mut said);
    scene.hears(1, &said, scene.now_ms);
    assert_eq!(scene.unready(1), ["in-doubt"]);
}

#[test]
fn only_the_same_doubt_counts() {
    does_not_count(|it| it.doubt = false);
    does_not_count(|it| it.plan = None);
    does_not_count(|it| it.step = Some(Move::Back));
    does_not_count(|it| it.epoch = it.epoch.next(1));
    does_not_count(|it| it.generation += 1);
    does_not_count(|it| it.policy = taiwa_model::Digest::of(b"another"));
    does_not_count(|it| it.plan = Some(taiwa_model::Digest::of(b"another")));
}

#[test]
fn what_a_peer_showed_before_the_own_doubt_does_not_count() {
    let mut scene = Scene::promised(|_| ());
    scene.doubts(&[2]);
    scene.doubts(&[1]);
    let said = scene.says(2);
    scene.hears(1, &said, scene.now_ms - 1);
    assert_eq!(scene.unready(1), ["in-doubt"]);
    scene.asks(1, 2);
    assert!(scene.unready(1).is_empty());
}

#[test]
fn everybody_has_to_show_it_and_only_members_count() {
    let mut scene = Scene::promised(|_| ());
    scene.doubts(&[1, 2]);
    let mut said = scene.says(2);
    for stranger in ["osaka-1", "tokyo-2", "tokyo-1"] {
        said.server = stranger.into();
        scene.hears(1, &said, scene.now_ms);
        assert_eq!(scene.unready(1), ["in-doubt"], "{stranger}");
    }
    let mut committed = scene.says(2);
    committed.phase = taiwa_plan::Phase::Committed;
    scene.hears(1, &committed, scene.now_ms);
    assert_eq!(scene.unready(1), ["in-doubt"]);
}

#[test]
fn after_a_restart_nothing_is_remembered_of_what_peers_showed() {
    let mut scene = Scene::in_doubt();
    scene.restarts(1);
    assert_eq!(scene.unready(1), ["in-doubt"]);
    scene.asks(1, 2);
    assert!(scene.unready(1).is_empty());
}

#[test]
fn nobody_stays_by_a_plan_that_leaves_somebody_out() {
    let mut scene = Scene::promised(|case| {
        let away = Absent { server: "tokyo-3".into(), why: "its disk is replaced".to_owned() };
        case.plan.choices.absent = vec![away];
    });
    scene.doubts(&[1]);
    let mut said = scene.says(1);
    said.server = "tokyo-3".into();
    scene.hears(1, &said, scene.now_ms);
    assert_eq!(scene.unready(1), ["in-doubt"]);
    let promises = scene.promises.clone();
    scene.group.commit(&scene.bundle, (Move::FIRST, &promises), &at(2)).unwrap();
    assert!(!scene.group.servers[0].alone);
}

#[test]
fn two_servers_cannot_know_and_who_serves_in_doubt_owes_nothing() {
    let mut case = Case::new();
    case.document.in_doubt = InDoubt::Drain;
    case.document.servers.truncate(2);
    case.plan.servers.truncate(2);
    let bundle = case.bundle().2;
    let mut group = Group::new(&case.policy(), &[release("espresso")]);
    group.servers.truncate(2);
    let promises = group.prepare(&bundle, Move::FIRST, &at(1)).unwrap();
    let epoch = group.servers[1].slot.as_ref().unwrap().epoch;
    group.servers[1] = timer(&group.policy, &group.servers[1], epoch, &at(16)).state;
    let mut sight = Sight::new(0);
    sight.follow(&group.policy, &group.servers[1], 0);
    let words = unready(&group.policy, &group.servers[1], &at(16), (&sight, 1));
    assert_eq!(words, ["in-doubt"], "there is nobody to ask but the anchor");
    group.commit(&bundle, (Move::FIRST, &promises), &at(2)).unwrap();
    assert!(!group.servers[0].alone);
    let mut serves = Scene::promised(|case| case.document.in_doubt = InDoubt::Serve);
    serves.doubts(&[1, 2]);
    assert!(serves.unready(1).is_empty());
    serves.commits();
    serves.follows(1);
    let owes = |it: usize| serves.group.servers[it].after_doubt || serves.group.servers[it].alone;
    assert!(!owes(0) && !owes(1));
}

#[test]
fn who_moves_on_from_a_doubt_waits_and_also_after_a_restart() {
    let mut scene = Scene::in_doubt();
    scene.commits();
    scene.follows(1);
    assert_eq!(scene.unready(1), ["after-doubt"]);
    assert!(scene.unready(2).is_empty(), "it stays by what it was shown");
    scene.now_ms += 1;
    scene.followed();
    scene.now_ms += COOL_MS - 2;
    scene.settles(1);
    assert_eq!(scene.unready(1), ["after-doubt"]);
    assert_eq!(scene.unready(2), ["in-doubt"], "and not as long as the other waits");
    let mut went_on = scene.group.servers[1].clone();
    went_on = settle(&went_on, &scene.sights[1], scene.now_ms + 1).unwrap().state;
    assert!(!went_on.after_doubt, "its time is over");
    scene.restarts(1);
    scene.now_ms += 1;
    scene.settles(1);
    assert_eq!(scene.unready(1), ["after-doubt"], "the whole wait again");
    scene.now_ms += COOL_MS;
    scene.settles(1);
    assert!(scene.unready(1).is_empty());
    assert!(!scene.group.servers[1].after_doubt);
}

#[test]
fn who_was_not_in_doubt_does_not_wait() {
    let mut scene = Scene::promised(|_| ());
    scene.commits();
    // It was an anchor once, and nobody had followed it.
    scene.group.servers[1].alone = true;
    scene.follows(1);
    assert!(scene.unready(1).is_empty());
    assert!(!scene.group.servers[1].alone, "who follows somebody is not alone");
}

#[test]
fn a_doubt_that_ends_without_a_move_owes_nothing() {
    let scene = Scene::in_doubt();
    let said = Receipt { plan: None, step: None, ..scene.says(0) };
    let done = hear(&scene.group.policy, &scene.group.servers[1], &said, &at(17));
    assert!(done.state.slot.is_none() && !done.state.after_doubt);
}

#[test]
fn an_anchor_that_nobody_follows_asks_to_be_left_alone_from_its_deadline_on() {
    let mut scene = Scene::promised(|_| ());
    scene.now_ms += 5_000;
    scene.followed();
    scene.commits();
    assert!(scene.unready(0).is_empty());
    scene.now_ms += DEADLINE_MS - 5_001;
    scene.followed();
    assert!(scene.unready(0).is_empty());
    scene.now_ms += 1;
    assert_eq!(scene.unready(0), ["alone"], "it counts from the promise");
    // Neither its own word nor a stranger's is somebody who follows.
    let mut said = scene.says(0);
    for server in ["tokyo-1", "osaka-1"] {
        said.server = server.into();
        scene.hears(0, &said, scene.now_ms);
    }
    // Peers that have not moved do not end it; one that follows does, after the wait.
    scene.asks(0, 1);
    scene.now_ms += COOL_MS;
    scene.settles(0);
    assert_eq!(scene.unready(0), ["alone"]);
    scene.follows(2);
    scene.asks(0, 2);
    scene.now_ms += COOL_MS - 1;
    scene.settles(0);
    assert_eq!(scene.unready(0), ["alone"]);
    scene.now_ms += 1;
    scene.settles(0);
    assert!(scene.unready(0).is_empty());
    assert!(!scene.group.servers[0].alone);
}

/// What it committed is still young when it promises the next move.
#[test]
fn the_next_promise_does_not_make_an_anchor_alone() {
    let mut scene = Scene::promised(|_| ());
    scene.commits();
    let mut slot = scene.group.servers[1].slot.clone().unwrap();
    slot.epoch = slot.epoch.next(1);
    scene.now_ms += DEADLINE_MS - 1;
    scene.group.servers[0].slot = Some(slot);
    scene.followed();
    scene.followed();
    assert!(scene.unready(0).is_empty());
    scene.now_ms += 1;
    assert_eq!(scene.unready(0), ["alone"], "the promise of the move that it committed counts");
}

#[test]
fn an_anchor_that_restarts_does_not_know_when_it_promised() {
    let mut scene = Scene::promised(|_| ());
    scene.commits();
    scene.restarts(0);
    assert_eq!(scene.unready(0), ["alone"]);
    scene.follows(1);
    scene.asks(0, 1);
    scene.restarts(0);
    scene.now_ms += COOL_MS;
    scene.settles(0);
    assert_eq!(scene.unready(0), ["alone"], "what it heard was of its life before");
}

/// The next commit is another one: who followed the last has said nothing of it.
#[test]
fn who_followed_before_does_not_count_for_the_next_commit() {
    let mut scene = Scene::promised(|_| ());
    scene.commits();
    scene.follows(1);
    scene.asks(0, 1);
    let mut next = scene.group.servers[0].clone();
    next.active.as_mut().unwrap().generation += 1;
    scene.group.servers[0] = next;
    scene.followed();
    scene.now_ms += COOL_MS + DEADLINE_MS;
    scene.settles(0);
    assert_eq!(scene.unready(0), ["alone"]);
}

/// Everybody takes the next policy.
fn rotated(scene: &mut Scene, change: impl FnOnce(&mut PolicyDocument)) {
    let mut document = scene.group.policy.document().clone();
    (document.version, document.previous) = (2, Some(*scene.group.policy.digest()));
    change(&mut document);
    let mut envelope = Envelope::unsigned(&document).unwrap();
    envelope.add_signature(&secret(crate::world::TANAKA)).unwrap();
    let next = Policy::accept(&envelope).unwrap();
    for state in &mut scene.group.servers {
        *state = rotate(&scene.group.policy, state, &next, &at(17)).unwrap().state;
    }
    scene.group.policy = next;
    scene.followed();
}

/// Somebody who has not heard of the newer policy may still rely on what was shown under the one before.
#[test]
fn who_moves_on_under_a_newer_policy_waits_for_those_of_the_one_before() {
    let mut scene = Scene::in_doubt();
    scene.commits();
    let (old, bundle) = (scene.group.policy.clone(), scene.bundle.clone());
    let word = scene.group.word.clone().unwrap();
    rotated(&mut scene, |it| it.in_doubt = InDoubt::Serve);
    let shown = crate::world::sign(&scene.says(0));
    let shown = Some(&shown);
    let proof = Learning { bundle: &bundle, word: &word, earlier: &[old], shown };
    scene.group.servers[1].alone = true;
    let done = learn(&scene.group.policy, &scene.group.servers[1], &proof, &at(18)).unwrap();
    assert!(done.state.after_doubt && !done.state.alone);
}

#[test]
fn a_newer_policy_ends_what_was_shown() {
    let mut scene = Scene::in_doubt();
    rotated(&mut scene, |_| ());
    scene.asks(1, 2);
    assert_eq!(scene.unready(1), ["in-doubt"], "the slot is of the policy before");
}

/// A server whose disk is new, that has learned what its group runs.
fn replaced(scene: &mut Scene) {
    let policy = scene.group.policy.clone();
    let fresh = ServerState::fresh(&policy, "tokyo-3".into());
    let word = scene.group.word.clone().unwrap();
    let proof = Learning { bundle: &scene.bundle, word: &word, earlier: &[], shown: None };
    let stored = store(&fresh, release("espresso")).state;
    scene.group.servers[2] = learn(&policy, &stored, &proof, &at(18)).unwrap().state;
    scene.sights[2] = Sight::new(scene.now_ms);
    scene.followed();
}

fn heard(scene: &mut Scene, said: &Receipt) {
    let state = &scene.group.servers[2];
    scene.group.servers[2] = hear(&scene.group.policy, state, said, &at(19)).state;
}

#[test]
fn a_new_disk_may_have_forgotten_a_promise_until_the_anchor_shows_that_none_is_open() {
    let mut scene = Scene::promised(|_| ());
    let fresh = |it: &str| {
        ServerState::fresh(&scene.group.policy, taiwa_model::ServerId::new(it)).fresh_disk
    };
    assert_eq!((fresh("tokyo-3"), fresh("tokyo-1")), (Some(1), None));
    scene.commits();
    scene.follows(1);
    replaced(&mut scene);
    assert_eq!(scene.unready(2), ["fresh-disk"]);
    let good = scene.says(0);
    let other = taiwa_model::Digest::of(b"another");
    let wrong: [&dyn Fn(&mut Receipt); 5] = [
        &|it| it.server = "tokyo-2".into(),
        &|it| it.plan = Some(other),
        &|it| it.policy = other,
        &|it| it.epoch.version = 2,
        &|it| it.generation = 0,
    ];
    for change in wrong {
        let mut said = good.clone();
        change(&mut said);
        heard(&mut scene, &said);
        assert_eq!(scene.unready(2), ["fresh-disk"], "{said:?}");
    }
    heard(&mut scene, &good);
    assert_eq!(scene.unready(2), ["after-doubt"], "somebody may rely on what the old disk showed");
}

/// An old attempt may be shown to it again, and followed: what it promised after that it has forgotten all the same.
#[test]
fn who_follows_an_anchors_word_may_have_forgotten_a_later_promise() {
    let mut scene = Scene::promised(|_| ());
    scene.group.servers[2].fresh_disk = Some(1);
    scene.commits();
    scene.follows(2);
    assert_eq!(scene.unready(2), ["fresh-disk"]);
    let said = scene.says(0);
    heard(&mut scene, &said);
    assert_eq!((scene.group.servers[2].fresh_disk, scene.unready(2)), (None, vec!["after-doubt"]));
}

/// Nobody stays ready by the doubt of a server that may have followed before its disk was replaced.
#[test]
fn a_new_disk_has_no_doubt_to_show() {
    let mut scene = Scene::in_doubt();
    assert!(scene.says(1).doubt && scene.group.servers[1].fresh_disk.is_none());
    scene.group.servers[1].fresh_disk = Some(1);
    assert!(!scene.says(1).doubt);
}

/// Where nothing runs yet there is nothing to wait for.
#[test]
fn a_new_member_of_a_new_group_waits_for_nothing() {
    let case = Case::new();
    let policy = case.policy();
    let group = Group::new(&policy, &[release("espresso")]);
    let fresh = ServerState::fresh(&policy, "tokyo-3".into());
    let done = hear(&policy, &fresh, &group.state(0, &at(1)), &at(1)).state;
    assert_eq!((done.fresh_disk, done.after_doubt), (None, false));
}
