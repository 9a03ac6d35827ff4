//! Rings in a graph of names.

use std::collections::{BTreeMap, BTreeSet};

/// Every ring that a walk in the order of `nodes` closes, each once, beginning with its least node. Iterative: depth costs no stack.
pub(crate) fn rings<N: Ord + Clone>(nodes: &[&N], next: impl Fn(&N) -> Vec<N>) -> Vec<Vec<N>> {
    let edges: BTreeMap<N, Vec<N>> = nodes.iter().map(|it| ((*it).clone(), next(it))).collect();
    let mut done: BTreeSet<N> = BTreeSet::new();
    let mut found: BTreeSet<Vec<N>> = BTreeSet::new();
    for start in edges.keys() {
        let mut way: Vec<(N, usize)> = vec![(start.clone(), 0)];
        let mut places: BTreeMap<N, usize> = BTreeMap::from([(start.clone(), 0)]);
        if done.contains(start) {
            continue;
        }
        while let Some((node, at)) = way.last_mut() {
            let follower = edges.get(node).and_then(|it| it.get(*at)).cloned();
            *at += 1;
            let Some(follower) = follower else {
                places.remove(node);
                done.insert(node.clone());
                way.pop();
                continue;
            };
            if let Some(from) = places.get(&follower) {
                let ring = way.iter().skip(*from).map(|it| it.0.clone()).collect();
                found.insert(from_least(ring));
            } else if !done.contains(&follower) && edges.contains_key(&follower) {
                places.insert(follower.clone(), way.len());
                way.push((follower, 0));
            }
        }
    }
    found.into_iter().collect()
}

fn from_least<N: Ord + Clone>(mut ring: Vec<N>) -> Vec<N> {
    let least = ring.iter().enumerate().min_by_key(|it| it.1).map_or(0, |it| it.0);
    ring.rotate_left(least);
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_once_and_no_ring_in_a_diamond() {
        let of = |edges: &[(char, &str)]| {
            let names: Vec<char> = edges.iter().map(|it| it.0).collect();
            let nodes: Vec<&char> = names.iter().collect();
            rings(&nodes, |node| {
                let found = edges.iter().find(|it| it.0 == *node);
                found.map_or_else(Vec::new, |it| it.1.chars().collect())
            })
        };
        assert_eq!(
            of(&[('c', "a"), ('b', "c"), ('a', "b"), ('d', "d")]),
            [vec!['a', 'b', 'c'], vec!['d']]
        );
        assert!(of(&[('a', "bc"), ('b', "d"), ('c', "d"), ('d', "x")]).is_empty());
    }
}
