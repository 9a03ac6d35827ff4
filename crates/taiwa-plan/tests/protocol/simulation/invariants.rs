//! The invariants of the protocol, by their numbers, checked after every change, after every step, and at the end.

use std::fmt;

use taiwa_plan::{
    Move, Payload, Phase, PlanKind, Reading, Seen, count, read_state,
    server::{Entry, ServerState, held},
};

use super::world::World;
use crate::world::{in_s, key};

/// What must always hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invariant {
    Approved = 1,
    Generations = 2,
    Commits = 3,
    Mixture = 4,
    Epochs = 5,
    Disk = 6,
    Recovery = 7,
    Serving = 8,
    Done = 9,
    Policies = 10,
    Story = 11,
}

impl Invariant {
    const fn says(self) -> &'static str {
        match self {
            Self::Approved => "a server activates only what its own policy's people approved",
            Self::Generations => "a generation only grows, and is one release in the whole group",
            Self::Commits => "a move is committed once, by who leads, while its approvals count",
            Self::Mixture => "after the deadline no two ready servers differ",
            Self::Epochs => "an epoch that is over has no effect",
            Self::Disk => "what a server told anyone is on its disk",
            Self::Recovery => "an honest deployment can succeed",
            Self::Serving => "serving needs nobody else",
            Self::Done => "done means the fresh signed state of every server",
            Self::Policies => "a policy changes only by its old threshold",
            Self::Story => "a stranger can check later what was done",
        }
    }
}

/// What was broken.
#[derive(Clone, Debug)]
pub(super) struct Violation {
    invariant: Invariant,
    what: String,
}

impl Violation {
    pub(super) const fn number(&self) -> u8 {
        self.invariant as u8
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {} ({}): {}", self.number(), self.invariant.says(), self.what)
    }
}

impl World {
    pub(super) fn broken(&mut self, invariant: Invariant, what: impl Into<String>) {
        self.violation.get_or_insert(Violation { invariant, what: what.into() });
    }

    fn holds(&mut self, holds: bool, invariant: Invariant, what: &str) {
        if !holds {
            self.broken(invariant, what);
        }
    }

    /// What one change of one server can break.
    pub(super) fn checked(&mut self, server: usize, before: &ServerState, entry: Option<&Entry>) {
        let after = self.nodes[server].state.clone();
        let grows = after.generation() >= before.generation();
        self.holds(grows, Invariant::Generations, "the generation shrank");
        let kept = after.epoch >= before.epoch && after.floor >= before.floor;
        self.holds(kept, Invariant::Disk, "an epoch or the clock's floor went back");
        if after.generation() == before.generation() {
            let same = after.release() == before.release();
            self.holds(same, Invariant::Generations, "another release within one generation");
        } else {
            self.moved(server, before, &after, entry);
        }
        let known = self.policies.iter().any(|it| *it.digest() == after.policy);
        self.holds(known, Invariant::Policies, "a policy that only the attacker signed");
        let obeyed = self.policies.iter().find(|it| *it.digest() == before.policy);
        if obeyed.is_some_and(|it| before.is_anchor(it))
            && let Some(slot) = &before.slot
            && after.slot.as_ref().is_none_or(|it| it.epoch != slot.epoch)
            && after.active.as_ref().is_none_or(|it| it.epoch != slot.epoch)
        {
            self.ended.insert(slot.epoch);
        }
        let (epoch, generation) = self.nodes[server].signed;
        let remembers = epoch <= after.epoch && generation <= after.generation();
        self.holds(remembers, Invariant::Disk, "forgot what it signed");
    }

