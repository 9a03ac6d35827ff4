//! Records, maps and variants: entries with their names.

use serde_json::{Map, Value as Json};
use taiwa_syntax::{NodeId, NodeKind};
use taiwa_text::{Finding, Place, Safety, Span, Text, say};

use super::{At, Walker, words};
use crate::shape::{Field, Form, Other, Record, Spelling, Variant};

/// Most names that a help lists.
const LISTED_NAMES: usize = 14;

/// An entry as written.
#[derive(Clone, Copy)]
struct Entry<'a> {
    name: &'a str,
    key: NodeId,
    value: NodeId,
}

impl<'a> Walker<'a> {
    pub(super) fn record(&mut self, record: &Record, at: At<'_>) -> Option<Json> {
        let entries = self.entries(at, record.fields.first().map_or("key", |it| it.name))?;
        let fields: Vec<&Field> = record.fields.iter().collect();
        self.fields(&entries, &fields, record.other, at)
    }

    pub(super) fn variants(&mut self, variants: &[Variant], at: At<'_>) -> Option<Json> {
        let firsts: Vec<&str> =
            variants.iter().filter(|it| !it.later).map(|it| it.first.name).collect();
        let entries = self.entries(at, firsts.first().unwrap_or(&"key"))?;
        let told = |it: &&Variant| entries.iter().any(|entry| entry.name == it.first.name);
        let Some(variant) = variants.iter().find(told).or_else(|| near_variant(variants, &entries))
        else {
            let message = say!(
                en: "one of {} is expected here",
                ja: "ここには {} のうち 1 つが必要です",
                words(&firsts),
            );
            let place =
                entries.first().map_or_else(|| self.place(at.node), |it| self.place(it.key));
            self.findings.push(Finding::error("TW0003", place, message));
            return None;
        };
        if variant.later {
            let entry = entries.iter().find(|it| it.name == variant.first.name)?;
            let help =
                say!(en: "this version knows {}", ja: "この版で使えるのは {} です", words(&firsts));
            self.later(*entry);
            if let Some(last) = self.findings.last_mut() {
                last.help = Some(help);
            }
            return None;
        }
        let mut fields = vec![&variant.first];
        fields.extend(variant.rest);
        let told = format!("/{}", variant.first.to);
        self.fields(&entries, &fields, None, at).filter(|it| it.pointer(&told).is_some())
    }

    pub(super) fn map(&mut self, spelling: Spelling, value: &Form, at: At<'_>) -> Option<Json> {
        if self.is_empty(at.node) {
            return self.nothing(at, "{}");
        }
        let mut out = Map::new();
        for entry in self.entries(at, "name")? {
            self.spelled(spelling, entry.key, entry.name);
            let inner = At { key: Some(entry.key), node: entry.value, name: entry.name };
            if self.ends_in_condition(at.node, entry) {
                continue;
            }
            if let Some(value) = self.within(entry.name, inner, |it| it.walk(value, inner)) {
                out.insert(entry.name.to_owned(), value);
            }
        }
        Some(Json::Object(out))
    }

    pub(super) fn named_list(
        &mut self,
        spelling: Spelling,
        record: &Record,
        at: At<'_>,
    ) -> Option<Json> {
        let mut out = Vec::new();
        for entry in self.entries(at, "name")? {
            self.spelled(spelling, entry.key, entry.name);
            let inner = At { key: Some(entry.key), node: entry.value, name: entry.name };
            let index = out.len().to_string();
            let value = self.within(&index, inner, |it| {
                let name = it.joined("name");
                it.places.insert(name, (Some(entry.key), entry.key));
                it.record(record, inner)
            });
            if let Some(Json::Object(mut value)) = value {
                value.insert("name".into(), entry.name.into());
                out.push(Json::Object(value));
            }
        }
        Some(out.into())
    }

