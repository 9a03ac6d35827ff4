//! Comments that allow a finding: what they cover, when they end, and that they rot loudly.

mod base;

use base::{Stored, base, checked, checked_at, overlay};
use taiwa_validator::{Report, Stage};

const SILVER: &str = "channels/shared/segments/silver.yaml";

fn report(path: &str, text: &str, stage: Stage) -> Report {
    let file: Stored = (path.into(), text.into());
    checked(&overlay(&base(), &[file]), stage).0
}

/// The findings of a file, each with its line, and the codes that were allowed.
#[track_caller]
fn check(path: &str, text: &str, expect: &[&str], allowed: &[&str]) {
    let file: Stored = (path.into(), text.into());
    let (report, sources) = checked(&overlay(&base(), &[file]), Stage::Edit);
    let line = |it: &taiwa_text::Finding| sources.get(it.place.file).position(it.place.span.start);
    let found: Vec<String> =
        report.findings.iter().map(|it| format!("{} {}", it.code, line(it).line)).collect();
    let suppressed: Vec<&str> = report.suppressed.iter().map(|it| it.finding.code).collect();
    assert_eq!((found, suppressed.as_slice()), (texts(expect), allowed), "{text}");
    assert_eq!(report.summary.suppressed, allowed.len());
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|it| (*it).to_owned()).collect()
}

const SILVER_YAML: &str = "title: Silver\nwhen: profile.tier == 'silver'\n";

#[test]
fn a_comment_allows_the_line_after_it() {
    let with = |comment: &str| format!("{comment}{SILVER_YAML}");
    check(SILVER, SILVER_YAML, &["TW0105 1"], &[]);
    let good = "# taiwa: allow TW0105 until 2027-03-31 because spring\n";
    check(SILVER, &with(good), &[], &["TW0105"]);
    check(
        SILVER,
        &with("# taiwa: allow TW0105 until 2027-03-31 because 春の施策のため\n"),
        &[],
        &["TW0105"],
    );
    check(SILVER, &with(&format!("# why\n{good}# more\n\n")), &[], &["TW0105"]);
    check(SILVER, &with(&good.replace('\n', "\r\n")), &[], &["TW0105"]);
    check(SILVER, &with(&good.replace("# ", "#  ")), &[], &["TW0105"]);
    let later = format!("title: Silver\n{good}when: profile.tier == 'silver'\n");
    check(SILVER, &later, &["TW0105 1", "TW0903 2"], &[]);
}

/// Two offers of one value and one score: a tie, in line 3 and without a comment.
fn tied(comment: &str) -> Vec<Stored> {
    let strategy = format!(
        "rules:\n  - {{ zone: home, segment: everyone, offer: kit, score: 80 }}\n{comment}  - {{ zone: home, segment: everyone, offer: sale, score: 80 }}\n"
    );
    let sale = "title: Sale\nvalue: 12.5\ntreatments:\n  web-store: { en: { headline: Now } }\n";
    vec![
        ("channels/web-store/strategy.yaml".into(), strategy),
        ("channels/shared/offers/sale.yaml".into(), sale.into()),
        ("channels/shared/segments/gold.yaml".into(), "(no such file)".into()),
    ]
}

fn codes(over: &[Stored], stage: Stage) -> Vec<(&'static str, &'static str)> {
    let report = checked(&overlay(&base(), over), stage).0;
    report.findings.iter().map(|it| (it.code, it.severity.as_str())).collect()
}

#[test]
fn several_codes_and_several_comments_are_one_exception() {
    let with = |comments: &str| codes(&tied(comments), Stage::Edit);
    assert_eq!(with(""), [("TW0510", "info")]);
    let until = "until 2027-01-31 because either will do\n";
    assert_eq!(with(&format!("  # taiwa: allow TW0510 {until}")), []);
    let idle = [("TW0903", "warning")];
    assert_eq!(with(&format!("  # taiwa: allow TW0510, TW0105 {until}")), idle);
    assert_eq!(with(&format!("  # taiwa: allow TW0105 TW0510 {until}")), idle);
    let two = format!("  # taiwa: allow TW0105 {until}  # taiwa: allow TW0510 {until}");
    assert_eq!(with(&two), idle);
}

#[test]
fn what_is_within_a_text_of_several_lines_is_covered() {
    let text = |comment: &str| {
        format!(
            "title: Gold members\n{comment}when: >-\n  profile.tier == 'gold' &&\n\n  !(profile.age < 18)\n"
        )
    };
    let path = "channels/shared/segments/gold.yaml";
    check(path, &text(""), &["TW0307 5"], &[]);
    check(
        path,
        &text("# taiwa: allow TW0307 until 2027-03-31 because adults only\n"),
        &[],
        &["TW0307"],
    );
}

#[test]
fn a_sign_in_a_text_allows_nothing() {
    let text = "title: |\n  # taiwa: allow TW0105\n  x\nwhen: profile.tier == 'silver'\n";
    check(SILVER, text, &["TW0105 1"], &[]);
    let text = "title: 'a # taiwa: allow TW0105'\nwhen: profile.tier == 'silver'\n";
    check(SILVER, text, &["TW0105 1"], &[]);
}

