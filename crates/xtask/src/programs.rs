//! The programs that the tests run besides Rust's: looked for, and where this is a Debian machine and we may, installed.

use std::process::{Command, Stdio};

/// A program, an argument with which it does nothing and says so, and the Debian package that has it.
const NEEDED: [(&str, &str, &str); 4] = [
    ("git", "--version", "git"),
    ("bash", "--version", "bash"),
    ("curl", "--version", "curl"),
    ("ssh-keygen", "-?", "openssh-client"),
];

/// What is missing and could not be installed.
pub(crate) fn check() -> Vec<String> {
    let missing: Vec<_> = NEEDED.iter().filter(|it| !starts(it.0, it.1)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let packages: Vec<&str> = missing.iter().map(|it| it.2).collect();
    println!("   installing {}", packages.join(" "));
    quietly("apt-get", &["update"]);
    quietly("apt-get", &[&["install", "--yes", "--no-install-recommends"], &packages[..]].concat());
    missing
        .iter()
        .filter(|it| !starts(it.0, it.1))
        .map(|it| format!("{} is missing; on Debian: apt-get install {}", it.0, it.2))
        .collect()
}

/// Whether the program can be started at all; what it answers does not matter.
fn starts(program: &str, argument: &str) -> bool {
    quietly(program, &[argument])
}

fn quietly(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("DEBIAN_FRONTEND", "noninteractive").status().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_noticed() {
        assert!(starts("cargo", "--version") && !starts("no-such-program-anywhere", "--version"));
    }
}
