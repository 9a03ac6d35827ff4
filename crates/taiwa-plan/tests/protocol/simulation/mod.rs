//! Three servers, two couriers, one attacker, many seeds. Whatever exists can reach any server at any
//! time, in any order, repeatedly or never; servers crash before and after their commits, restart, and
//! their leases run out. After every step invariants 1, 2, 3, 5 and 6 of the protocol are checked, and
//! at the end of a run 7: an honest deployment with everyone reachable succeeds.
//!
//! Long because the world of the simulation is one thing with one state.
//! The attacker holds the admin token and both keys of one approver, and cannot forge.

mod invariants;

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{Digest, ServerId, Timestamp};
use taiwa_plan::{
    Bundle, Envelope, Epoch, Move, Phase, Policy, Pull, Reading, Receipt,
    server::{
        Activation, Preparation, Refused, ServerState, Transition, abort, activate, prepare,
        restart, statement, store, timer,
    },
};

use crate::world::{
    Case, SATO, SERVERS, TANAKA, TANAKA_TOO, approve, in_s, origin_state, production,
};
use crate::world::{accept, release, secret, sign};

const SEEDS: u64 = 200;
const STEPS: u64 = 60;

/// `SplitMix64`: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % sides.max(1) as u64).unwrap()
    }
}

/// A bundle that exists, and what is true of it.
struct Artefact {
    bundle: Bundle,
    plan: Digest,
    honest: bool,
    expires: Timestamp,
    /// The same with a `pull`, once somebody who may has signed one.
    pulled: Option<Bundle>,
}

/// A deployer that follows the script, as far as it is let.
#[derive(Default)]
struct Courier {
    artefact: usize,
    stage: usize,
    back: bool,
}

struct World {
    dice: Dice,
    policy: Policy,
    now_s: i64,
    states: Vec<ServerState>,
    artefacts: Vec<Artefact>,
    /// Every receipt that anybody has ever seen, with its content.
    receipts: Vec<(Envelope, Receipt)>,
    /// Two honest ones, and one who carries the attacker's plans just as carefully.
    couriers: [Courier; 3],
    releases: usize,
    // What the invariants remember.
    of_generation: BTreeMap<u64, Digest>,
    committed: BTreeSet<(Digest, Move)>,
    ended: BTreeSet<Epoch>,
    rejected_at_anchor: BTreeSet<Digest>,
}

impl World {
    fn new(seed: u64) -> Self {
        let policy = accept(&production());
        let states = SERVERS.map(|it| ServerState::fresh(&policy, ServerId::new(it.0))).to_vec();
        Self {
            dice: Dice(seed),
            policy,
            now_s: 0,
            states,
            artefacts: vec![],
            receipts: vec![],
            couriers: Default::default(),
            releases: 0,
            of_generation: BTreeMap::new(),
            committed: BTreeSet::new(),
            ended: BTreeSet::new(),
            rejected_at_anchor: BTreeSet::new(),
        }
    }

    fn at(&self, server: usize) -> Reading {
        Reading::of(self.states[server].floor, in_s(self.now_s), None, 5)
    }

    /// A plan from the anchor's state: a new release, or back to one that ran.
    fn plan(&mut self, honest: bool) -> usize {
        let anchor = &self.states[0];
        let (from, base) = (anchor.release(), anchor.generation());
        let earlier: Vec<_> = anchor.ran.keys().copied().filter(|it| Some(*it) != from).collect();
        let back = !earlier.is_empty() && honest && self.dice.roll(4) == 0;
        let mut case = if back {
            let to = earlier[self.dice.roll(earlier.len())];
            Case::rollback(&to, from.unwrap(), base)
        } else {
            self.releases += 1;
            let name = if honest { format!("r{}", self.releases) } else { "evil".to_owned() };
            Case::of(&release(&name), from, base)
        };
        let now_s = self.now_s;
        case.plan.policy = *self.policy.digest();
        case.plan.choices.again = back;
        case.plan.not_after = in_s(now_s + 6 + i64::try_from(self.dice.roll(24)).unwrap());
        let expires = in_s(now_s + 6 + i64::try_from(self.dice.roll(24)).unwrap());
        for (_, approval) in &mut case.approvals {
            (approval.issued, approval.expires) = (in_s(now_s), expires);
        }
        if !back {
            case.origin = [-20, -1]
                .map(|it| {
                    (crate::world::STAGING_ANCHOR, origin_state(case.plan.to, in_s(now_s + it)))
                })
                .to_vec();
        }
        if !honest {
            let forged = approve("touchpoint-manager");
            case.approvals = vec![
                (TANAKA, approve("manager")),
                (TANAKA, forged.clone()),
                (TANAKA_TOO, approve("manager")),
                (TANAKA_TOO, forged),
            ];
        }
        if honest && self.dice.roll(4) > 0 {
            case.plan.parachute_until = Some(in_s(now_s + 40));
            case.approvals.iter_mut().for_each(|it| it.1.parachute = true);
        }
        let (plan, digest, bundle) = case.bundle();
        for state in &mut self.states {
            *state = store(state, plan.to).state;
        }
        self.artefacts.push(Artefact { bundle, plan: digest, honest, expires, pulled: None });
        self.artefacts.len() - 1
    }

