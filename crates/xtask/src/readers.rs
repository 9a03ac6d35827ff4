//! Readers that are not ours: every form of the report, the help that editors give, and the workflows.
//!
//! The programs come from the registries of Python and Node, at the versions in `tests/readers/`, into a folder below
//! `target/`; they are installed once for each version of those lists. What cannot be installed (no network, no Python)
//! is skipped on a machine of a person and fails on one that builds.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{built, report::Report, tree::root};

const LISTS: [&str; 2] = ["requirements.txt", "package.json"];

/// The steps.
pub(crate) fn check(mut report: Report) -> Report {
    let home = built::target().join("readers");
    if let Err(why) = install(&home) {
        if env::var_os("CI").is_some() {
            report.check("readers", || vec![why]);
        } else {
            report.skip("readers", &why);
        }
        return report;
    }
    let taiwa = match built::program("taiwa") {
        Ok(taiwa) => taiwa,
        Err(why) => {
            report.check("readers", || vec![why]);
            return report;
        }
    };
    let bin = home.join("python/bin");
    let path = |it: PathBuf| it.display().to_string();
    let python = path(bin.join("python"));
    let node = path(home.join("node_modules"));
    let before = env::var("PATH").unwrap_or_default();
    let found = format!("PATH={}:{before}", bin.display());
    for (name, script) in [("forms of the report", "outputs"), ("editors", "editors")] {
        let script = format!("tests/readers/{script}.py");
        report.command(name, "env", &[&found, &python, &script, &taiwa, &node]);
    }
    let zizmor = path(bin.join("zizmor"));
    report.command(
        "workflows",
        &zizmor,
        &["--offline", "--pedantic", "--quiet", ".github/workflows"],
    );
    let schema = ["--builtin-schema", "vendor.github-workflows"];
    let files = [".github/workflows/ci.yml", ".github/workflows/taiwa-validate.yml"];
    let checker = path(bin.join("check-jsonschema"));
    report.command("schema of workflows", &checker, &[&schema[..], &files[..]].concat());
    report
}

/// Installs what the lists name, unless it is there.
fn install(home: &Path) -> Result<(), String> {
    let lists = root().join("tests/readers");
    let read =
        |name: &str| fs::read_to_string(lists.join(name)).map_err(|it| format!("{name}: {it}"));
    let wanted = LISTS.iter().map(|it| read(it)).collect::<Result<Vec<_>, _>>()?.concat();
    let stamp = home.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    println!("\n── installing readers into {}", home.display());
    fs::create_dir_all(home).map_err(|it| it.to_string())?;
    fs::copy(lists.join("package.json"), home.join("package.json")).map_err(|it| it.to_string())?;
    let python = home.join("python");
    // Debian's Python has its `venv` in a package of its own.
    if run(home, "python3", &["-m", "venv", &python.display().to_string()]).is_err() {
        run(home, "apt-get", &["install", "--yes", "python3-venv"]).ok();
        run(home, "python3", &["-m", "venv", &python.display().to_string()])?;
    }
    let pip = python.join("bin/pip").display().to_string();
    let list = lists.join("requirements.txt").display().to_string();
    run(home, &pip, &["install", "--quiet", "--disable-pip-version-check", "-r", &list])?;
    if run(home, "npm", &["--version"]).is_err() {
        run(home, "apt-get", &["install", "--yes", "--no-install-recommends", "npm"]).ok();
    }
    run(home, "npm", &["install", "--silent", "--no-audit", "--no-fund"])?;
    fs::write(&stamp, wanted).map_err(|it| it.to_string())
}

fn run(folder: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        .output()
        .map_err(|it| format!("`{program}` could not be started: {it}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().next_back().unwrap_or_default();
    Err(format!("{program} {}: {last}", args.join(" ")))
}