    fn moved(
        &mut self,
        server: usize,
        before: &ServerState,
        after: &ServerState,
        entry: Option<&Entry>,
    ) {
        let Some(active) = &after.active else { return };
        let Some(at) = self.artefacts.iter().position(|it| it.digest == active.plan) else {
            return self.broken(Invariant::Approved, "a plan that nobody made");
        };
        let artefact = &self.artefacts[at];
        let goal = artefact.plan.goal_at(active.step, active.generation);
        let right = artefact.honest && goal.to == Some(active.release);
        let (of, pulled) = ((active.plan, active.step), artefact.pulled.is_some());
        let emergency = artefact.plan.kind == PlanKind::Emergency;
        self.holds(right, Invariant::Approved, "not what people approved");
        self.holds(goal.target == active.generation, Invariant::Generations, "another generation");
        let what = (active.release, active.rest);
        let one = *self.of_generation.entry(active.generation).or_insert(what);
        self.holds(one == what, Invariant::Generations, "one generation, two releases");
        let over = self.ended.contains(&active.epoch);
        self.holds(!over, Invariant::Epochs, "an epoch that was over had an effect");
        match entry.map(|it| it.what.as_str()) {
            Some("activated") if before.is_anchor(self.policy(server)) => {
                let first = self.committed.insert(of);
                self.holds(first, Invariant::Commits, "committed twice");
                self.tally.commits += 1;
                self.tally.backs += usize::from(of.1 == Move::Back);
                self.tally.emergencies += usize::from(emergency);
                self.holds(of.1 != Move::Back || pulled, Invariant::Approved, "nobody pulled it");
                let reading = self.at(server);
                self.in_time(at, of.1, before, &reading);
            }
            Some("reverted") => {
                let ends = self.artefacts[at].plan.choices.revert_at;
                let now = self.at(server).now;
                let due = emergency && ends.is_some_and(|it| it <= now);
                self.holds(due, Invariant::Commits, "an emergency ended before its end");
                self.committed.insert(of);
            }
            other => {
                self.tally.learned += usize::from(other == Some("learned"));
                let committed = self.committed.contains(&of);
                self.holds(committed, Invariant::Commits, "moved without the anchor's commit");
            }
        }
    }

    /// Whether the anchor's commit was within everything that people said of it, by its own clock.
    fn in_time(&mut self, artefact: usize, step: Move, before: &ServerState, at: &Reading) {
        let one = &self.artefacts[artefact];
        let now = at.now;
        let policy = self.policies.iter().find(|it| *it.digest() == one.plan.policy);
        let Some(policy) = policy else {
            return self.broken(Invariant::Commits, "a plan under nobody's policy");
        };
        if step == Move::Back {
            let until = one.plan.parachute_until.is_some_and(|it| now <= it);
            return self.holds(until, Invariant::Commits, "the parachute's time was over");
        }
        let open = one.bundle.open().unwrap();
        let counted = count(&one.plan, policy, &open.statements, now).is_met();
        let approvals = now < one.expires && counted;
        let first = step != Move::FIRST || now <= one.plan.not_after;
        let forward = one.plan.kind != PlanKind::Rollback && step != Move::Ratify;
        let stopped = forward && held(before, now).next().is_some();
        let rejected = self.rejected.contains(&one.digest);
        self.holds(at.trusted, Invariant::Commits, "by a clock that is not believed");
        self.holds(approvals, Invariant::Commits, "its approvals did not count any more");
        self.holds(first, Invariant::Commits, "the plan's time was over");
        self.holds(!stopped, Invariant::Commits, "the line was held");
        self.holds(!rejected, Invariant::Approved, "it was rejected");
    }

    /// What must hold of the whole, whatever happened last.
    pub(super) fn whole(&mut self) {
        for low in 0..3 {
            let state = &self.nodes[low].state;
            let has =
                |it: Option<taiwa_model::Digest>| it.is_none_or(|it| state.stored.contains(&it));
            let doubt = state.in_doubt();
            let rest = state.active.as_ref().and_then(|it| it.rest).map(|it| it.release);
            let serves = has(state.release()) && has(rest);
            self.tally.stays += usize::from(doubt && self.ready(low));
            self.holds(serves, Invariant::Serving, "what it answers with is not on its disk");
            for high in 0..3 {
                if !self.unmixed(low, high) {
                    let (one, two) =
                        (&self.nodes[low].state.server, &self.nodes[high].state.server);
                    let what = format!("{one} and {two} are ready and differ");
                    self.broken(Invariant::Mixture, what);
                }
            }
        }
        if let Some((peer, old)) = self.stale.take() {
            let id = self.nodes[peer].state.server.clone();
            let believed = matches!(read_state(self.newest(), &id, &old, "new"), Seen::State(_));
            self.holds(!believed, Invariant::Done, "an old state was taken for a fresh one");
        }
    }

