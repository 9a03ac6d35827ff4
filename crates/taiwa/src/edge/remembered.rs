//! Checks the workspace, or remembers what the last check of the same files said.
//!
//! **Invariants.** What is remembered is never another answer than a new check would give: it is taken only for the same
//! files by content, the same program, the same stage and a time between the same dates. A file is taken for unchanged
//! without reading it only where size, times and inode are those of before and it was not written in the moment of that
//! check. What cannot be read, understood or written costs the time of a check, never the answer; a file is replaced
//! whole. It lies in the folder for caches of the user, never in the work tree.
#![expect(clippy::disallowed_methods, reason = "edge: this is the file system")]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use taiwa_config::{Content, InputFile, load};
use taiwa_model::{Digest, Timestamp};
use taiwa_text::Sources;
use taiwa_validator::{Options, Report, check_while};

use super::{
    files::{self, Listed, Stamp},
    kept::{Around, Kept, KeptFile},
};
use crate::{Cx, Failure};

/// A file written in so many ns before the check may be written again without its time changing.
const RACY_NS: u64 = 2_000_000_000;
/// Most bytes of what is remembered of one workspace; larger is not kept.
const MAX_BYTES: u64 = 64 << 20;
/// Most workspaces that are remembered; of further ones the oldest goes.
const MAX_WORKSPACES: usize = 64;
/// What such a file begins with, before the digest of the rest.
const MAGIC: &str = "taiwa remembers 1 ";

/// Whether the past may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Where it has the answer.
    Use,
    /// No: everything is read and checked.
    Ignore,
}

/// What was found, and what it was found in.
pub(crate) struct Answer {
    pub(crate) root: PathBuf,
    pub(crate) report: Report,
    /// All paths; the texts at least of the files that the report is about.
    pub(crate) sources: Sources,
    pub(crate) components: usize,
    pub(crate) environments: usize,
}

/// Checks the workspace that the current folder is in.
pub(crate) fn checked(cx: &Cx<'_>, options: &Options, memory: Memory) -> Result<Answer, Failure> {
    checked_at(cx, cx.now(), options, memory)
}

/// The same at a time of the clock: that of the files, not that for which is checked.
fn checked_at(
    cx: &Cx<'_>,
    now: Timestamp,
    options: &Options,
    memory: Memory,
) -> Result<Answer, Failure> {
    let root = files::root(&cx.cwd)?;
    let listed = files::list(&root)?;
    let place = (memory == Memory::Use).then(|| place(cx, &root)).flatten();
    let program = program();
    let kept = place.as_deref().and_then(read).filter(|it| Some(&it.program) == program.as_ref());
    if let (Some(kept), Some(place)) = (kept, place.as_deref())
        && kept.answers(options)
        && let Some(answer) = remembered(&root, kept, (&listed, now), (options, place))
    {
        return Ok(answer);
    }
    let read: Vec<(InputFile, KeptFile)> = listed
        .par_iter()
        .filter_map(|it| {
            let input = files::content(it)?;
            let digest = if place.is_some() { digest(&input.content) } else { String::new() };
            let stamp = settled(it, now);
            Some((input, KeptFile { path: it.path.clone(), stamp, digest }))
        })
        .collect();
    let (inputs, files): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    // who may not read a file today may tomorrow, and its times do not say so
    let readable = !inputs.iter().any(|it| matches!(it.content, Content::Unreadable(_)));
    let (project, parsing) = load(inputs);
    let (report, holds) = check_while(&project, parsing, options);
    let components = project.documents.len();
    let environments = project.environment_documents.len();
    if let (Some(place), Some(program), true) = (place, program, readable) {
        let around = Around { program, files, components, environments, holds };
        if let Some(kept) = Kept::new(around, &report, &project.sources) {
            write(&place, &kept);
        }
    }
    Ok(Answer { root, report, sources: project.sources, components, environments })
}

/// The remembered answer, if every file is as it was.
fn remembered(
    root: &Path,
    mut kept: Kept,
    (listed, now): (&[Listed], Timestamp),
    (options, place): (&Options, &Path),
) -> Option<Answer> {
    if listed.len() != kept.files.len() {
        return None;
    }
    let pairs: Vec<(&Listed, &KeptFile)> = listed.iter().zip(&kept.files).collect();
    let same = |(it, before): &(&Listed, &KeptFile)| {
        if it.path != before.path {
            return None;
        }
        if before.stamp.as_ref() == Some(&it.stamp) {
            return Some(None);
        }
        let input = files::content(it)?;
        let readable = !matches!(input.content, Content::Unreadable(_));
        (readable && digest(&input.content) == before.digest).then(|| Some(settled(it, now)))
    };
    let stamps: Option<Vec<Option<Option<Stamp>>>> = pairs.par_iter().map(same).collect();
    let stamps = stamps?;
    let (report, sources) = kept.report(options)?;
    let mut moved = false;
    for (file, stamp) in kept.files.iter_mut().zip(stamps) {
        if let Some(stamp) = stamp {
            moved |= file.stamp != stamp;
            file.stamp = stamp;
        }
    }
    if moved {
        write(place, &kept); // next time they need not be read
    }
    let (components, environments) = (kept.components, kept.environments);
    Some(Answer { root: root.to_owned(), report, sources, components, environments })
}

