//! The wire form of every object, byte for byte, and how strictly it is read.
#![expect(clippy::disallowed_methods, reason = "golden files lie beside the test")]

use proptest::prelude::*;
use taiwa_plan::{
    Body, Bundle, Envelope, MAX_BUNDLE_BYTES, MAX_PLAN_BYTES, MAX_SIGNATURES, MAX_STATEMENT_BYTES,
    MAX_STATEMENTS, Namespace, Plan, ReadError,
};

use crate::world::{
    Case, RUNNER, SATO, TANAKA, approve, passed, prepared, production, release, secret,
};

/// Compares with the file of that name; `TAIWA_BLESS=1` writes it.
#[track_caller]
fn golden(name: &str, bytes: &[u8]) {
    let path = format!("{}/tests/protocol/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("TAIWA_BLESS").is_ok() {
        std::fs::write(&path, bytes).unwrap();
    }
    let want = std::fs::read(&path).unwrap_or_default();
    let (got, want) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&want));
    assert_eq!(got, want, "the format is a promise: {name} changed");
}

fn payload<T: Body>(body: &T) -> Vec<u8> {
    Envelope::unsigned(body).unwrap().payload
}

#[test]
fn every_object_has_its_bytes() {
    let case = Case::new();
    let (plan, digest, bundle) = case.bundle();
    golden("plan.json", &plan.to_bytes().unwrap());
    golden("approve.json", &payload(&approve("manager")));
    let rejection = crate::admission::rejection(digest, TANAKA);
    golden("reject.json", &rejection.payload);
    golden("evidence.json", &payload(&passed(release("espresso"))));
    golden("receipt.json", &prepared(&case).1[0].payload);
    golden("policy.json", &payload(&production()));
    golden("envelope.json", &rejection.to_bytes().unwrap());
    golden("bundle.json", &bundle.to_bytes().unwrap());
    let digests = format!("{digest}\n{}\n{}\n", case.policy().digest(), rejection.digest());
    golden("digests.txt", digests.as_bytes());
}

#[test]
fn what_was_written_is_read() {
    let (plan, digest, bundle) = Case::new().bundle();
    assert_eq!(Plan::read(&plan.to_bytes().unwrap()).unwrap(), (plan.clone(), digest));
    assert_eq!(Bundle::read(&bundle.to_bytes().unwrap()).unwrap(), bundle);
    let open = bundle.open().unwrap();
    assert_eq!((open.plan, open.digest, open.statements.len()), (plan, digest, 5));
    for envelope in &bundle.statements {
        assert_eq!(&Envelope::read(&envelope.to_bytes().unwrap()).unwrap(), envelope);
    }
    // As part of an HTTP body, where the outer text is not canonical.
    let text = serde_json::to_string_pretty(&bundle).unwrap();
    assert_eq!(serde_json::from_str::<Bundle>(&text).unwrap(), bundle);
}

#[test]
fn attack_23_one_content_one_text() {
    let text = String::from_utf8(Case::new().bundle().0.to_bytes().unwrap()).unwrap();
    let spoiled = [
        text.replace("\"base\":0", "\"base\": 0"),
        text.replace("\"base\":0", "\"base\":0,\"base\":0"),
        text.replace("\"base\":0", "\"base\":0,\"bonus\":1"),
        text.replace("\"base\":0,", ""),
        text.replace("\"base\":0", "\"base\":0.0"),
        text.replace("\"base\":0", "\"base\":9007199254740992"),
        text.replace("\"base\":0", "\"base\":-1"),
        text.replace("10:00:00Z", "10:00:00.000Z"),
        text.replace("\"kind\":\"change\"", "\"kind\":\"Change\""),
        text.replace("\"kind\":\"change\"", "\"kind\":\"else\""),
        text.replace("sha256:", "SHA256:"),
        format!("{text}\n"),
        format!("\u{feff}{text}"),
        String::new(),
        "null".to_owned(),
    ];
    for bad in spoiled {
        assert_ne!(bad, text, "the row changes nothing");
        let error = Plan::read(bad.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Malformed { .. }), "{bad}");
    }
}

