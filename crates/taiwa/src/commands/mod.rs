//! One file per verb; the list here is the only one.

mod approve;
mod build;
mod completions;
mod demo;
mod deploy;
mod diff;
mod explain;
mod history;
mod hold;
mod init;
pub(crate) mod japanese;
mod lift;
mod mark;
mod plan;
mod policy;
mod policy_install;
mod policy_propose;
mod promote;
mod promote_ratify;
mod rollback;
mod rollback_only;
mod runtime;
mod schema;
mod show;
mod status;
mod status_heal;
mod status_probe;
mod status_words;
mod test;
mod test_exposure;
mod test_load;
mod test_on;
mod test_wrote;
mod unmark;
mod validate;
mod validate_fix;
mod validate_watch;
mod why_not;

use std::path::PathBuf;

use taiwa_text::Language;

use crate::{Cx, Exit, Failure, Format};

/// Interaction as code: how a brand talks with its customers, from YAML in git to production
#[derive(Debug, clap::Parser)]
#[command(name = "taiwa", version, max_term_width = 100)]
#[command(
    after_help = "Start with `taiwa demo` to see the whole story, or `taiwa init my-brand` to begin your own."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Globals {
    /// Work as if started in this folder
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Colour: on a terminal only, always, or never (`NO_COLOR` counts too)
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Colour,
    /// How the answer is written; not every command knows every format
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub(crate) format: Format,
    /// The language of findings, of rules and of their help (default: that of `LC_ALL` or `LANG`)
    #[arg(long, value_name = "LANGUAGE", global = true)]
    pub(crate) lang: Option<Lang>,
}

/// A language that findings speak.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// 日本語
    Ja,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Ja => Self::Ja,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    /// Whether it is decided whatever the terminal is.
    pub(crate) const fn decide(self) -> Option<bool> {
        match self {
            Self::Auto => None,
            Self::Always => Some(true),
            Self::Never => Some(false),
        }
    }
}

macro_rules! commands {
    ($($Name:ident => $module:ident, $word:literal, [$($extra:ident),*];)+) => {
        #[derive(Debug, clap::Subcommand)]
        enum Command {
            $($Name($module::Args),)+
        }

        impl Cli {
            /// The word of the command.
            pub(crate) const fn name(&self) -> &'static str {
                match &self.command {
                    $(Command::$Name(_) => $word,)+
                }
            }

            /// Carries the command out.
            pub(crate) fn run(self, cx: &mut Cx<'_>) -> Result<Exit, Failure> {
                match self.command {
                    $(Command::$Name(args) => {
                        knows_format($word, cx.format(), &[$(Format::$extra),*])?;
                        $module::run(cx, &args)
                    })+
                }
            }
        }
    };
}

commands! {
    Demo => demo, "demo", [];
    Init => init, "init", [Json];
    Validate => validate, "validate", [Json, Sarif, Github, Gitlab, Junit, Markdown];
    Explain => explain, "explain", [Json];
    Schema => schema, "schema", [];
    Mark => mark, "mark", [Json];
    Unmark => unmark, "unmark", [Json];
    Build => build, "build", [Json];
    Plan => plan, "plan", [Json, Markdown];
    Deploy => deploy, "deploy", [Json];
    Test => test, "test", [Json];
    Approve => approve, "approve", [Json];
    Promote => promote, "promote", [Json];
    WhyNot => why_not, "why-not", [Json];
    Rollback => rollback, "rollback", [Json];
    Hold => hold, "hold", [Json];
    Lift => lift, "lift", [Json];
    Status => status, "status", [Json];
    History => history, "history", [Json];
    Show => show, "show", [Json];
    Diff => diff, "diff", [Json];
    Policy => policy, "policy", [Json];
    Runtime => runtime, "runtime", [];
    Completions => completions, "completions", [];
}

impl Cli {
    /// The options that every command takes.
    pub(crate) const fn globals(&self) -> &Globals {
        &self.globals
    }
}

fn knows_format(command: &str, format: Format, known: &[Format]) -> Result<(), Failure> {
    if format == Format::Human || known.contains(&format) {
        return Ok(());
    }
    let names: Vec<&str> = [Format::Human].iter().chain(known).map(|it| it.name()).collect();
    Err(Failure::usage(format!("`taiwa {command}` does not write {}", format.name()))
        .help(format!("it knows: {}", names.join(", "))))
}

/// The definition of the command line, for shell completion and the reference.
pub(crate) fn definition() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_definition_is_sound() {
        super::definition().debug_assert();
    }
}
