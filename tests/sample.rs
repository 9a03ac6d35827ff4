//! The sample workspace: complete, clean, and right at any time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use taiwa_model::Timestamp;
use taiwa_stories::{Files, findings, generated, sample};
use taiwa_validator::{Options, Stage};

#[track_caller]
fn check_clean(files: Files, at: &str, stage: Stage) {
    let at = Timestamp::parse(at).unwrap();
    let (report, project) = findings(files, &Options { at, stage });
    let said: Vec<String> = report
        .findings
        .iter()
        .map(|it| {
            let source = project.sources.get(it.place.file);
            let position = source.position(it.place.span.start);
            format!(
                "{}:{}:{} {} {}",
                source.path, position.line, position.column, it.code, &*it.message
            )
        })
        .collect();
    assert!(said.is_empty(), "at {at}, {}:\n{}", stage.as_str(), said.join("\n"));
}

#[test]
fn nothing_is_found_in_the_sample_at_any_time_and_stage() {
    for at in ["2026-11-21T10:00:00Z", "2028-02-29T12:00:00Z", "2030-12-31T23:59:59Z"] {
        for stage in Stage::ALL {
            check_clean(sample(), at, stage);
        }
    }
}

#[test]
fn the_generated_workspace_is_clean_too() {
    check_clean(generated::workspace(40), "2026-11-21T10:00:00Z", Stage::Edit);
}

#[test]
fn the_sample_is_as_large_as_it_says() {
    let at = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let (_, project) = findings(sample(), &Options { at, stage: Stage::Edit });
    let components = &project.components;
    let web = &components.channels["web-store"];
    assert!(web.zones.len() >= 3 && web.interaction_points.len() >= 5);
    assert!(web.events.len() >= 8 && web.categories.len() >= 3);
    let audience = components.audience.as_ref().unwrap();
    assert!(audience.attributes.len() >= 12 && audience.consent.len() >= 5);
    assert_eq!(components.channels.len(), 6);
    assert_eq!(components.strategies.len(), 2);
    assert!(components.segment_names().len() >= 8 && !components.flowcharts.is_empty());
    assert!(components.offers.len() >= 12 && components.scenarios.len() >= 8);
    assert!(!components.goals.is_empty() && !components.touchpoints.is_empty());
    for (name, offer) in &components.offers {
        for (channel, treatment) in &offer.content.treatments {
            assert!(
                treatment.contains_key("en") && treatment.contains_key("ja"),
                "{name} {channel}"
            );
        }
    }
    assert_eq!(project.environments.len(), 2);
}

#[test]
fn no_date_of_the_sample_lies_within_ten_years() {
    let scenario = |path: &str| path.contains("/scenarios/"); // these have a clock of their own
    for (path, bytes) in sample().into_iter().filter(|it| !scenario(&it.0)) {
        let text = String::from_utf8(bytes).unwrap();
        let years = text.match_indices("20").filter_map(|(at, _)| {
            let date = text.get(at..at + 8)?;
            let year = date.get(..4)?.parse::<u32>().ok()?;
            date.get(4..5).filter(|it| *it == "-")?;
            date.get(5..7)?.parse::<u32>().ok().map(|_| year)
        });
        for year in years {
            assert!(!(2017..=2036).contains(&year), "{path}: {year}");
        }
    }
}
