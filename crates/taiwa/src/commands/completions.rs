//! `taiwa completions`

use crate::{Cx, Exit, Failure};

/// Print the completion script for a shell
///
/// For bash: `taiwa completions bash > ~/.local/share/bash-completion/completions/taiwa`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: clap_complete::Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "every command has this form")]
pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::definition(), "taiwa", &mut script);
    cx.print(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Yes)
}
