//! The waist: what a release is, its bytes, its digest, and the difference of two.
//!
//! **Invariants.** Same components, same bytes, same digest, whatever order they came in; `read(seal(x)) == seal(x)`;
//! bytes that are not exactly what `seal` writes are refused; `apply(a, diff(a, b)) == b` and `diff(a, a)` is empty.
//! Deliberately absent: files, marks, git, rules (`taiwa-validator` decides what may become a release), and any
//! meaning of conditions.

mod diff;
mod documents;
mod encoding;
mod release;

pub use diff::{
    ApplyError, Body, Change, DIFF_FORMAT, Diff, FieldChange, Group, Line, Piece, Rendered,
    RenderedChange, What, diff,
};
pub use release::{
    MAX_COMPONENTS, MAX_DEPTH, MAX_RELEASE_BYTES, PREFIX, ReadReleaseError, Release, SealError,
};
