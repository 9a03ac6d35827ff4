//! Ids that cannot be guessed: 128 random bits, or 80 behind the time, in letters that a path takes as they are.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use taiwa_model::Timestamp;

/// The system gives no randomness; nothing secret can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness")]
pub(crate) struct NoRandomness;

/// So many random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A new id: 22 characters.
pub(crate) fn new() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(random::<16>()?))
}

/// A new id, 22 characters too, near those that are made about the same time: many of them in a row touch few places of
/// an index.
pub(crate) fn in_order(now: Timestamp) -> Result<String, NoRandomness> {
    let mut bytes = random::<16>()?;
    let [_, _, millis @ ..] = now.as_millis().to_be_bytes();
    bytes[..6].copy_from_slice(&millis);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may panic")]
mod tests {
    #[test]
    fn ids_in_order_share_their_time_and_differ() {
        let ids = [1_800_000_000_000, 1_800_000_000_000, 1_800_000_090_000]
            .map(|it| super::in_order(taiwa_model::Timestamp::from_millis(it)).unwrap());
        assert!(ids[0] != ids[1] && ids[0][..8] == ids[1][..8] && ids[1][..8] != ids[2][..8]);
        assert!(ids[0].len() == 22 && ids[0][..5] == ids[2][..5]);
    }

    #[test]
    fn ids_fit_a_path_and_differ() {
        let (a, b) = (super::new().unwrap(), super::new().unwrap());
        assert_ne!(a, b);
        assert!(a.len() == 22 && a.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    }
}
