//! The shape of every kind of file, declared once: fields, types, words.
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

use crate::FileKind;

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
    pub fn words(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Made(make) => make.words().into(),
            Self::Condition => "a condition (CEL)".into(),
            Self::Reference(what) => format!("the name of {what}", what = article(what)),
            Self::Word(_) | Self::Declared(_) => "a name".into(),
            Self::Event(_) => "an event: channel/event".into(),
            Self::Whole(..) => "a whole number".into(),
            Self::Number(..) => "a number".into(),
            Self::Bool | Self::Opposite => "true or false".into(),
            Self::Choice(words) => one_of(words.iter().map(|it| it.0)),
            Self::Switch(no, yes) => one_of([*no, *yes].into_iter()),
            Self::Value => "text, a number, true or false, or a list".into(),
            Self::Title => "text, or texts by locale".into(),
            Self::List(item) | Self::Many(item) => format!("a list: {}", item.words()),
            Self::OneOrMany(item) => format!("{}, or a list", item.words()),
            Self::Record(_) | Self::Variants(_) => "entries (`key: …`)".into(),
            Self::Map(..) | Self::NamedList(..) => "entries by name".into(),
            Self::Short(short, ..) => format!("{}, or entries", short.words()),
            Self::Default(..) => "true, or entries".into(),
            Self::Score => "a number, or CEL".into(),
            Self::FieldKind => "`string`, `string(40)`, `url`, `number`, `bool` or `list`".into(),
            Self::Interactions => "`standard`, or a list of signals".into(),
            Self::Fallback => "the name of an offer, or `none`".into(),
            Self::Format => "1".into(),
        }
    }
}

impl Make {
    /// What is expected, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Duration => "a length of time such as 12h or 30d",
            Self::Moment => "a date such as 2027-01-31, or a date and time",
            Self::Clock => "a time of day such as \"21:00\"",
            Self::Locale => "a locale such as en or ja-JP",
            Self::Zone => "a time zone such as Asia/Tokyo",
            Self::Currency => "a currency such as JPY",
            Self::Measure => "count, people, sum(PROPERTY) or rate(channel/event)",
            Self::Percent => "a share such as 5%",
            Self::Rate => "a rate such as 500/s",
            Self::Secret => "\"${NAME}\" of an environment variable",
            Self::ServerUrl => "the address of a server such as https://tokyo-1.contoso.example",
            Self::Link => "an address such as https://www.contoso.example/coffee",
            Self::PublicKey => "a public key: ssh-ed25519 AAAA…",
            Self::Path => "a path relative to the workspace",
        }
    }
}

fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {what}", if vowel { "an" } else { "a" })
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|it| format!("`{it}`")).collect();
    match words.as_slice() {
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
        [] => "nothing".into(),
    }
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
