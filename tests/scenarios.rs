//! The scenarios of the sample hold, at their own time and at any other: no answer depends on the day or the hour.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use taiwa_decide::{
    Compiled,
    scenario::{self, ScenarioResult},
};
use taiwa_model::{Components, Moment, Timestamp};
use taiwa_release::Release;
use taiwa_stories::{findings, sample};
use taiwa_validator::{Options, Stage};

fn components() -> Components {
    let at = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    findings(sample(), &Options { at, stage: Stage::Edit }).1.components
}

fn compiled(components: &Components) -> Compiled {
    let release = Release::seal(components.clone()).unwrap();
    Compiled::new(release.digest(), release.components()).unwrap()
}

fn failures(result: &ScenarioResult) -> Vec<String> {
    let failed = result.steps.iter().filter(|it| !it.ok);
    failed.map(|it| format!("step {}: {}", it.index, it.said)).collect()
}

#[test]
fn every_scenario_of_the_sample_holds() {
    let components = components();
    let compiled = compiled(&components);
    assert!(components.scenarios.len() >= 8);
    for (name, scenario) in &components.scenarios {
        let result = scenario::run(&compiled, name, &scenario.content);
        assert!(result.passed, "{name}: {:?}", failures(&result));
    }
}

#[test]
fn no_answer_depends_on_year_weekday_or_hour() {
    const HOUR_MS: i64 = 3_600_000;
    let components = components();
    let compiled = compiled(&components);
    for start in ["2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z", "2030-06-30T00:00:00Z"] {
        let start = Timestamp::parse(start).unwrap().as_millis();
        for step in 0..34 {
            let at = Timestamp::from_millis(start + step * 5 * HOUR_MS); // a week, in steps that meet every hour
            for (name, scenario) in &components.scenarios {
                let mut scenario = scenario.content.clone();
                scenario.given.at = Moment::Exact(at);
                let result = scenario::run(&compiled, name, &scenario);
                assert!(result.passed, "{name} at {at}: {:?}", failures(&result));
            }
        }
    }
}

/// A scenario that cannot fail proves nothing: each fails when nothing is offered any more.
#[test]
fn every_scenario_can_fail() {
    let mut components = components();
    for strategy in components.strategies.values_mut() {
        strategy.rules.clear();
    }
    let compiled = compiled(&components);
    for (name, scenario) in &components.scenarios {
        let asks_for_offers = !name.as_str().contains("hears-our-story"); // the fallback is its point
        let result = scenario::run(&compiled, name, &scenario.content);
        assert!(!result.passed || !asks_for_offers, "{name} holds without any strategy");
    }
}