    /// Somebody pulls the parachute of a plan: a manager, or a stranger, whom nobody should believe.
    fn pull(&mut self, artefact: usize, by: u8) -> Bundle {
        let one = &self.artefacts[artefact];
        let pull = Pull {
            environment: "production".into(),
            issued: in_s(self.now_s),
            plan: one.plan,
            step: Move::Back,
            expires: in_s(self.now_s + 30),
        };
        let statement = Envelope::signed(&pull, &secret(by)).unwrap();
        let statements = one.bundle.statements.iter().cloned().chain([statement]).collect();
        Bundle::new(&one.bundle.open().unwrap().plan, statements).unwrap()
    }

    fn bundle(&self, artefact: usize, step: Move) -> Bundle {
        let one = &self.artefacts[artefact];
        match (step, &one.pulled) {
            (Move::Back, Some(pulled)) => pulled.clone(),
            _ => one.bundle.clone(),
        }
    }

    fn prepare(
        &mut self,
        server: usize,
        (bundle, step): (&Bundle, Move),
        word: Option<usize>,
    ) -> bool {
        let word = word.map(|it| self.receipts[it].0.clone());
        let request = Preparation { bundle, step, word: word.as_ref() };
        let done = prepare(&self.policy, &self.states[server], &request, &self.at(server));
        self.commit(server, done)
    }

    fn activate(
        &mut self,
        server: usize,
        (bundle, step): (&Bundle, Move),
        receipts: &[Envelope],
    ) -> bool {
        let request = Activation { bundle, step, receipts };
        let at = self.at(server);
        let done = activate(&self.policy, &self.states[server], &request, &at);
        self.commit(server, done)
    }

    /// The commit of a transition, with crashes around it.
    fn commit(&mut self, server: usize, done: Result<Transition, Refused>) -> bool {
        let Ok(done) = done else { return false };
        if self.dice.roll(30) == 0 {
            return false; // it died before: a lost request
        }
        let before = std::mem::replace(&mut self.states[server], done.state);
        self.check(server, &before);
        if self.dice.roll(30) == 0 {
            self.restart(server); // it died after: a lost answer
            return false;
        }
        if let Some(receipt) = done.receipt
            && !self.receipts.iter().any(|it| it.1 == receipt)
        {
            self.receipts.push((sign(&receipt), receipt));
        }
        true
    }

    fn restart(&mut self, server: usize) {
        let (state, at) = (&self.states[server], self.at(server));
        if server == 0 {
            self.ended.extend(state.slot.as_ref().map(|it| it.epoch));
        }
        let next = restart(&self.policy, state, state.stored.clone(), &at).state;
        let before = std::mem::replace(&mut self.states[server], next);
        self.check(server, &before);
    }

    fn words(&self, phase: Phase, (plan, step): (Digest, Move)) -> Vec<usize> {
        let of = |it: &usize| {
            let receipt = &self.receipts[*it].1;
            receipt.phase == phase && receipt.plan == Some(plan) && receipt.step == Some(step)
        };
        (0..self.receipts.len()).filter(of).collect()
    }

    /// One step of a courier's script.
    fn courier(&mut self, which: usize) {
        if self.artefacts.is_empty() || self.couriers[which].stage == 0 {
            let live = self.states[0].active.as_ref().map(|it| it.plan);
            let leads_back = |it: &Artefact| {
                let plan = it.bundle.open().unwrap().plan;
                plan.from.is_some() && plan.parachute_until.is_some()
            };
            let live = self.artefacts.iter().position(|it| Some(it.plan) == live && leads_back(it));
            if let Some(artefact) = live.filter(|_| which < 2 && self.dice.roll(3) > 0) {
                self.artefacts[artefact].pulled = Some(self.pull(artefact, SATO));
                self.couriers[which] = Courier { artefact, stage: 1, back: true };
                return;
            }
            let artefact = self.plan(which < 2);
            self.couriers[which] = Courier { artefact, stage: 1, back: false };
            return;
        }
        let Courier { artefact, stage, back } = self.couriers[which];
        let step = if back { Move::Back } else { Move::FIRST };
        let bundle = self.bundle(artefact, step);
        let what = (&bundle, step);
        let plan = self.artefacts[artefact].plan;
        let by_anchor = |world: &Self, phase| {
            let mut words = world.words(phase, (plan, step)).into_iter();
            words.rfind(|it| world.receipts[*it].1.server == world.states[0].server)
        };
        let ok = match stage {
            1 => self.prepare(0, what, None),
            2 | 3 => {
                let word = by_anchor(self, Phase::Prepared);
                self.prepare(stage - 1, what, word)
            }
            4 => {
                let words = self.words(Phase::Prepared, (plan, step));
                let words: Vec<_> = words.iter().map(|it| self.receipts[*it].0.clone()).collect();
                self.activate(0, what, &words)
            }
            5 | 6 => {
                let word = by_anchor(self, Phase::Committed);
                let word: Vec<_> = word.iter().map(|it| self.receipts[*it].0.clone()).collect();
                self.activate(stage - 4, what, &word)
            }
            _ => false,
        };
        let give_up = !ok && (stage > 6 || self.dice.roll(3) == 0);
        self.couriers[which].stage = if give_up { 0 } else { stage + usize::from(ok) };
    }

