//! The programs of this repository, as the tests build them.
//!
//! A package that is built alone has fewer features switched on in what it depends on than one that is built with the
//! tests of all, and cargo keeps both. So whoever needs a program asks here for the one that the tests have built, or
//! will use: after the tests nothing is left to compile but its last step.

use std::{env, path::PathBuf, process::Command, sync::OnceLock};

use crate::tree::root;

/// The folder of what is built.
pub(crate) fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Where a program is, up to date with its sources.
pub(crate) fn program(name: &str) -> Result<String, String> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(build).clone()?;
    Ok(target().join("debug").join(name).display().to_string())
}

/// Everything, as `cargo test --workspace` does it, and the programs that it leaves out.
fn build() -> Result<(), String> {
    let args = ["build", "--quiet", "--locked", "--workspace", "--bins", "--tests"];
    match Command::new("cargo").args(args).current_dir(root()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("cargo {} failed", args.join(" "))),
        Err(error) => Err(format!("cargo could not be started: {error}")),
    }
}
