//! Ids that cannot be guessed: 128 random bits, in letters that a path takes as they are.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

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

#[cfg(test)]
mod tests {
    #[test]
    fn ids_fit_a_path_and_differ() {
        let (a, b) = (super::new().unwrap(), super::new().unwrap());
        assert_ne!(a, b);
        assert!(a.len() == 22 && a.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    }
}