/// The stamp of a file, unless it was written so shortly before that it may be written again at the same time.
fn settled(it: &Listed, now: Timestamp) -> Option<Stamp> {
    let now_ns = u64::try_from(now.as_millis()).ok()?.saturating_mul(1_000_000);
    match &it.stamp {
        Stamp::File { modified_ns, changed_ns, .. } => {
            let last = modified_ns.max(changed_ns);
            (last.saturating_add(RACY_NS) < now_ns).then(|| it.stamp.clone())
        }
        Stamp::Special | Stamp::Folder => Some(it.stamp.clone()),
        Stamp::Unknown(_) => None,
    }
}

fn digest(content: &Content) -> String {
    match content {
        Content::Bytes(bytes) => Digest::of(bytes).hex(),
        other => format!("{other:?}"),
    }
}

/// Which program this is: another build may know other rules.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let stamp = Stamp::of_file(&path)?;
    Some(format!("{} {stamp:?}", env!("CARGO_PKG_VERSION")))
}

/// Where what is known of a workspace lies; none where the user has no folder for it.
fn place(cx: &Cx<'_>, root: &Path) -> Option<PathBuf> {
    let set = |name: &str| cx.env.get(name).filter(|it| Path::new(it).is_absolute());
    let folder = match (set("XDG_CACHE_HOME"), set("LOCALAPPDATA"), set("HOME")) {
        (Some(it), _, _) | (None, Some(it), _) => PathBuf::from(it),
        (None, None, Some(it)) => PathBuf::from(it).join(".cache"),
        (None, None, None) => return None,
    };
    let folder = folder.join("taiwa");
    let name = Digest::of(root.as_os_str().as_encoded_bytes()).hex();
    // never where it would be listed, marked or committed
    (!folder.starts_with(root)).then(|| folder.join(format!("validate-{name}.json")))
}

/// What was remembered, if it is whole.
fn read(place: &Path) -> Option<Kept> {
    let meta = fs::symlink_metadata(place).ok()?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return None;
    }
    let bytes = fs::read(place).ok()?;
    let text = bytes.strip_prefix(MAGIC.as_bytes())?;
    let (digest, rest) = text.split_at_checked(64)?;
    let rest = rest.strip_prefix(b"\n")?;
    let whole = Digest::of(rest).hex().as_bytes() == digest;
    whole.then(|| serde_json::from_slice(rest).ok())?
}

/// Remembers. Whatever goes wrong: the next check takes its time.
fn write(place: &Path, kept: &Kept) {
    let Some(folder) = place.parent() else { return };
    let Ok(json) = serde_json::to_vec(kept) else { return };
    if json.len() as u64 + 128 > MAX_BYTES || fs::create_dir_all(folder).is_err() {
        return;
    }
    forget(folder, place);
    let Ok(mut temporary) = tempfile::NamedTempFile::new_in(folder) else { return };
    let head = format!("{MAGIC}{}\n", Digest::of(&json).hex());
    let written = temporary.write_all(head.as_bytes()).and_then(|()| temporary.write_all(&json));
    if written.and_then(|()| temporary.flush()).is_ok() {
        temporary.persist(place).ok();
    }
}

