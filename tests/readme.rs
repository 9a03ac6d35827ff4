//! Every command that the README shows runs, in its order, in an empty folder.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test reads the README and starts processes, and fails by panicking"
)]

use std::{fs, net::TcpListener, os::unix::fs::symlink, process::Command};

use taiwa_stories::root;

/// The commands of all `console` blocks, one a line.
fn commands(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if inside => found.extend(line.strip_prefix("$ ")),
            _ => {}
        }
    }
    found
}

/// The commands as one script: on ports that are free here, and with an end to the servers that it starts.
fn script(commands: &[&str]) -> String {
    let free: Vec<TcpListener> =
        (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<String> =
        free.iter().map(|it| it.local_addr().unwrap().port().to_string()).collect();
    let mut lines = vec!["trap 'kill $(jobs -p); wait' EXIT".to_owned()];
    for command in commands {
        lines.push(command.replace("7101", &ports[0]).replace("7102", &ports[1]));
        if *command == "cd my-brand" {
            let (first, second) = (&ports[0], &ports[1]);
            lines.push(format!(
                "sed -i 's|:7101|:{first}|; s|:7102|:{second}|' environments/*/*.yaml"
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn the_tour_runs_as_it_is_shown() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let commands = commands(&page);
    assert!(commands.len() >= 10, "the tour has only {} commands", commands.len());
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_story-taiwa"), bin.join("taiwa")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let home = folder.path().join("home");
    let work = folder.path().join("work");
    fs::create_dir(&home).unwrap();
    fs::create_dir(&work).unwrap();
    let output = Command::new("bash")
        .args(["-eux", "-c", &script(&commands)])
        .current_dir(&work)
        .env_clear()
        .env("PATH", path)
        .env("HOME", &home)
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Aoi")
        .env("GIT_AUTHOR_EMAIL", "aoi@contoso.example")
        .env("GIT_COMMITTER_NAME", "Aoi")
        .env("GIT_COMMITTER_EMAIL", "aoi@contoso.example")
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}\n{}",
        output.status,
        said(&output.stdout),
        said(&output.stderr)
    );
}

/// The two commands that stand at the top are those that exist.
#[test]
fn the_two_commands_are_there() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(page.contains("cargo run --release -- demo") && page.contains("cargo xtask test"));
    let head = page.split("\n\n").nth(1).unwrap();
    assert_eq!(head.matches(". ").count() + 1, 3, "the README begins with three sentences");
}
