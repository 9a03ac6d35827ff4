//! Signatures: the right key, the right purpose, the right bytes, and nothing else.

use taiwa_plan::{Envelope, KeyError, KeyFileError, Payload, PublicKey, SecretKey, Signer as _};

use crate::world::{STRANGER, TANAKA, approve, key, secret};

const P256: &str = include_str!("p256-test-key");
const P256_ENCRYPTED: &str = include_str!("encrypted-test-key");

#[test]
fn both_key_types_sign_and_verify() {
    for signer in [secret(TANAKA), SecretKey::from_openssh(P256).unwrap()] {
        let envelope = Envelope::signed(&approve("manager"), &signer).unwrap();
        let statement = envelope.open().unwrap();
        assert!(statement.signed_by(signer.public_key()));
        assert!(!statement.signed_by(&key(STRANGER)));
        assert!(matches!(statement.payload, Payload::Approve(_)));
    }
}

#[test]
fn a_signature_is_for_one_purpose() {
    let message = Envelope::unsigned(&approve("manager")).unwrap().message();
    let sig = secret(TANAKA).sign("approve@taiwa", &message).unwrap();
    assert!(key(TANAKA).verifies("approve@taiwa", &message, &sig));
    assert!(!key(TANAKA).verifies("reject@taiwa", &message, &sig));
    let elsewhere = secret(TANAKA).sign("git", &message).unwrap();
    assert!(!key(TANAKA).verifies("approve@taiwa", &message, &elsewhere));
}

#[test]
fn one_changed_byte_voids_it() {
    let mut envelope = Envelope::signed(&approve("manager"), &secret(TANAKA)).unwrap();
    let mut other = approve("manager");
    other.comment = "!".to_owned();
    envelope.payload = Envelope::unsigned(&other).unwrap().payload;
    assert!(!envelope.open().unwrap().signed_by(&key(TANAKA)));
}

#[test]
fn the_hint_is_never_believed() {
    let mut envelope = Envelope::signed(&approve("manager"), &secret(STRANGER)).unwrap();
    envelope.signatures[0].key = key(TANAKA).fingerprint();
    let statement = envelope.open().unwrap();
    assert!(!statement.signed_by(&key(TANAKA)));
    assert!(statement.signed_by(&key(STRANGER)));
    envelope.signatures[0].key = String::new();
    assert!(envelope.open().unwrap().signed_by(&key(STRANGER)));
}

#[test]
fn signing_again_replaces_and_repeats() {
    let mut envelope = Envelope::signed(&approve("manager"), &secret(TANAKA)).unwrap();
    let once = envelope.clone();
    envelope.add_signature(&secret(TANAKA)).unwrap();
    assert_eq!(envelope, once, "ed25519 signs the same bytes the same way");
    envelope.add_signature(&secret(STRANGER)).unwrap();
    assert_eq!(envelope.signatures.len(), 2);
    assert_eq!(envelope.digest(), once.digest(), "the digest does not depend on signatures");
}

#[test]
fn a_signer_that_gives_back_something_else_is_not_believed() {
    struct Liar(PublicKey);
    impl taiwa_plan::Signer for Liar {
        fn public_key(&self) -> &PublicKey {
            &self.0
        }
        fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, taiwa_plan::SignError> {
            secret(STRANGER).sign(namespace, message)
        }
    }
    let error = Envelope::signed(&approve("manager"), &Liar(key(TANAKA))).unwrap_err();
    assert_eq!(error, taiwa_plan::SignError::NotASignature);
}

#[test]
fn keys_that_are_not_supported_are_named() {
    let sk = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIID/tvkVrHMzo9w8tNJV/W55f7IgouNwryFKYpioCnhWAAAABHNzaDo= a comment";
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDYdRQPSgS1iJBACTqnqrqjCgFYxbKgJKvW8B5iKhHFdrHWJC1hEHnCBGsHTadwszMIcwnrpllhktVRCbJj7DmPKtEgp8l04hXfEL9YkAmWBQX8qsBbd0FFao8AR05bY95sKJE95w5m+HZ3m6Lbx5r8whXsTGQqawzerwE5OccMfQ==";
    for (text, algorithm) in [(sk, "sk-ssh-ed25519@openssh.com"), (rsa, "ssh-rsa")] {
        let key = PublicKey::parse(text).unwrap();
        let unsupported = KeyError::Unsupported { algorithm: algorithm.to_owned() };
        assert_eq!(key.supported().unwrap_err(), unsupported);
        assert!(!key.as_str().contains("comment"));
    }
    let long = "x".repeat(5000);
    for bad in ["", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-ed25519 AAAA", long.as_str()] {
        assert_eq!(PublicKey::parse(bad).unwrap_err(), KeyError::Malformed, "{bad}");
    }
}

#[test]
fn private_keys_that_cannot_be_used_say_why() {
    assert_eq!(SecretKey::from_openssh("nonsense").unwrap_err(), KeyFileError::Malformed);
    assert_eq!(SecretKey::from_openssh(P256_ENCRYPTED).unwrap_err(), KeyFileError::Encrypted);
    let again = SecretKey::from_openssh(&secret(TANAKA).to_openssh().unwrap()).unwrap();
    assert_eq!(again.public_key(), &key(TANAKA));
    assert!(!format!("{again:?}").contains("PRIVATE"));
}
