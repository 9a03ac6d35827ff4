//! Applies the fixes of findings to the texts of a workspace, in memory.
//!
//! **Invariants.** A fix is taken whole or not at all. What came of it is read and checked again, and stays only where
//! every finding that was to be mended is gone, no other error came, and fewer findings are left than before. A fix
//! that calls itself safe must also leave every component, environment and mark as it was that could have been
//! released. What fails is tried in smaller parts, at the end alone; what fails alone is refused, and said.
//! The same files, time and stage give the same texts. Deliberately absent: reading and writing files.

mod edits;
mod guard;
mod kinds;

use std::collections::BTreeSet;

use taiwa_config::{Content, InputFile, Project, load};
use taiwa_meaning::Budget;
use taiwa_text::{Finding, Fix, Safety, Text};

use self::edits::{choose, rewritten};
pub use self::kinds::{Kinds, kinds};
use crate::{Options, fingerprint::key, report::look};

/// Most times that a workspace is read and checked again; what is left then is left to the next run.
const MAX_TRIES: usize = 64;

/// Which fixes are wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// [`Safety::Unsafe`] takes those that need a look, too.
    pub safety: Safety,
    /// Only files for which this is true are changed; asked with the path.
    pub files: &'a dyn Fn(&str) -> bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Mended {
    /// The workspace after it, read anew.
    pub project: Project,
    /// What reading it found.
    pub parsing: Vec<Finding>,
    /// The files that are different, by path.
    pub texts: Vec<Rewritten>,
    /// What was mended, in the order in which it was.
    pub fixed: Vec<Applied>,
    /// Fixes that did not do what they promised, or would have done more; nothing of them is left.
    pub refused: Vec<Applied>,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Relative to the workspace.
    pub path: String,
    /// What was read.
    pub before: String,
    /// What should stand there.
    pub after: String,
}

/// A fix, by what it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The rule.
    pub code: &'static str,
    /// The file of the finding.
    pub path: String,
    /// Where the finding stood when it was mended, from 1.
    pub line: u32,
    /// What the fix does.
    pub said: Text,
    /// Whether it could have changed meaning.
    pub safety: Safety,
}

/// What was mended before a report was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What was mended.
    pub fixed: Vec<Applied>,
    /// Fixes that did not do what they promised; nothing of them is left.
    pub refused: Vec<Applied>,
}

/// The workspace at one moment of the work.
struct State {
    files: Vec<InputFile>,
    project: Project,
    parsing: Vec<Finding>,
    /// All of them, however many.
    findings: Vec<Finding>,
}

impl State {
    fn new(files: Vec<InputFile>, options: &Options) -> Self {
        let (project, parsing) = load(files.clone());
        let mut findings = look(&project, parsing.clone(), None, (options, Budget::default())).0;
        let order = |it: &Finding| (it.place, it.code, it.message.clone());
        findings.sort_by_key(order);
        findings.dedup_by_key(|it| order(it));
        Self { files, project, parsing, findings }
    }

    fn path(&self, finding: &Finding) -> &str {
        let source = self.project.sources.iter().nth(finding.place.file.0 as usize);
        source.map_or("", |it| it.1.path.as_str())
    }
}

/// Applies what is wanted until nothing is left to do.
pub fn mend(files: Vec<InputFile>, options: &Options, wanted: Wanted<'_>) -> Mended {
    let before = files.clone();
    let mut state = State::new(files, options);
    let mut mended = Mended::default();
    let mut barred: BTreeSet<(String, String)> = BTreeSet::new();
    let mut tries = 0;
    // How many of the chosen are tried at once: all, until it fails.
    let mut size = usize::MAX;
    while tries < MAX_TRIES {
        let mut batch = choose(&state, wanted, &barred);
        batch.truncate(size);
        if batch.is_empty() {
            break;
        }
        tries += 1;
        let next = State::new(rewritten(&state, &batch), options);
        let applied = batch.iter().map(|it| applied(&state, it.0, it.1));
        if guard::holds(&state, &next, &batch) {
            mended.fixed.extend(applied);
            state = next;
            size = usize::MAX;
        } else if batch.len() == 1 {
            mended.refused.extend(applied);
            barred.extend(batch.iter().map(|it| bar(&state, it.0, it.1)));
            size = usize::MAX;
        } else {
            size = batch.len() / 2;
        }
    }
    mended.texts = differences(&before, &state.files);
    (mended.project, mended.parsing) = (state.project, state.parsing);
    mended
}

/// What a refused fix is known by when it comes again.
fn bar(state: &State, finding: &Finding, fix: &Fix) -> (String, String) {
    let source = state.project.sources.iter().nth(finding.place.file.0 as usize);
    let text: Vec<&str> = fix.edits.iter().map(|it| it.text.as_str()).collect();
    (key(source.map(|it| it.1), finding), format!("{}\0{}", fix.said.as_str(), text.join("\0")))
}

fn applied(state: &State, finding: &Finding, fix: &Fix) -> Applied {
    let source = state.project.sources.iter().nth(finding.place.file.0 as usize);
    let line = source.map_or(1, |it| it.1.position(finding.place.span.start).line);
    Applied {
        code: finding.code,
        path: state.path(finding).to_owned(),
        line,
        said: fix.said.clone(),
        safety: fix.safety,
    }
}

fn differences(before: &[InputFile], after: &[InputFile]) -> Vec<Rewritten> {
    let text = |it: &InputFile| match &it.content {
        Content::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
        _ => None,
    };
    let changed = before.iter().zip(after).filter(|(a, b)| a.content != b.content);
    let mut found: Vec<Rewritten> = changed
        .filter_map(|(a, b)| {
            Some(Rewritten { path: a.path.clone(), before: text(a)?, after: text(b)? })
        })
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
