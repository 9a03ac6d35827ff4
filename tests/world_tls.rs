//! HTTPS from the flags of a server to a deployment: own authorities on both sides, and what is said without them.
#![expect(clippy::disallowed_methods, reason = "the test makes certificates for a server")]

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use taiwa_testkit::{Running, World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");

/// Writes `NAME.pem`, an authority, and `NAME-own.pem` and `NAME-own.key`, a certificate of it and the key.
fn authority(folder: &Path, name: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    fs::write(folder.join(format!("{name}.pem")), params.self_signed(&key)?.pem())?;
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate()?;
    let names = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    let cert = names.signed_by(&own, &issuer)?.pem();
    fs::write(folder.join(format!("{name}-both.pem")), format!("{cert}{}", own.serialize_pem()))?;
    fs::write(folder.join(format!("{name}-own.pem")), cert)?;
    fs::write(folder.join(format!("{name}-own.key")), own.serialize_pem())?;
    Ok(())
}

/// Starts the server; where it says that it answers.
fn start(world: &World, listen: &str, more: &[&str]) -> (Running, String) {
    let file = |name: &str| world.private.join(name).display().to_string();
    let (data, cert, key, ca) =
        (file("data"), file("servers-own.pem"), file("servers-own.key"), file("clients.pem"));
    let mut arguments = vec!["runtime", "--listen", listen, "--data", &data, "--name", "one"];
    arguments.extend(["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca]);
    arguments.extend(more);
    let running = world.begin(&arguments);
    let address = until("the server answers", 30, || {
        let said = running.said();
        let line =
            said.lines().find_map(|it| it.strip_prefix("a runtime server answers on https://"));
        line.map(str::to_owned)
    });
    (running, address)
}

fn set(world: &mut World, name: &str, value: &str) {
    world.variables.insert(name.to_owned(), value.to_owned());
}

#[test]
fn a_deployment_over_https_with_certificates_on_both_sides() {
    let mut world = World::bare(PROGRAM);
    authority(&world.private, "servers").unwrap();
    authority(&world.private, "clients").unwrap();
    let (mut server, address) = start(&world, "127.0.0.1:0", &[]);
    let staging =
        format!("title: Staging\nservers:\n  - {{ name: one, url: \"https://{address}\" }}\n");
    world.write("environments/staging/environment.yaml", &staging);
    let file = |name: &str| world.private.join(name).display().to_string();
    let (ca, both, other, key) = (
        file("servers.pem"),
        file("clients-both.pem"),
        file("servers-both.pem"),
        file("clients-own.key"),
    );
    let propose = ["policy", "propose", "staging"];
    world.taiwa(&propose).ends(3, "unreachable").says("UnknownIssuer").says("TAIWA_CA_FILE");
    set(&mut world, "TAIWA_CA_FILE", &ca);
    world.taiwa(&propose).ends(3, "unreachable").says("TAIWA_CLIENT_CERT_FILE");
    set(&mut world, "TAIWA_CLIENT_CERT_FILE", &other);
    world.taiwa(&propose).ends(3, "unreachable");
    set(&mut world, "TAIWA_CLIENT_CERT_FILE", &key);
    world.taiwa(&propose).ends(2, "tls-unusable").says("TAIWA_CLIENT_CERT_FILE");
    set(&mut world, "TAIWA_CLIENT_CERT_FILE", "nowhere.pem");
    world.taiwa(&propose).ends(2, "unreadable").says("nowhere.pem");
    set(&mut world, "TAIWA_CLIENT_CERT_FILE", &both);
    world.taiwa(&propose).exits(0);
    server.kill();
    world.taiwa(&["mark", "channel/web-store", "--for", "staging"]).exits(0);
    world.commit("Staging over https");
    let policy = ["--policy", "environments/staging/policy.json"];
    let (mut server, _) = start(&world, &address, &policy);
    world.taiwa(&["deploy", "--to", "staging", "--yes"]).exits(0);
    server.kill();
}

#[test]
fn a_server_is_told_all_of_it_or_nothing() {
    let world = World::bare(PROGRAM);
    authority(&world.private, "a").unwrap();
    authority(&world.private, "b").unwrap();
    let file = |name: &str| world.private.join(name).display().to_string();
    let (cert, key, other) = (file("a-own.pem"), file("a-own.key"), file("b-own.key"));
    let check = |more: &[&str], word: &str, text: &str| {
        let base = ["runtime", "--listen", "127.0.0.1:0", "--data", "../private/data"];
        world.taiwa(&[&base[..], more].concat()).ends(2, word).says(text);
    };
    check(
        &["--tls-cert", &cert, "--tls-key", &other],
        "tls-unusable",
        "b-own.key: the private key",
    );
    check(&["--tls-cert", &key, "--tls-key", &key], "tls-unusable", "a-own.key: the certificate");
    check(&["--tls-cert", &cert, "--tls-key", "none"], "unreadable", "none");
    let unsaid = ["runtime", "--data", "../private/data", "--tls-cert", &cert];
    world.taiwa(&unsaid).exits(2).says("--tls-key");
    let alone = ["runtime", "--data", "../private/data", "--client-ca", &cert];
    world.taiwa(&alone).exits(2).says("--tls-cert");
}