    fn unmixed(&self, low: usize, high: usize) -> bool {
        let (behind, ahead) = (&self.nodes[low].state, &self.nodes[high].state);
        let answers = |it: &ServerState| it.active.as_ref().map(|it| (it.release, it.rest));
        if ahead.generation() <= behind.generation() || answers(behind) == answers(ahead) {
            return true;
        }
        // Until its deadline an anchor that is alone may be ahead of whoever stays.
        let sight = &self.nodes[high].sight;
        let overdue = sight.is_overdue(self.policy(high), ahead, self.now_s * 1000);
        let alone = ahead.alone && !overdue && behind.in_doubt();
        let waits = behind
            .slot
            .as_ref()
            .is_some_and(|it| !it.doubt && self.committed.contains(&(it.plan, it.step)));
        let left_out = self.artefacts.iter().any(|it| {
            let named = it.plan.choices.absent.iter().any(|it| it.server == behind.server);
            let later = it.plan.target + 3 > behind.generation();
            named && later && self.committed.iter().any(|done| done.0 == it.digest)
        });
        // The end of an emergency is judged by each clock: within the skew they agree.
        let odd = |it: usize| self.at(it).now.millis_since(in_s(self.now_s)).abs() > 5_000;
        // An anchor whose clock is far ahead ends it early: then they follow and stop within the skew, not after it.
        let ended = ahead.active.as_ref().is_some_and(|it| it.step == Move::Back);
        let early = ended && odd(self.anchor(self.policy(high)));
        let clocks = odd(low) || odd(high) || early;
        waits || alone || left_out || clocks || !self.ready(low) || !self.ready(high)
    }

    /// A deployer looks whether its move is done.
    pub(super) fn claims(&mut self, artefact: usize, step: Move) {
        let one = &self.artefacts[artefact];
        let (plan, absent) = (one.plan.clone(), one.plan.choices.absent.clone());
        let group = self.group("look");
        let Ok((release, generation)) = group.settled_without(self.newest(), &absent) else {
            return;
        };
        let goal = plan.goal_at(step, generation);
        if goal.to != release || goal.target != generation {
            return;
        }
        self.tally.done += 1;
        let out = |it: &ServerState| absent.iter().any(|one| one.server == it.server);
        let all = self
            .nodes
            .iter()
            .map(|it| &it.state)
            .filter(|it| !out(it))
            .all(|it| it.release() == release && it.generation() == generation);
        self.holds(all, Invariant::Done, "said to be done, and a server is elsewhere");
    }

    /// What the journals prove to somebody who has only them and the policies.
    pub(super) fn story(&mut self) {
        for server in 0..3 {
            let journal = std::mem::take(&mut self.nodes[server].journal);
            let mut last = 0;
            for entry in journal.iter().filter(|it| it.release.is_some()) {
                self.holds(entry.generation > last, Invariant::Story, "the journal goes back");
                last = entry.generation;
                if let Err(what) = self.proven(server, entry) {
                    self.broken(Invariant::Story, what);
                }
            }
            let live = self.nodes[server].state.generation();
            self.holds(live == last, Invariant::Story, "the journal does not end at what is live");
        }
    }

    fn proven(&self, server: usize, entry: &Entry) -> Result<(), String> {
        let open = entry.bundle.as_ref().and_then(|it| it.open().ok()).ok_or("no bundle")?;
        let policy = self.policies.iter().find(|it| *it.digest() == open.plan.policy);
        let document = policy.ok_or("an unknown policy")?.document();
        let by = |id: &str, phase: Phase| {
            entry.statements.iter().filter_map(|it| it.open().ok()).any(|it| {
                let seed = crate::world::SERVERS.iter().find(|one| one.0 == id).map(|it| it.1);
                let signed = seed.is_some_and(|seed| it.signed_by(&key(seed)));
                let Payload::Receipt(receipt) = &it.payload else { return false };
                signed && receipt.phase == phase && receipt.plan == Some(open.digest)
            })
        };
        let own = &self.nodes[server].state.server;
        if entry.what == "reverted" {
            return Ok(());
        }
        if *own == document.anchor && entry.what == "activated" {
            let left_out =
                |id: &str| open.plan.choices.absent.iter().any(|it| it.server.as_str() == id);
            let others = document.servers.iter().map(|it| it.id.as_str());
            let missing = others.filter(|it| *it != own.as_str() && !left_out(it));
            let missing: Vec<_> = missing.filter(|it| !by(it, Phase::Prepared)).collect();
            return if missing.is_empty() {
                Ok(())
            } else {
                Err(format!("no word of {missing:?}"))
            };
        }
        let any = document.servers.iter().any(|it| by(it.id.as_str(), Phase::Committed));
        if any { Ok(()) } else { Err(format!("{}: no word of an anchor", entry.what)) }
    }
}
