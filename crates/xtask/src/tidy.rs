//! What no lint can see: sizes, orphans, paths of a machine, dead links, the top level.
//!
//! Each check takes the files and gives one line for each thing to mend.

use std::collections::BTreeSet;

use crate::{
    attacks,
    tree::{self, File},
    words, workflows,
};

/// A Rust file has at most this many lines, unless it says why: `//! Long because …`.
const MAX_LINES: usize = 400;

/// A file without a reason may not have more than so many bytes: nothing big gets in by accident.
const MAX_BYTES: usize = 400_000;

/// Everything that may lie at the root, besides dot-files.
const TOP: [&str; 11] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "channels",
    "crates",
    "docs",
    "environments",
    "taiwa.yaml",
    "tests",
];

/// Words that name one machine or how somebody worked there. Written apart, so that this file holds none of them.
const FOREIGN: [&str; 6] = [
    concat!("/work", "/main"),
    concat!("/work", "/shared"),
    concat!("..", "/shared/"),
    concat!(".lib", "rary/"),
    concat!("/root", "/."),
    concat!("/tmp", "/t/"),
];

/// One line for each thing to mend.
type Check = fn(&[File]) -> Vec<String>;

/// Every check over the whole tree.
pub(crate) fn check() -> Vec<String> {
    let files = tree::files();
    let checks: [Check; 9] = [
        sizes,
        headers,
        orphans,
        machines,
        links,
        top_level,
        words::check,
        workflows::check,
        attacks::check,
    ];
    checks.iter().flat_map(|it| it(&files)).collect()
}

fn is_a(file: &File, extension: &str) -> bool {
    file.path.rsplit_once('.').is_some_and(|it| it.1 == extension)
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|it| is_a(it, "rs"))
}

fn sizes(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let lines = file.text.lines().count();
        let explained = file.text.lines().any(|it| it.starts_with("//! Long because "));
        if is_a(file, "rs") && lines > MAX_LINES && !explained {
            wrong.push(format!(
                "{}: {lines} lines; at most {MAX_LINES}, or `//! Long because …`",
                file.path
            ));
        }
        if file.text.len() > MAX_BYTES {
            wrong.push(format!("{}: more than {MAX_BYTES} bytes", file.path));
        }
    }
    wrong
}

fn headers(files: &[File]) -> Vec<String> {
    rust(files)
        .filter(|it| !it.text.starts_with("//!"))
        .map(|it| format!("{}: begins without `//!`: what is it for?", it.path))
        .collect()
}

/// A Rust file that no `mod` names is never compiled, and a rule or command in it does not exist.
fn orphans(files: &[File]) -> Vec<String> {
    let modules: BTreeSet<(String, String)> = rust(files).flat_map(declared).collect();
    rust(files)
        .filter(|it| it.path.contains("/src/"))
        .filter_map(|it| {
            let (folder, stem) = it.path.strip_suffix(".rs")?.rsplit_once('/')?;
            let (folder, stem) = match stem {
                "lib" | "main" => return None,
                "mod" => folder.rsplit_once('/')?,
                _ => (folder, stem),
            };
            let binary = folder.ends_with("/bin");
            let known = modules.contains(&(folder.to_owned(), stem.to_owned()));
            (!binary && !known).then(|| format!("{}: no `mod {stem};` names it", it.path))
        })
        .collect()
}

/// The folder and the name of every module that a file declares.
fn declared(file: &File) -> Vec<(String, String)> {
    let Some((folder, stem)) = file.path.strip_suffix(".rs").and_then(|it| it.rsplit_once('/'))
    else {
        return Vec::new();
    };
    let own = matches!(stem, "lib" | "main" | "mod");
    let folder = if own { folder.to_owned() } else { format!("{folder}/{stem}") };
    let names = file.text.lines().filter_map(|line| {
        let name = line.trim().strip_suffix(';')?.rsplit_once("mod ")?.1;
        let word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        word.then(|| (folder.clone(), name.to_owned()))
    });
    let listed = in_macros(&file.text).into_iter().map(|it| (folder.clone(), it));
    names.chain(listed).collect()
}