/// Deletes the oldest where there are too many.
fn forget(folder: &Path, but: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let ours = |it: &fs::DirEntry| it.file_name().to_string_lossy().starts_with("validate-");
    let mut all: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|it| ours(it) && it.path() != but)
        .filter_map(|it| Some((it.metadata().ok()?.modified().ok()?, it.path())))
        .collect();
    all.sort();
    let surplus = (all.len() + 1).saturating_sub(MAX_WORKSPACES);
    for (_, path) in all.into_iter().take(surplus) {
        fs::remove_file(path).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::sample;
    use taiwa_text::Language;
    use taiwa_validator::Stage;

    /// A small generator with a seed.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, below: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % below as u64).unwrap()
        }
    }

    struct World {
        dir: tempfile::TempDir,
        at: Timestamp,
        /// How far the clock is ahead: enough for files to be known by their times, or not.
        ahead_ms: i64,
    }

    impl World {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            for (path, bytes) in sample::files() {
                let path = dir.path().join("w").join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            Self { dir, at: Timestamp::parse("2026-11-22T10:00:00Z").unwrap(), ahead_ms: 0 }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.dir.path().join("w").join(path)
        }

        fn check(&self, memory: Memory, stage: Stage) -> (String, usize, usize) {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut cx = Cx::captured(self.dir.path().join("w"), &mut out, &mut err);
            let home = self.dir.path().join("home").to_string_lossy().into_owned();
            cx.env.insert("HOME".to_owned(), home);
            let options = Options { at: self.at, stage };
            let now = cx.now().plus_millis(self.ahead_ms);
            let answer = checked_at(&cx, now, &options, memory).unwrap();
            let json = [Language::En, Language::Ja]
                .map(|it| serde_json::to_string(&answer.report.json(&answer.sources, it)).unwrap());
            (json.concat(), answer.components, answer.environments)
        }

        fn memory(&self) -> PathBuf {
            let mut all = fs::read_dir(self.dir.path().join("home/.cache/taiwa")).unwrap();
            all.next().unwrap().unwrap().path()
        }
    }

    #[test]
    fn whatever_is_edited_the_past_gives_the_answer_of_today() {
        for seed in 1..=4 {
            let (mut world, mut dice) = (World::new(), Dice(seed * 7919));
            let paths: Vec<String> = sample::files().into_iter().map(|it| it.0).collect();
            for step in 0..12 {
                let path = world.path(&paths[dice.roll(paths.len())]);
                let text = fs::read_to_string(&path).unwrap_or_default();
                match dice.roll(9) {
                    0 => fs::write(&path, text.replace("title", "titel")).unwrap(),
                    1 => fs::write(&path, format!("{text}# a comment\n")).unwrap(),
                    2 => drop(fs::remove_file(&path)),
                    3 => {
                        // as long as before, and as old
                        let before = fs::metadata(&path).and_then(|it| it.modified());
                        fs::write(&path, text.replace("gold", "glod")).unwrap();
                        if let Ok(before) = before {
                            File::options()
                                .write(true)
                                .open(&path)
                                .unwrap()
                                .set_modified(before)
                                .unwrap();
                        }
                    }
                    4 => fs::write(world.path("channels/shared/offers/new.yaml"), text).unwrap(),
                    5 => {
                        world.at = world
                            .at
                            .plus_millis(i64::try_from(dice.roll(400)).unwrap() * 86_400_000);
                    }
                    6 => world.ahead_ms = 10_000 - world.ahead_ms,
                    7 => {
                        if let Ok(bytes) = fs::read(world.memory()) {
                            let mut bytes = bytes;
                            let at = dice.roll(bytes.len());
                            bytes[at] ^= 1 << dice.roll(8);
                            fs::write(world.memory(), bytes).unwrap();
                        }
                    }
                    _ => {}
                }
                let stage = Stage::ALL[dice.roll(3)];
                let cold = world.check(Memory::Ignore, stage);
                assert_eq!(
                    world.check(Memory::Use, stage),
                    cold,
                    "seed {seed}, step {step}, first"
                );
                assert_eq!(
                    world.check(Memory::Use, stage),
                    cold,
                    "seed {seed}, step {step}, again"
                );
            }
        }
    }

    #[test]
    fn a_date_that_passes_is_noticed() {
        let mut world = World::new();
        let offer = world.path("channels/shared/offers/espresso-starter.yaml");
        let text = fs::read_to_string(&offer).unwrap();
        let ends = text.replace("until: 2039-12-31", "until: 2027-01-31");
        assert_ne!(text, ends);
        fs::write(&offer, ends).unwrap();
        let before = world.check(Memory::Use, Stage::Edit).0;
        world.at = Timestamp::parse("2027-06-01T00:00:00Z").unwrap();
        let after = world.check(Memory::Use, Stage::Edit).0;
        assert!(!before.contains("TW0502") && after.contains("TW0502"));
        assert_eq!(after, world.check(Memory::Ignore, Stage::Edit).0);
    }

    #[test]
    fn what_is_remembered_is_really_used_and_only_when_whole() {
        let world = World::new();
        let first = world.check(Memory::Use, Stage::Edit);
        let memory = world.memory();
        let text = fs::read_to_string(&memory).unwrap();
        // another answer, correctly signed: it is given, so it was not made anew
        let (_, json) = text.split_once('\n').unwrap();
        let other = json.replace(&format!("\"components\":{}", first.1), "\"components\":12345");
        assert_ne!(json, other);
        let signed = format!("{MAGIC}{}\n{other}", Digest::of(other.as_bytes()).hex());
        fs::write(&memory, &signed).unwrap();
        assert_eq!(world.check(Memory::Use, Stage::Edit).1, 12345);
        assert_eq!(world.check(Memory::Ignore, Stage::Edit), first);
        // not whole, of another program, a folder in its place: none is an answer
        let foreign = other.replace("\"program\":\"", "\"program\":\"x");
        let foreign = format!("{MAGIC}{}\n{foreign}", Digest::of(foreign.as_bytes()).hex());
        let cut = signed.get(..signed.len() - 1).unwrap().to_owned();
        for bad in [String::new(), cut, signed.replace("12345", "12346"), foreign] {
            fs::write(&memory, bad).unwrap();
            assert_eq!(world.check(Memory::Use, Stage::Edit), first);
        }
        fs::remove_file(&memory).unwrap();
        fs::create_dir(&memory).unwrap();
        assert_eq!(world.check(Memory::Use, Stage::Edit), first);
        // a cache that cannot be written
        fs::remove_dir_all(world.dir.path().join("home")).unwrap();
        fs::write(world.dir.path().join("home"), "a file").unwrap();
        assert_eq!(world.check(Memory::Use, Stage::Edit), first);
    }
}
