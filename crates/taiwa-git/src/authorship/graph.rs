//! The commits that lead to one, and how they hang together.

use std::collections::{BTreeMap, VecDeque};

use git2::Oid;

use super::{AuthorshipError, Objects, commit};

/// A history, its commits by number.
pub(super) struct Graph {
    /// The commits.
    pub(super) ids: Vec<Oid>,
    /// The tree of each.
    pub(super) trees: Vec<Oid>,
    /// The parents of each.
    pub(super) parents: Vec<Vec<usize>>,
    /// All of them, parents before children.
    pub(super) order: Vec<usize>,
}

impl Graph {
    /// Reads everything that leads to a commit, up to a limit.
    pub(super) fn load(
        objects: &Objects<'_>,
        to: Oid,
        limit: usize,
    ) -> Result<Self, AuthorshipError> {
        let mut numbers = BTreeMap::from([(to, 0)]);
        let mut graph =
            Self { ids: vec![to], trees: Vec::new(), parents: Vec::new(), order: Vec::new() };
        while let Some(id) = graph.ids.get(graph.trees.len()).copied() {
            let bytes = objects.commit(id)?;
            let malformed = || AuthorshipError::Malformed { id: id.to_string(), what: "commit" };
            let (tree, parents) = commit::links(&bytes).ok_or_else(malformed)?;
            let mut of = Vec::with_capacity(parents.len());
            for parent in parents {
                let number = *numbers.entry(parent).or_insert_with(|| {
                    graph.ids.push(parent);
                    graph.ids.len() - 1
                });
                of.push(number);
            }
            graph.trees.push(tree);
            graph.parents.push(of);
            if graph.ids.len() > limit {
                return Err(AuthorshipError::TooLong { commits: limit });
            }
        }
        graph.sort()?;
        Ok(graph)
    }

    fn sort(&mut self) -> Result<(), AuthorshipError> {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.ids.len()];
        for (at, parents) in self.parents.iter().enumerate() {
            for parent in parents {
                children[*parent].push(at);
            }
        }
        let mut open: Vec<usize> = self.parents.iter().map(Vec::len).collect();
        let mut ready: VecDeque<usize> = (0..open.len()).filter(|it| open[*it] == 0).collect();
        while let Some(at) = ready.pop_front() {
            self.order.push(at);
            for child in &children[at] {
                open[*child] -= 1;
                if open[*child] == 0 {
                    ready.push_back(*child);
                }
            }
        }
        // Commits that lead to themselves: only somebody who broke the hash can make them.
        match (0..open.len()).find(|it| open[*it] > 0) {
            Some(at) => {
                Err(AuthorshipError::Malformed { id: self.ids[at].to_string(), what: "history" })
            }
            None => Ok(()),
        }
    }

    /// Which commits lead to one, itself among them.
    pub(super) fn ancestors(&self, of: usize) -> Vec<bool> {
        let mut found = vec![false; self.ids.len()];
        let mut open = vec![of];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut found[at], true) {
                open.extend(&self.parents[at]);
            }
        }
        found
    }

    /// Which commits come after one of these.
    pub(super) fn descendants(&self, of: &[usize]) -> Vec<bool> {
        let mut starts = vec![false; self.ids.len()];
        for at in of {
            starts[*at] = true;
        }
        let mut found = vec![false; self.ids.len()];
        for at in &self.order {
            found[*at] = self.parents[*at].iter().any(|it| starts[*it] || found[*it]);
        }
        found
    }
}
