//! `taiwa demo`

use std::{collections::BTreeMap, sync::mpsc};

use crate::{
    Cx, Exit, Failure,
    demo::{Line, Lines, Stage, tell},
    edge::signals,
    render::safe,
};

/// See the whole story on this machine, in under a minute
///
/// On a fresh copy of the sample workspace: check, mark, deploy to staging, prove, approve, promote to production, change
/// an offer, promote that, and roll back, on four real runtime servers. Leaves nothing behind.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave the servers running until Ctrl-C, to play with them
    #[arg(long)]
    stay: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let (lines, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let environment = surroundings(cx);
    let clock = cx.clock();
    let (done, end) = mpsc::channel();
    let stay = args.stay;
    let runtime = signals::runtime()?;
    let started = clock();
    runtime.spawn(async move {
        let ended = play(environment, lines, clock, stay).await;
        done.send(ended).ok();
    });
    while let Some(line) = heard.blocking_recv() {
        draw(cx, &line);
    }
    let ended = end
        .recv()
        .unwrap_or_else(|_| Err(Failure::world("demo-broken", "the demo ended without a word")));
    ended?;
    let seconds = clock().millis_since(started) / 1000;
    cx.print(format!("\nThat was the whole story, in {seconds} s; nothing is left behind."));
    cx.print("Begin your own: taiwa init my-brand");
    Ok(Exit::Yes)
}

/// The story until its end or a signal; what it needed is gone afterwards in every case.
async fn play(
    environment: BTreeMap<String, String>,
    lines: Lines,
    clock: fn() -> taiwa_model::Timestamp,
    stay: bool,
) -> Result<(), Failure> {
    let mut stage = Stage::new(environment, lines)?;
    tokio::select! {
        told = tell(&mut stage, clock, stay) => told,
        signal = signals::next() => {
            stage.end().await;
            Err(signal.failure("the demo was stopped; its servers are ended and its files removed"))
        }
    }
}

/// What the demo's processes see of the surroundings: enough to run, nothing that changes the story.
fn surroundings(cx: &Cx<'_>) -> BTreeMap<String, String> {
    let kept = ["PATH", "TMPDIR", "LANG", "LC_ALL", "SYSTEMROOT"];
    kept.iter().filter_map(|name| Some(((*name).to_owned(), cx.var(name)?.to_owned()))).collect()
}

fn draw(cx: &mut Cx<'_>, line: &Line) {
    let (bold, dim, end) =
        if cx.colour() { ("\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m") } else { ("", "", "") };
    match line {
        Line::Chapter(it) => cx.print(format!("\n{bold}{}{end}", safe(it))),
        Line::Say(it) => cx.print(format!("  {}", safe(it))),
        Line::Command(it) => cx.print(format!("  {bold}$ {}{end}", safe(it))),
        Line::Answer(it) => cx.print(format!("    {dim}{}{end}", safe(it))),
    }
}
