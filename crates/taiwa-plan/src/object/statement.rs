//! What statements say: approvals, rejections, receipts, and the kinds of payload.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use taiwa_model::{Digest, EnvironmentName, RoleName, ServerId, Timestamp};

use super::{Envelope, Epoch, Evidence, MAX_STEPS, Namespace, ReadError};
use crate::PolicyDocument;

/// A payload that can be put into an envelope of its type.
pub trait Body: Serialize + DeserializeOwned {
    /// The type, which is also the namespace of its signatures.
    const NAMESPACE: Namespace;
}

/// `approve@taiwa`: a person, in a role, wants exactly this plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// Digest of the plan.
    pub plan: Digest,
    /// The role in which the person approves.
    pub role: RoleName,
    /// Whether the approval covers going back: the move `back` of the same plan.
    pub parachute: bool,
    /// Until when it counts: at most the policy's `max_age_s` after `issued`.
    pub expires: Timestamp,
    /// For people.
    pub comment: String,
}

/// `reject@taiwa`: a person of an approving role refuses exactly this plan, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// Digest of the plan.
    pub plan: Digest,
    /// For people.
    pub why: String,
}

/// `pull@taiwa`: a person who may approve takes a plan back; its approvals covered that beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// Digest of the plan that is taken back.
    pub plan: Digest,
    /// The move: always `back`.
    #[serde(rename = "move")]
    pub step: Move,
    /// Until when it counts: at most an hour after `issued`.
    pub expires: Timestamp,
}

/// `hold@taiwa`: stops the line. No change is made until it expires or is lifted; going back stays possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// Its name, by which it is lifted; never used twice.
    pub id: String,
    /// For people.
    pub why: String,
    /// Until when it holds: at most 14 days after `issued`.
    pub expires: Timestamp,
}

/// `lift@taiwa`: ends a hold, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// The hold.
    pub id: String,
}

/// `receipt@taiwa`: what a server is sure of; it was on its disk before it said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The environment.
    pub environment: EnvironmentName,
    /// When the server knew it, by its own clock.
    pub issued: Timestamp,
    /// The server.
    pub server: ServerId,
    /// Digest of its policy.
    pub policy: Digest,
    /// What it speaks of.
    pub phase: Phase,
    /// The plan; in a `state`: that of the open slot, null if there is none.
    pub plan: Option<Digest>,
    /// The move of that plan.
    #[serde(rename = "move")]
    pub step: Option<Move>,
    /// The attempt; in a `state`: the highest epoch that the server has seen.
    pub epoch: Epoch,
    /// The generation that is prepared (the plan's target), committed, or live.
    pub generation: u64,
    /// The release that is prepared, committed, or live; null before the first.
    pub release: Option<Digest>,
    /// What the asker gave, so that the answer is known to be fresh; null if nothing was given.
    pub challenge: Option<String>,
    /// In a `state`: the anchor's word on the open slot is overdue here. Left out when it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
}

/// What a receipt speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The slot is taken: the server will follow the anchor.
    Prepared,
    /// The move is done; by the anchor: the commit point.
    Committed,
    /// What is live.
    State,
}

/// A switch that a plan allows; written `step-1`, `step-2`, …, `ratify`, `back`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Move {
    /// A step of the plan, counted from 1: the release answers a larger share of the visitors.
    Step(u16),
    /// An emergency becomes an ordinary change, under ordinary approvals: its deadline is gone.
    Ratify,
    /// From any step back to where the plan began: under the approvals that covered it and one fresh `pull`, or by an
    /// emergency's deadline.
    Back,
}

impl Move {
    /// The first step.
    pub const FIRST: Self = Self::Step(1);
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(number) => write!(f, "step-{number}"),
            Self::Ratify => f.write_str("ratify"),
            Self::Back => f.write_str("back"),
        }
    }
}

impl From<Move> for String {
    fn from(step: Move) -> Self {
        step.to_string()
    }
}

/// What is no name of a move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no move: step-1 to step-{MAX_STEPS}, ratify or back")]
pub struct MoveError(String);

impl TryFrom<String> for Move {
    type Error = MoveError;

    fn try_from(text: String) -> Result<Self, MoveError> {
        let number = |it: &str| {
            let plain = !it.starts_with('0') && it.bytes().all(|byte| byte.is_ascii_digit());
            it.parse().ok().filter(|it| plain && (1..=MAX_STEPS).contains(it))
        };
        match text.as_str() {
            "back" => Some(Self::Back),
            "ratify" => Some(Self::Ratify),
            other => other.strip_prefix("step-").and_then(number).map(Self::Step),
        }
        .ok_or(MoveError(text))
    }
}

impl Body for Approve {
    const NAMESPACE: Namespace = Namespace::Approve;
}

impl Body for Reject {
    const NAMESPACE: Namespace = Namespace::Reject;
}

impl Body for Pull {
    const NAMESPACE: Namespace = Namespace::Pull;
}

impl Body for Hold {
    const NAMESPACE: Namespace = Namespace::Hold;
}

impl Body for Lift {
    const NAMESPACE: Namespace = Namespace::Lift;
}

impl Body for Evidence {
    const NAMESPACE: Namespace = Namespace::Evidence;
}

impl Body for Receipt {
    const NAMESPACE: Namespace = Namespace::Receipt;
}

impl Body for PolicyDocument {
    const NAMESPACE: Namespace = Namespace::Policy;
}

/// The payload of a statement, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// An approval.
    Approve(Approve),
    /// A rejection.
    Reject(Reject),
    /// Evidence of a gate.
    Evidence(Evidence),
    /// A server's receipt.
    Receipt(Receipt),
    /// A policy.
    Policy(Box<PolicyDocument>),
    /// Pulling a parachute.
    Pull(Pull),
    /// Stopping the line.
    Hold(Hold),
    /// Going on.
    Lift(Lift),
}

impl Payload {
    pub(super) fn read(envelope: &Envelope) -> Result<Self, ReadError> {
        Ok(match envelope.kind {
            Namespace::Approve => Self::Approve(envelope.body()?),
            Namespace::Reject => Self::Reject(envelope.body()?),
            Namespace::Evidence => Self::Evidence(envelope.body()?),
            Namespace::Receipt => Self::Receipt(envelope.body()?),
            Namespace::Policy => Self::Policy(Box::new(envelope.body()?)),
            Namespace::Pull => Self::Pull(envelope.body()?),
            Namespace::Hold => Self::Hold(envelope.body()?),
            Namespace::Lift => Self::Lift(envelope.body()?),
        })
    }

    /// When it was signed, by the signer's clock.
    pub fn issued(&self) -> Timestamp {
        match self {
            Self::Approve(it) => it.issued,
            Self::Reject(it) => it.issued,
            Self::Evidence(it) => it.issued,
            Self::Receipt(it) => it.issued,
            Self::Policy(it) => it.issued,
            Self::Pull(it) => it.issued,
            Self::Hold(it) => it.issued,
            Self::Lift(it) => it.issued,
        }
    }

    /// The environment it speaks of.
    pub fn environment(&self) -> &EnvironmentName {
        match self {
            Self::Approve(it) => &it.environment,
            Self::Reject(it) => &it.environment,
            Self::Evidence(it) => &it.environment,
            Self::Receipt(it) => &it.environment,
            Self::Policy(it) => &it.environment,
            Self::Pull(it) => &it.environment,
            Self::Hold(it) => &it.environment,
            Self::Lift(it) => &it.environment,
        }
    }
}
