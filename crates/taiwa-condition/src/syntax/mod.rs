//! What was written: the tree of one condition, before anything is known of its names and types.
//!
//! All of CEL's grammar is read; what conditions may not use is refused by the checker, by name. Macros
//! (`has`, `exists`, …) stay calls, so that places and words stay the author's.
//!
//! **Invariants.** Every node has the byte range it was read from. No recursion deeper than [`MAX_DEPTH`], and no
//! tree deeper than it (chains of `&&` and `||` are flat). Linear in the length of the text. Where something was
//! wrong there is a remark and a [`Kind::Hole`].

mod foreign;
mod lex;
mod literal;
mod parse;
mod primary;
mod print;
mod recover;
mod slips;
#[cfg(test)]
mod tests;

pub use parse::parse;
pub use print::print;
use taiwa_text::{Remark, Span};

/// Most bytes of a condition.
pub const MAX_BYTES: usize = 4 * 1024;
/// Most levels of a condition, in parentheses and otherwise.
pub const MAX_DEPTH: u32 = 64;
/// Most nodes of the tree of a condition.
pub const MAX_NODES: usize = 200;
/// Most remarks about how one condition is written; the rest is not looked for.
pub const MAX_REMARKS: usize = 8;

/// The index of a node in its [`Parsed`].
pub type Id = u32;

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1`, `0x1f`, `-1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.5`, `1e3`
    Double(f64),
    /// `"…"`, decoded.
    Text(String),
    /// `b"…"`, decoded.
    Bytes(Vec<u8>),
}

/// An operator between two or more operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

impl Operator {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// How tightly it binds, from 0 (`||`).
    pub(crate) const fn level(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Equal
            | Self::Unequal
            | Self::Less
            | Self::AtMost
            | Self::Greater
            | Self::AtLeast
            | Self::In => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide | Self::Remainder => 4,
        }
    }
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Something was wrong here and has been reported.
    Hole,
    /// A literal.
    Literal(Literal),
    /// A plain name.
    Name {
        /// The name.
        name: String,
        /// Whether a `.` stands before it.
        absolute: bool,
    },
    /// `of.field`
    Field {
        /// Left of the `.`
        of: Id,
        /// The name of the field.
        field: String,
        /// Where that name stands.
        field_span: Span,
        /// `of.?field`
        optional: bool,
    },
    /// `of[index]`
    Index {
        /// Before the bracket.
        of: Id,
        /// In the bracket.
        index: Id,
    },
    /// `name(args)`, `target.name(args)`
    Call {
        /// Left of the `.`, if any.
        target: Option<Id>,
        /// The name of the function.
        name: String,
        /// Where that name stands.
        name_span: Span,
        /// The arguments.
        args: Vec<Id>,
    },
    /// `[a, b]`
    List(Vec<Id>),
    /// `{a: b}`
    Map(Vec<(Id, Id)>),
    /// `of{field: value}`
    Message {
        /// The name of the type.
        of: Id,
        /// Its fields.
        fields: Vec<(String, Id)>,
    },
    /// `!a`
    Not(Id),
    /// `-a`
    Negate(Id),
    /// `And` and `Or` carry two or more operands, every other operator two.
    Chain {
        /// The operator.
        op: Operator,
        /// Where its first stands.
        op_span: Span,
        /// The operands.
        of: Vec<Id>,
    },
    /// `test ? yes : no`
    Choose {
        /// The condition.
        test: Id,
        /// Taken where it holds.
        yes: Id,
        /// Taken where it does not.
        no: Id,
    },
}

/// A node with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its bytes, without parentheses around it.
    pub span: Span,
    /// Its bytes with the parentheses around it.
    pub outer: Span,
    /// Written in parentheses.
    pub grouped: bool,
    /// Height of the tree below and this node.
    pub(crate) height: u32,
}

/// A condition as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The nodes; children come before their parents.
    pub nodes: Vec<Node>,
    /// The whole.
    pub root: Id,
    /// What is wrong with how it is written, in the order of the text.
    pub remarks: Vec<Remark>,
}

impl Parsed {
    /// A node.
    ///
    /// # Panics
    /// When the id is of another tree.
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }
}
