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
mod render;
mod sample;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;

pub use cx::{Cx, Format};
pub use failure::{Exit, Failure};

/// Runs the command this process was asked for.
pub fn main() -> ExitCode {
    run(std::env::args_os(), &mut Cx::of_process()).into()
}

/// Runs one command to its end.
///
/// Everything that a command reads from its surroundings (folder, environment variables, clock, terminal) is in `cx`.
pub fn run(args: impl IntoIterator<Item = OsString>, cx: &mut Cx<'_>) -> Exit {
    let cli = match commands::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, cx),
    };
    cx.configure(cli.globals());
    let command = cli.name();
    match cli.run(cx) {
        Ok(exit) => exit,
        Err(failure) => {
            cx.report(command, &failure);
            failure.exit
        }
    }
}

/// Help and version are answers; anything else was a wrong question.
fn usage(error: &clap::Error, cx: &mut Cx<'_>) -> Exit {
    let text =
        if cx.colour() { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        cx.say(text.trim_end());
        Exit::Usage
    } else {
        cx.print(text.trim_end());
        Exit::Yes
    }
}
