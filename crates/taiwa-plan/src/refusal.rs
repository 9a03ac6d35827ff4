//! Refusals: what was not satisfied, said so that the reader knows who can mend it, and how.

use std::fmt;

use serde::{Deserialize, Serialize};
use taiwa_model::Timestamp;

/// The stable words for a refusal; scripts may rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Live digest, generation, policy or members differ from the plan.
    StalePlan,
    /// The plan's or an object's time is over.
    Expired,
    /// A role has fewer approvals than the policy asks for.
    ApprovalMissing,
    /// A gate is not passed by any evidence that counts.
    GateFailed,
    /// The release has not been proven on the environment that it must come from.
    OriginMissing,
    /// It has not run there long enough.
    SoakMissing,
    /// Someone with an approving role rejected exactly this plan.
    Rejected,
    /// The release was rolled back here, and the plan does not say `again`.
    RolledBack,
    /// A rollback to something that never ran here under approvals.
    NeverRan,
    /// Another deployment holds the slot, or the epoch is over.
    Conflict,
    /// This server has not yet what the plan starts from.
    Behind,
    /// The plan was made for another policy.
    WrongPolicy,
    /// The plan or statement is for another environment.
    WrongEnvironment,
    /// The server or signer is no member of the policy.
    NotAMember,
    /// Only the anchor does this.
    NotTheAnchor,
    /// The release is not stored here.
    NotStored,
    /// A receipt that must come along is missing or not of this move.
    ReceiptMissing,
    /// A signature is not valid, or not by a key of the policy.
    BadSignature,
    /// The clock cannot be believed.
    Clock,
    /// Asks for what this version does not do.
    Unsupported,
    /// A policy that would leave something open, or contradicts itself.
    PolicyInvalid,
    /// Not the object it should be.
    Malformed,
    /// Beyond a limit.
    Limit,
    /// A server did not answer.
    Unreachable,
    /// A server's answer is not what it signed, or not fresh.
    Untrusted,
    /// There is nothing to do, which never counts as done.
    NothingToDo,
    /// Somebody stopped the line.
    Held,
    /// The policy lets nothing change now.
    Freeze,
    /// It is outside the policy's windows.
    Window,
    /// The plan has no parachute, or its time is over.
    NoParachute,
    /// A step of a rollout has not lasted as long as the plan says.
    StepTooEarly,
    /// This server became the anchor and has not yet seen that nobody can be moved by the one before.
    NotLeading,
    /// The time of an emergency is over, or was never within the limit.
    EmergencyOver,
    /// It is not known who wrote what changes, or the plan says something else than the evidence.
    AuthorshipUnknown,
}

impl Reason {
    /// The word as it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::StalePlan => "stale-plan",
            Self::Expired => "expired",
            Self::ApprovalMissing => "approval-missing",
            Self::GateFailed => "gate-failed",
            Self::OriginMissing => "origin-missing",
            Self::SoakMissing => "soak-missing",
            Self::Rejected => "rejected",
            Self::RolledBack => "rolled-back",
            Self::NeverRan => "never-ran",
            Self::Conflict => "conflict",
            Self::Behind => "behind",
            Self::WrongPolicy => "wrong-policy",
            Self::WrongEnvironment => "wrong-environment",
            Self::NotAMember => "not-a-member",
            Self::NotTheAnchor => "not-the-anchor",
            Self::NotStored => "not-stored",
            Self::ReceiptMissing => "receipt-missing",
            Self::BadSignature => "bad-signature",
            Self::Clock => "clock",
            Self::Unsupported => "unsupported",
            Self::PolicyInvalid => "policy-invalid",
            Self::Malformed => "malformed",
            Self::Limit => "limit",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::NothingToDo => "nothing-to-do",
            Self::Held => "held",
            Self::Freeze => "freeze",
            Self::Window => "window",
            Self::NoParachute => "no-parachute",
            Self::StepTooEarly => "step-too-early",
            Self::NotLeading => "not-leading",
            Self::EmergencyOver => "emergency-over",
            Self::AuthorshipUnknown => "authorship-unknown",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One unmet condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The stable word.
    pub reason: Reason,
    /// What is not satisfied: one lower-case clause, with the names.
    pub what: String,
    /// Who can meet it: a role, a person, a runner; empty where nobody can.
    pub who: String,
    /// The command that meets it, if one does.
    pub command: Option<String>,
    /// From when on it is met by itself, if it will be.
    pub from: Option<Timestamp>,
}

/// All the unmet conditions of one request: at least one.
pub type Refusals = Vec<Refusal>;

impl Refusal {
    /// A refusal that nobody in particular can mend.
    pub fn new(reason: Reason, what: impl Into<String>) -> Self {
        Self { reason, what: what.into(), who: String::new(), command: None, from: None }
    }

    /// The same, with who can meet it.
    #[must_use]
    pub fn by(mut self, who: impl Into<String>) -> Self {
        self.who = who.into();
        self
    }

    /// The same, with the command that meets it.
    #[must_use]
    pub fn with(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// The same, with the instant from which it is met by itself.
    #[must_use]
    pub fn since(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_wire_form() {
        for reason in
            [Reason::StalePlan, Reason::ApprovalMissing, Reason::NotAMember, Reason::Clock]
        {
            let wire = serde_json::to_value(reason).unwrap();
            assert_eq!(wire, serde_json::Value::from(reason.word()));
        }
    }
}
