//! One file by itself: its text, its tree, and what can be made of it.
//!
//! Files know nothing of each other here, so that they can be read in any order and at the same time; what several files
//! say together is `load`. Long because every mistake is said in two languages at its place.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use taiwa_model::{ComponentId, Kind, Scope, Scoped};
use taiwa_syntax::{Limits, Tree, parse};
use taiwa_text::{FileId, Finding, Fix, Place, Span, Text, say};

use crate::{
    Content, Document, FileKind, InputFile, Project, RuleLevel,
    layout::{self, place_of},
    lower::{self, Ground},
    marks,
    shape::shape_of,
};

/// Puts what was made of a file where it belongs.
pub(crate) type Put = Box<dyn FnOnce(&mut Project) + Send>;

/// A file that was read.
pub(crate) struct Read {
    pub(crate) path: String,
    pub(crate) place: layout::Place,
    pub(crate) text: String,
    /// What reading found.
    pub(crate) findings: Vec<Finding>,
    /// What became of it; nothing where it has no meaning of its own.
    pub(crate) made: Option<Made>,
}

/// What became of a file.
pub(crate) enum Made {
    /// Of a component or an environment.
    Lowered(Box<Lowered>),
    /// Of a `marks.yaml`.
    Marks(marks::Read),
}

/// A component or an environment.
pub(crate) struct Lowered {
    pub(crate) document: Document,
    /// What is wrong with it by itself.
    pub(crate) findings: Vec<Finding>,
    pub(crate) put: Option<Put>,
    /// Said where nothing else was said about the file.
    pub(crate) doubt: Option<Finding>,
}

/// Whether a file means something, or something is to be said about it.
pub(crate) fn is_ours(file: &InputFile) -> bool {
    matches!(file.content, Content::Folder(_)) || place_of(&file.path) != layout::Place::Foreign
}

/// Reads a file and makes of it what it can.
pub(crate) fn read(file: FileId, input: InputFile) -> Read {
    let InputFile { path, content } = input;
    let place = if matches!(content, Content::Folder(_)) {
        layout::Place::Foreign
    } else {
        place_of(&path)
    };
    let (id, limits) = match &place {
        layout::Place::Component(id, _) => (Some(id.clone()), &Limits::FILE),
        layout::Place::Marks(_) => (None, &Limits::MARKS),
        _ => (None, &Limits::FILE),
    };
    if matches!(place, layout::Place::Misplaced(..)) {
        return Read { path, place, text: String::new(), findings: Vec::new(), made: None };
    }
    let id = id.as_ref();
    let (text, wrong) = decode(content, limits);
    let own = |mut it: Finding| {
        it.component = id.map(ToString::to_string);
        it
    };
    let wrong = wrong.map(|(code, span, message, help)| {
        let mut finding = own(Finding::error(code, Place { file, span }, message).help(help));
        if text.starts_with('\u{FEFF}') && code == "TW0013" {
            let said = say!(en: "take the byte order mark out", ja: "BOM を取り除く");
            finding.fix = Some(Fix::safe(said, finding.place, ""));
        }
        finding
    });
    let mut findings: Vec<Finding> = wrong.into_iter().collect();
    let made = match &place {
        layout::Place::Foreign | layout::Place::Misplaced(..) => None,
        layout::Place::Marks(_) => {
            let mut read = marks::read(&text);
            let remarks = std::mem::take(&mut read.remarks);
            findings.extend(remarks.into_iter().map(|it| remark(file, it, None)));
            Some(Made::Marks(read))
        }
        layout::Place::Component(..) | layout::Place::Environment(_) => {
            let tree = if findings.is_empty() {
                let (tree, remarks) = parse(&text, limits);
                findings.extend(remarks.into_iter().map(|it| remark(file, it, id)));
                tree
            } else {
                Tree::unread()
            };
            let scope = match &place {
                layout::Place::Component(_, scope) => scope.clone(),
                _ => Scope::Shared,
            };
            Some(Made::Lowered(Box::new(made(file, &text, tree, (&place, scope)))))
        }
    };
    Read { path, place, text, findings, made }
}

/// Walks along the shape of the kind. A file that was not read to its end is not lowered: half of it would be called
/// missing.
fn made(file: FileId, text: &str, tree: Tree, (place, scope): (&layout::Place, Scope)) -> Lowered {
    let id = match place {
        layout::Place::Component(id, _) => Some(id),
        _ => None,
    };
    let kind = id.map_or(FileKind::Environment, |it| FileKind::Component(it.kind));
    let shape = shape_of(kind).filter(|_| tree.is_complete());
    let ground = Ground { file, text, tree: &tree, scope: &scope };
    let lowered = shape.map(|it| lower::lower(ground, it)).unwrap_or_default();
    let own = |mut it: Finding| {
        it.component = id.map(ToString::to_string);
        it
    };
    let findings = lowered.findings.into_iter().map(own).collect();
    let mut typing = Typing { file, doubt: None };
    let put = match (place, lowered.json) {
        (layout::Place::Component(id, _), Some(json)) => typing.component(id, &scope, json),
        (layout::Place::Environment(name), Some(json)) => {
            let name = name.clone();
            typing.typed(json).map(|it| -> Put {
                Box::new(move |project| {
                    project.environments.insert(name, it);
                })
            })
        }
        _ => None,
    };
    let document = Document { file, scope, tree, places: lowered.places };
    Lowered { document, findings, put, doubt: typing.doubt }
}

/// The last step. Shapes and model agree by test, so a failure here is a bug; it is shown rather than hidden.
struct Typing {
    file: FileId,
    doubt: Option<Finding>,
}

