//! Files to the project.
//! Long because every mistake is said in two languages at its place.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use taiwa_model::{ChannelName, ComponentId, Kind};
use taiwa_text::{FileId, Finding, Place, Source, Span, Text, say};

use crate::{
    Document, Project,
    file::{self, Lowered, Made, Read, beginning, is_ours},
    layout::{self, channel_of, place_of},
    lower::{RESERVED, misspelled},
    shape::Spelling,
};

/// A file of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Relative to the workspace, written with `/`.
    pub path: String,
    /// What is in it.
    pub content: Content,
}

/// What a file holds, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// A link, a device, a submodule: never followed.
    NotRegular,
    /// It was not read because of its size in bytes.
    TooLarge(u64),
    /// It could not be read: why.
    Unreadable(String),
    /// A folder of which nothing was read: a link, which is never followed, or why not.
    Folder(Option<String>),
}

/// Reads and lowers all files; gives what could be made of them and every finding, in any order of the files the same.
///
/// Files are read at the same time, on as many threads as there are, and put together in their order. Files that are no
/// YAML of ours are ignored. Findings are sorted by file, position and code.
pub fn load(mut files: Vec<InputFile>) -> (Project, Vec<Finding>) {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let ours: Vec<(FileId, InputFile)> =
        (0..).map(FileId).zip(files.into_iter().filter(is_ours)).collect();
    let read: Vec<Read> = ours.into_par_iter().map(|(id, it)| file::read(id, it)).collect();
    let mut loader = Loader::default();
    for it in read {
        loader.file(it);
    }
    loader.needed(
        &ComponentId::new(Kind::Workspace, "taiwa"),
        "taiwa.yaml",
        &say!(
            en: "`format: 1`, the title, locales, time zone and currency",
            ja: "`format: 1`、タイトル、ロケール、タイムゾーン、通貨",
        ),
    );
    loader.needed(
        &ComponentId::new(Kind::Audience, "shared"),
        "channels/shared/audience.yaml",
        &say!(
            en: "the audience levels and the attributes of the profile",
            ja: "オーディエンスのレベルとプロファイルの属性",
        ),
    );
    loader.incomplete_folders();
    let Loader { project, mut findings, .. } = loader;
    findings.sort_by(|a, b| (a.place, a.code, &a.message).cmp(&(b.place, b.code, &b.message)));
    (project, findings)
}

#[derive(Default)]
struct Loader {
    project: Project,
    findings: Vec<Finding>,
    /// The channel folders whose names were looked at.
    folders: BTreeSet<ChannelName>,
}

impl Loader {
    fn file(&mut self, read: Read) {
        let Read { path, place, text, findings, made } = read;
        let file = self.project.sources.add(Source { path, text });
        self.findings.extend(findings);
        match (place, made) {
            (layout::Place::Misplaced(message, help), _) => {
                let mut finding = Finding::error("TW0014", beginning(file), message);
                finding.help = help;
                self.findings.push(finding);
            }
            (layout::Place::Component(id, _), Some(Made::Lowered(made))) => {
                self.component(&id, *made);
            }
            (layout::Place::Environment(name), Some(Made::Lowered(made))) => {
                self.named(file, Spelling::Kebab, name.as_str());
                let document = self.lowered(*made);
                self.project.environment_documents.insert(name, document);
            }
            (layout::Place::Marks(name), Some(Made::Marks(read))) => {
                let places = read.places.into_iter().map(|(key, span)| (key, Place { file, span }));
                self.project.mark_places.insert(name.clone(), places.collect());
                self.project.marks.insert(name, read.marks);
            }
            _ => {}
        }
    }

