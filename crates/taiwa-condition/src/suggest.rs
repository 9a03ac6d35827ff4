//! Did you mean: the name nearest to one that does not exist.

/// The candidate that is nearest to a word, if it is near: at most one slip in three characters (a swap of
/// neighbours is one), at least one. Of equally near ones the first.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|it| (strsim::damerau_levenshtein(word, it), it))
        .filter(|it| it.0 <= allowed)
        .min_by_key(|it| it.0)
        .map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expect: Option<&str>) {
        assert_eq!(closest(word, ["tier", "age", "interests", "espresso-starter"]), expect);
    }

    #[test]
    fn near_and_far() {
        check("teir", Some("tier"));
        check("ages", Some("age"));
        check("interest", Some("interests"));
        check("expresso-started", Some("espresso-starter"));
        check("name", None);
        check("", None);
    }
}