impl Typing {
    fn typed<T: DeserializeOwned>(&mut self, json: Json) -> Option<T> {
        match serde_json::from_value(json) {
            Ok(it) => Some(it),
            Err(error) => {
                let message = say!(
                    en: "this file is not understood: {error}",
                    ja: "このファイルを解釈できません: {error}",
                );
                self.doubt = Some(Finding::error("TW0004", beginning(self.file), message));
                None
            }
        }
    }

    fn component(&mut self, id: &ComponentId, scope: &Scope, json: Json) -> Option<Put> {
        let (name, scope) = (id.name.clone(), scope.clone());
        macro_rules! scoped {
            ($map:ident) => {{
                let content = self.typed(json)?;
                Box::new(move |project: &mut Project| {
                    let scoped = Scoped { scope, content };
                    project.components.$map.insert(name.as_str().into(), scoped);
                })
            }};
        }
        macro_rules! named {
            ($map:ident) => {{
                let content = self.typed(json)?;
                Box::new(move |project: &mut Project| {
                    project.components.$map.insert(name.as_str().into(), content);
                })
            }};
        }
        Some(match id.kind {
            Kind::Workspace => self.workspace(json),
            Kind::Audience => {
                let audience = self.typed(json)?;
                Box::new(move |project| project.components.audience = Some(audience))
            }
            Kind::Channel => named!(channels),
            Kind::Strategy => named!(strategies),
            Kind::Goal => scoped!(goals),
            Kind::Segment => scoped!(segments),
            Kind::Flowchart => scoped!(flowcharts),
            Kind::Offer => scoped!(offers),
            Kind::Message => scoped!(messages),
            Kind::Policy => scoped!(policies),
            Kind::Touchpoint => scoped!(touchpoints),
            Kind::Scenario => scoped!(scenarios),
            Kind::Journey => return None,
        })
    }

    /// The levels of rules hold also where the rest is wrong.
    fn workspace(&mut self, mut json: Json) -> Put {
        let rules = json.as_object_mut().and_then(|it| it.remove("rules"));
        let levels: Vec<(String, RuleLevel)> = rules
            .iter()
            .filter_map(Json::as_object)
            .flatten()
            .filter_map(|(code, it)| Some((code.clone(), it.as_str().and_then(RuleLevel::parse)?)))
            .collect();
        let workspace = self.typed(json);
        Box::new(move |project| {
            project.settings.rules.extend(levels);
            project.components.workspace = workspace;
        })
    }
}

/// The text of a file, or why there is none.
fn decode(content: Content, limits: &Limits) -> (String, Option<Wrong>) {
    let wrong = match content {
        Content::Bytes(bytes) if bytes.len() <= limits.bytes => return text_of(bytes),
        Content::Bytes(bytes) => too_large(bytes.len() as u64, limits),
        Content::TooLarge(bytes) => too_large(bytes, limits),
        Content::NotRegular => (
            "TW0016",
            Span::default(),
            say!(
                en: "this is a link or another special file; only regular files are read",
                ja: "これはリンクなどの特殊なファイルです。読み込むのは通常のファイルだけです",
            ),
            say!(en: "put the file itself here", ja: "ファイルそのものを置いてください"),
        ),
        Content::Unreadable(why) => (
            "TW0016",
            Span::default(),
            say!(
                en: "this file cannot be read: {why}",
                ja: "このファイルを読み込めません: {why}",
            ),
            say!(en: "make it readable for you", ja: "読み取れるように権限を変えてください"),
        ),
        Content::Folder(None) => (
            "TW0016",
            Span::default(),
            say!(
                en: "this folder is a link; links are not followed, and nothing in it is read",
                ja: "このフォルダーはリンクです。リンクはたどらず、中のファイルは読み込みません",
            ),
            say!(
                en: "put the folder itself here, or delete the link",
                ja: "フォルダーそのものを置くか、リンクを削除してください",
            ),
        ),
        Content::Folder(Some(why)) => (
            "TW0016",
            Span::default(),
            say!(
                en: "this folder cannot be read: {why}",
                ja: "このフォルダーを読み込めません: {why}",
            ),
            say!(en: "make it readable for you", ja: "読み取れるように権限を変えてください"),
        ),
    };
    (String::new(), Some(wrong))
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

pub(crate) const fn beginning(file: FileId) -> Place {
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

#[cfg(test)]
mod tests {
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::load;

    fn input() -> Vec<InputFile> {
        let file = |path: String, text: String| InputFile {
            path,
            content: Content::Bytes(text.into_bytes()),
        };
        let offers = (0..60).map(|it| {
            let text = match it % 4 {
                0 => format!("title: Offer {it}\nvalue: {it}\ntreatments: {{}}\n"),
                1 => format!("title: Offer {it}\nvalue: much\n"),
                2 => "title: [a\nvalue: 1\n".to_owned(),
                _ => "titel: Offer\n".to_owned(),
            };
            file(format!("channels/c{}/offers/o{}.yaml", it % 3, it % 50), text)
        });
        let folder = InputFile { path: "channels/link".to_owned(), content: Content::Folder(None) };
        let special =
            InputFile { path: "channels/c1/channel.yaml".to_owned(), content: Content::NotRegular };
        let workspace = "format: 1\ntitle: W\nlocales: [en]\ntime_zone: UTC\ncurrency: EUR\n";
        offers.chain([folder, special, file("taiwa.yaml".into(), workspace.into())]).collect()
    }

    #[test]
    fn any_number_of_threads_reads_the_same() {
        let read = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| format!("{:?}", load(input())))
        };
        let one = read(1);
        assert!(one.contains("TW0103") && one.contains("TW0003") && one.contains("TW0001"));
        assert!(one.contains("this folder is a link"), "{one}");
        for threads in [2, 3, 8] {
            assert!(read(threads) == one, "{threads} threads read otherwise");
        }
    }
}
