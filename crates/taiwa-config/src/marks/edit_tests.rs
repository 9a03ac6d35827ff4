//! Edits of marks files, and what survives them.

use std::collections::BTreeMap;

use taiwa_model::{BlobId, ComponentId, Digest};

use super::{Change, EditError, Marks, edit, parse};
use proptest::prelude::*;

fn blob(c: char) -> BlobId {
    BlobId::parse(&String::from(c).repeat(40)).unwrap()
}

fn id(name: &str) -> ComponentId {
    ComponentId::parse(name).unwrap()
}

/// `A` stands for the blob of forty a, and so on.
fn full(text: &str) -> String {
    let mut out = text.to_owned();
    for c in 'a'..='f' {
        out = out.replace(c.to_ascii_uppercase(), blob(c).as_str());
    }
    out
}

#[track_caller]
fn check(text: &str, changes: &[(&str, Option<char>)], expect: &str) {
    let changes: Vec<Change> = changes
        .iter()
        .map(|(name, it)| {
            it.map_or_else(|| Change::Unmark(id(name)), |it| Change::Mark(id(name), blob(it)))
        })
        .collect();
    let edited = edit(&full(text), &changes).unwrap_or_else(|it| it.to_string());
    assert_eq!(edited, full(expect), "{text}");
}

#[test]
fn only_the_entry_changes() {
    let some = Some;
    check(
        "# head\ncomponents:\n  offer/a: A # why\n  offer/c: C\n",
        &[("offer/a", some('b'))],
        "# head\ncomponents:\n  offer/a: B # why\n  offer/c: C\n",
    );
    check(
        "components:\n  offer/a: A # why\n  # of c\n  offer/c: C\n",
        &[("offer/b", some('b'))],
        "components:\n  offer/a: A # why\n  offer/b: B\n  # of c\n  offer/c: C\n",
    );
    check(
        "components:\n  offer/c: C\n",
        &[("offer/b", some('b')), ("offer/a", some('a'))],
        "components:\n  offer/a: A\n  offer/b: B\n  offer/c: C\n",
    );
    check(
        "components:\n  offer/a:     A\n",
        &[("offer/xx", some('b'))],
        "components:\n  offer/a:     A\n  offer/xx:    B\n",
    );
    check(
        "components:\n    offer/a: A",
        &[("offer/b", some('b')), ("offer/c", some('c'))],
        "components:\n    offer/a: A\n    offer/b: B\n    offer/c: C",
    );
    check(
        "components:\r\n  offer/a: A\r\n",
        &[("offer/b", some('b'))],
        "components:\r\n  offer/a: A\r\n  offer/b: B\r\n",
    );
    check(
        "# head\ncomponents: {} # none\n",
        &[("offer/a", some('a'))],
        "# head\ncomponents: # none\n  offer/a: A\n",
    );
    check("components:\n", &[("offer/a", some('a'))], "components:\n  offer/a: A\n");
    check(
        "# only this\n",
        &[("offer/b", some('b')), ("offer/a", some('a'))],
        "# only this\ncomponents:\n  offer/a: A\n  offer/b: B\n",
    );
    check("", &[("offer/a", some('a'))], "components:\n  offer/a: A\n");
    check(
        "components:\n  offer/a: A # why\n  # stays\n  offer/b: B\n",
        &[("offer/a", None)],
        "components:\n  # stays\n  offer/b: B\n",
    );
    check("components:\n  offer/a: A\n# end\n", &[("offer/a", None)], "components: {}\n# end\n");
    check(
        "components:\n  offer/b: B\n",
        &[("offer/b", None), ("offer/a", some('a'))],
        "components:\n  offer/a: A\n",
    );
    check("components:\n  offer/a: A\n", &[("offer/x", None)], "components:\n  offer/a: A\n");
    check(
        "components: { offer/a: A }\n",
        &[("offer/a", some('b'))],
        "components: { offer/a: B }\n",
    );
    check(
        "components:\n  'offer/a': \"A\"\n",
        &[("offer/a", some('b'))],
        "components:\n  'offer/a': B\n",
    );
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    let unsafely = "the marks file is written in a form that cannot be edited safely: `components` stands in `{ }`; write one entry a line";
    check("components: { offer/a: A }\n", &[("offer/b", Some('b'))], unsafely);
    check("components: { offer/a: A }\n", &[("offer/a", None)], unsafely);
    check(
        "components: [\n",
        &[],
        "the marks file has a mistake: this `[` is never closed: `]` is missing",
    );
    let digest = Digest::of(b"x");
    let release = format!("# r\nrelease: {digest} # as it ran\n");
    assert_eq!(edit(&release, &[Change::Mark(id("offer/a"), blob('a'))]), Err(EditError::Mixed));
    assert_eq!(
        edit(&full("components:\n  offer/a: A\n"), &[Change::Release(digest)]),
        Err(EditError::Mixed)
    );
    let other = Digest::of(b"y");
    assert_eq!(
        edit(&release, &[Change::Release(other)]),
        Ok(format!("# r\nrelease: {other} # as it ran\n"))
    );
    assert_eq!(edit("# c\n", &[Change::Release(other)]), Ok(format!("# c\nrelease: {other}\n")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is marked and unmarked: the file says it, and every comment is still there.
    #[test]
    fn comments_survive(
        lines in prop::collection::btree_map("[a-e]{1,2}", ("[a-f]", "( #[ a-z]{0,5})?", "(  # [a-z]{1,4}\n)?"), 0..6),
        changes in prop::collection::vec(("[a-e]{1,2}", prop::option::of("[a-f]")), 0..6),
    ) {
        let mut text = String::from("# head\ncomponents:\n");
        let mut expected = BTreeMap::new();
        for (name, (c, behind, above)) in &lines {
            let blob = blob(c.chars().next().unwrap());
            text = format!("{text}{above}  offer/{name}: {blob}{behind}\n");
            expected.insert(id(&format!("offer/{name}")), blob);
        }
        let mut list = Vec::new();
        for (name, c) in &changes {
            let id = id(&format!("offer/{name}"));
            if let Some(c) = c {
                let blob = blob(c.chars().next().unwrap());
                expected.insert(id.clone(), blob.clone());
                list.push(Change::Mark(id, blob));
            } else {
                expected.remove(&id);
                list.push(Change::Unmark(id));
            }
        }
        let edited = edit(&text, &list).unwrap();
        prop_assert_eq!(parse(&edited).0, Marks::Components(expected));
        for comment in text.lines().filter(|it| it.trim_start().starts_with('#')) {
            prop_assert!(edited.lines().any(|it| it == comment));
        }
        prop_assert_eq!(edit(&text, &[]).unwrap(), text);
    }

    #[test]
    fn any_file_is_edited_or_refused(text in "(components:|release:|  offer/a: |[a-f]{40}|[\n #{}x'\"-]){0,12}") {
        let changed = edit(&text, &[Change::Mark(id("offer/q"), blob('a'))]);
        if let Ok(changed) = changed {
            prop_assert!(matches!(parse(&changed).0, Marks::Components(it) if it.contains_key(&id("offer/q"))));
        }
    }
}
