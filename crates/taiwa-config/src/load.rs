//! Files to the project.
//! Long because every mistake is said in two languages at its place.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use taiwa_model::{ChannelName, ComponentId, Kind, Scope, Scoped};
use taiwa_syntax::{Limits, Tree, parse};
use taiwa_text::{FileId, Finding, Fix, Place, Source, Span, Text, say};

use crate::{
    Document, FileKind, Project, RuleLevel,
    layout::{self, channel_of, place_of},
    lower::{self, Ground, RESERVED, misspelled},
    marks,
    shape::{Spelling, shape_of},
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
}

/// Reads and lowers all files; gives what could be made of them and every finding, in any order of the files the same.
///
/// Files that are no YAML of ours are ignored. Findings are sorted by file, position and code.
pub fn load(mut files: Vec<InputFile>) -> (Project, Vec<Finding>) {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let mut loader = Loader::default();
    for file in files {
        loader.file(file);
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
    fn file(&mut self, file: InputFile) {
        let InputFile { path, content } = file;
        match place_of(&path) {
            layout::Place::Foreign => {}
            layout::Place::Misplaced(message, help) => {
                let file = self.source(path, String::new());
                let mut finding = Finding::error("TW0014", beginning(file), message);
                finding.help = help;
                self.findings.push(finding);
            }
            layout::Place::Component(id, scope) => self.component(path, content, &id, scope),
            layout::Place::Environment(name) => {
                let (file, tree) = self.read(path, content, &Limits::FILE, None);
                self.named(file, Spelling::Kebab, name.as_str());
                let (document, json) = self.lowered(file, tree, Scope::Shared, None);
                if let Some(environment) = json.and_then(|it| self.typed(it, file)) {
                    self.project.environments.insert(name.clone(), environment);
                }
                self.project.environment_documents.insert(name, document);
            }
            layout::Place::Marks(name) => {
                let (text, file) = self.decode(path, content, &Limits::MARKS, None);
                let read = marks::read(&text);
                self.findings.extend(read.remarks.into_iter().map(|it| remark(file, it, None)));
                let places = read.places.into_iter().map(|(key, span)| (key, Place { file, span }));
                self.project.mark_places.insert(name.clone(), places.collect());
                self.project.marks.insert(name, read.marks);
            }
        }
    }

    fn component(&mut self, path: String, content: Content, id: &ComponentId, scope: Scope) {
        let folder = channel_of(&path);
        let (file, tree) = self.read(path, content, &Limits::FILE, Some(id));
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
        let (document, json) = self.lowered(file, tree, scope.clone(), Some(id));
        self.project.documents.insert(id.clone(), document);
        if let Some(json) = json {
            self.insert(id, scope, json, file);
        }
    }

    /// Walks along the shape of the kind. A file that was not read to its end is not lowered: half of it would be called
    /// missing.
    fn lowered(
        &mut self,
        file: FileId,
        tree: Tree,
        scope: Scope,
        id: Option<&ComponentId>,
    ) -> (Document, Option<Json>) {
        let kind = id.map_or(FileKind::Environment, |it| FileKind::Component(it.kind));
        let text = &self.project.sources.get(file).text;
        let shape = shape_of(kind).filter(|_| tree.is_complete());
        let ground = Ground { file, text, tree: &tree, scope: &scope };
        let lowered = shape.map(|it| lower::lower(ground, it)).unwrap_or_default();
        let own = |mut it: Finding| {
            it.component = id.map(ToString::to_string);
            it
        };
        self.findings.extend(lowered.findings.into_iter().map(own));
        (Document { file, scope, tree, places: lowered.places }, lowered.json)
    }

    fn insert(&mut self, id: &ComponentId, scope: Scope, mut json: Json, file: FileId) {
        let name = id.name.as_str();
        let rules = json
            .as_object_mut()
            .filter(|_| id.kind == Kind::Workspace)
            .and_then(|it| it.remove("rules"));
        for (code, level) in rules.iter().filter_map(Json::as_object).flatten() {
            let level = level.as_str().and_then(RuleLevel::parse);
            self.project.settings.rules.extend(level.map(|it| (code.clone(), it)));
        }
        macro_rules! put {
            ($map:ident) => {{
                if let Some(content) = self.typed(json, file) {
                    self.project.components.$map.insert(name.into(), Scoped { scope, content });
                }
            }};
        }
        match id.kind {
            Kind::Workspace => self.project.components.workspace = self.typed(json, file),
            Kind::Audience => self.project.components.audience = self.typed(json, file),
            Kind::Channel => {
                let channel = self.typed(json, file).map(|it| (name.into(), it));
                self.project.components.channels.extend(channel);
            }
            Kind::Strategy => {
                let strategy = self.typed(json, file).map(|it| (name.into(), it));
                self.project.components.strategies.extend(strategy);
            }
            Kind::Goal => put!(goals),
            Kind::Segment => put!(segments),
            Kind::Flowchart => put!(flowcharts),
            Kind::Offer => put!(offers),
            Kind::Message => put!(messages),
            Kind::Policy => put!(policies),
            Kind::Touchpoint => put!(touchpoints),
            Kind::Scenario => put!(scenarios),
            Kind::Journey => {}
        }
    }

    /// The last step. Shapes and model agree by test, so a failure here is a bug; it is shown rather than hidden.
    fn typed<T: DeserializeOwned>(&mut self, json: Json, file: FileId) -> Option<T> {
        match serde_json::from_value(json) {
            Ok(it) => Some(it),
            // what is wrong with the file was said already
            Err(_) if self.findings.iter().any(|it| it.place.file == file) => None,
            Err(error) => {
                let message = say!(
                    en: "this file is not understood: {error}",
                    ja: "このファイルを解釈できません: {error}",
                );
                self.findings.push(Finding::error("TW0004", beginning(file), message));
                None
            }
        }
    }

    fn read(
        &mut self,
        path: String,
        content: Content,
        limits: &Limits,
        id: Option<&ComponentId>,
    ) -> (FileId, Tree) {
        let before = self.findings.len();
        let (text, file) = self.decode(path, content, limits, id);
        if self.findings.len() > before {
            return (file, Tree::unread());
        }
        let (tree, remarks) = parse(&text, limits);
        self.findings.extend(remarks.into_iter().map(|it| remark(file, it, id)));
        (file, tree)
    }

    /// The text of a file, or the finding why there is none.
    fn decode(
        &mut self,
        path: String,
        content: Content,
        limits: &Limits,
        id: Option<&ComponentId>,
    ) -> (String, FileId) {
        let (text, wrong) = match content {
            Content::Bytes(bytes) if bytes.len() > limits.bytes => {
                (String::new(), Some(too_large(bytes.len() as u64, limits)))
            }
            Content::Bytes(bytes) => text_of(bytes),
            Content::TooLarge(bytes) => (String::new(), Some(too_large(bytes, limits))),
            Content::NotRegular => {
                let message = say!(
                    en: "this is a link or another special file; only regular files are read",
                    ja: "これはリンクなどの特殊なファイルです。読み込むのは通常のファイルだけです",
                );
                (
                    String::new(),
                    Some((
                        "TW0016",
                        Span::default(),
                        message,
                        say!(en: "put the file itself here", ja: "ファイルそのものを置いてください"),
                    )),
                )
            }
            Content::Unreadable(why) => {
                let message = say!(
                    en: "this file cannot be read: {why}",
                    ja: "このファイルを読み込めません: {why}",
                );
                (
                    String::new(),
                    Some((
                        "TW0016",
                        Span::default(),
                        message,
                        say!(en: "make it readable for you", ja: "読み取れるように権限を変えてください"),
                    )),
                )
            }
        };
        let file = self.source(path, text.clone());
        if let Some((code, span, message, help)) = wrong {
            let mut finding = Finding::error(code, Place { file, span }, message).help(help);
            if text.starts_with('\u{FEFF}') && code == "TW0013" {
                let said = say!(en: "take the byte order mark out", ja: "BOM を取り除く");
                finding.fix = Some(Fix::safe(said, finding.place, ""));
            }
            finding.component = id.map(ToString::to_string);
            self.findings.push(finding);
        }
        (text, file)
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

/// What is wrong with a file as a whole: code, place, words, way out.
type Wrong = (&'static str, Span, Text, Text);

fn too_large(bytes: u64, limits: &Limits) -> Wrong {
    let message = say!(
        en: "this file has {bytes} bytes; at most {} are read",
        ja: "このファイルは {bytes} バイトです。読み込めるのは {} バイトまでです",
        limits.bytes,
    );
    (
        "TW0008",
        Span::default(),
        message,
        say!(en: "divide it into several files", ja: "複数のファイルに分けてください"),
    )
}

fn text_of(bytes: Vec<u8>) -> (String, Option<Wrong>) {
    let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(good);
            let message = say!(
                en: "this file is not UTF-8 from here on",
                ja: "ここから先は UTF-8 ではありません",
            );
            let help = say!(
                en: "save it as UTF-8, without a byte order mark",
                ja: "BOM なしの UTF-8 で保存してください",
            );
            let wrong = ("TW0013", Span::new(at(good), at(good)), message, help);
            return (String::from_utf8(bytes).unwrap_or_default(), Some(wrong));
        }
    };
    let wrong = if text.starts_with('\u{FEFF}') {
        Some((
            0,
            3,
            say!(en: "this file begins with a byte order mark", ja: "このファイルは BOM で始まっています"),
            say!(en: "save it as UTF-8 without one", ja: "BOM なしの UTF-8 で保存してください"),
        ))
    } else {
        text.find('\0').map(|it| {
            (
                it,
                it + 1,
                say!(en: "a NUL stands here", ja: "NUL 文字があります"),
                say!(en: "save it as UTF-8 text", ja: "UTF-8 のテキストとして保存してください"),
            )
        })
    };
    let wrong = wrong
        .map(|(from, to, message, help)| ("TW0013", Span::new(at(from), at(to)), message, help));
    (text, wrong)
}

const fn beginning(file: FileId) -> Place {
    Place { file, span: Span::new(0, 0) }
}

fn remark(file: FileId, it: taiwa_text::Remark, id: Option<&ComponentId>) -> Finding {
    let mut finding = Finding::error(it.code, Place { file, span: it.span }, it.message);
    finding.severity = it.severity;
    finding.help = it.help;
    finding.fix = it.fix.map(|it| it.at(|span| Place { file, span }));
    finding.component = id.map(ToString::to_string);
    finding
}
