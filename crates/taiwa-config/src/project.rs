//! The project: everything that was read, and where each part of it stands.

use std::collections::BTreeMap;

use taiwa_model::{ComponentId, Components, EnvironmentName, Scope};
use taiwa_syntax::{NodeId, Step, Tree, source_fix, source_span};
use taiwa_text::{FileId, Fix, LocalFix, Place, Sources, Span};

use crate::{Settings, environment::Environment, lower::Places, marks::Marks};

/// The file of a component or of an environment.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text.
    pub file: FileId,
    /// The folder that owns it.
    pub scope: Scope,
    /// What it says, untyped.
    pub tree: Tree,
    /// Where each part of the lowered component stands, by its path in the model (`levels/0/key`).
    pub places: Places,
}

/// A workspace, read and lowered.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// All texts.
    pub sources: Sources,
    /// What could be lowered.
    pub components: Components,
    /// Every component that has a file, also those that could not be lowered: a reference to them is not unknown.
    pub documents: BTreeMap<ComponentId, Document>,
    /// What `taiwa.yaml` says about rules.
    pub settings: Settings,
    /// Environments that could be lowered.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// The `environment.yaml` of every environment.
    pub environment_documents: BTreeMap<EnvironmentName, Document>,
    /// The `marks.yaml` of every environment that has one.
    pub marks: BTreeMap<EnvironmentName, Marks>,
    /// Where each entry of a `marks.yaml` stands: by the name of the component (`offer/x`), or `release`.
    pub mark_places: BTreeMap<EnvironmentName, BTreeMap<String, Place>>,
}

impl Project {
    /// Where the value at a path of a component stands: `rules/3/score`. Where that does not exist, the deepest part of
    /// the path that does. A component without a file: the beginning of the first text.
    pub fn place(&self, id: &ComponentId, path: &str) -> Place {
        self.documents.get(id).map_or_else(Place::default, |it| it.place(path))
    }

    /// Where the key at a path stands: for `zones/home-hero` the name `home-hero`. For an item of a list, the item.
    pub fn key_place(&self, id: &ComponentId, path: &str) -> Place {
        self.documents.get(id).map_or_else(Place::default, |it| it.key_place(path))
    }

    /// Where a range of bytes within a decoded text stands: a name in a condition, a placeholder in a treatment.
    pub fn condition_place(&self, id: &ComponentId, path: &str, inner: Span) -> Place {
        let Some(document) = self.documents.get(id) else { return Place::default() };
        let text = &self.sources.get(document.file).text;
        document.inner_place(text, path, inner)
    }

    /// A fix of a decoded text as a fix of the file; none where it cannot be written there exactly.
    pub fn condition_fix(&self, id: &ComponentId, path: &str, fix: LocalFix) -> Option<Fix> {
        let document = self.documents.get(id)?;
        let text = &self.sources.get(document.file).text;
        document.inner_fix(text, path, fix)
    }

    /// [`Self::place`] for an environment.
    pub fn environment_place(&self, environment: &EnvironmentName, path: &str) -> Place {
        self.environment_documents.get(environment).map_or_else(Place::default, |it| it.place(path))
    }
}

impl Document {
    /// The node at a path of the model, or of the file, or the deepest that exists; with its key.
    pub(crate) fn find(&self, path: &str) -> (Option<NodeId>, Option<NodeId>) {
        let steps: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        for depth in (1..=steps.len()).rev() {
            let prefix = steps.get(..depth).unwrap_or_default().join("/");
            if let Some((key, value)) = self.places.get(&prefix) {
                return (*key, Some(*value));
            }
        }
        (None, self.tree.root())
    }

    /// Where the value at a path stands.
    pub fn place(&self, path: &str) -> Place {
        let (key, value) = self.find(path);
        let span = value.map_or_else(|| self.located(path).value, |it| self.tree.node(it).span);
        let span = match key {
            Some(key) if span.start == span.end => self.tree.node(key).span,
            _ => span,
        };
        Place { file: self.file, span }
    }

    /// Where the key at a path stands.
    pub fn key_place(&self, path: &str) -> Place {
        match self.find(path) {
            (Some(key), _) => Place { file: self.file, span: self.tree.node(key).span },
            _ => self.place(path),
        }
    }

    /// Where bytes of the decoded text at a path stand in `text`, the text of the file.
    pub fn inner_place(&self, text: &str, path: &str, inner: Span) -> Place {
        match self.find(path) {
            (_, Some(id)) if self.tree.scalar(id).is_some() => {
                Place { file: self.file, span: source_span(text, &self.tree, id, inner) }
            }
            _ => self.place(path),
        }
    }

    /// A fix of the decoded text at a path as a fix of `text`, the text of the file.
    pub fn inner_fix(&self, text: &str, path: &str, fix: LocalFix) -> Option<Fix> {
        let (_, Some(id)) = self.find(path) else { return None };
        let fix = source_fix(text, &self.tree, id, fix)?;
        Some(fix.at(|span| Place { file: self.file, span }))
    }

    fn located(&self, path: &str) -> taiwa_syntax::Located {
        let steps: Vec<Step<'_>> = path
            .split('/')
            .filter(|it| !it.is_empty())
            .map(|it| it.parse().map_or(Step::Key(it), Step::Index))
            .collect();
        self.tree.locate(&steps)
    }
}
