//! The plan: what exactly is to become of a group. Unsigned; its digest is what people approve.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, EnvironmentName, PersonId, ServerId, Timestamp, canonical};

use super::{Move, ReadError};

/// Largest plan that is read, in bytes.
pub const MAX_PLAN_BYTES: usize = 1 << 20;
/// Most steps of a plan.
pub const MAX_STEPS: u16 = 20;

/// What is to become of a group of servers, from which state, by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Version of the format: 1.
    pub format: u64,
    /// The group's environment.
    pub environment: EnvironmentName,
    /// Digest of the policy under which it was planned.
    pub policy: Digest,
    /// The server whose commit decides.
    pub anchor: ServerId,
    /// Every member of the group, sorted.
    pub servers: Vec<ServerId>,
    /// What sort of move.
    pub kind: PlanKind,
    /// The release that is live now; null before the first.
    pub from: Option<Digest>,
    /// The generation that is live now; 0 before the first.
    pub base: u64,
    /// The release afterwards.
    pub to: Digest,
    /// The generation afterwards: `base` + 1.
    pub target: u64,
    /// Shares of visitors, one after the other; each is a move, and one more generation. The last is all of them.
    pub steps: Vec<Step>,
    /// The people who wrote what changes, and so cannot approve it.
    pub contributors: Vec<PersonId>,
    /// Authors who could not be mapped to a person.
    pub unknown: Vec<String>,
    /// Digests of the evidence it relies on, by gate.
    pub evidence: BTreeMap<String, Vec<Digest>>,
    /// What a person chose beyond the ordinary.
    pub choices: Choices,
    /// Until when `back` may be used; null for never.
    pub parachute_until: Option<Timestamp>,
    /// The last instant at which the first move may commit.
    pub not_after: Timestamp,
    /// Digest of the ledger's last record when it was planned; null without a ledger.
    pub ledger: Option<Digest>,
}

/// The sorts of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanKind {
    /// A new release.
    Change,
    /// Back to a release that ran here.
    Rollback,
    /// Break-glass.
    Emergency,
}

/// One step: a share of the visitors, and how long it stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Share of visitors in basis points, 1 to 10000.
    pub share_bp: u64,
    /// How long before the next step, in seconds.
    pub for_s: u64,
}

impl Step {
    /// All visitors at once.
    pub const ALL: Self = Self { share_bp: 10_000, for_s: 0 };
}

/// What a person chose beyond the ordinary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// Servers left out, with the reason.
    pub absent: Vec<Absent>,
    /// Promote again what was rolled back here.
    pub again: bool,
    /// When an emergency ends by itself.
    pub revert_at: Option<Timestamp>,
    /// Who chose any of this, and so cannot approve it.
    pub asked_by: Option<PersonId>,
    /// This plan goes on with a rollout whose own plan is void, because the policy changed under it: the share of the
    /// visitors, in basis points, whom the release answers already. `from` is the release that answers the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_bp: Option<u64>,
}

/// The two ends of a move: compare before set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The release that must be live before.
    pub from: Option<Digest>,
    /// The generation that must be live before.
    pub base: u64,
    /// The release afterwards; none for a `back` of a first deployment, which cannot be.
    pub to: Option<Digest>,
    /// The generation afterwards.
    pub target: u64,
    /// Share of the visitors whom the release answers afterwards, in basis points; the rest has the release before.
    pub share_bp: u64,
}

/// A server left out of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// The server.
    pub server: ServerId,
    /// Why.
    pub why: String,
}

