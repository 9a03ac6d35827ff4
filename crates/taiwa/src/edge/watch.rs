//! Waits until a file of the workspace changes.
//!
//! By looking again and again: that works on every file system, in containers and over networks, where notices of the
//! kernel do not arrive. How often is a matter of how long one look takes. Deliberately absent: what to do then.
#![expect(clippy::disallowed_methods, reason = "edge: this is the file system and the clock")]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use walkdir::WalkDir;

use super::{files, signals};
use crate::Failure;

/// The shortest pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// A look may take at most this part of the time.
const SHARE: u32 = 10;
/// Most looks that wait for quiet: a file that never stops changing is read all the same.
const MAX_SETTLING: usize = 25;

/// What tells a changed file from the same one; editors write new files and keep the time, so neither is enough.
type Stamp = (Option<SystemTime>, u64, u64);

/// The files of a workspace as they were at one moment.
pub(crate) type Stamps = BTreeMap<String, Stamp>;

/// Looks once; an unreadable folder is one without files.
pub(crate) fn look(root: &Path) -> Stamps {
    let tops = ["taiwa.yaml", "channels", "environments"];
    let walks = tops.iter().flat_map(|it| {
        let walk = WalkDir::new(root.join(it)).follow_links(false).max_depth(32).into_iter();
        walk.filter_entry(|it| it.depth() == 0 || !files::hidden(it.file_name()))
    });
    let found = walks.filter_map(Result::ok).filter(|it| it.file_type().is_file());
    let stamped = found.filter_map(|it| {
        let path = it.path().strip_prefix(root).unwrap_or(it.path()).to_string_lossy().into_owned();
        let meta = fs::symlink_metadata(it.path()).ok()?;
        Some((path, (meta.modified().ok(), meta.len(), identity(&meta))))
    });
    stamped.take(files::MAX_FILES).collect()
}

#[cfg(unix)]
fn identity(meta: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> u64 {
    0
}

/// Waits for a change, and then until nothing changes any more; the paths that differ, sorted. A signal ends it.
pub(crate) fn change(root: &Path, seen: &mut Stamps) -> Result<Vec<String>, Failure> {
    signals::runtime()?.block_on(async {
        let mut settling = 0;
        let mut last = seen.clone();
        loop {
            let began = Instant::now();
            let now = look(root);
            let pause = PAUSE.max(began.elapsed() * SHARE);
            let quiet = now == last || settling >= MAX_SETTLING;
            if now != *seen && quiet {
                let changed = differing(seen, &now);
                *seen = now;
                return Ok(changed);
            }
            settling = if now == *seen { 0 } else { settling + 1 };
            last = now;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                signal = signals::next() => return Err(signal.failure("no longer watching")),
            }
        }
    })
}

fn differing(before: &Stamps, after: &Stamps) -> Vec<String> {
    let gone = before.keys().filter(|it| !after.contains_key(*it));
    let other = after.iter().filter(|it| before.get(it.0) != Some(it.1)).map(|it| it.0);
    let mut paths: Vec<String> = gone.chain(other).cloned().collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_changed_moved_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            files::write_file(&dir.path().join(path), text.as_bytes()).unwrap();
        };
        write("taiwa.yaml", "format: 1\n");
        write("channels/a/offers/x.yaml", "title: X\n");
        write("channels/a/offers/y.yaml", "title: Y\n");
        let mut seen = look(dir.path());
        assert_eq!(seen.len(), 3);
        write("channels/.git/z.yaml", "z");
        write("notes.txt", "z");
        assert_eq!(look(dir.path()), seen);
        write("channels/a/offers/x.yaml", "title: Z\n");
        write("channels/a/offers/new.yaml", "title: N\n");
        fs::remove_file(dir.path().join("channels/a/offers/y.yaml")).unwrap();
        let changed = change(dir.path(), &mut seen).unwrap();
        assert_eq!(
            changed,
            ["new.yaml", "x.yaml", "y.yaml"].map(|it| format!("channels/a/offers/{it}"))
        );
    }
}
