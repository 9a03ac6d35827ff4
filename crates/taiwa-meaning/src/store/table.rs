//! Tables for numbers: each node once, and answers that may be forgotten.
//!
//! **Invariant.** Nothing is ever listed in the order of a table, so no answer hangs on it.

use super::{Node, Run};

/// Mixes a variable and its runs into a place.
pub(super) fn hash(variable: u32, runs: &[Run]) -> u64 {
    let both = |it: &Run| u64::from(it.end) << 32 | u64::from(it.node);
    mixed(variable, runs.iter().map(both))
}

fn mixed(seed: u32, parts: impl Iterator<Item = u64>) -> u64 {
    let seed = u64::from(seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
    parts.fold(seed, |sum, it| (sum.rotate_left(23) ^ it).wrapping_mul(0x9fb2_1c65_1e98_df25))
}

fn spread(hash: u64) -> u64 {
    let it = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    it ^ (it >> 29)
}

/// Which number a node has. Open addressing; 0 is a free place.
#[derive(Debug)]
pub(super) struct Unique {
    places: Vec<Node>,
    used: usize,
}

impl Default for Unique {
    fn default() -> Self {
        Self { places: vec![0; 1024], used: 0 }
    }
}

impl Unique {
    /// The node, or the place where it belongs.
    pub(super) fn find(
        &self,
        variable: u32,
        runs: &[Run],
        same: impl Fn(Node) -> bool,
    ) -> Result<Node, usize> {
        let mut place = self.place(hash(variable, runs));
        loop {
            match self.places[place] {
                0 => return Err(place),
                it if same(it) => return Ok(it),
                _ => place = (place + 1) & (self.places.len() - 1),
            }
        }
    }

    /// Puts a node where `find` said, and makes room for the next.
    pub(super) fn insert(&mut self, place: usize, node: Node, hash_of: impl Fn(Node) -> u64) {
        self.places[place] = node;
        self.used += 1;
        if self.used * 2 > self.places.len() {
            let old = std::mem::take(&mut self.places);
            self.places = vec![0; old.len() * 2];
            for node in old.into_iter().filter(|it| *it != 0) {
                let mut place = self.place(hash_of(node));
                while self.places[place] != 0 {
                    place = (place + 1) & (self.places.len() - 1);
                }
                self.places[place] = node;
            }
        }
    }

    fn place(&self, hash: u64) -> usize {
        let mask = self.places.len() as u64 - 1;
        usize::try_from(spread(hash) & mask).unwrap_or_default()
    }
}

/// Most answers that are remembered.
const MOST: usize = 1 << 20;

/// Answers by their question; an older one gives way to a newer one at its place.
#[derive(Debug)]
pub(super) struct Cache {
    /// Kind of question, both operands, the answer.
    places: Vec<(u8, Node, Node, Node)>,
    kept: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { places: vec![(u8::MAX, 0, 0, 0); 1 << 12], kept: 0 }
    }
}

impl Cache {
    pub(super) fn get(&self, kind: u8, a: Node, b: Node) -> Option<Node> {
        let it = self.places[self.place(kind, a, b)];
        ((it.0, it.1, it.2) == (kind, a, b)).then_some(it.3)
    }

    pub(super) fn put(&mut self, kind: u8, a: Node, b: Node, answer: Node) {
        if self.kept > self.places.len() && self.places.len() < MOST {
            let more = vec![(u8::MAX, 0, 0, 0); self.places.len() * 4];
            let old = std::mem::replace(&mut self.places, more);
            self.kept = 0;
            for (kind, a, b, answer) in old.into_iter().filter(|it| it.0 != u8::MAX) {
                self.put(kind, a, b, answer);
            }
        }
        self.kept += 1;
        let place = self.place(kind, a, b);
        self.places[place] = (kind, a, b, answer);
    }

    fn place(&self, kind: u8, a: Node, b: Node) -> usize {
        let mask = self.places.len() as u64 - 1;
        let question = mixed(u32::from(kind), [a, b].map(u64::from).into_iter());
        usize::try_from(spread(question) & mask).unwrap_or_default()
    }
}
