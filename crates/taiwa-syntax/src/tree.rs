//! The tree: nodes in one vector, each with its place, and the ways to look something up.
//!
//! A node stands behind its children in the vector; keys are nodes like values. Deliberately absent: any typing; the
//! scalar `12` is the text `12`, with its style.

use taiwa_text::Span;

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A value or a key with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes, quotes and brackets included; empty where nothing is written.
    pub span: Span,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Text, decoded.
    Scalar {
        /// Without quotes, escapes resolved.
        text: String,
        /// How it is written.
        style: Style,
    },
    /// `- a` or `[a]`.
    List {
        /// In order.
        items: Vec<NodeId>,
        /// Written in `[ ]`.
        flow: bool,
    },
    /// `a: b` or `{ a: b }`.
    Map {
        /// Key and value, in order.
        entries: Vec<(NodeId, NodeId)>,
        /// Written in `{ }`.
        flow: bool,
    },
    /// Something that was refused stands here.
    Hole,
}

/// One step of a path into a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An item of a list, from 0.
    Index(usize),
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The key, where the last step was one.
    pub key: Option<Span>,
    /// The value; of the deepest step that exists.
    pub value: Span,
    /// How many steps exist.
    pub depth_found: usize,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: Option<NodeId>,
    pub(crate) broken: bool,
}

impl Tree {
    /// The tree of a text that could not be read at all.
    pub fn unread() -> Self {
        Self { broken: true, ..Self::default() }
    }

    /// The value of the file; none where the file is empty.
    pub const fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// A node.
    ///
    /// # Panics
    /// When the id is of another tree.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, children before their parents.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// Whether everything was read. After a syntax error the tree ends early: nothing in it may be called missing.
    pub const fn is_complete(&self) -> bool {
        !self.broken
    }

    /// The first entry of a map with this key: key and value.
    pub fn get(&self, map: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let NodeKind::Map { entries, .. } = &self.node(map).kind else { return None };
        entries.iter().find(|(it, _)| self.scalar(*it) == Some(key)).copied()
    }

    /// The decoded text of a scalar.
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Follows a path as far as it exists.
    pub fn locate(&self, path: &[Step<'_>]) -> Located {
        let Some(mut at) = self.root else {
            return Located { key: None, value: Span::default(), depth_found: 0 };
        };
        let mut key = None;
        for (depth, step) in path.iter().enumerate() {
            let next = match (step, &self.node(at).kind) {
                (Step::Key(name), NodeKind::Map { .. }) => {
                    self.get(at, name).map(|(key, value)| (Some(key), value))
                }
                (Step::Index(index), NodeKind::List { items, .. }) => {
                    items.get(*index).map(|it| (None, *it))
                }
                _ => None,
            };
            let Some((found, value)) = next else {
                return Located { key, value: self.node(at).span, depth_found: depth };
            };
            (key, at) = (found.map(|it| self.node(it).span), value);
        }
        Located { key, value: self.node(at).span, depth_found: path.len() }
    }
}
