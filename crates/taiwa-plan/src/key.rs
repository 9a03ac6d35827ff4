//! Public keys as policies name them, and the check of a signature against one.
//!
//! A key is known by its content, never by a name or by the `key` hint of a signature. Any key that
//! SSH can write may be read, so that an unsupported one can be refused by name instead of as noise.

use std::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, SshSig};

/// Longest text of a public key that is read, in bytes.
pub const MAX_KEY_BYTES: usize = 4096;
/// Longest armoured signature that is read, in bytes.
pub const MAX_SIGNATURE_BYTES: usize = 4096;

/// A public key in the form of OpenSSH, without comment: `ssh-ed25519 AAAA…`.
#[derive(Clone)]
pub struct PublicKey {
    text: String,
    inner: ssh_key::PublicKey,
}

/// Why a public key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a public key in the form of OpenSSH.
    #[error("not a public key such as `ssh-ed25519 AAAA…`")]
    Malformed,
    /// A key of a type that this version does not verify.
    #[error("keys of type {algorithm} are not supported; ssh-ed25519 and ecdsa-sha2-nistp256 are")]
    Unsupported {
        /// The type, as OpenSSH names it.
        algorithm: String,
    },
}

impl PublicKey {
    /// Reads `type base64 [comment]`; the comment is dropped.
    ///
    /// # Errors
    /// [`KeyError::Malformed`]. A type that is not supported is no error here; see [`Self::supported`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_KEY_BYTES {
            return Err(KeyError::Malformed);
        }
        let mut words = text.split_ascii_whitespace();
        let (Some(kind), Some(data)) = (words.next(), words.next()) else {
            return Err(KeyError::Malformed);
        };
        let text = format!("{kind} {data}");
        let inner = ssh_key::PublicKey::from_openssh(&text).map_err(|_| KeyError::Malformed)?;
        Ok(Self { text, inner })
    }

    pub(crate) fn of(inner: &ssh_key::PublicKey) -> Result<Self, KeyError> {
        let text = inner.to_openssh().map_err(|_| KeyError::Malformed)?;
        Self::parse(&text)
    }

    /// The key's text, `type base64`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The fingerprint that `ssh-keygen -l` shows: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.inner.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The type, as OpenSSH names it.
    pub fn algorithm(&self) -> String {
        self.inner.algorithm().as_str().to_owned()
    }

    /// Whether this version verifies signatures of such a key.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] names the type: hardware keys (`sk-…`), RSA, other curves.
    pub fn supported(&self) -> Result<(), KeyError> {
        match self.inner.algorithm() {
            Algorithm::Ed25519 | Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 } => Ok(()),
            _ => Err(KeyError::Unsupported { algorithm: self.algorithm() }),
        }
    }

    /// Whether `armour` (an SSHSIG, PEM) is this key's signature of `message` under `namespace`.
    pub fn verifies(&self, namespace: &str, message: &[u8], armour: &str) -> bool {
        Seal::parse(armour).is_some_and(|it| it.is_by(self, namespace, message))
    }
}

/// A signature that was parsed, so that it is parsed once however many keys it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Seal(SshSig);

impl Seal {
    /// Reads the armoured SSHSIG; anything else is no signature.
    pub(crate) fn parse(armour: &str) -> Option<Self> {
        if armour.len() > MAX_SIGNATURE_BYTES {
            return None;
        }
        let signature = SshSig::from_pem(armour).ok()?;
        (signature.version() == SshSig::VERSION).then_some(Self(signature))
    }

    /// Whether it says that it is by this key.
    pub(crate) fn names(&self, key: &PublicKey) -> bool {
        self.0.public_key() == key.inner.key_data()
    }

    /// Whether it is by this key, for this purpose, over this message.
    pub(crate) fn is_by(&self, key: &PublicKey, namespace: &str, message: &[u8]) -> bool {
        self.names(key)
            && key.supported().is_ok()
            && key.inner.verify(namespace, message, &self.0).is_ok()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.inner.key_data() == other.inner.key_data()
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.inner.key_data().cmp(other.inner.key_data())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let key = Self::parse(&text).map_err(serde::de::Error::custom)?;
        if key.text == text {
            Ok(key)
        } else {
            Err(serde::de::Error::custom("a key is written `type base64`, without a comment"))
        }
    }
}
