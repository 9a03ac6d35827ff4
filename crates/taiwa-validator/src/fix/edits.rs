//! Which fixes are applied together, and what the texts are then.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{Content, InputFile};
use taiwa_text::{Edit, FileId, Finding, Fix, Span};

use super::{State, Wanted, bar};

/// Fixes that are wanted and do not touch each other, in the order of files and places; of two that do, the first.
pub(super) fn choose<'s>(
    state: &'s State,
    wanted: Wanted<'_>,
    barred: &BTreeSet<(String, String)>,
) -> Vec<(&'s Finding, &'s Fix)> {
    let whole = whole_files(state);
    let mut taken: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    let mut chosen = Vec::new();
    for finding in &state.findings {
        let Some(fix) = finding.fix.as_ref().filter(|it| it.safety <= wanted.safety) else {
            continue;
        };
        let sound = is_sound(fix) && fix.edits.iter().all(|it| whole.fits(it));
        if !sound
            || !fix.edits.iter().all(|it| (wanted.files)(whole.path(it.at.file)))
            || !(wanted.files)(whole.path(finding.place.file))
            || fix.edits.iter().any(|it| {
                let others = taken.get(&it.at.file);
                others.is_some_and(|others| others.iter().any(|other| touch(*other, it.at.span)))
            })
            || barred.contains(&bar(state, finding, fix))
        {
            continue;
        }
        for edit in &fix.edits {
            taken.entry(edit.at.file).or_default().push(edit.at.span);
        }
        chosen.push((finding, fix));
    }
    chosen
}

/// Whether two ranges share a byte or meet.
const fn touch(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// Whether the edits of a fix stay apart from each other, and there is one.
fn is_sound(fix: &Fix) -> bool {
    let mut places: Vec<_> = fix.edits.iter().map(|it| it.at).collect();
    places.sort_unstable();
    let apart = |a: &taiwa_text::Place, b: &taiwa_text::Place| {
        a.file != b.file || a.span.end <= b.span.start && a.span != b.span
    };
    !places.is_empty() && places.is_sorted_by(apart)
}

/// The files whose bytes are the text that was read, all of it: others are never edited.
struct Whole<'s> {
    texts: Vec<(&'s str, Option<&'s str>)>,
}

fn whole_files(state: &State) -> Whole<'_> {
    let bytes: BTreeMap<&str, &[u8]> =
        state.files.iter().filter_map(|it| Some((it.path.as_str(), bytes(it)?))).collect();
    let texts = state.project.sources.iter().map(|(_, source)| {
        let same =
            bytes.get(source.path.as_str()).is_some_and(|it| **it == *source.text.as_bytes());
        (source.path.as_str(), same.then_some(source.text.as_str()))
    });
    Whole { texts: texts.collect() }
}

impl Whole<'_> {
    fn path(&self, file: FileId) -> &str {
        self.texts.get(file.0 as usize).map_or("", |it| it.0)
    }

    fn fits(&self, edit: &Edit) -> bool {
        let text = self.texts.get(edit.at.file.0 as usize).and_then(|it| it.1);
        let Span { start, end } = edit.at.span;
        text.and_then(|it| it.get(start as usize..end as usize)).is_some()
    }
}

fn bytes(file: &InputFile) -> Option<&[u8]> {
    match &file.content {
        Content::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The files with these fixes applied, from the last place to the first.
pub(super) fn rewritten(state: &State, chosen: &[(&Finding, &Fix)]) -> Vec<InputFile> {
    let mut by_path: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    let paths: Vec<&str> = state.project.sources.iter().map(|it| it.1.path.as_str()).collect();
    for edit in chosen.iter().flat_map(|it| &it.1.edits) {
        if let Some(path) = paths.get(edit.at.file.0 as usize) {
            by_path.entry(path).or_default().push(edit);
        }
    }
    let mut files = state.files.clone();
    for it in &mut files {
        let Some(edits) = by_path.get_mut(it.path.as_str()) else { continue };
        let Content::Bytes(bytes) = &mut it.content else { continue };
        let Ok(mut text) = String::from_utf8(bytes.clone()) else { continue };
        edits.sort_by_key(|edit| edit.at.span);
        let crlf = text.split_once('\n').is_some_and(|it| it.0.ends_with('\r'));
        for edit in edits.iter().rev() {
            let Span { start, end } = edit.at.span;
            let new = if crlf { edit.text.replace('\n', "\r\n") } else { edit.text.clone() };
            text.replace_range(start as usize..end as usize, &new);
        }
        *bytes = text.into_bytes();
    }
    files
}