#[test]
fn statements_are_as_strict() {
    let good = Envelope::signed(&approve("manager"), &secret(TANAKA)).unwrap();
    let text = String::from_utf8(good.payload.clone()).unwrap();
    let spoil = |text: String| Envelope { payload: text.into_bytes(), ..good.clone() }.open();
    assert!(spoil(text.clone()).is_ok());
    assert!(spoil(text.replace("\"comment\":\"\"", "\"comment\":\"\",\"x\":1")).is_err());
    assert!(spoil(text.replace("\"comment\":\"\",", "")).is_err());
    assert!(spoil(format!(" {text}")).is_err());
    let other = Envelope { kind: Namespace::Reject, ..good.clone() };
    assert!(other.open().is_err(), "the type decides what is read");
    for other in [Namespace::Pull, Namespace::Hold, Namespace::Lift] {
        let error = Envelope { kind: other, ..good.clone() }.open().unwrap_err();
        assert!(matches!(error, ReadError::Malformed { .. }), "{other}: {error}");
    }
    let wire = good.to_bytes().unwrap();
    let unknown = String::from_utf8(wire).unwrap().replace("approve@taiwa", "bless@taiwa");
    assert!(Envelope::read(unknown.as_bytes()).is_err());
}

#[test]
fn sizes_are_bounded() {
    let limit = |error: ReadError| matches!(error, ReadError::Limit { .. });
    assert!(limit(Plan::read(&vec![b' '; MAX_PLAN_BYTES + 1]).unwrap_err()));
    assert!(!limit(Plan::read(&vec![b' '; MAX_PLAN_BYTES]).unwrap_err()));
    assert!(limit(Bundle::read(&vec![b' '; MAX_BUNDLE_BYTES + 1]).unwrap_err()));
    let mut long = approve("manager");
    long.comment = "x".repeat(MAX_STATEMENT_BYTES);
    assert!(Envelope::unsigned(&long).is_err());
    let mut big = Envelope::signed(&approve("manager"), &secret(SATO)).unwrap();
    big.payload = vec![b' '; MAX_STATEMENT_BYTES + 1];
    assert!(limit(big.open().unwrap_err()));
    let mut signatures = Envelope::signed(&approve("manager"), &secret(SATO)).unwrap();
    let one = signatures.signatures[0].clone();
    signatures.signatures = vec![one.clone(); MAX_SIGNATURES];
    signatures.open().unwrap();
    signatures.signatures.push(one);
    assert!(limit(signatures.open().unwrap_err()));
    signatures.signatures.truncate(1);
    signatures.signatures[0].sig = "x".repeat(5000);
    assert!(limit(signatures.open().unwrap_err()));
    let (_, _, mut bundle) = Case::new().bundle();
    let statement = bundle.statements[0].clone();
    bundle.statements = vec![statement.clone(); MAX_STATEMENTS];
    bundle.open().unwrap();
    bundle.statements.push(statement);
    assert!(limit(bundle.open().unwrap_err()));
    bundle.format = 2;
    bundle.statements.clear();
    assert!(matches!(bundle.open().unwrap_err(), ReadError::Unsupported(_)));
}

#[test]
fn a_full_statement_goes_on_the_wire_and_comes_back() {
    let mut long = approve("manager");
    long.comment = "x".repeat(MAX_STATEMENT_BYTES - 600);
    let envelope = Envelope::signed(&long, &secret(RUNNER)).unwrap();
    assert_eq!(Envelope::read(&envelope.to_bytes().unwrap()).unwrap(), envelope);
}

fn good_plan() -> &'static [u8] {
    static PLAN: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    PLAN.get_or_init(|| Case::new().bundle().0.to_bytes().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes that are read are exactly the bytes that would be written; anything else is an error.
    #[test]
    fn spoiled_bytes_are_refused_or_the_same(at in 0usize..4000, byte in any::<u8>()) {
        let good = good_plan();
        let mut bytes = good.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok((plan, digest)) = Plan::read(&bytes) {
            prop_assert_eq!(plan.to_bytes().unwrap(), bytes.clone());
            prop_assert_eq!(digest == Plan::digest_of(good), bytes == good);
        }
    }

    /// Whatever arrives, reading ends with a value or an error.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        drop(Plan::read(&bytes));
        drop(Envelope::read(&bytes));
        drop(Bundle::read(&bytes));
        drop(taiwa_plan::ledger::Record::read(&bytes));
        drop(Envelope { kind: Namespace::Policy, payload: bytes, signatures: vec![] }.open());
    }
}
