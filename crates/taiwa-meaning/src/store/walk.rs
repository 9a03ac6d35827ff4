//! Walks over diagrams: combining two, comparing two, and looking at one from its leaves up.

use std::collections::BTreeMap;

use super::{EMPTY, FULL, Node, Op, Run, Store, push};
use crate::Exhausted;

/// The kinds of questions in the cache beside the three of [`Op`].
const DISJOINT: u8 = 3;
const SUBSET: u8 = 4;

/// A pair on its way.
struct Frame {
    a: Node,
    b: Node,
    variable: u32,
    /// The next run of each.
    next: (usize, usize),
    /// The cell behind those that are taken.
    end: u32,
    /// Where the runs of the answer begin.
    from: usize,
}

impl Frame {
    /// The next cells for which neither diagram changes, as where each leads; none behind the last one.
    fn step(&mut self, store: &Store) -> Option<(Node, Node)> {
        let run = |node: Node, at: usize| -> Option<Option<Run>> {
            if store.variable(node) == self.variable {
                store.runs(node).get(at).map(|it| Some(*it))
            } else {
                Some(None)
            }
        };
        let (one, other) = (run(self.a, self.next.0)?, run(self.b, self.next.1)?);
        let ends = [one, other].map(|it| it.map_or(u32::MAX, |it| it.end));
        self.end = ends[0].min(ends[1]);
        self.next.0 += usize::from(one.is_some() && ends[0] == self.end);
        self.next.1 += usize::from(other.is_some() && ends[1] == self.end);
        Some((one.map_or(self.a, |it| it.node), other.map_or(self.b, |it| it.node)))
    }

    /// How many runs were walked over.
    const fn walked(&self) -> usize {
        self.next.0 + self.next.1
    }
}

impl Store {
    fn frame(&self, a: Node, b: Node, from: usize) -> Frame {
        let variable = self.variable(a).min(self.variable(b));
        Frame { a, b, variable, next: (0, 0), end: 0, from }
    }

    /// Combines two diagrams.
    pub(crate) fn apply(&mut self, op: Op, a: Node, b: Node) -> Result<Node, Exhausted> {
        if let Some(it) = self.known(op, a, b) {
            return Ok(it);
        }
        let mut frames = vec![self.frame(a, b, 0)];
        let mut done: Vec<Run> = Vec::new();
        let mut answer = EMPTY;
        while let Some(frame) = frames.last_mut() {
            if let Some((a, b)) = frame.step(self) {
                let (end, from) = (frame.end, frame.from);
                match self.known(op, a, b) {
                    Some(node) => push(&mut done, from, Run { end, node }),
                    None => frames.push(self.frame(a, b, done.len())),
                }
                continue;
            }
            let Frame { a, b, variable, from, .. } = *frame;
            let walked = frame.walked();
            self.pay(walked)?;
            answer = self.make(variable, &done[from..])?;
            done.truncate(from);
            let (a, b) = ordered(op, a, b);
            self.cache.put(op as u8, a, b, answer);
            frames.pop();
            if let Some(above) = frames.last() {
                push(&mut done, above.from, Run { end: above.end, node: answer });
            }
        }
        Ok(answer)
    }

    fn known(&self, op: Op, a: Node, b: Node) -> Option<Node> {
        let simple = match (op, a, b) {
            (Op::And | Op::Minus, EMPTY, _) | (Op::And, _, EMPTY) | (Op::Minus, _, FULL) => {
                Some(EMPTY)
            }
            (Op::Minus, a, b) if a == b => Some(EMPTY),
            (Op::And, FULL, it)
            | (Op::And, it, FULL)
            | (Op::Or, EMPTY, it)
            | (Op::Or | Op::Minus, it, EMPTY) => Some(it),
            (Op::Or, FULL, _) | (Op::Or, _, FULL) => Some(FULL),
            (_, a, b) if a == b => Some(a),
            _ => None,
        };
        simple.or_else(|| {
            let (a, b) = ordered(op, a, b);
            self.cache.get(op as u8, a, b)
        })
    }

