//! The promotion protocol: plans, statements, policies, counting, admission, and the server's transitions.
//!
//! Everything is a pure function over signed data: the deployer, `approve` and every server call the
//! same ones, so none of them can be more lenient than another. The types are the flow: a [`Policy`]
//! exists only after its signatures were counted, an [`Admitted`] only after every condition was met.
//! Deliberately absent: clocks (a [`Reading`] is an argument), disks, networks, git, randomness. What
//! this version does not do yet is refused as `unsupported` by
//! whoever meets it; the formats already have their final shape.

mod admit;
mod approvals;
mod authorship;
mod base64_text;
mod clock;
mod evidence;
mod fit;
pub mod guard;
mod key;
pub mod ledger;
mod object;
mod planner;
mod policy;
mod recovery;
mod refusal;
pub mod server;
mod signer;

pub use admit::{
    Admitted, MAX_EMERGENCY_S, MAX_PULL_S, ORIGIN_FRESH_S, admit, approving, covered, puller,
};
pub use approvals::{Approval, Count, Ignored, More, RoleCount, count};
pub use authorship::{
    Authors, Authorship, Built, CommitSignature, Contribution, Identity, MAX_NAME_CHARS,
    MAX_UNKNOWN, authors, digest_of_commits, of_change,
};
pub use clock::{EARLIEST, Jump, Reading};
pub use evidence::{Gate, Outcome, Verdict, gates, judge_exposure, judge_load};
pub use fit::plan_against_world;
pub use key::{KeyError, MAX_KEY_BYTES, MAX_SIGNATURE_BYTES, PublicKey};
pub use object::{
    Absent, Approve, Body, Bundle, Choices, Envelope, Epoch, EpochError, Evidence, EvidenceResult,
    Goal, Hold, Lift, MAX_BUNDLE_BYTES, MAX_PLAN_BYTES, MAX_SIGNATURES, MAX_STATEMENT_BYTES,
    MAX_STATEMENTS, MAX_STEPS, Move, MoveError, Namespace, OpenBundle, Payload, Phase, Plan,
    PlanKind, Pull, RanOn, ReadError, Receipt, Reject, Signature, Statement, Step,
};
pub use planner::{GroupState, Seen, Wish, draft, plan, read_state};
pub use policy::{
    Bot, EVIDENCE_AGE_S, ExposureRule, Freeze, GateRule, InDoubt, LoadRule, MAX_LOAD_S, Origin,
    Person, Policy, PolicyDocument, PolicyError, Proposal, Runner, Separation, Server, Threshold,
    Window, adopt, difference, frozen, opened, own_policy, propose, validate,
};
pub use recovery::{Drift, Recovery, ServerView, drift, recover};
pub use refusal::{Reason, Refusal, Refusals};
pub use signer::{KeyFileError, SecretKey, SignError, Signer};
