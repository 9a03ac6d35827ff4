//! What people sign: plans, approvals, holds, pulls, rejections, policies.

use taiwa_model::Digest;
use taiwa_plan::{Absent, Bundle, Envelope, Hold, Lift, Move, PlanKind, Pull, Reject, Step};

use super::world::{Artefact, Flaw, World, accepted};
use crate::world::{
    Case, RUNNER, SATO, STAGING_ANCHOR, STRANGER, TANAKA, TANAKA_TOO, approve, in_s, origin_state,
    passed, release, signed,
};

impl World {
    /// A plan from the anchor's state: a new release, in steps or not, back to one that ran, or break-glass.
    pub(super) fn plan(&mut self, honest: bool) -> usize {
        let policy = self.newest().clone();
        let place = self.anchor(&policy);
        let anchor = &self.nodes[place].state;
        let (from, base) = (anchor.release(), anchor.generation());
        let earlier: Vec<_> = anchor.ran.keys().copied().filter(|it| Some(*it) != from).collect();
        let kind = self.dice.roll(8);
        let mut case = match (kind, from) {
            (0 | 1, Some(from)) if !earlier.is_empty() && honest => {
                Case::rollback(&earlier[self.dice.roll(earlier.len())], from, base)
            }
            _ => {
                self.releases += 1;
                let name = if honest { "r" } else { "evil" };
                Case::of(&release(&format!("{name}{}", self.releases)), from, base)
            }
        };
        if kind == 2 && from.is_some() {
            case.plan.kind = PlanKind::Emergency;
            case.plan.choices.revert_at = Some(in_s(self.now_s + 10 + self.dice.seconds(40)));
            (case.evidence, case.origin) = (vec![], vec![]);
        }
        if kind == 3 && from.is_some() {
            let steps = vec![Step { share_bp: 500, for_s: 2 }, Step::ALL];
            let built = taiwa_plan::Plan { steps, ..case.plan.clone() };
            if built.unsupported().is_empty() {
                case.plan.steps = built.steps;
            }
        }
        if kind == 4 {
            let away = (0..3).filter(|it| *it != place).nth(self.dice.roll(2)).unwrap();
            let server = self.nodes[away].state.server.clone();
            case.plan.choices.absent = vec![Absent { server, why: "away".to_owned() }];
        }
        case.plan.policy = *policy.digest();
        case.plan.anchor = policy.document().anchor.clone();
        case.plan.choices.again = case.plan.kind == PlanKind::Rollback;
        case.plan.not_after = in_s(self.now_s + 6 + self.dice.seconds(24));
        self.approved(case, honest)
    }

    fn approved(&mut self, mut case: Case, honest: bool) -> usize {
        let now_s = self.now_s;
        let expires = in_s(now_s + 6 + self.dice.seconds(24));
        if case.plan.kind == PlanKind::Change {
            let state = |it| (STAGING_ANCHOR, origin_state(case.plan.to, in_s(now_s + it)));
            case.origin = [-20, -1].map(state).to_vec();
        }
        let all = self.flaw == Some(Flaw::OneKeyMore);
        if !honest && !all {
            let (manager, forged) = (approve("manager"), approve("touchpoint-manager"));
            case.approvals = vec![
                (TANAKA, manager.clone()),
                (TANAKA, forged.clone()),
                (TANAKA_TOO, manager),
                (TANAKA_TOO, forged),
            ];
        }
        if honest && self.dice.roll(4) > 0 && case.plan.from.is_some() {
            case.plan.parachute_until = Some(in_s(now_s + 40));
        }
        let parachute = case.plan.parachute_until.is_some();
        for (_, approval) in &mut case.approvals {
            (approval.issued, approval.expires) = (in_s(now_s), expires);
            approval.parachute = parachute;
        }
        if !honest && self.dice.roll(2) == 0 {
            // What others signed for something else comes along.
            let others = self.artefacts.iter().rev().take(3).flat_map(|it| &it.bundle.statements);
            case.extra.extend(others.take(20).cloned());
        }
        let (plan, digest, bundle) = case.bundle();
        for node in &mut self.nodes {
            node.state.stored.insert(plan.to);
        }
        let (pulled, ratified) = (None, None);
        self.artefacts.push(Artefact { plan, digest, bundle, honest, expires, pulled, ratified });
        self.artefacts.len() - 1
    }

