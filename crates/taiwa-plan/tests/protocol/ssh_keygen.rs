//! With the stock program: what `ssh-keygen` signed we accept, what we signed it accepts.
#![expect(clippy::disallowed_methods, reason = "this test is the edge: it runs a program on files")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use taiwa_plan::{Envelope, PublicKey, SecretKey, Signature, Signer as _};

use crate::world::{SATO, approve, secret};

const P256: &str = include_str!("p256-test-key");

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn keys() -> [SecretKey; 2] {
    [secret(SATO), SecretKey::from_openssh(P256).unwrap()]
}

/// `ssh-keygen -Y sign` with a key file.
fn stock_signature(folder: &Path, key: &SecretKey, namespace: &str, message: &[u8]) -> String {
    let (file, text) = (folder.join("key"), folder.join("message"));
    write_private(&file, &key.to_openssh().unwrap());
    fs::write(&text, message).unwrap();
    let signature = folder.join("message.sig");
    drop(fs::remove_file(&signature));
    let output = Command::new("ssh-keygen")
        .args(["-Y", "sign", "-n", namespace, "-f"])
        .arg(&file)
        .arg(&text)
        .stdin(Stdio::null())
        .output()
        .expect("ssh-keygen of openssh-client is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(signature).unwrap()
}

/// Whether `ssh-keygen -Y verify` accepts a signature.
fn stock_accepts(folder: &Path, key: &PublicKey, namespace: &str, envelope: &Envelope) -> bool {
    let (allowed, signature) = (folder.join("allowed"), folder.join("ours.sig"));
    let message = folder.join("ours");
    fs::write(&allowed, format!("sato {key}\n")).unwrap();
    fs::write(&signature, &envelope.signatures[0].sig).unwrap();
    fs::write(&message, envelope.message()).unwrap();
    let status = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-I", "sato", "-n", namespace, "-f"])
        .arg(&allowed)
        .arg("-s")
        .arg(&signature)
        .stdin(fs::File::open(&message).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

#[test]
fn what_the_stock_program_signed_we_accept() {
    let folder = tempfile::tempdir().unwrap();
    for key in keys() {
        let mut envelope = Envelope::unsigned(&approve("touchpoint-manager")).unwrap();
        let sig = stock_signature(folder.path(), &key, "approve@taiwa", &envelope.message());
        envelope.signatures = vec![Signature { key: "a hint".to_owned(), sig }];
        assert!(envelope.open().unwrap().signed_by(key.public_key()));
        let wrong = stock_signature(folder.path(), &key, "reject@taiwa", &envelope.message());
        envelope.signatures[0].sig = wrong;
        assert!(!envelope.open().unwrap().signed_by(key.public_key()), "another namespace");
    }
}

#[test]
fn what_we_signed_the_stock_program_accepts() {
    let folder = tempfile::tempdir().unwrap();
    for key in keys() {
        let envelope = Envelope::signed(&approve("touchpoint-manager"), &key).unwrap();
        let accepts =
            |namespace| stock_accepts(folder.path(), key.public_key(), namespace, &envelope);
        assert!(accepts("approve@taiwa"));
        assert!(!accepts("reject@taiwa"));
    }
}