#[test]
fn what_is_malformed_allows_nothing_and_says_so() {
    for comment in [
        "# taiwa: allow TW0105",
        "# taiwa: allow TW0105 until 2027-03-31",
        "# taiwa: allow TW0105 until 2027-03-31 because",
        "# taiwa: allow TW0105 until 2027-03-31 because ...",
        "# taiwa: allow TW0105 because spring",
        "# taiwa: allow TW0105 until soon because spring",
        "# taiwa: allow TW0105 until 2027-02-29 because spring",
        "# taiwa: allow TW0105 until 2028-03-31 because far ahead",
        "# taiwa: allow until 2027-03-31 because spring",
        "# taiwa: allow TW9105 until 2027-03-31 because spring",
        "# taiwa: allow never-used until 2027-03-31 because spring",
        "# taiwa: allow TW0101 until 2027-03-31 because it protects servers",
        "# taiwa: allow TW0705 until 2027-03-31 because it is a secret",
        "# taiwa: allow TW0903 until 2027-03-31 because of itself",
        "# taiwa: ignore TW0105 until 2027-03-31 because spring",
        "# taiwa：allow TW0105 until 2027-03-31 because spring",
        "# Taiwa: allow TW0105 until 2027-03-31 because spring",
        "# taiwa-ignore TW0105",
        "# taiwa : allow TW0105 until 2027-03-31 because spring",
    ] {
        check(SILVER, &format!("{comment}\n{SILVER_YAML}"), &["TW0901 1", "TW0105 2"], &[]);
    }
    let behind = "title: Silver # taiwa: allow TW0105 until 2027-03-31 because spring\nwhen: profile.tier == 'silver'\n";
    check(SILVER, behind, &["TW0105 1", "TW0901 1"], &[]);
    let last = format!("{SILVER_YAML}# taiwa: allow TW0105 until 2027-03-31 because spring\n");
    check(SILVER, &last, &["TW0105 1", "TW0901 3"], &[]);
    let innocent = format!("# taiwa mark segment/silver\n# see taiwa: it is good\n{SILVER_YAML}");
    check(SILVER, &innocent, &["TW0105 3"], &[]);
}

#[test]
fn many_comments_are_too_many() {
    let comments = "# taiwa: allow TW0105\n".repeat(1000);
    let report = report(SILVER, &format!("{comments}{SILVER_YAML}"), Stage::Edit);
    let malformed = report.findings.iter().filter(|it| it.code == "TW0901").count();
    assert_eq!(malformed, 201);
}

#[test]
fn the_last_day_counts_in_the_zone_of_the_workspace() {
    let text = format!("# taiwa: allow TW0105 until 2026-11-30 because autumn\n{SILVER_YAML}");
    let files = overlay(&base(), &[(SILVER.into(), text)]);
    let codes = |at: &str| {
        let report = checked_at(&files, Stage::Edit, at).0;
        report.findings.iter().map(|it| it.code).collect::<Vec<_>>()
    };
    assert!(codes("2026-11-30T23:59:59+09:00").is_empty());
    assert_eq!(codes("2026-12-01T00:00:00+09:00"), ["TW0902", "TW0105"]);
}

#[test]
fn an_allowed_error_is_told_before_a_promotion() {
    let rules = "format: 1\ntitle: Contoso\nlocales: [en]\ntime_zone: Asia/Tokyo\ncurrency: JPY\nrules: { TW0510: error }\n";
    let comment = "  # taiwa: allow TW0510 until 2027-01-31 because either will do\n";
    let mut over = tied(comment);
    over.push(("taiwa.yaml".into(), rules.into()));
    assert_eq!(codes(&over, Stage::Edit), []);
    assert_eq!(codes(&over, Stage::Promote), [("TW0510", "info")]);
    let report = checked(&overlay(&base(), &over), Stage::Promote).0;
    assert!(report.is_passed() && report.summary.suppressed == 1);
    assert_eq!(report.suppressed[0].finding.severity.as_str(), "error");
}

#[test]
fn a_comment_for_a_rule_of_editing_is_not_idle_when_a_part_is_marked() {
    let text = format!("# taiwa: allow TW0105 until 2027-03-31 because spring\n{SILVER_YAML}");
    assert_eq!(report(SILVER, &text, Stage::Mark).findings, []);
    // nor where a file cannot be read: what it would be needed for may stand there
    let unused: Stored = (SILVER.into(), text.replace("TW0105", "TW0510"));
    let broken: Stored = ("channels/web-store/strategy.yaml".into(), "rules: [\n".into());
    let idle = |over: &[Stored]| codes(over, Stage::Edit).iter().any(|it| it.0 == "TW0903");
    assert!(idle(std::slice::from_ref(&unused)) && !idle(&[unused, broken]));
}
