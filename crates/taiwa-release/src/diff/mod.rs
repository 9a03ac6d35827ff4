//! What differs between two sets of components: by component, and within one by attribute path.
//!
//! **Invariants.** `diff(a, a)` is empty; `apply(a, diff(a, b)) == b`; the order of everything follows from the
//! contents. A path is JSON Pointer (RFC 6901) without the first slash: `treatments/web-store/en/headline`. Elements of
//! a keyed list (rules of a strategy, audience levels) are named by what they are about, not by their number:
//! `rules/home-hero,gold,espresso-starter/score`. Two paths begin with `@`, which no field does: `@scope`, the folder
//! that owns the component, and `LIST/@order`, the order of a keyed list where it does not follow from the rest.
//! Deliberately absent: places in files, colours, anything about why.

mod apply;
mod compare;
mod keyed;
mod text;
mod value;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use taiwa_model::{ComponentId, Components};

pub use apply::ApplyError;
pub use text::Piece;
pub use words::{Body, Group, Line, Rendered, RenderedChange};

/// Version of the JSON form of a [`Diff`].
pub const DIFF_FORMAT: u32 = 1;

/// The path of the folder that owns a component.
const SCOPE: &str = "@scope";
/// The last part of the path of the order of a keyed list.
const ORDER: &str = "@order";

/// The difference of two sets of components. JSON: `{"format": 1, "changes": […]}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Diff {
    /// By kind and name.
    pub changes: Vec<Change>,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u32,
    changes: Vec<Change>,
}

impl From<Diff> for Wire {
    fn from(diff: Diff) -> Self {
        Self { format: DIFF_FORMAT, changes: diff.changes }
    }
}

impl TryFrom<Wire> for Diff {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        if wire.format == DIFF_FORMAT {
            Ok(Self { changes: wire.changes })
        } else {
            Err(format!("format {} of a difference is not known to this version", wire.format))
        }
    }
}

/// What became of one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Which.
    pub component: ComponentId,
    /// What.
    pub what: What,
}

/// What became of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// It is new: `{"content": …, "scope": …}`.
    Added(Json),
    /// It is gone: what it was.
    Removed(Json),
    /// It differs.
    Changed(Vec<FieldChange>),
}

/// What became of one attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// Where, see the module.
    pub path: String,
    /// What it was; absent where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Json>,
    /// What it is; absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Json>,
}

/// What differs from the one to the other; without an old one everything is added.
pub fn diff(old: Option<&Components>, new: &Components) -> Diff {
    match old {
        Some(old) => compare::compare(old, new),
        None => compare::compare(&Components::default(), new),
    }
}

impl Diff {
    /// Whether there is no difference.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The other set, from the one that this is the difference to.
    ///
    /// # Errors
    /// When the set is not the one that the difference was made from.
    pub fn apply(&self, to: &Components) -> Result<Components, ApplyError> {
        apply::apply(self, to)
    }

    /// The difference in words, grouped by kind, for programs that lay it out themselves.
    pub fn render(&self) -> Rendered {
        words::render(self)
    }

    /// The difference in words, a line a fact: `changed offer/espresso-starter: value 12.5 → 15`.
    /// Only a change of a text of several lines takes several lines.
    pub fn lines(&self) -> Vec<String> {
        self.render().lines()
    }

    /// Counts by kind: `3 offers changed`, `1 segment added`.
    pub fn summary(&self) -> Vec<String> {
        words::summary(self)
    }
}
