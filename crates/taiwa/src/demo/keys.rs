//! The demo's people and servers: keys made for one run, 0600, in the temporary folder.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use taiwa_plan::{SecretKey, Signer as _};

use super::broken;
use crate::Failure;

/// A key pair of the demo.
pub(crate) struct Pair {
    /// The private key's file.
    pub(crate) file: PathBuf,
    /// The public key, `ssh-ed25519 AAAA…`.
    pub(crate) public: String,
}

/// Makes a key in a file that only its owner may read.
pub(crate) fn make(folder: &Path, name: &str) -> Result<Pair, Failure> {
    let fail = |why: &str| broken(&format!("make the key of {name}"), why);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|it| fail(&it.to_string()))?;
    let key = SecretKey::from_seed(&seed).map_err(|it| fail(&it.to_string()))?;
    let text = key.to_openssh().map_err(|it| fail(&it.to_string()))?;
    let file = folder.join(format!("{name}.key"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&file).and_then(|mut it| it.write_all(text.as_bytes()));
    written.map_err(|it| fail(&it.to_string()))?;
    Ok(Pair { file, public: key.public_key().to_string() })
}
