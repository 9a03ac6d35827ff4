//! Layout is schema: which file is what, by its path.

use taiwa_model::{ComponentId, EnvironmentName, Kind, Scope};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A component of this kind.
    Component(Kind),
    /// `environments/NAME/environment.yaml`.
    Environment,
    /// `environments/NAME/marks.yaml`.
    Marks,
}

/// Where a file belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A component, and the folder that owns it.
    Component(ComponentId, Scope),
    /// The `environment.yaml` of an environment.
    Environment(EnvironmentName),
    /// The `marks.yaml` of an environment.
    Marks(EnvironmentName),
    /// No file of ours: ignored.
    Foreign,
    /// A YAML file at an unknown place: what is wrong, and how to mend it.
    Misplaced(String, Option<String>),
}

/// What the file at a path is.
pub fn place_of(path: &str) -> Place {
    let _ = path;
    Place::Foreign
}
