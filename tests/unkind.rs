//! The doors through which bytes of strangers come in, each as one function of bytes: what fuzzing calls, and what the
//! bounded runs in the tests call with mutated input.
//!
//! A function here may assert what must hold for any input; that it returns at all is the first of these.

use taiwa_api::{admin, v1};
use taiwa_config::{Content, InputFile};
use taiwa_decide::Compiled;
use taiwa_model::Timestamp;
use taiwa_plan::{Bundle, Envelope, Plan};
use taiwa_release::Release;
use taiwa_syntax::Limits;
use taiwa_validator::{Options, Stage};

/// One file of a workspace with these bytes, among no others: read, lowered and checked.
///
/// # Panics
/// When a finding points outside the file.
pub fn file(path: &str, bytes: &[u8]) {
    let input = InputFile { path: path.to_owned(), content: Content::Bytes(bytes.to_vec()) };
    let (project, parsing) = taiwa_config::load(vec![input]);
    let options = Options { at: Timestamp::from_millis(0), stage: Stage::Edit };
    let report = taiwa_validator::check(&project, parsing, &options);
    for finding in &report.findings {
        let text = &project.sources.get(finding.place.file).text;
        let (start, end) = (finding.place.span.start as usize, finding.place.span.end as usize);
        assert!(text.get(start..end).is_some(), "{} points outside of the file", finding.code);
    }
}

/// A text of YAML for both readers.
///
/// # Panics
/// When the fast reader accepts what the general one does not, or reads it otherwise.
pub fn yaml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Some(strict) = taiwa_syntax::parse_strictly(text, &Limits::FILE) else { return };
    let (tree, remarks) = taiwa_syntax::parse_generally(text, &Limits::FILE);
    assert!(remarks.is_empty(), "accepted with something to say: {text:?}: {remarks:?}");
    assert!(strict == tree, "read otherwise: {text:?}");
}

/// The bytes of a release, from a server or a disk.
///
/// # Panics
/// When a release that was read is not written in the same bytes.
pub fn release(bytes: &[u8]) {
    let Ok(release) = Release::read(bytes) else { return };
    assert_eq!(release.bytes(), bytes);
    drop(Compiled::new(release.digest(), release.components()));
}

/// A body of a request, at every door that takes one, and the objects of promotion.
pub fn body(bytes: &[u8]) {
    drop(taiwa_api::read::<v1::StartSession>(bytes));
    drop(taiwa_api::read::<v1::PostEvent>(bytes));
    drop(taiwa_api::read::<v1::DecideOnce>(bytes));
    drop(taiwa_api::read::<v1::Batch>(bytes));
    drop(taiwa_api::read::<admin::MakeSandbox>(bytes));
    drop(taiwa_api::read::<admin::Preparation>(bytes));
    drop(taiwa_api::read::<admin::Activation>(bytes));
    drop(Bundle::read(bytes).map(|it| it.open()));
    drop(Envelope::read(bytes).map(|it| it.open()));
    drop(Plan::read(bytes));
}
