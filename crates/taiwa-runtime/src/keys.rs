//! Who may use which door: bearer keys, kept hashed, compared in constant time.
//!
//! Invariant: the text of a key is held only while it is hashed; nothing prints one.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use taiwa_api::Scope;

/// Bytes of a key at most; longer ones are not looked at.
pub const KEY_MAX_BYTES: usize = 512;
/// Bytes of a key at least: shorter ones can be guessed.
pub const KEY_MIN_BYTES: usize = 16;

/// A key and what it opens.
#[derive(Clone)]
pub struct Key {
    hash: [u8; 32],
    scopes: Scopes,
}

/// A set of scopes. `admin` includes all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self(u8::MAX);

    /// From a list.
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, it| bits | Self::bit(*it)))
    }

    /// Whether a door of this scope opens.
    pub const fn open(self, scope: Scope) -> bool {
        self.0 & (Self::bit(scope) | Self::bit(Scope::Admin)) != 0
    }

    const fn bit(scope: Scope) -> u8 {
        match scope {
            Scope::Decide => 1,
            Scope::Ingest => 2,
            Scope::Read => 4,
            Scope::Admin => 8,
        }
    }
}

/// A key is too short to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has {KEY_MIN_BYTES} to {KEY_MAX_BYTES} bytes")]
pub struct KeyLengthError;

impl Key {
    /// Hashes a key.
    ///
    /// # Errors
    /// When it is too short, or too long.
    pub fn new(secret: &str, scopes: &[Scope]) -> Result<Self, KeyLengthError> {
        if !(KEY_MIN_BYTES..=KEY_MAX_BYTES).contains(&secret.len()) {
            return Err(KeyLengthError);
        }
        Ok(Self { hash: Sha256::digest(secret).into(), scopes: Scopes::of(scopes) })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(…, {:?})", self.scopes)
    }
}

/// The keys of a server. Empty: on loopback every door is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(pub(crate) Vec<Key>);

impl Keys {
    /// What the caller may do; `None` for a key that is not known.
    pub(crate) fn scopes(&self, header: Option<&str>) -> Option<Scopes> {
        if self.0.is_empty() {
            return Some(Scopes::ALL);
        }
        let Some(header) = header else { return Some(Scopes::default()) };
        let (scheme, secret) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") || secret.len() > KEY_MAX_BYTES {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(secret.trim()).into();
        // Every key is looked at, so that time tells nothing.
        self.0.iter().fold(None, |found, key| {
            if bool::from(key.hash.ct_eq(&hash)) { Some(key.scopes) } else { found }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_open_their_doors_only() {
        let admin = Key::new("admin-admin-admin", &[Scope::Admin]).unwrap();
        let client = Key::new("client-client-client", &[Scope::Decide]).unwrap();
        let keys = Keys(vec![admin.clone(), client]);
        let open = |header, scope| keys.scopes(header).map(|it| it.open(scope));
        assert_eq!(open(Some("Bearer admin-admin-admin"), Scope::Ingest), Some(true));
        assert_eq!(open(Some("bearer client-client-client"), Scope::Decide), Some(true));
        assert_eq!(open(Some("Bearer client-client-client"), Scope::Admin), Some(false));
        assert_eq!(open(Some("Bearer wrong"), Scope::Decide), None);
        assert_eq!(open(Some("Basic admin-admin-admin"), Scope::Decide), None);
        assert_eq!(open(None, Scope::Decide), Some(false));
        assert_eq!(Keys::default().scopes(None), Some(Scopes::ALL));
        assert!(Key::new("short", &[]).is_err());
        assert!(!format!("{admin:?}").contains("admin-admin"));
    }
}
