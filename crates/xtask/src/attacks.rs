//! Every known attack on a promotion is a test with its number: `attack_NN_…`.

use std::collections::BTreeSet;

use crate::tree::File;

/// How many attacks are known, numbered from 1.
const ATTACKS: usize = 32;

/// Names the attacks that no test has.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let tested: BTreeSet<usize> = files.iter().flat_map(numbers).collect();
    (1..=ATTACKS)
        .filter(|it| !tested.contains(it))
        .map(|it| format!("attack {it} has no test: `fn attack_{it:02}_…`"))
        .collect()
}

fn numbers(file: &File) -> Vec<usize> {
    if file.path.rsplit_once('.').is_none_or(|it| it.1 != "rs") {
        return Vec::new();
    }
    let names = file.text.lines().filter_map(|it| it.trim_start().strip_prefix("fn attack_"));
    names.flat_map(|it| it.split('_').map_while(number).collect::<Vec<_>>()).collect()
}

/// `10_and_16_…` is a test of both.
fn number(word: &str) -> Option<usize> {
    if word == "and" { Some(0) } else { word.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_without_a_test_is_found() {
        let line = |it: usize| format!("    fn attack_{it:02}_x() {{\n");
        let all = (1..=ATTACKS).map(line).collect::<Vec<_>>().concat();
        let file = |text: &str| vec![File { path: "a.rs".to_owned(), text: text.to_owned() }];
        assert_eq!(check(&file(&all)), Vec::<String>::new());
        let less = all.replace("attack_07_", "attack_10_and_11_");
        assert_eq!(check(&file(&less)), ["attack 7 has no test: `fn attack_07_…`"]);
        let both = all.replace("attack_07_", "attack_06_and_7_");
        assert_eq!(check(&file(&both)), Vec::<String>::new());
    }
}
