//! What is gone, and whether it only bears another name now.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

/// How alike two things must be to be taken for one that was renamed: the mean of names and contents. The same content
/// is enough, the same name but for a letter is not.
const ALIKE: f64 = 0.5;

/// Most pairs of names that are compared; beyond, nothing is called renamed.
const MAX_PAIRS: usize = 250_000;

/// Something that is not there any more.
pub(crate) struct Gone<'a, K> {
    /// Its name.
    pub name: &'a K,
    /// The new thing that looks most like it, if one does; each stands for one at most.
    pub renamed: Option<&'a K>,
}

/// What is gone from a map, in its order.
pub(crate) fn gone<'a, K: Ord + AsRef<str>, V: Serialize>(
    old: &'a BTreeMap<K, V>,
    new: &'a BTreeMap<K, V>,
) -> Vec<Gone<'a, K>> {
    let mut gone: Vec<Gone<'a, K>> = old
        .keys()
        .filter(|it| !new.contains_key(*it))
        .map(|name| Gone { name, renamed: None })
        .collect();
    let added: Vec<&K> = new.keys().filter(|it| !old.contains_key(*it)).collect();
    if gone.len().saturating_mul(added.len()) > MAX_PAIRS {
        return gone;
    }
    let read = |from: &BTreeMap<K, V>, name: &K| {
        from.get(name).and_then(|it| serde_json::to_value(it).ok()).unwrap_or_default()
    };
    let contents: Vec<Json> = added.iter().map(|it| read(new, it)).collect();
    let mut pairs = Vec::new();
    for (at, it) in gone.iter().enumerate() {
        let content = read(old, it.name);
        for (to, (name, other)) in added.iter().zip(&contents).enumerate() {
            let names = strsim::normalized_damerau_levenshtein(it.name.as_ref(), name.as_ref());
            let alike = f64::midpoint(names, share(&content, other));
            if alike >= ALIKE {
                pairs.push((alike, at, to));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = vec![false; added.len()];
    for (_, at, to) in pairs {
        let (Some(it), Some(taken), Some(name)) =
            (gone.get_mut(at), taken.get_mut(to), added.get(to))
        else {
            continue;
        };
        if it.renamed.is_none() && !*taken {
            (it.renamed, *taken) = (Some(*name), true);
        }
    }
    gone
}

/// How much of two contents is the same, 0 to 1: of objects the fields, else all or nothing.
pub(crate) fn share(one: &Json, other: &Json) -> f64 {
    let (Json::Object(one), Json::Object(other)) = (one, other) else {
        return if one == other { 1.0 } else { 0.0 };
    };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    if names.is_empty() {
        return 1.0;
    }
    let each = names.iter().map(|name| match (one.get(*name), other.get(*name)) {
        (Some(a), Some(b)) => share(a, b),
        _ => 0.0,
    });
    let sum: f64 = each.sum();
    sum / f64::from(u32::try_from(names.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &[(&str, &str)], new: &[(&str, &str)], expect: &[(&str, Option<&str>)]) {
        let map = |it: &[(&str, &str)]| -> BTreeMap<String, Json> {
            let read = |text: &str| serde_json::from_str(text).unwrap();
            it.iter().map(|(name, text)| ((*name).to_owned(), read(text))).collect()
        };
        let (old, new) = (map(old), map(new));
        let found: Vec<(&str, Option<&str>)> = gone(&old, &new)
            .into_iter()
            .map(|it| (it.name.as_str(), it.renamed.map(String::as_str)))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_new_name_is_recognised_by_name_and_content_and_given_once() {
        let (a, b) = (r#"{"zone":"home","offers":1}"#, r#"{"zone":"cart","offers":3}"#);
        check(&[("banner", a)], &[("banner", b)], &[]);
        check(&[("banner", a)], &[], &[("banner", None)]);
        check(&[("banner", a)], &[("hero", a)], &[("banner", Some("hero"))]);
        check(&[("banner", a)], &[("banners", b)], &[("banner", None)]);
        check(&[("banner", a)], &[("upsell", b)], &[("banner", None)]);
        check(
            &[("banner", a), ("banner-2", a)],
            &[("banner-3", a)],
            &[("banner", None), ("banner-2", Some("banner-3"))],
        );
    }
}