    fn component(&mut self, id: &ComponentId, made: Lowered) {
        let file = made.document.file;
        let folder = channel_of(&self.project.sources.get(file).path);
        if let Some(channel) = folder.filter(|it| self.folders.insert(it.clone())) {
            self.named(file, Spelling::Kebab, channel.as_str());
        }
        if id.kind.folder().is_some() {
            self.named(file, Spelling::Kebab, &id.name);
        }
        if let Some(first) = self.project.documents.get(id) {
            let other = Place { file: first.file, span: Span::default() };
            let paths = [first.file, file].map(|it| self.project.sources.get(it).path.clone());
            let message = say!(
                en: "{id} exists twice: {} and {}",
                ja: "`{id}` が 2 つあります: `{}` と `{}`",
                paths[0],
                paths[1],
            );
            let finding = Finding::error("TW0103", beginning(file), message).component(id);
            let help = say!(
                en: "a name is unique per kind in the whole workspace: rename one of the two",
                ja: "名前は、種類ごとにワークスペース全体で 1 つだけです。どちらかの名前を変えてください",
            );
            self.findings
                .push(finding.help(help).related(other, say!(en: "the first", ja: "1 つ目")));
            return;
        }
        if id.kind == Kind::Journey {
            let message = say!(
                en: "journeys are not supported by this version of taiwa",
                ja: "ジャーニーは、この版の taiwa ではまだ使えません",
            );
            self.findings.push(Finding::error("TW0018", beginning(file), message).component(id));
        }
        let document = self.lowered(made);
        self.project.documents.insert(id.clone(), document);
    }

    /// Takes what was made of a file.
    fn lowered(&mut self, made: Lowered) -> Document {
        let Lowered { document, findings, put, doubt } = made;
        self.findings.extend(findings);
        // what is wrong with the file was said already
        let said = |it: &Self| it.findings.iter().any(|it| it.place.file == document.file);
        if doubt.is_some() && !said(self) {
            self.findings.extend(doubt);
        }
        if let Some(put) = put {
            put(&mut self.project);
        }
        document
    }

    fn source(&mut self, path: String, text: String) -> FileId {
        self.project.sources.add(Source { path, text })
    }

    /// Looks at the name that a path gives.
    fn named(&mut self, file: FileId, spelling: Spelling, name: &str) {
        if RESERVED.contains(&name) {
            let message =
                say!(en: "`{name}` is a reserved name", ja: "`{name}` は予約された名前です");
            self.findings.push(
                Finding::error("TW0015", beginning(file), message)
                    .help(say!(en: "rename the file", ja: "ファイルの名前を変えてください")),
            );
        } else if let Some((code, message, help)) = misspelled(spelling, name) {
            self.findings.push(Finding::error(code, beginning(file), message).help(help));
        }
    }

    /// A channel without `channel.yaml`, and marks without `environment.yaml`: said at the first file of the folder.
    fn incomplete_folders(&mut self) {
        let mut first = BTreeMap::new();
        for (file, source) in self.project.sources.iter() {
            let wanted = match place_of(&source.path) {
                layout::Place::Component(..) => channel_of(&source.path)
                    .filter(|it| {
                        !self
                            .project
                            .documents
                            .contains_key(&ComponentId::new(Kind::Channel, it.as_str()))
                    })
                    .map(|it| format!("channels/{it}/channel.yaml")),
                layout::Place::Marks(name)
                    if !self.project.environment_documents.contains_key(&name) =>
                {
                    Some(format!("environments/{name}/environment.yaml"))
                }
                _ => None,
            };
            if let Some(wanted) = wanted {
                first.entry(wanted).or_insert(file);
            }
        }
        for (wanted, file) in first {
            let other = |path: &str| {
                // one that is there under another ending is said to be so
                path.strip_prefix(wanted.trim_end_matches("yaml")).is_some_and(|it| it != "yaml")
            };
            if self.project.sources.iter().any(|it| other(&it.1.path)) {
                continue;
            }
            let finding = Finding::error(
                "TW0005",
                beginning(file),
                say!(en: "{wanted} is missing", ja: "`{wanted}` がありません"),
            );
            self.findings.push(finding.help(say!(
                en: "it says what this folder is; or move this file",
                ja: "このフォルダーが何かを示すファイルです。作るか、このファイルを移してください",
            )));
        }
    }

    /// A file that every workspace has.
    fn needed(&mut self, id: &ComponentId, path: &str, holds: &Text) {
        if self.project.documents.contains_key(id) {
            return;
        }
        let file = self.source(path.to_owned(), String::new());
        let finding = Finding::error(
            "TW0005",
            beginning(file),
            say!(en: "{path} is missing", ja: "`{path}` がありません"),
        );
        self.findings.push(
            finding.help(say!(en: "it holds {}", ja: "{}を書くファイルです", holds)).component(id),
        );
    }
}
