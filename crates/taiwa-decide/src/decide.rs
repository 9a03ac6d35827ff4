//! The decision: zone → segment → dates → consent → eligibility → cap → score or value → fallback.

use taiwa_model::Timestamp;

use crate::{Compiled, DecideError, Decision, Request};

/// Decides what to say to this person, here, now. A function of its arguments.
///
/// # Errors
/// When the release has no such channel or point.
pub fn decide(
    compiled: &Compiled,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<Decision, DecideError> {
    let _ = now;
    Err(DecideError::UnknownPoint {
        channel: request.session.channel.clone(),
        point: compiled.nothing(request.point),
    })
}