/// Modules that a macro declares: one name a line in a block that begins with `rules!` or the like.
fn in_macros(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.ends_with("! {") && !line.starts_with("macro_rules!") {
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if inside {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            names.extend(words.filter(|it| !it.is_empty()).map(str::to_owned));
        }
    }
    names
}

fn machines(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|it| it.path != "Cargo.lock") {
        for (number, line) in file.text.lines().enumerate() {
            for word in FOREIGN.iter().filter(|it| line.contains(*it)) {
                wrong.push(format!("{}:{}: names `{word}`", file.path, number + 1));
            }
        }
    }
    wrong
}

/// A relative link of a page must lead to a file or folder of the repository.
fn links(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|it| is_a(it, "md")) {
        let folder = file.path.rsplit_once('/').map_or("", |it| it.0);
        for target in targets(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            let outside = path.is_empty() || path.contains("://") || path.starts_with("mailto:");
            if !outside && !tree::root().join(folder).join(path).exists() {
                wrong.push(format!("{}: a link to {target}, which is not there", file.path));
            }
        }
    }
    wrong
}

fn targets(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|it| it.split(')').next()).collect()
}

fn top_level(files: &[File]) -> Vec<String> {
    let top: BTreeSet<&str> = files.iter().filter_map(|it| it.path.split('/').next()).collect();
    let strange = top.iter().filter(|it| !it.starts_with('.') && !TOP.contains(it));
    let missing = TOP.iter().filter(|it| !top.contains(*it));
    strange
        .map(|it| format!("{it}: does not belong at the top"))
        .chain(missing.map(|it| format!("{it}: is missing at the top")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[track_caller]
    fn check(check: Check, path: &str, text: &str, wrong: usize) {
        let found = check(&[file(path, text)]);
        assert_eq!(found.len(), wrong, "{path}: {found:?}");
    }

    #[test]
    fn long_files_give_a_reason() {
        let long = "//! x\n".repeat(MAX_LINES + 1);
        check(sizes, "a.rs", &long, 1);
        check(sizes, "a.rs", &format!("//! Long because it is a table.\n{long}"), 0);
        check(sizes, "a.md", &long, 0);
        check(sizes, "a.md", &"x".repeat(MAX_BYTES + 1), 1);
    }

    #[test]
    fn every_file_says_what_it_is_for() {
        check(headers, "a.rs", "//! For this.\n", 0);
        check(headers, "a.rs", "use std::fmt;\n", 1);
    }

    #[test]
    fn a_module_that_nobody_names_is_found() {
        let rules =
            |list: &str| vec![file("c/src/rules/mod.rs", list), file("c/src/rules/a.rs", "")];
        let mut tree = rules("mod a;\n");
        tree.push(file("c/src/lib.rs", "pub mod rules;"));
        assert_eq!(orphans(&tree), Vec::<String>::new());
        assert_eq!(orphans(&rules("")).len(), 2);
        let mut tree = rules("rules! {\n    a => A,\n}\n");
        tree.push(file("c/src/lib.rs", "pub(crate) mod rules;"));
        assert_eq!(orphans(&tree), Vec::<String>::new());
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        check(machines, "a.md", &format!("see {}", FOREIGN[0]), 1);
        check(machines, "a.md", "see docs/", 0);
    }

    #[test]
    fn dead_links_are_found() {
        check(links, "a.md", "[x](no-such-file.md) [y](https://contoso.example) [z](#here)", 1);
        check(links, "docs/a.md", "[x](../Cargo.toml)", 0);
    }

    #[test]
    fn the_top_level_is_known() {
        let mut tree: Vec<File> = TOP.iter().map(|it| file(it, "")).collect();
        tree.push(file(".ci/run", ""));
        assert_eq!(top_level(&tree), Vec::<String>::new());
        tree.push(file("notes.txt", ""));
        assert_eq!(top_level(&tree).len(), 1);
        tree.remove(0);
        assert_eq!(top_level(&tree).len(), 2);
    }
}
