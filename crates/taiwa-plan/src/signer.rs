//! Who signs: a key in this process, or whatever the caller plugs in (an agent, `ssh-keygen`).

use ssh_key::{HashAlg, LineEnding, PrivateKey, private::Ed25519Keypair};

use crate::{KeyError, PublicKey};

/// Something that can make an SSHSIG.
pub trait Signer {
    /// The public half, by which the signature will be known.
    fn public_key(&self) -> &PublicKey;

    /// The armoured SSHSIG (PEM) of `message` under `namespace`.
    ///
    /// # Errors
    /// When the key cannot be used now: the agent refused, the program failed.
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, SignError>;
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The signer said no, in its own words.
    #[error("cannot sign: {0}")]
    Failed(String),
    /// What was to be signed cannot be written.
    #[error("cannot sign: {0}")]
    Unwritable(String),
    /// What came back is no valid signature of what was given.
    #[error("the signer gave back something that is not its signature")]
    NotASignature,
}

/// Why a private key's text cannot be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not a private key in the form of OpenSSH.
    #[error("not a private key in the form of OpenSSH")]
    Malformed,
    /// Protected by a passphrase: only `ssh-keygen` or an agent can use it.
    #[error("the key is protected by a passphrase")]
    Encrypted,
    /// A type that this version does not sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// An unencrypted private key in this process. Its `Debug` shows only the public half.
#[derive(Clone)]
pub struct SecretKey {
    inner: PrivateKey,
    public: PublicKey,
}

impl SecretKey {
    /// Reads an unencrypted OpenSSH private key (ed25519 or P-256).
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn from_openssh(text: &str) -> Result<Self, KeyFileError> {
        let inner = PrivateKey::from_openssh(text).map_err(|_| KeyFileError::Malformed)?;
        if inner.is_encrypted() {
            return Err(KeyFileError::Encrypted);
        }
        Self::of(inner)
    }

    /// The ed25519 key that belongs to 32 secret bytes; randomness is the caller's.
    ///
    /// # Errors
    /// [`KeyFileError`], which these bytes never give in practice.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyFileError> {
        Self::of(PrivateKey::from(Ed25519Keypair::from_seed(seed)))
    }

    fn of(inner: PrivateKey) -> Result<Self, KeyFileError> {
        let public = PublicKey::of(inner.public_key())?;
        public.supported()?;
        Ok(Self { inner, public })
    }

    /// The OpenSSH text of the private key, for a file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyFileError::Malformed`], which a key that was read never gives.
    pub fn to_openssh(&self) -> Result<String, KeyFileError> {
        let text = self.inner.to_openssh(LineEnding::LF).map_err(|_| KeyFileError::Malformed)?;
        Ok(text.to_string())
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, SignError> {
        let failed = |it: ssh_key::Error| SignError::Failed(it.to_string());
        let signature = self.inner.sign(namespace, HashAlg::Sha512, message).map_err(failed)?;
        signature.to_pem(LineEnding::LF).map_err(failed)
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({:?})", self.public)
    }
}
