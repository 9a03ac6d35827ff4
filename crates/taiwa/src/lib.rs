//! The `taiwa` command line: one file per verb in `commands/`.
//!
//! The only crate that prints, reads the environment, asks the clock or exits. A command takes a [`Cx`] and its
//! arguments, and answers with an exit code of one meaning each; `main.rs` is five lines.

mod commands;
mod cx;
mod demo;
mod edge;
mod failure;
mod moves;
mod notify;
mod render;
mod sample;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _};
use taiwa_text::Language;

pub use cx::{Cx, Format};
pub use failure::{Exit, Failure};

/// Runs the command this process was asked for.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    edge::signals::from_the_beginning(asks_for_json(&args));
    run(args, &mut Cx::of_process()).into()
}

/// Runs one command to its end.
///
/// Everything that a command reads from its surroundings (folder, environment variables, clock, terminal) is in `cx`.
pub fn run(args: impl IntoIterator<Item = OsString>, cx: &mut Cx<'_>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match parsed(&args, cx.language()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, asks_for_json(&args), cx),
    };
    cx.configure(cli.globals());
    let command = cli.name();
    let ended = cli.run(cx);
    // What is written from here on is the answer, whatever comes meanwhile.
    edge::signals::listen();
    let ended = ended.and_then(|exit| match edge::signals::unheard() {
        Some(signal) if exit == Exit::Yes => {
            Err(signal.failure("stopped by you; what was asked for was done already"))
        }
        _ => Ok(exit),
    });
    let exit = ended.unwrap_or_else(|failure| {
        cx.report(command, &failure);
        failure.exit
    });
    cx.finish();
    match cx.unwritten() {
        Some(why) if exit == Exit::Yes => {
            cx.announce(format!("write-failed: the answer could not be written: {why}"));
            Exit::World
        }
        _ => exit,
    }
}

/// The command line as it was meant; its help is in the language of the person.
fn parsed(args: &[OsString], locale: Language) -> Result<commands::Cli, clap::Error> {
    let mut line = commands::japanese::spoken(commands::Cli::command(), args, locale);
    let mut found = line.try_get_matches_from_mut(args)?;
    commands::Cli::from_arg_matches_mut(&mut found).map_err(|error| error.format(&mut line))
}

/// Whether a program reads the answer to a question that could not be understood.
fn asks_for_json(args: &[OsString]) -> bool {
    args.iter().any(|it| it == "--format=json")
        || args.windows(2).any(|it| it[0] == "--format" && it[1] == "json")
}

/// Help and version are answers; anything else was a wrong question.
fn usage(error: &clap::Error, json: bool, cx: &mut Cx<'_>) -> Exit {
    let text =
        if cx.colour() { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        cx.say_drawn(text.trim_end());
        if json {
            let message = error.render().to_string();
            cx.print_json(&serde_json::json!({
                "version": 1, "ok": false, "exit": Exit::Usage.code(), "reason": "usage", "message": message.trim_end(),
            }));
        }
        cx.finish();
        Exit::Usage
    } else {
        cx.print(text.trim_end());
        Exit::Yes
    }
}
