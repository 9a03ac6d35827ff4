//! A tree and a shape to normalised JSON, with every finding and the place of every part.

use std::collections::BTreeMap;

use taiwa_syntax::NodeId;

/// Key and value of each part of a lowered file, by its path in the model.
pub type Places = BTreeMap<String, (Option<NodeId>, NodeId)>;