    /// The bundle that a courier brings for a move.
    pub(super) fn bundle(&self, artefact: usize, step: Move) -> Bundle {
        let one = &self.artefacts[artefact];
        let special = match step {
            Move::Back => one.pulled.as_ref(),
            Move::Ratify => one.ratified.as_ref(),
            Move::Step(_) => None,
        };
        special.unwrap_or(&one.bundle).clone()
    }

    fn with(&self, artefact: usize, more: Vec<Envelope>) -> Bundle {
        let one = &self.artefacts[artefact];
        let statements = one.bundle.statements.iter().cloned().chain(more).collect();
        Bundle::new(&one.plan, statements).unwrap()
    }

    /// Somebody pulls the parachute of a plan: a manager, or a stranger, whom nobody should believe.
    pub(super) fn pull(&self, artefact: usize, by: u8) -> Bundle {
        let pull = Pull {
            environment: "production".into(),
            issued: in_s(self.now_s),
            plan: self.artefacts[artefact].digest,
            step: Move::Back,
            expires: in_s(self.now_s + 30),
        };
        self.with(artefact, vec![signed(&pull, by)])
    }

    /// The evidence of an ordinary change comes, for an emergency.
    pub(super) fn ratify(&mut self, artefact: usize) {
        let (to, now_s) = (self.artefacts[artefact].plan.to, self.now_s);
        let says = |it: i64| {
            let state = origin_state(to, in_s(now_s + it));
            signed(&state, STAGING_ANCHOR)
        };
        let evidence = signed(&passed(to), RUNNER);
        self.artefacts[artefact].ratified =
            Some(self.with(artefact, vec![evidence, says(-20), says(-1)]));
    }

    /// A rejection, a hold or a lift, by somebody who may or by somebody else.
    pub(super) fn word(&mut self) -> (Envelope, Option<Digest>) {
        let (environment, issued) = ("production".into(), in_s(self.now_s));
        let may = self.dice.roll(3) > 0;
        let id = format!("h{}", self.dice.roll(4));
        match self.dice.roll(3) {
            0 if !self.artefacts.is_empty() => {
                let plan = self.artefacts[self.dice.roll(self.artefacts.len())].digest;
                let reject = Reject { environment, issued, plan, why: "no".to_owned() };
                let signer = if may { TANAKA } else { STRANGER };
                (signed(&reject, signer), may.then_some(plan))
            }
            1 => {
                let lift = Lift { environment, issued, id };
                let signer = if may { SATO } else { TANAKA };
                (signed(&lift, signer), None)
            }
            _ => {
                let (expires, why) = (in_s(self.now_s + 8), "wait".to_owned());
                let hold = Hold { environment, issued, id, why, expires };
                let signer = if may { SATO } else { TANAKA };
                (signed(&hold, signer), None)
            }
        }
    }

    /// People agree on the next policy: another server decides, or something small changes.
    pub(super) fn next_policy(&mut self) {
        let another = (self.dice.roll(2) == 0).then(|| self.dice.roll(3));
        self.agree(another);
    }

    /// The same, and who decides stays.
    pub(super) fn small_policy(&mut self) {
        self.agree(None);
    }

    fn agree(&mut self, anchor: Option<usize>) {
        let old = self.newest().clone();
        let mut document = old.document().clone();
        document.version += 1;
        document.previous = Some(*old.digest());
        document.issued = in_s(self.now_s);
        match anchor {
            Some(another) => document.anchor = document.servers[another].id.clone(),
            None => document.lease_s += 1,
        }
        self.policies.push(accepted(&document, &[TANAKA, SATO]));
        self.tally.rotations += 1;
    }

    /// A policy that only the attacker wants, under which he alone decides.
    pub(super) fn coup(&mut self, server: usize) -> taiwa_plan::Policy {
        let old = self.policy(server).clone();
        let mut document = old.document().clone();
        document.version += 1;
        document.previous = Some(*old.digest());
        document.policy.truncate(1);
        document.approvals.truncate(1);
        document.issued = in_s(self.now_s);
        let coup = accepted(&document, &[TANAKA, TANAKA_TOO]);
        self.coups.push(coup.clone());
        coup
    }
}
