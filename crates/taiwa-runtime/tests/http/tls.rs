//! TLS at both doors: who trusts whom, and what does not get in.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
};

use rcgen::{CertificateParams, Issuer, KeyPair};
use reqwest::{Client, ClientBuilder, Identity, Version};
use taiwa_runtime::{RunError, Tls, TlsError};

use super::support::{ADMIN, Running, now};

/// An authority of the test.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key, in PEM.
struct Pair {
    cert: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn pair(&self) -> Pair {
        let params =
            CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { cert, key: key.serialize_pem() }
    }
}

fn tls(pair: &Pair, clients: Option<&Authority>) -> Tls {
    Tls {
        cert: pair.cert.clone().into(),
        key: pair.key.clone().into(),
        client_ca: clients.map(|it| it.pem.clone().into()),
    }
}

fn start(data: &Path, tls: Tls) -> Running {
    Running::of(data, now(), |config| config.tls = Some(tls)).unwrap()
}

/// A caller that trusts this authority only.
fn caller(authority: &Authority) -> ClientBuilder {
    let root = reqwest::Certificate::from_pem(authority.pem.as_bytes()).unwrap();
    Client::builder().tls_certs_only([root]).no_proxy()
}

/// Asks whether the server lives; what went wrong at the bottom, or the version of HTTP that was spoken.
fn ask(caller: ClientBuilder, address: SocketAddr) -> Result<Version, String> {
    let client = caller.build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("https://{address}/admin/v1/status");
    let answer = runtime.block_on(client.get(url).bearer_auth(ADMIN).send());
    match answer {
        Ok(answer) => {
            assert_eq!(answer.status(), 200);
            Ok(answer.version())
        }
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                cause = next;
            }
            Err(cause.to_string())
        }
    }
}

#[test]
fn a_caller_that_trusts_the_authority_is_answered_in_either_http() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let server = start(dir.path(), tls(&authority.pair(), None));
    assert_eq!(ask(caller(&authority), server.address), Ok(Version::HTTP_2));
    assert_eq!(ask(caller(&authority).http1_only(), server.address), Ok(Version::HTTP_11));
    let said = ask(caller(&Authority::new("other")), server.address).unwrap_err();
    assert!(said.contains("UnknownIssuer"), "{said}");
    // One who was refused, or who refused, is nothing to the next.
    assert_eq!(ask(caller(&authority), server.address), Ok(Version::HTTP_2));
}

#[test]
fn a_client_certificate_is_demanded_at_both_doors() {
    let (dir, authority, clients) =
        (tempfile::tempdir().unwrap(), Authority::new("servers"), Authority::new("clients"));
    let server = Running::of(dir.path(), now(), |config| {
        config.tls = Some(tls(&authority.pair(), Some(&clients)));
        config.admin_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    })
    .unwrap();
    let identity = |of: &Authority| {
        let Pair { cert, key } = of.pair();
        caller(&authority).identity(Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap())
    };
    assert_eq!(ask(identity(&clients), server.admin), Ok(Version::HTTP_2));
    for address in [server.address, server.admin] {
        for caller in [caller(&authority), caller(&authority).http1_only()] {
            let said = ask(caller, address).unwrap_err();
            // A client that did not get as far as to ask says so; else it says what the server did.
            let known = ["CertificateRequired", "not ready"];
            assert!(known.iter().any(|it| said.contains(it)), "{said}");
        }
        // The server's own authority is none for clients.
        let said = ask(identity(&authority), address).unwrap_err();
        let known = ["fatal alert", "not ready"];
        assert!(known.iter().any(|it| said.contains(it)), "{said}");
    }
    assert_eq!(ask(identity(&clients), server.admin), Ok(Version::HTTP_2));
}

#[test]
fn plain_http_and_noise_at_a_tls_door_do_no_harm() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let server = start(dir.path(), tls(&authority.pair(), None));
    let noise = vec![0x16_u8; 70_000];
    for sent in [&b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"[..], b"\0", b"\x16\x03\x01", &noise] {
        let mut stream = TcpStream::connect(server.address).unwrap();
        drop(stream.write_all(sent));
        drop(stream.shutdown(std::net::Shutdown::Write));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let head = String::from_utf8_lossy(&answer);
        assert!(!head.contains("HTTP"), "{head}");
    }
    assert_eq!(ask(caller(&authority), server.address), Ok(Version::HTTP_2));
}

#[test]
fn a_server_of_its_own_says_https_in_its_policy() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let plain = Running::start(dir.path());
    let before = plain.get("/admin/v1/status").ok()["policy"]["digest"].clone();
    drop(plain);
    let server = start(dir.path(), tls(&authority.pair(), None));
    let key = taiwa_runtime::print_key(dir.path()).unwrap();
    let expected = taiwa_plan::own_policy(
        "local".into(),
        "local".into(),
        format!("https://{}", server.address),
        taiwa_plan::PublicKey::parse(&key).unwrap(),
    )
    .unwrap();
    let client = caller(&authority).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let status: serde_json::Value = runtime.block_on(async {
        let url = format!("https://{}/admin/v1/status", server.address);
        client.get(url).bearer_auth(ADMIN).send().await.unwrap().json().await.unwrap()
    });
    assert_eq!(status["policy"]["digest"], expected.digest().to_string());
    assert_ne!(status["policy"]["digest"], before);
}

#[test]
fn a_key_of_another_certificate_ends_the_start() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let mixed = Pair { key: authority.pair().key, ..authority.pair() };
    let refused = Running::of(dir.path(), now(), |config| config.tls = Some(tls(&mixed, None)));
    assert!(matches!(refused.map(drop), Err(RunError::Tls(TlsError::Mismatch))));
}
