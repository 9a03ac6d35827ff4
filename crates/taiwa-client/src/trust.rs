//! The HTTP client of a command: whom it believes to be a server, and how it shows itself.
//!
//! Invariants: a server's certificate is always checked; what is given adds an authority, it takes none away; no message
//! holds anything of a key.
//! Deliberately absent: files and the environment; both are the caller's.

use std::{error::Error, time::Duration};

use reqwest::{Certificate, Identity};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a request may take, but for the bytes of a release.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);

/// The HTTP client that the servers of one command share.
pub type Http = reqwest::Client;

/// What is believed beside the authorities of this machine, and what is shown to servers that ask.
#[derive(Clone, Default)]
pub struct Trust {
    /// Certificates of further authorities, in PEM.
    pub ca: Option<Vec<u8>>,
    /// A certificate and its private key, in PEM, not encrypted.
    pub client: Option<Vec<u8>>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust(…)")
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The authorities are none.
    #[error("no certificate of an authority in PEM: {0}")]
    Ca(String),
    /// The certificate or its key is none.
    #[error("no certificate with its own private key in PEM, or the key is encrypted")]
    Client,
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up on this machine: {0}")]
    Machine(String),
}

/// Makes the client, believing the authorities of this machine only.
///
/// # Errors
/// When TLS cannot be set up on this machine.
pub fn http() -> Result<Http, TrustError> {
    http_with(&Trust::default())
}

/// Makes the client.
///
/// # Errors
/// When what is given is not what it should be, or TLS cannot be set up on this machine.
pub fn http_with(trust: &Trust) -> Result<Http, TrustError> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(REQUEST)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("taiwa/", env!("CARGO_PKG_VERSION")));
    if let Some(text) = &trust.ca {
        builder = builder.tls_certs_merge(authorities(text)?);
    }
    if let Some(text) = &trust.client {
        builder = builder.identity(identity(text)?);
    }
    builder.build().map_err(|it| TrustError::Machine(deepest(&it)))
}

/// Each is tried by itself, so that one that is damaged is not taken for a fault of the machine.
fn authorities(text: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    let unusable = |it: reqwest::Error| TrustError::Ca(deepest(&it));
    let all = Certificate::from_pem_bundle(text).map_err(unusable)?;
    if all.is_empty() {
        return Err(TrustError::Ca("there is none in it".to_owned()));
    }
    reqwest::Client::builder().tls_certs_only(all.clone()).build().map_err(unusable)?;
    Ok(all)
}

/// What reading says may quote the text, which holds a key; so it is not passed on.
fn identity(text: &[u8]) -> Result<Identity, TrustError> {
    let identity = Identity::from_pem(text).map_err(|_| TrustError::Client)?;
    let alone = reqwest::Client::builder().tls_certs_only([]).identity(identity.clone());
    alone.build().map_err(|_| TrustError::Client)?;
    Ok(identity)
}

/// The innermost cause, which is what a person can act on: `connection refused`.
pub(crate) fn deepest(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[track_caller]
    fn check(ca: Option<&str>, client: Option<&str>, expected: &str) {
        let bytes = |it: &str| it.as_bytes().to_vec();
        let trust = Trust { ca: ca.map(bytes), client: client.map(bytes) };
        let said = http_with(&trust).map_or_else(|it| it.to_string(), |_| "made".to_owned());
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("SECRET"), "{said}");
    }

    #[test]
    fn what_is_no_authority_and_no_certificate_with_its_key_is_said() {
        let ((cert, key), (other, _)) = (pair(), pair());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let secret = "-----BEGIN PRIVATE KEY-----\nSECRET!\n-----END PRIVATE KEY-----\n";
        check(None, None, "made");
        check(Some(&format!("{cert}{other}")), Some(&format!("{cert}{key}")), "made");
        for ca in ["", "x", &key, broken, &format!("{cert}{broken}")] {
            check(Some(ca), None, "no certificate of an authority in PEM");
        }
        for client in ["", &cert, &key, &format!("{other}{key}"), &format!("{cert}{secret}")] {
            check(None, Some(client), "no certificate with its own private key");
        }
    }
}
