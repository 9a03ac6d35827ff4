//! What the moving commands share: mend what was interrupted, plan, prove, show, ask, carry out, record.
//!
//! `deploy`, `promote`, `rollback`, `approve`, `plan` and `why-not` are thin over these; none of them has a way of its
//! own to a server.

mod came;
mod carry;
mod evidence;
mod exceptions;
mod mend;
mod parachute;
mod partial;
mod plans;
mod proof;
mod protected_ref;
mod rollout;
mod show;
mod speak;
mod target;
mod wrote;

pub(crate) use carry::{Cargo, carry};
pub(crate) use evidence::{
    Found, at_rest, attempts, downstream, file, offered, policy, runner, runners_key, unbelieved,
};
pub(crate) use exceptions::{Without, emergency, emergency_s};
pub(crate) use mend::{Mending, begin, mend};
pub(crate) use parachute::{Parachute, parachute};
pub(crate) use partial::{Part, left, part, remember, returning, taken_back};
pub(crate) use plans::{Planned, Promotion, drafted, planned, presumed, waiting, weighed};
pub(crate) use proof::{denied, unmet, unmet_unasked};
pub(crate) use protected_ref::from_protected_ref;
pub(crate) use rollout::{
    Pace, Rollout, forward, goes_on, guarded, no_other, share, torn, torn_target, under_way, walk,
};
pub(crate) use show::{Change, between, confirm, headline, read, tell};
pub(crate) use speak::{Speech, keys_of, pass_on, signer_of, speak};
pub(crate) use target::{Aim, Target, aim, target};
pub(crate) use wrote::{
    Asked, Wrote, as_change, glass_broken_by, people, who_wrote, with_authors, written_by, wrote,
};