    /// The attacker delivers anything to anyone.
    fn attacker(&mut self) {
        if self.artefacts.is_empty() || self.dice.roll(6) == 0 {
            self.plan(false);
        }
        let (server, artefact) = (self.dice.roll(3), self.dice.roll(self.artefacts.len()));
        let any = (!self.receipts.is_empty()).then(|| self.dice.roll(self.receipts.len()));
        let step = if self.dice.roll(3) == 0 { Move::Back } else { Move::FIRST };
        let forged = step == Move::Back && self.dice.roll(2) == 0;
        let bundle = if forged {
            self.pull(artefact, crate::world::STRANGER)
        } else {
            self.bundle(artefact, step)
        };
        match self.dice.roll(4) {
            0 => {
                self.prepare(server, (&bundle, step), any);
            }
            1 => {
                // The latest ones, from any plan and epoch, with up to two of them withheld.
                let all = self.receipts.iter().rev().take(12);
                let mut receipts: Vec<_> = all.map(|it| it.0.clone()).collect();
                for _ in 0..self.dice.roll(3).min(receipts.len()) {
                    let which = self.dice.roll(receipts.len());
                    receipts.swap_remove(which);
                }
                self.activate(server, (&bundle, step), &receipts);
            }
            2 => {
                let issued = usize::try_from(self.states[0].epoch.counter).unwrap();
                let counter = self.dice.roll(issued + 2) as u64;
                let epoch = Epoch { version: 1, counter };
                let done = abort(&self.policy, &self.states[server], epoch, &self.at(server));
                self.commit(server, done);
            }
            _ => {
                let plan = self.artefacts[artefact].plan;
                let signer = if self.dice.roll(4) == 0 { TANAKA } else { crate::world::STRANGER };
                let sent = crate::admission::rejection(plan, signer);
                let at = self.at(server);
                let done = statement(&self.policy, &self.states[server], &sent, &at);
                if self.commit(server, done) && server == 0 {
                    self.rejected_at_anchor.insert(plan);
                }
            }
        }
    }

    fn step(&mut self) {
        match self.dice.roll(12) {
            0..=6 => {
                let which = self.dice.roll(7) % 3;
                self.courier(which);
            }
            7 | 8 => self.attacker(),
            9 => self.now_s += i64::try_from(self.dice.roll(8)).unwrap(),
            10 => {
                let server = self.dice.roll(3);
                self.restart(server);
            }
            _ => {
                let server = self.dice.roll(3);
                if let Some(epoch) = self.states[server].slot.as_ref().map(|it| it.epoch) {
                    let at = self.at(server);
                    let done = timer(&self.policy, &self.states[server], epoch, &at);
                    self.commit(server, Ok(done));
                }
            }
        }
    }
}

/// Says which seed to replay when a run fails.
struct Replay(u64);

impl Drop for Replay {
    #[expect(clippy::print_stdout, reason = "this is what the reader of a failure needs")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.0;
            println!(
                "replay: TAIWA_SEED={seed} cargo test -p taiwa-plan --test protocol simulation"
            );
        }
    }
}

/// How many moves were committed, and how many of them went back.
fn run(seed: u64) -> (usize, usize) {
    let replay = Replay(seed);
    let mut world = World::new(seed);
    for _ in 0..world.dice.roll(3) {
        world.deploys();
    }
    for _ in 0..STEPS {
        world.step();
    }
    world.recovers();
    drop(replay);
    let backs = world.committed.iter().filter(|it| it.1 == Move::Back).count();
    (world.committed.len(), backs)
}

#[expect(clippy::disallowed_methods, reason = "the seed to replay comes from who runs the test")]
fn runs(seeds: std::ops::Range<u64>) {
    if let Ok(seed) = std::env::var("TAIWA_SEED") {
        run(seed.parse().unwrap());
        return;
    }
    let count = seeds.end - seeds.start;
    let (mut commits, mut backs) = (0, 0);
    for (all, back) in seeds.map(run) {
        (commits, backs) = (commits + all, backs + back);
    }
    assert!(2 * commits as u64 > count, "so few commits ({commits} in {count} runs) prove nothing");
    assert!(20 * backs as u64 > count, "so few parachutes ({backs} in {count} runs) prove nothing");
}

#[test]
fn invariants_hold_in_the_first_half_of_the_seeds() {
    runs(0..SEEDS / 2);
}

#[test]
fn invariants_hold_in_the_second_half_of_the_seeds() {
    runs(SEEDS / 2..SEEDS);
}

#[test]
fn the_dice_are_the_same_everywhere() {
    let mut dice = Dice(7);
    let rolls: Vec<_> = (0..6).map(|_| dice.roll(100)).collect();
    assert_eq!(rolls, [87, 4, 46, 3, 74, 5]);
}