    /// Whether no point lies in both.
    pub(crate) fn disjoint(&mut self, a: Node, b: Node) -> Result<bool, Exhausted> {
        let known = |store: &Self, a: Node, b: Node| match (a, b) {
            (EMPTY, _) | (_, EMPTY) => Some(true),
            (FULL, _) | (_, FULL) => Some(false),
            (a, b) if a == b => Some(false),
            _ => store.cache.get(DISJOINT, a.min(b), a.max(b)).map(|it| it == FULL),
        };
        self.every_cell(DISJOINT, (a.min(b), a.max(b)), known)
    }

    /// Whether every point of the first lies in the second.
    pub(crate) fn subset(&mut self, a: Node, b: Node) -> Result<bool, Exhausted> {
        let known = |store: &Self, a: Node, b: Node| match (a, b) {
            (EMPTY, _) | (_, FULL) => Some(true),
            (FULL, _) | (_, EMPTY) => Some(false),
            (a, b) if a == b => Some(true),
            _ => store.cache.get(SUBSET, a, b).map(|it| it == FULL),
        };
        self.every_cell(SUBSET, (a, b), known)
    }

    /// Whether something holds in every cell below a pair; no node is made for it.
    fn every_cell(
        &mut self,
        kind: u8,
        (a, b): (Node, Node),
        known: impl Fn(&Self, Node, Node) -> Option<bool>,
    ) -> Result<bool, Exhausted> {
        if let Some(it) = known(self, a, b) {
            return Ok(it);
        }
        let mut frames = vec![self.frame(a, b, 0)];
        while let Some(frame) = frames.last_mut() {
            if let Some((a, b)) = frame.step(self) {
                match known(self, a, b) {
                    Some(true) => {}
                    Some(false) => {
                        // What was on its way fails too.
                        for it in &frames {
                            let (a, b) = key(kind, it.a, it.b);
                            self.cache.put(kind, a, b, EMPTY);
                        }
                        return Ok(false);
                    }
                    None => frames.push(self.frame(a, b, 0)),
                }
                continue;
            }
            let (a, b) = key(kind, frame.a, frame.b);
            let walked = frame.walked();
            frames.pop();
            self.pay(walked)?;
            self.cache.put(kind, a, b, FULL);
        }
        Ok(true)
    }

    /// The diagrams below one, itself included, the deepest first; leaves are not among them.
    pub(crate) fn upwards(&self, node: Node) -> Vec<Node> {
        let mut seen = std::collections::BTreeSet::new();
        let mut ways = vec![node];
        while let Some(it) = ways.pop() {
            if it > FULL && seen.insert(it) {
                ways.extend(self.runs(it).iter().map(|it| it.node));
            }
        }
        let mut all: Vec<Node> = seen.into_iter().collect();
        all.sort_by_key(|it| std::cmp::Reverse(self.variable(*it)));
        all
    }

    /// The variables that a diagram asks, sorted.
    pub(crate) fn support(&self, node: Node) -> Vec<u32> {
        let mut all: Vec<u32> =
            self.upwards(node).into_iter().map(|it| self.variable(it)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Those who are in it whatever the opaque variables say.
    pub(crate) fn certain(&mut self, node: Node) -> Result<Node, Exhausted> {
        if !self.is_opaque(node) {
            return Ok(node);
        }
        let mut of = BTreeMap::from([(EMPTY, EMPTY), (FULL, FULL)]);
        for it in self.upwards(node) {
            let variable = self.variable(it);
            let mut below = Vec::new();
            for run in self.runs(it) {
                let node = of.get(&run.node).copied().unwrap_or(EMPTY);
                push(&mut below, 0, Run { end: run.end, node });
            }
            let sum = if self.variables[variable as usize].opaque {
                let mut sum = FULL;
                for run in below {
                    sum = self.apply(Op::And, sum, run.node)?;
                }
                sum
            } else {
                self.make(variable, &below)?
            };
            of.insert(it, sum);
        }
        Ok(of.get(&node).copied().unwrap_or(EMPTY))
    }
}

const fn ordered(op: Op, a: Node, b: Node) -> (Node, Node) {
    if matches!(op, Op::Minus) || a <= b { (a, b) } else { (b, a) }
}

fn key(kind: u8, a: Node, b: Node) -> (Node, Node) {
    if kind == DISJOINT { (a.min(b), a.max(b)) } else { (a, b) }
}