    fn entries(&mut self, at: At<'_>, example: &str) -> Option<Vec<Entry<'a>>> {
        let tree = self.ground.tree;
        let NodeKind::Map { entries, .. } = &tree.node(at.node).kind else {
            if !self.is_hole(at.node) {
                let help = say!(
                    en: "write entries below it: {example}: …",
                    ja: "下に項目を書いてください: `{example}: …`",
                );
                self.wrong(at, &say!(en: "entries (`key: …`)", ja: "項目 (`key: …`)"), Some(help));
            }
            return None;
        };
        let mut found: Vec<Entry<'a>> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = tree.scalar(*key) else { continue };
            if !found.iter().rev().take(64).any(|it| it.name == name) {
                found.push(Entry { name, key: *key, value: *value }); // twice is said by the reader
            }
        }
        Some(found)
    }

    fn fields(
        &mut self,
        entries: &[Entry<'a>],
        fields: &[&Field],
        other: Option<&Other>,
        at: At<'_>,
    ) -> Option<Json> {
        let mut out = Map::new();
        let mut whole = true;
        let mut unknown: Vec<Entry<'a>> = Vec::new();
        let mut read: Vec<(&Field, Entry<'a>)> = Vec::new();
        for entry in entries {
            match fields.iter().find(|it| it.name == entry.name) {
                Some(field) => read.push((field, *entry)),
                None => unknown.push(*entry),
            }
        }
        if let Some(other) = other {
            if let Some(entry) = take_other(&mut unknown, fields) {
                out.extend(self.other(other, entry));
            } else {
                self.missing(other.label, other.doc, at);
                whole = false;
            }
        }
        for entry in unknown {
            let free = |it: &&&Field| !read.iter().any(|(field, _)| field.name == it.name);
            let near = self
                .unknown(entry, fields, at)
                .and_then(|name| fields.iter().filter(free).find(|it| it.name == name).copied());
            read.extend(near.map(|it| (it, entry))); // read as what was meant, so that it is not missing as well
        }
        for (field, entry) in &read {
            let inner = At { key: Some(entry.key), node: entry.value, name: entry.name };
            if field.later {
                self.later(*entry);
                continue;
            }
            match self.within(field.to, inner, |it| it.walk(&field.form, inner)) {
                Some(value) => insert(&mut out, field.to, value),
                None => whole &= !field.required,
            }
        }
        for field in fields.iter().filter(|it| it.required) {
            if !read.iter().any(|(read, _)| read.name == field.name) {
                self.missing(field.name, field.doc, at);
                whole = false;
            }
        }
        whole.then_some(Json::Object(out))
    }

    /// The one entry whose name is the author's: its name, and its value.
    fn other(&mut self, other: &Other, entry: Entry<'a>) -> [(String, Json); 2] {
        self.places.insert(self.joined(other.name_to), (Some(entry.key), entry.key));
        let inner = At { key: Some(entry.key), node: entry.value, name: entry.name };
        let value = self.within(other.value_to, inner, |it| it.walk(&other.form, inner));
        let value = value.unwrap_or_else(|| Json::Object(Map::new()));
        [(other.name_to.to_owned(), entry.name.into()), (other.value_to.to_owned(), value)]
    }

    /// Refuses by name what this version does not do yet.
    fn later(&mut self, entry: Entry<'a>) {
        let message = say!(
            en: "`{}` is not supported by this version of taiwa",
            ja: "`{}` は、この版の taiwa ではまだ使えません",
            entry.name,
        );
        let finding = Finding::error("TW0018", self.place(entry.key), message);
        self.findings.push(
            finding.help(say!(en: "leave it out for now", ja: "今は書かないでおいてください")),
        );
    }

    fn missing(&mut self, name: &str, doc: &str, at: At<'_>) {
        if !self.ground.tree.is_complete() {
            return; // the file was not read to its end
        }
        let place = match at.key {
            Some(key) => self.place(key),
            None if self.path.is_empty() => Place { file: self.ground.file, span: Span::default() },
            None => self.place(at.node),
        };
        let help = Text::new(
            format!("add `{name}: …`: {}", doc.trim_end_matches('.')),
            format!("`{name}: …` を加えてください"),
        );
        self.findings.push(
            Finding::error(
                "TW0005",
                place,
                say!(en: "`{name}` is missing", ja: "`{name}` がありません"),
            )
            .help(help),
        );
    }

    /// Says that an entry is unknown; gives the name of the field that was meant, if one is near.
    fn unknown(&mut self, entry: Entry<'a>, fields: &[&Field], at: At<'_>) -> Option<&'static str> {
        if self.ends_in_condition(at.node, entry) {
            return None;
        }
        let meant = fields.iter().find(|it| near(entry.name, it.name)).map(|it| it.name);
        let known: Vec<&str> = fields.iter().map(|it| it.name).collect();
        let help = match meant {
            Some(name) => say!(en: "did you mean `{name}`?", ja: "もしかして `{name}` ですか？"),
            None if known.len() <= LISTED_NAMES => {
                say!(en: "known here: {}", ja: "ここで使えるのは {} です", words(&known))
            }
            None => {
                say!(
                    en: "look it up in the reference of this kind of file",
                    ja: "この種類のファイルのリファレンスで確かめてください",
                )
            }
        };
        let message =
            say!(en: "`{}` is not known here", ja: "`{}` はここでは使えない項目です", entry.name);
        self.findings.push(Finding::error("TW0003", self.place(entry.key), message).help(help));
        if let Some(name) = meant {
            self.respell(entry.key, name, Safety::Unsafe);
        }
        meant
    }

    /// A piece of a condition that ended at a `,` within `{ }`: said with the mended line.
    fn ends_in_condition(&mut self, map: NodeId, entry: Entry<'a>) -> bool {
        let NodeKind::Map { entries, flow: true } = &self.ground.tree.node(map).kind else {
            return false;
        };
        let nothing = self.ground.tree.node(entry.value).span;
        let signs = entry.name.contains(['"', '\'', '(', ')', '=', '<', '>', '&', '|', '?']);
        if !signs || nothing.start != nothing.end {
            return false;
        }
        let index = entries.iter().position(|it| it.0 == entry.key).unwrap_or(0);
        let Some((_, before)) = index.checked_sub(1).and_then(|it| entries.get(it)) else {
            return false;
        };
        if self.plain(*before).is_none() {
            return false;
        }
        let (start, end) =
            (self.ground.tree.node(*before).span.start, self.ground.tree.node(entry.key).span.end);
        let raw = self.ground.text.get(start as usize..end as usize).unwrap_or_default();
        let place = Place { file: self.ground.file, span: Span::new(start, end) };
        let message = say!(
            en: "in `{{ }}` a condition ends at the first `,`",
            ja: "`{{ }}` の中では、条件は最初の `,` で終わってしまいます",
        );
        let help = say!(
            en: "put it in single quotes: '{}'",
            ja: "一重引用符で囲んでください: `'{}'`",
            raw.replace('\'', "''"),
        );
        self.findings.push(Finding::error("TW0003", place, message).help(help));
        self.enclose(start, end);
        true
    }
}

/// The entry whose name is the author's: the first that is no field misspelled.
fn take_other<'a>(unknown: &mut Vec<Entry<'a>>, fields: &[&Field]) -> Option<Entry<'a>> {
    let odd = |it: &Entry<'_>| fields.iter().any(|field| near(it.name, field.name));
    let index = unknown.iter().position(|it| !odd(it)).unwrap_or(0);
    (!unknown.is_empty()).then(|| unknown.remove(index))
}

/// The variant whose first field was meant.
fn near_variant<'v>(variants: &'v [Variant], entries: &[Entry<'_>]) -> Option<&'v Variant> {
    variants.iter().find(|it| {
        let known = |entry: &Entry<'_>| it.rest.iter().any(|field| field.name == entry.name);
        entries.iter().any(|entry| !known(entry) && near(entry.name, it.first.name))
    })
}

/// Whether a name was probably meant: few letters differ, or only dashes, case or a plural.
pub(crate) fn near(written: &str, known: &str) -> bool {
    let plain =
        |it: &str| it.to_lowercase().replace(['-', '_', ' '], "").trim_end_matches('s').to_owned();
    if written.len() > 2 * known.len() + 4 {
        return false; // a long text is no misspelled name, and comparing it would cost
    }
    let distance = strsim::osa_distance(written, known);
    let begun = written.len() > 2 && known.starts_with(written);
    begun
        || plain(written) == plain(known)
        || distance <= (known.len() / 4).clamp(1, 2) && known.len() > 3
}

/// Puts a value at a path.
fn insert(out: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('/') {
        None => {
            out.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = out.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