impl Plan {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`ReadError`] when a number or the whole is beyond its limit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReadError> {
        let bytes = canonical::to_bytes(self)
            .map_err(|source| ReadError::Malformed { what: "the plan", source })?;
        within(&bytes)?;
        Ok(bytes)
    }

    /// Reads a plan from exactly its canonical bytes, and with it its digest.
    ///
    /// # Errors
    /// [`ReadError`]. What the plan asks for is judged by [`Self::unsupported`], not here.
    pub fn read(bytes: &[u8]) -> Result<(Self, Digest), ReadError> {
        within(bytes)?;
        let plan = canonical::from_bytes(bytes)
            .map_err(|source| ReadError::Malformed { what: "the plan", source })?;
        Ok((plan, Self::digest_of(bytes)))
    }

    /// The digest of a plan's canonical bytes.
    pub fn digest_of(bytes: &[u8]) -> Digest {
        Digest::of_kind("plan", bytes)
    }

    /// Where a move of this plan starts and where it ends. `live` is the generation before the move: a `back` starts
    /// from whichever step is live, every other move from one generation only.
    pub fn goal(&self, step: Move, live: u64) -> Goal {
        match step {
            Move::FIRST => Goal {
                from: if self.choices.goes_on_bp.is_some() { Some(self.to) } else { self.from },
                base: self.base,
                to: Some(self.to),
                target: self.target,
                share_bp: self.share_bp(1),
            },
            Move::Step(number) => self.further(number, self.share_bp(number)),
            Move::Ratify => self.further(self.last_step().saturating_add(1), Step::ALL.share_bp),
            Move::Back => {
                // A plan is anybody's until it is admitted: its ends may be in any order.
                let base = live.min(self.last_generation()).max(self.target);
                Goal {
                    from: Some(self.to),
                    base,
                    to: self.from,
                    target: base.saturating_add(1),
                    share_bp: Step::ALL.share_bp,
                }
            }
        }
    }

    /// The release at which a move ends.
    pub fn end(&self, step: Move) -> Option<Digest> {
        self.goal(step, self.target).to
    }

    /// The release that answers the visitors whom a move leaves out: the one before, where there are any.
    pub fn rest(&self, goal: &Goal) -> Option<Digest> {
        self.from.filter(|_| goal.share_bp < Step::ALL.share_bp)
    }

    /// From when on the step after this one may be made; none after the last, and for moves that are no steps.
    pub fn next_at(&self, step: Move, since: Timestamp) -> Option<Timestamp> {
        let Move::Step(number) = step else { return None };
        let lasts = self.steps.get(usize::from(number).checked_sub(1)?)?;
        (number < self.last_step()).then(|| since.plus_millis(crate::clock::millis(lasts.for_s)))
    }

    /// Whether some visitors have the release before this move: a step after the first of a rollout, or the first of a
    /// plan that goes on with one.
    pub fn goes_further(&self, step: Move) -> bool {
        match step {
            Move::FIRST => self.choices.goes_on_bp.is_some(),
            Move::Step(number) => number > 1,
            Move::Back | Move::Ratify => false,
        }
    }

    /// The goal of the move that a receipt speaks of: its generation is the one afterwards.
    pub fn goal_at(&self, step: Move, target: u64) -> Goal {
        self.goal(step, target.saturating_sub(1))
    }

    /// The number of the last step.
    pub fn last_step(&self) -> u16 {
        u16::try_from(self.steps.len()).unwrap_or(u16::MAX)
    }

    /// The highest generation at which this plan's release can be live: after the last step, or ratified.
    fn last_generation(&self) -> u64 {
        let ratified = u64::from(self.kind == PlanKind::Emergency);
        self.base.saturating_add(u64::from(self.last_step())).saturating_add(ratified)
    }

    fn further(&self, number: u16, share_bp: u64) -> Goal {
        let base = self.base.saturating_add(u64::from(number) - 1);
        let (from, to) = (Some(self.to), Some(self.to));
        Goal { from, base, to, target: base.saturating_add(1), share_bp }
    }

    fn share_bp(&self, number: u16) -> u64 {
        let step = usize::from(number).checked_sub(1).and_then(|it| self.steps.get(it));
        step.map_or(0, |it| it.share_bp)
    }

    /// What this plan asks for that this version does not do, by field.
    pub fn unsupported(&self) -> Vec<String> {
        let asked = [(self.format != 1, "a plan of another format than 1")];
        asked.into_iter().filter(|it| it.0).map(|it| it.1.to_owned()).collect()
    }
}

fn within(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(ReadError::Limit { what: "the plan", limit: MAX_PLAN_BYTES });
    }
    Ok(())
}
