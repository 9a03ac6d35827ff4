//! The codes of the remarks of this crate.

/// Over a limit: bytes, depth, parts.
pub(crate) const LIMIT: &str = "TW0008";
/// A malformed instant or length of time.
pub(crate) const MALFORMED: &str = "TW0017";
/// A bare event name where the qualified form is required.
pub(crate) const BARE: &str = "TW0112";
/// A type error.
pub(crate) const TYPE: &str = "TW0303";
/// A value outside of the declared ones or the declared range.
pub(crate) const RANGE: &str = "TW0304";
/// A missing value leaves people out unnoticed, or is asked for in vain.
pub(crate) const MISSING: &str = "TW0307";
/// Not CEL.
pub(crate) const PARSE: &str = "TW0317";
/// A name that is not declared.
pub(crate) const UNKNOWN: &str = "TW0318";
/// CEL that conditions do not use.
pub(crate) const SUBSET: &str = "TW0319";
/// A score that may be unknown.
pub(crate) const SCORE: &str = "TW0320";
/// A window that is missing, too long or malformed.
pub(crate) const WINDOW: &str = "TW0321";
/// A variable that is not at hand here.
pub(crate) const ABSENT: &str = "TW0322";
