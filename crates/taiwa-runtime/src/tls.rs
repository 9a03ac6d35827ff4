//! TLS: from texts in PEM to what shakes hands with each connection.
//!
//! Invariants: no message holds anything of a key; what is not a certificate, not its key, or not an authority ends the
//! start with words, never a connection later; TLS 1.2 and 1.3 only; with an authority for clients, no byte of HTTP is
//! read from a caller without a certificate of it.
//! Deliberately absent: files, renewal without a restart, lists of revoked certificates.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, InconsistentKeys, RootCertStore, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject as _},
        },
        server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    },
};

/// Bytes of one text in PEM at most.
pub const PEM_MAX_BYTES: usize = 1 << 20;

/// What a server proves itself with, and whom it lets in.
#[derive(Clone)]
pub struct Tls {
    /// The server's certificate and those between it and the authority, in PEM.
    pub cert: Vec<u8>,
    /// The private key of the first certificate, in PEM, not encrypted.
    pub key: Vec<u8>,
    /// Authorities in PEM: a caller needs a certificate of one of them. None: every caller may shake hands.
    pub client_ca: Option<Vec<u8>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(…)")
    }
}

/// Which of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The certificate.
    Cert,
    /// The key.
    Key,
    /// The authorities for clients.
    ClientCa,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cert => "the certificate (--tls-cert)",
            Self::Key => "the private key (--tls-key)",
            Self::ClientCa => "the authority for clients (--client-ca)",
        })
    }
}

/// Why TLS cannot be had with these texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// Nothing of the kind is in the text.
    #[error("{0} holds none in PEM")]
    None(Part),
    /// It is longer than anything of the kind.
    #[error("{0} is longer than {PEM_MAX_BYTES} bytes")]
    TooLong(Part),
    /// The key is encrypted.
    #[error("{} is encrypted, and nobody is here to decrypt it", Part::Key)]
    Encrypted,
    /// It cannot be used.
    #[error("{part} cannot be used: {why}")]
    Unusable {
        /// Which.
        part: Part,
        /// What is wrong with it; nothing of its content.
        why: String,
    },
    /// The key belongs to another certificate.
    #[error("{} is not the key of {}", Part::Key, Part::Cert)]
    Mismatch,
}

impl TlsError {
    /// Where to look.
    pub const fn part(&self) -> Part {
        match self {
            Self::None(part) | Self::TooLong(part) | Self::Unusable { part, why: _ } => *part,
            Self::Encrypted | Self::Mismatch => Part::Key,
        }
    }

    fn unusable(part: Part, why: &impl ToString) -> Self {
        Self::Unusable { part, why: why.to_string() }
    }
}

/// Takes the texts; HTTP/2 and HTTP/1.1 are offered.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = certificates(Part::Cert, &tls.cert)?;
    let key = private_key(&tls.key)?;
    let clients = match &tls.client_ca {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(text) => clients(text, &provider)?,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|it| TlsError::unusable(Part::Cert, &it))?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Mismatch,
            // What is said of a certificate begins with that word; the rest is about the key.
            rustls::Error::InvalidCertificate(it) => TlsError::unusable(Part::Cert, &it),
            other => TlsError::unusable(Part::Key, &other),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(part: Part, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(short(part, text)?)
        .collect::<Result<_, _>>()
        .map_err(|it| TlsError::unusable(part, &it))?;
    if all.is_empty() { Err(TlsError::None(part)) } else { Ok(all) }
}

fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(short(Part::Key, text)?).map_err(|error| match error {
        pem::Error::NoItemsFound if says(text, b"ENCRYPTED PRIVATE KEY") => TlsError::Encrypted,
        pem::Error::NoItemsFound => TlsError::None(Part::Key),
        // The words of the reader may quote the text.
        _ => TlsError::unusable(Part::Key, &"it is not PEM"),
    })
}

fn clients(
    text: &[u8],
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let part = Part::ClientCa;
    let mut roots = RootCertStore::empty();
    for authority in certificates(part, text)? {
        roots.add(authority).map_err(|it| TlsError::unusable(part, &it))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|it| TlsError::unusable(part, &it))
}

fn short(part: Part, text: &[u8]) -> Result<&[u8], TlsError> {
    if text.len() > PEM_MAX_BYTES { Err(TlsError::TooLong(part)) } else { Ok(text) }
}

fn says(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[track_caller]
    fn check(cert: &str, key: &str, client_ca: Option<&str>, expected: &str) {
        let tls = Tls {
            cert: cert.into(),
            key: key.into(),
            client_ca: client_ca.map(|it| it.as_bytes().to_vec()),
        };
        let said = acceptor(&tls).map_or_else(|it| it.to_string(), |_| "taken".to_owned());
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("SECRET"), "{said}");
    }

    #[test]
    fn what_cannot_be_used_is_said_before_anything_listens() {
        let ((cert, key), (other, _)) = (pair(), pair());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let torn = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        let secret = "-----BEGIN PRIVATE KEY-----\nSECRET!\n-----END PRIVATE KEY-----\n";
        let sealed =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let long = "x".repeat(PEM_MAX_BYTES + 1);
        check(&cert, &key, None, "taken");
        check(&cert, &key, Some(&other), "taken");
        // One file may hold both.
        check(&format!("{key}{cert}"), &format!("{cert}{key}"), None, "taken");
        check(&other, &key, None, "the private key (--tls-key) is not the key of the certificate");
        check("", &key, None, "the certificate (--tls-cert) holds none in PEM");
        check(&key, &key, None, "the certificate (--tls-cert) holds none in PEM");
        check(broken, &key, None, "the certificate (--tls-cert) cannot be used");
        check(torn, &key, None, "the certificate (--tls-cert) cannot be used");
        check(&cert, &cert, None, "the private key (--tls-key) holds none in PEM");
        check(&cert, secret, None, "the private key (--tls-key) cannot be used: it is not PEM");
        check(&cert, sealed, None, "the private key (--tls-key) is encrypted");
        check(&cert, &key, Some("x"), "the authority for clients (--client-ca) holds none");
        check(&cert, &key, Some(broken), "the authority for clients (--client-ca) cannot be used");
        check(&long, &key, None, "the certificate (--tls-cert) is longer than 1048576 bytes");
        check(&cert, &long, None, "the private key (--tls-key) is longer than 1048576 bytes");
    }
}
