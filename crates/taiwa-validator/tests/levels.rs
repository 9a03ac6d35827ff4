//! How severe a finding is: by rule, by stage, by `taiwa.yaml`; and what follows from it.

mod base;

use base::{Stored, base, checked, input, overlay};
use taiwa_config::load;
use taiwa_model::Timestamp;
use taiwa_validator::{Options, Stage, build, validate};

fn workspace(rules: &str) -> Stored {
    let text = format!(
        "format: 1\ntitle: Contoso\nlocales: [en]\ntime_zone: Asia/Tokyo\ncurrency: JPY\nrules: {rules}\n"
    );
    ("taiwa.yaml".into(), text)
}

#[track_caller]
fn check(rules: &str, stage: Stage, file: (&str, &str), expect: &[&str]) {
    let file: Stored = (file.0.into(), file.1.into());
    let (report, _) = checked(&overlay(&base(), &[workspace(rules), file]), stage);
    let found: Vec<String> =
        report.findings.iter().map(|it| format!("{} {}", it.severity.as_str(), it.code)).collect();
    assert_eq!(found, expect, "{rules} {stage:?}");
}

const UNUSED: (&str, &str) =
    ("channels/shared/segments/silver.yaml", "title: Silver\nwhen: profile.tier == 'silver'\n");
const UNKNOWN: (&str, &str) = (
    "channels/web-store/strategy.yaml",
    "rules:\n  - { zone: home, segment: gold, offer: kitt, score: 80 }\n  \
     - { zone: home, segment: everyone, offer: kit, score: 50 }\n  \
     - { zone: home, segment: everyone, offer: sale, score: 40 }\n",
);
const EXPIRED: (&str, &str) = (
    "channels/shared/offers/kit.yaml",
    "title: Kit\nvalue: 1\nvalid: { until: 2026-11-20 }\ntreatments:\n  web-store: { en: { headline: Hi } }\n",
);

#[test]
fn levels_of_the_workspace_hold_but_for_what_protects_the_servers() {
    check("{}", Stage::Edit, UNUSED, &["warning TW0105"]);
    check("{ TW0105: error }", Stage::Edit, UNUSED, &["error TW0105"]);
    check("{ TW0105: info }", Stage::Edit, UNUSED, &["info TW0105"]);
    check("{ TW0105: off }", Stage::Edit, UNUSED, &[]);
    check("{ TW0101: off }", Stage::Edit, UNKNOWN, &["error TW0101", "error TW0907"]);
}

#[test]
fn the_nearer_to_customers_the_stricter() {
    check("{}", Stage::Edit, EXPIRED, &["warning TW0502"]);
    check("{}", Stage::Mark, EXPIRED, &["warning TW0502"]);
    check("{}", Stage::Promote, EXPIRED, &["error TW0502"]);
    check("{ TW0502: off }", Stage::Promote, EXPIRED, &[]);
}

#[test]
#[expect(clippy::result_large_err, reason = "a test may be slow")]
fn only_what_has_no_error_becomes_a_release_and_its_digest_ignores_the_order_of_files() {
    let options =
        Options { at: Timestamp::parse("2026-11-21T00:00:00Z").unwrap(), stage: Stage::Mark };
    let digest = |files: &[Stored]| {
        let (project, parsing) = load(files.iter().map(input).collect());
        validate(project, parsing, &options).map(|it| build(&it).unwrap().digest())
    };
    let mut files = base();
    let first = digest(&files).unwrap();
    files.reverse();
    assert_eq!(digest(&files).unwrap(), first);
    let over: Vec<Stored> = vec![(UNKNOWN.0.into(), UNKNOWN.1.into())];
    let report = digest(&overlay(&files, &over)).unwrap_err();
    assert_eq!((report.summary.error, report.findings[0].code), (1, "TW0101"));
}
