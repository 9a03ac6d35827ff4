//! `taiwa unmark`

use taiwa_config::marks::{Change, Marks, edit};
use taiwa_model::{ComponentId, EnvironmentName};
use taiwa_validator::Stage;

use crate::{
    Cx, Exit, Failure,
    edge::{files, marked::Head, workspace::environment},
    render::count,
};

/// Take the mark of components away, so that the next deployment takes them out
///
/// Refused where something that stays marked needs them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Components, such as offer/espresso-starter
    #[arg(required = true, value_name = "COMPONENT")]
    components: Vec<String>,
    /// The environment
    #[arg(long = "for", value_name = "ENV")]
    environment: EnvironmentName,
    /// Say what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    environment(&head.project, &args.environment)?;
    let (path, text, written) = head.marks_file(&args.environment)?;
    let Marks::Components(mut marks) = written else {
        return Err(Failure::usage(format!(
            "{} has a whole release marked, not components",
            args.environment
        )));
    };
    let mut changes = Vec::new();
    for word in &args.components {
        let id = ComponentId::parse(word).filter(|it| marks.remove(it).is_some());
        let id = id.ok_or_else(|| {
            Failure::no("not-marked", format!("`{word}` is not marked for {}", args.environment))
        })?;
        changes.push(Change::Unmark(id));
    }
    if !marks.is_empty() {
        head.check(cx, &marks, Stage::Mark)?;
    }
    let name = format!("environments/{}/marks.yaml", args.environment);
    if !args.dry_run {
        let text = edit(&text, &changes).map_err(|it| Failure::no("findings", it.to_string()))?;
        files::write_file(&path, text.as_bytes())?;
    }
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": args.environment, "removed": args.components, "dry_run": args.dry_run,
        }));
        return Ok(Exit::Yes);
    }
    cx.tell(format!(
        "{} taken away; {} left for {}",
        count(changes.len(), "mark"),
        count(marks.len(), "mark"),
        args.environment
    ));
    cx.say(format!("next: git commit -m \"Unmark for {}\" {name}", args.environment));
    Ok(Exit::Yes)
}
