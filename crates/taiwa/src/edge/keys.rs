//! Keys of people and runners: files, `ssh-agent`, and what only `ssh-keygen` can do (passphrases, the agent).
#![expect(clippy::disallowed_methods, reason = "edge: reads key files and starts ssh-keygen")]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use taiwa_plan::{KeyFileError, PublicKey, SecretKey, SignError, Signer};

use crate::{Cx, Failure};

/// Largest key file that is read, in bytes.
const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

/// A key that only `ssh-keygen` can use: behind a passphrase, or held by the agent.
struct Program {
    public: PublicKey,
    /// The private key's file, or that of the public half of a key that the agent holds.
    file: PathBuf,
    agent: bool,
    /// Keeps the file of the public half alive.
    _keep: Option<tempfile::TempPath>,
}

impl Signer for Program {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, SignError> {
        let failed = |it: std::io::Error| SignError::Failed(format!("ssh-keygen: {it}"));
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", namespace, "-f"]).arg(&self.file);
        if self.agent {
            command.arg("-U");
        }
        // The passphrase is asked for on the terminal itself, not on the streams given here.
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = streams.spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(message).map_err(failed)?;
        }
        let output = child.wait_with_output().map_err(failed)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(SignError::Failed(format!("ssh-keygen: {words}")));
        }
        String::from_utf8(output.stdout).map_err(|_| SignError::NotASignature)
    }
}

/// The key to sign with: the file that was named; else the first of the wanted keys that the agent holds; else the usual
/// file in `~/.ssh`.
pub(crate) fn choose(
    cx: &Cx<'_>,
    file: Option<&Path>,
    wanted: &[PublicKey],
) -> Result<Box<dyn Signer>, Failure> {
    if let Some(file) = file {
        return from_file(&cx.path(file));
    }
    for held in held_by_agent(cx) {
        if wanted.contains(&held) {
            return from_agent(held);
        }
    }
    let home = cx.var("HOME").map(PathBuf::from).unwrap_or_default();
    let usual = ["id_ed25519", "id_ecdsa"].map(|it| home.join(".ssh").join(it));
    match usual.iter().find(|it| it.is_file()) {
        Some(file) => from_file(file),
        None => Err(Failure::no("no-key", "there is no key to sign with")
            .help("name one: --key FILE; or add one to the agent: ssh-add FILE")
            .help("make one: ssh-keygen -t ed25519")),
    }
}

/// The key of a file; one behind a passphrase is used through `ssh-keygen`.
pub(crate) fn from_file(file: &Path) -> Result<Box<dyn Signer>, Failure> {
    let unusable = |why: &str| {
        Failure::wrong("no-key", format!("the key {} cannot be used: {why}", file.display()))
            .help("taiwa signs with ssh-ed25519 and ecdsa-sha2-nistp256 keys; make one: ssh-keygen -t ed25519")
    };
    let size = fs::metadata(file).map_err(|it| unusable(&it.to_string()))?.len();
    if size > MAX_KEY_FILE_BYTES {
        return Err(unusable("it is too large for a key"));
    }
    let text = fs::read_to_string(file).map_err(|it| unusable(&it.to_string()))?;
    match SecretKey::from_openssh(&text) {
        Ok(key) => Ok(Box::new(key)),
        Err(KeyFileError::Encrypted) => {
            let public =
                public_half(file).ok_or_else(|| unusable("its public half is not beside it"))?;
            Ok(Box::new(Program { public, file: file.to_owned(), agent: false, _keep: None }))
        }
        Err(error) => Err(unusable(&error.to_string())),
    }
}

fn public_half(file: &Path) -> Option<PublicKey> {
    let mut name = file.file_name()?.to_owned();
    name.push(".pub");
    let text = fs::read_to_string(file.with_file_name(name)).ok()?;
    PublicKey::parse(text.trim()).ok()
}

fn held_by_agent(cx: &Cx<'_>) -> Vec<PublicKey> {
    if cx.var("SSH_AUTH_SOCK").is_none() {
        return Vec::new();
    }
    let output =
        Command::new("ssh-add").arg("-L").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let text =
        output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(|it| PublicKey::parse(it).ok()).collect()
}

fn from_agent(public: PublicKey) -> Result<Box<dyn Signer>, Failure> {
    let fail = |it: std::io::Error| {
        Failure::world("write-failed", format!("cannot write a temporary file: {it}"))
    };
    let mut file = tempfile::Builder::new().suffix(".pub").tempfile().map_err(fail)?;
    writeln!(file, "{public}").map_err(fail)?;
    let path = file.into_temp_path();
    Ok(Box::new(Program { public, file: path.to_path_buf(), agent: true, _keep: Some(path) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of the stock program, behind a passphrase or not, in a folder of its own.
    fn made(dir: &Path, name: &str, passphrase: &str) -> PathBuf {
        let file = dir.join(name);
        let arguments = ["-q", "-t", "ed25519", "-C", "test", "-N", passphrase, "-f"];
        let made = Command::new("ssh-keygen").args(arguments).arg(&file).status().unwrap();
        assert!(made.success());
        file
    }

    #[test]
    fn a_file_signs_in_process_and_one_behind_a_passphrase_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let key = from_file(&made(dir.path(), "plain", "")).unwrap();
        let armour = key.sign("approve@taiwa", b"message").unwrap();
        assert!(key.public_key().verifies("approve@taiwa", b"message", &armour));
        assert!(!key.public_key().verifies("reject@taiwa", b"message", &armour));

        let locked = from_file(&made(dir.path(), "locked", "correct horse")).unwrap();
        assert!(
            matches!(locked.sign("approve@taiwa", b"message"), Err(SignError::Failed(_))),
            "nobody gave the passphrase"
        );
        assert_eq!(from_file(&dir.path().join("none")).err().unwrap().reason, "no-key");
    }
}
