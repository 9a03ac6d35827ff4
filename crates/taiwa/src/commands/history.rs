//! `taiwa history`

use taiwa_model::EnvironmentName;
use taiwa_plan::{Envelope, Policy, ledger::Problem};

use crate::{
    Cx, Exit, Failure,
    edge::{ledger::Book, marked::Head},
    render::{count, table},
};

/// Tell the story from the ledger: deployments, evidence, approvals, refusals
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One environment; without it all
    environment: Option<EnvironmentName>,
    /// Check the chain, every object's digest and signature, and outcomes against the servers' receipts
    #[arg(long)]
    verify: bool,
    /// At most so many records, the newest
    #[arg(long, value_name = "N", default_value_t = 30)]
    limit: usize,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let book = Book::as_seen(cx, &head)?;
    let wanted = |name: &EnvironmentName| args.environment.as_ref().is_none_or(|it| it == name);
    let records: Vec<_> =
        book.story.records.iter().map(|it| &it.0).filter(|it| wanted(&it.environment)).collect();
    let skipped = records.len().saturating_sub(args.limit);
    let problems = if args.verify { verify(&head, &book)? } else { Vec::new() };
    if cx.json() {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        cx.print_json(&serde_json::json!({
            "version": 1, "records": records.iter().skip(skipped).collect::<Vec<_>>(), "verified": args.verify, "problems": problems,
        }));
    } else {
        let rows = records.iter().skip(skipped).map(|it| {
            let kind = serde_json::to_value(it.kind).unwrap_or_default();
            let kind = kind.as_str().unwrap_or_default().to_owned();
            [
                it.seq.to_string(),
                it.time.to_string(),
                it.environment.to_string(),
                kind,
                it.text.clone(),
            ]
        });
        cx.tell(table(["#", "time", "environment", "kind", "what"], rows.collect::<Vec<_>>()));
        if skipped > 0 {
            cx.say(format!("{} before these; --limit shows more", count(skipped, "record")));
        }
    }
    // What was seen here is shown; that others are shown something else comes first all the same.
    if let Some(it) = &book.rewritten {
        let failure = crate::edge::ledger::rewritten(it);
        return Err(problems.iter().fold(failure, |failure, it| failure.help(format!("- {it}"))));
    }
    if !args.verify {
        return Ok(Exit::Yes);
    }
    if problems.is_empty() {
        cx.tell(format!(
            "verified: {} in one chain, every object and signature holds",
            count(book.story.records.len(), "record")
        ));
        return Ok(Exit::Yes);
    }
    let mut failure = Failure::no(
        "ledger-unsound",
        format!("the ledger does not hold: {}", count(problems.len(), "problem")),
    );
    for problem in problems {
        failure = failure.help(format!("- {problem}"));
    }
    Err(failure)
}

/// Everything that does not hold.
fn verify(head: &Head, book: &Book<'_>) -> Result<Vec<Problem>, Failure> {
    let mut policies = Vec::new();
    for name in head.project.environments.keys() {
        let Some(bytes) = head.file(&format!("environments/{name}/policy.json"))? else { continue };
        let policy =
            Envelope::read(bytes.trim_ascii_end()).ok().and_then(|it| Policy::accept(&it).ok());
        if let Some(it) = policy {
            let earlier = crate::edge::servers::earlier(head, &it)?;
            policies.extend(it.earlier(&earlier));
            policies.push(it);
        }
    }
    let mut problems = taiwa_plan::ledger::verify(&book.story, &policies);
    problems.extend(book.problems.iter().cloned());
    problems.extend(book.unsound()?);
    Ok(problems)
}
