//! Administration: releases, the protocol of a deployment, sandboxes, status.

mod envelope;
mod group;
mod protocol;
mod release;
mod sandbox;
mod status;

pub use group::{GroupAnswer, GroupBundle, GroupQuery, Proof};
pub use protocol::{
    Activation, Convergence, PolicyAnswer, Preparation, ReceiptAnswer, Rotation, StatementAnswer,
    Statements,
};
pub use release::ReleaseStored;
pub use sandbox::{AdvanceClock, MakeSandbox, PastEntry, SandboxClock, SandboxEnded, SandboxMade};
pub use status::{
    ActiveView, ExposureView, HoldView, JournalView, PeerView, PolicyView, RejectionView,
    RolloutView, SideView, SlotView, Status, TrialsView, UndeclaredView,
};
pub use taiwa_plan::{Bundle, Envelope};
