//! `taiwa test`

use std::path::PathBuf;

use taiwa_decide::{
    Compiled,
    scenario::{self, ScenarioResult},
};
use taiwa_model::{Components, Digest, EnvironmentName, Localized, Timestamp};

use crate::{
    Cx, Exit, Failure,
    edge::{
        marked::{self, Head},
        workspace::{Workspace, options},
    },
    render::{count, safe},
};

/// Run the scenarios: in process, or on the servers as evidence
///
/// Without options: those of the work tree, in milliseconds. --for ENV: those of what is marked. --on ENV: those of the
/// release that runs there, on every server; signed with a runner's key, the result is evidence that a promotion asks for.
/// With --load: as many decisions a second as the next environments ask for. With --exposure: how many decisions were
/// answered there, for a soak that asks for some.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What is marked for this environment
    #[arg(long = "for", value_name = "ENV", conflicts_with = "on")]
    marked: Option<EnvironmentName>,
    /// On the servers of this environment
    #[arg(long, value_name = "ENV")]
    on: Option<EnvironmentName>,
    /// The load that the next environments ask for, instead of the scenarios
    #[arg(long, requires = "on", conflicts_with = "exposure")]
    load: bool,
    /// The decisions answered since the release runs there, instead of the scenarios
    #[arg(long, requires = "on")]
    exposure: bool,
    /// The runner's key, with --on; else the file that `TAIWA_RUNNER_KEY` names
    #[arg(long, value_name = "FILE", requires = "on")]
    key: Option<PathBuf>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if let Some(name) = &args.on {
        return match (args.load, args.exposure) {
            (true, _) => super::test_load::run(cx, name, args.key.as_deref()),
            (_, true) => super::test_exposure::run(cx, name, args.key.as_deref()),
            _ => super::test_on::run(cx, name, args.key.as_deref()),
        };
    }
    let checked = match &args.marked {
        Some(name) => {
            let head = Head::read(cx)?;
            head.release(cx, name)?.components().clone()
        }
        None => work_tree(cx)?,
    };
    let compiled = Compiled::new(Digest::of(b""), &checked).map_err(|error| {
        Failure::no("findings", format!("the scenarios cannot run: {error}")).help("taiwa validate")
    })?;
    let begun = cx.now();
    let results: Vec<ScenarioResult> = checked
        .scenarios
        .iter()
        .map(|(name, it)| scenario::run(&compiled, name, &it.content))
        .collect();
    report(cx, &checked, &results, begun)
}

fn work_tree(cx: &mut Cx<'_>) -> Result<Components, Failure> {
    let workspace = Workspace::read(cx)?;
    let sources = workspace.project.sources.clone();
    let options = options(cx, taiwa_validator::Stage::Edit);
    match taiwa_validator::validate(workspace.project, workspace.parsing, &options) {
        Ok(checked) => Ok(checked.components().clone()),
        Err(report) => {
            marked::show(cx, &sources, &report);
            Err(Failure::no(
                "findings",
                "the workspace has findings; scenarios run once they are mended",
            ))
        }
    }
}

/// Tells what became of each scenario; "nothing ran" is no success.
fn report(
    cx: &mut Cx<'_>,
    components: &Components,
    results: &[ScenarioResult],
    begun: Timestamp,
) -> Result<Exit, Failure> {
    let failed = results.iter().filter(|it| !it.passed).count();
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "run": results.len(), "passed": results.len() - failed, "failed": failed, "scenarios": results,
        }));
    } else {
        for result in results {
            let title = components.scenarios.get(&result.name).map(|it| title(&it.content.title));
            tell(cx, result, title.as_deref().unwrap_or_default());
        }
        let took = cx.now().millis_since(begun);
        cx.tell(format!(
            "{} run in {took} ms: {} passed, {failed} failed",
            count(results.len(), "scenario"),
            results.len() - failed
        ));
    }
    if results.is_empty() {
        return Err(Failure::no("no-data", "there is no scenario, so nothing is shown")
            .help("write one in channels/CHANNEL/scenarios/NAME.yaml"));
    }
    if failed > 0 {
        return Err(Failure::no("scenario-failed", count(failed, "scenario") + " failed"));
    }
    Ok(Exit::Yes)
}

fn title(title: &Localized) -> String {
    title.get([]).to_owned()
}

/// One scenario: a line, and for a failed one its last step.
pub(super) fn tell(cx: &mut Cx<'_>, result: &ScenarioResult, title: &str) {
    let mark = if result.passed { "ok    " } else { "FAILED" };
    cx.tell(format!("{mark} {}  {}", result.name, safe(title)));
    for step in result.steps.iter().filter(|it| !it.ok) {
        let place =
            if step.index == 0 { "given".to_owned() } else { format!("step {}", step.index) };
        for (index, line) in step.said.lines().enumerate() {
            let head =
                if index == 0 { format!("       {place}: ") } else { "         ".to_owned() };
            cx.tell(format!("{head}{}", safe(line)));
        }
    }
}
