//! The shape of every kind of file, declared once: fields, types, words.
//! Long because it is one table.
//!
//! The reader (`lower`) walks a tree along a shape and so finds every mistake of a file at once; the same shape gives the
//! JSON Schema for editors and the tables of the reference. A field's `to` says where its value stands in the model,
//! where that differs from what people write.
//! Deliberately absent: whether a name is declared anywhere, which takes more than one file.

#[cfg(test)]
mod agreement;
mod channel;
mod content;
mod environment;
mod reference;
mod scenario;
mod schema;
mod workspace;

use taiwa_model::Kind;
use taiwa_text::{Language, Text, say};

use crate::{FileKind, noun};

pub(crate) use channel::SIGNAL;
pub use reference::reference;
pub use schema::json_schema;

/// What a value may be.
#[derive(Debug)]
pub enum Form {
    /// Any text.
    Text,
    /// Text of a certain make: a length of time, a date, a zone.
    Made(Make),
    /// CEL.
    Condition,
    /// The name of something that is declared elsewhere.
    Reference(&'static str),
    /// A word that is declared by being used, or an id that is declared here.
    Word(Spelling),
    /// The name of a component that is declared here; some are reserved.
    Declared(Spelling),
    /// An event, bare or as `channel/event`.
    Event(Naming),
    /// A whole number between two bounds.
    Whole(i64, i64),
    /// A number between two bounds.
    Number(f64, f64),
    /// `true` or `false`.
    Bool,
    /// `true`, `false`, or this word, with what it means.
    BoolOr(&'static str, &'static str),
    /// The opposite of what is written.
    Opposite,
    /// One of these words, with what each means.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of these words for `false`, or another for `true`.
    Switch(&'static str, &'static str),
    /// Text, number, bool, or a list of texts or whole numbers.
    Value,
    /// Text, or texts by locale.
    Title,
    /// A list.
    List(&'static Self),
    /// A list with at least one item.
    Many(&'static Self),
    /// One, or a list of such.
    OneOrMany(&'static Self),
    /// Entries with fixed names.
    Record(&'static Record),
    /// Entries with names of the author's choice.
    Map(Spelling, &'static Self),
    /// The same, in the author's order; the name becomes the field `name`.
    NamedList(Spelling, &'static Record),
    /// A single value is short for a record with this field only.
    Short(&'static Self, &'static str, &'static Record),
    /// `true` is short for a record in which this field has this value; `false` is as if left out.
    Default(&'static str, &'static str, &'static Record),
    /// Records that are told apart by the first field.
    Variants(&'static [Variant]),
    /// A number or CEL.
    Score,
    /// `string(40)`, `url`, `number`, `bool`, `list`.
    FieldKind,
    /// `standard`, a list of signals, or signals with their life.
    Interactions,
    /// The name of an offer, or `none`.
    Fallback,
    /// The version of the file forms.
    Format,
}

/// Texts of a certain make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// `36h`
    Duration,
    /// `2027-01-31` or `2026-12-24T09:00`
    Moment,
    /// `"21:00"`
    Clock,
    /// `ja-JP`
    Locale,
    /// `Asia/Tokyo`
    Zone,
    /// `JPY`
    Currency,
    /// `count`, `people`, `sum(amount)`, `rate(web-store/visit)`
    Measure,
    /// `5%`, in basis points
    Percent,
    /// `500/s`
    Rate,
    /// `${NAME}`
    Secret,
    /// `https://…`
    ServerUrl,
    /// `${NAME}`, or `https://…` where the address is no secret
    Hook,
    /// `https://…` for people
    Link,
    /// `ssh-ed25519 …`
    PublicKey,
    /// A path relative to the workspace.
    Path,
}

/// How a name is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `web-store`
    Kebab,
    /// `add_to_cart`
    Snake,
    /// `ja-JP`
    Locale,
    /// Letters, digits, `-` and `_`: fields of treatments.
    Field,
    /// `TW0105`
    Code,
    /// The name of something that is declared elsewhere, as a key.
    Elsewhere,
}

/// Whether an event may be named without its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// In a channel's own folder.
    Bare,
    /// Never.
    Qualified,
}

/// Entries with fixed names.
#[derive(Debug)]
pub struct Record {
    /// What it is, in one sentence.
    pub doc: &'static str,
    /// The entries.
    pub fields: &'static [Field],
    /// One entry with a name of the author's choice.
    pub other: Option<&'static Other>,
}

/// An entry of a record.
#[derive(Debug)]
pub struct Field {
    /// As people write it.
    pub name: &'static str,
    /// Where it stands in the model, as a path.
    pub to: &'static str,
    /// What it may be.
    pub form: Form,
    /// Whether it may not be left out.
    pub required: bool,
    /// Whether this version refuses it by name.
    pub later: bool,
    /// What it means, in one sentence.
    pub doc: &'static str,
}

/// One entry with a name of the author's choice: in a scenario the person, by level.
#[derive(Debug)]
pub struct Other {
    /// What it is called in the reference.
    pub label: &'static str,
    /// Where the name stands in the model.
    pub name_to: &'static str,
    /// Where the value stands in the model.
    pub value_to: &'static str,
    /// What it may be.
    pub form: Form,
    /// What it means.
    pub doc: &'static str,
}

/// One way of writing a record, told by its first field.
#[derive(Debug)]
pub struct Variant {
    /// The field that tells it.
    pub first: Field,
    /// The other fields.
    pub rest: &'static [Field],
    /// Whether this version refuses it by name.
    pub later: bool,
}

impl Form {
    /// What is expected, in words.
    pub fn words(&self) -> Text {
        match self {
            Self::Text => say!(en: "text", ja: "文字列"),
            Self::Made(make) => make.words(),
            Self::Condition => say!(en: "a condition (CEL)", ja: "条件 (CEL)"),
            Self::Reference(what) => reference_words(what),
            Self::Word(_) | Self::Declared(_) => say!(en: "a name", ja: "名前"),
            Self::Event(_) => say!(en: "an event: channel/event", ja: "イベント (`channel/event`)"),
            Self::Whole(..) => say!(en: "a whole number", ja: "整数"),
            Self::Number(..) => say!(en: "a number", ja: "数値"),
            Self::Bool | Self::Opposite => say!(en: "true or false", ja: "真偽値"),
            Self::BoolOr(word, _) => {
                say!(en: "true, false or `{word}`", ja: "真偽値、または `{word}`")
            }
            Self::Choice(words) => one_of(words.iter().map(|it| it.0)),
            Self::Switch(no, yes) => one_of([*no, *yes].into_iter()),
            Self::Value => {
                say!(en: "text, a number, true or false, or a list", ja: "文字列、数値、真偽値、リストのいずれか")
            }
            Self::Title => {
                say!(en: "text, or texts by locale", ja: "文字列、またはロケールごとの文字列")
            }
            Self::List(item) | Self::Many(item) => {
                say!(en: "a list: {}", ja: "リスト (項目は{})", item.words())
            }
            Self::OneOrMany(item) => {
                say!(en: "{}, or a list", ja: "{}、またはリスト", item.words())
            }
            Self::Record(_) | Self::Variants(_) => {
                say!(en: "entries (`key: …`)", ja: "項目 (`key: …`)")
            }
            Self::Map(..) | Self::NamedList(..) => {
                say!(en: "entries by name", ja: "名前ごとの項目")
            }
            Self::Short(short, ..) => {
                say!(en: "{}, or entries", ja: "{}、または項目", short.words())
            }
            Self::Default(..) => say!(en: "true, or entries", ja: "`true` または項目"),
            Self::Score => say!(en: "a number, or CEL", ja: "数値または CEL"),
            Self::FieldKind => {
                say!(
                    en: "`string`, `string(40)`, `url`, `number`, `bool` or `list`",
                    ja: "`string`、`string(40)`、`url`、`number`、`bool`、`list` のいずれか",
                )
            }
            Self::Interactions => {
                say!(en: "`standard`, or a list of signals", ja: "`standard` またはシグナルのリスト")
            }
            Self::Fallback => {
                say!(en: "the name of an offer, or `none`", ja: "オファー名または `none`")
            }
            Self::Format => Text::same("1"),
        }
    }
}

impl Make {
    /// What is expected, in words.
    pub fn words(self) -> Text {
        match self {
            Self::Duration => {
                say!(en: "a length of time such as 12h or 30d", ja: "期間 (たとえば `12h`、`30d`)")
            }
            Self::Moment => {
                say!(
                    en: "a date such as 2027-01-31, or a date and time",
                    ja: "日付 (たとえば `2027-01-31`) または日時",
                )
            }
            Self::Clock => {
                say!(en: "a time of day such as \"21:00\"", ja: "時刻 (たとえば `\"21:00\"`)")
            }
            Self::Locale => {
                say!(en: "a locale such as en or ja-JP", ja: "ロケール (たとえば `en`、`ja-JP`)")
            }
            Self::Zone => {
                say!(en: "a time zone such as Asia/Tokyo", ja: "タイムゾーン (たとえば `Asia/Tokyo`)")
            }
            Self::Currency => say!(en: "a currency such as JPY", ja: "通貨 (たとえば `JPY`)"),
            Self::Measure => {
                say!(
                    en: "count, people, sum(PROPERTY) or rate(channel/event)",
                    ja: "`count`、`people`、`sum(PROPERTY)`、`rate(channel/event)` のいずれか",
                )
            }
            Self::Percent => say!(en: "a share such as 5%", ja: "割合 (たとえば `5%`)"),
            Self::Rate => say!(en: "a rate such as 500/s", ja: "頻度 (たとえば `500/s`)"),
            Self::Secret => {
                say!(en: "\"${{NAME}}\" of an environment variable", ja: "環境変数 (`\"${{NAME}}\"`)")
            }
            Self::ServerUrl => {
                say!(
                    en: "the address of a server such as https://tokyo-1.contoso.example",
                    ja: "サーバーのアドレス (たとえば `https://tokyo-1.contoso.example`)",
                )
            }
            Self::Hook => {
                say!(
                    en: "\"${{NAME}}\" of an environment variable, or an address such as https://hooks.contoso.example/taiwa",
                    ja: "環境変数 (`\"${{NAME}}\"`)、またはアドレス (たとえば `https://hooks.contoso.example/taiwa`)",
                )
            }
            Self::Link => {
                say!(
                    en: "an address such as https://www.contoso.example/coffee",
                    ja: "アドレス (たとえば `https://www.contoso.example/coffee`)",
                )
            }
            Self::PublicKey => {
                say!(en: "a public key: ssh-ed25519 AAAA…", ja: "公開鍵 (`ssh-ed25519 AAAA…`)")
            }
            Self::Path => {
                say!(en: "a path relative to the workspace", ja: "ワークスペースからの相対パス")
            }
        }
    }
}

/// The name of what a reference leads to.
fn reference_words(what: &str) -> Text {
    let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let named = noun(what);
    Text::new(format!("the name of {article} {what}"), format!("{}名", named.to(Language::Ja)))
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> Text {
    let words: Vec<String> = words.map(|it| format!("`{it}`")).collect();
    if words.is_empty() { say!(en: "nothing", ja: "空") } else { Text::any_of(&words) }
}

impl Field {
    const fn new(name: &'static str, form: Form, doc: &'static str) -> Self {
        Self { name, to: name, form, required: false, later: false, doc }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn later(mut self) -> Self {
        self.later = true;
        self
    }

    const fn to(mut self, path: &'static str) -> Self {
        self.to = path;
        self
    }
}

impl Record {
    const fn new(doc: &'static str, fields: &'static [Field]) -> Self {
        Self { doc, fields, other: None }
    }
}

impl Variant {
    const fn new(first: Field, rest: &'static [Field]) -> Self {
        Self { first, rest, later: false }
    }

    const fn later(first: Field) -> Self {
        Self { first, rest: &[], later: true }
    }
}

/// Fields that stand in several shapes.
const TITLE: Field =
    Field::new("title", Form::Title, "For people; text, or texts by locale.").required();
const OPTIONAL_TITLE: Field =
    Field::new("title", Form::Title, "For people; text, or texts by locale.");

/// The shape of a kind of file; none for journeys, which this version refuses, and marks, which are read by `marks`.
pub fn shape_of(kind: FileKind) -> Option<&'static Record> {
    match kind {
        FileKind::Environment => Some(&environment::ENVIRONMENT),
        FileKind::Marks => None,
        FileKind::Component(kind) => match kind {
            Kind::Workspace => Some(&workspace::WORKSPACE),
            Kind::Audience => Some(&workspace::AUDIENCE),
            Kind::Channel => Some(&channel::CHANNEL),
            Kind::Strategy => Some(&channel::STRATEGY),
            Kind::Touchpoint => Some(&channel::TOUCHPOINT),
            Kind::Goal => Some(&content::GOAL),
            Kind::Segment => Some(&content::SEGMENT),
            Kind::Flowchart => Some(&content::FLOWCHART),
            Kind::Offer => Some(&content::OFFER),
            Kind::Message => Some(&content::MESSAGE),
            Kind::Policy => Some(&content::POLICY),
            Kind::Scenario => Some(&scenario::SCENARIO),
            Kind::Journey => None,
        },
    }
}
