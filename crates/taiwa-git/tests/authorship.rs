//! Which commits had a part in a change: histories that people make, and those that only an attacker makes.
//! Long because one history after another is told, and each is of no use without what came of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::many_single_char_names, reason = "commits have no better names than a, b, c")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid};
use support::{Stage, minute};
use taiwa_git::{
    AuthorshipError, CommitId, MAX_COMMIT_BYTES, Repository, Touched, Version, blob_id,
};
use taiwa_model::{BlobId, ComponentId};

const OFFER: &str = "channels/web/offers/kit.yaml";
const OTHER: &str = "channels/web/offers/other.yaml";

/// A history that a test writes commit by commit.
struct History {
    stage: Stage,
    git: git2::Repository,
    count: i64,
}

type Files<'a> = &'a [(&'a str, &'a str)];

impl History {
    fn new() -> Self {
        let stage = Stage::new();
        let git = stage.git();
        Self { stage, git, count: 0 }
    }

    fn tree(&self, files: Files<'_>) -> Oid {
        let mut below: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        let mut builder = self.git.treebuilder(None).unwrap();
        for &(path, text) in files {
            if let Some((folder, rest)) = path.split_once('/') {
                below.entry(folder).or_default().push((rest, text));
            } else {
                let blob = self.git.blob(text.as_bytes()).unwrap();
                builder.insert(path, blob, 0o100_644).unwrap();
            }
        }
        for (folder, files) in below {
            builder.insert(folder, self.tree(&files), 0o040_000).unwrap();
        }
        builder.write().unwrap()
    }

    /// A commit by `author`, committed by `committer`.
    fn by(
        &mut self,
        (author, committer): (&str, &str),
        message: &str,
        files: Files<'_>,
        parents: &[&CommitId],
    ) -> CommitId {
        let tree = self.tree(files);
        self.of(tree, (author, committer), message, parents)
    }

    fn of(
        &mut self,
        tree: Oid,
        (author, committer): (&str, &str),
        message: &str,
        parents: &[&CommitId],
    ) -> CommitId {
        self.count += 1;
        let time = minute(self.count).as_millis() / 1000;
        let parents: String =
            parents.iter().flat_map(|it| ["parent ", it.as_str(), "\n"]).collect();
        let who = |name: &str| format!("{name} <{name}@x> {time} +0000");
        let (author, committer) = (who(author), who(committer));
        let text =
            format!("tree {tree}\n{parents}author {author}\ncommitter {committer}\n\n{message}\n");
        self.git.odb().unwrap().write(ObjectType::Commit, text.as_bytes()).unwrap().into()
    }

    fn commit(&mut self, who: &str, files: Files<'_>, parents: &[&CommitId]) -> CommitId {
        self.by((who, who), "a change", files, parents)
    }

    fn repository(&self) -> &Repository {
        &self.stage.repository
    }

    /// Everybody who is named by a commit that had a part.
    fn wrote(
        &self,
        to: &CommitId,
        touched: &[Touched],
    ) -> Result<BTreeSet<String>, AuthorshipError> {
        let writings = self.repository().writings(to, touched, &BTreeSet::new())?;
        let all = writings.into_iter().flat_map(|it| {
            [it.author, it.committer].into_iter().chain(it.co_authors).map(|it| it.name)
        });
        Ok(all.collect())
    }
}

fn blob(text: &str) -> BlobId {
    blob_id(text.as_bytes()).unwrap()
}

fn touched(path: &str, before: Option<&str>, after: Option<&str>) -> Touched {
    Touched { path: path.to_owned(), before: before.map(blob), after: after.map(blob) }
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|it| (*it).to_owned()).collect()
}

/// The offer from "1" to another content.
fn offer(after: &str) -> Vec<Touched> {
    vec![touched(OFFER, Some("1"), Some(after))]
}

#[test]
fn whoever_led_from_the_one_content_to_the_other() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1"), (OTHER, "x")], &[]);
    let b = it.commit("bert", &[(OFFER, "2"), (OTHER, "x")], &[&a]);
    let c = it.commit("cora", &[(OFFER, "2"), (OTHER, "y")], &[&b]);
    let d = it.by(("dora", "emil"), "x", &[(OFFER, "3"), (OTHER, "y")], &[&c]);
    let e = it.commit("fred", &[(OFFER, "4"), (OTHER, "y")], &[&d]);
    let f = it.commit("gina", &[(OTHER, "y")], &[&e]);
    assert_eq!(it.wrote(&f, &offer("3")).unwrap(), names(&["bert", "dora", "emil"]));
    assert_eq!(it.wrote(&f, &offer("2")).unwrap(), names(&["bert"]), "the rest came later");
    let new = [touched(OFFER, None, Some("3"))];
    assert_eq!(it.wrote(&f, &new).unwrap(), names(&["anna", "bert", "dora", "emil"]));
    let gone = [touched(OFFER, Some("3"), None)];
    assert_eq!(it.wrote(&f, &gone).unwrap(), names(&["fred", "gina"]));
    // A content before that the history does not have at this path: the whole history of the path.
    let unknown = [touched(OFFER, Some("elsewhere"), Some("3"))];
    assert_eq!(it.wrote(&f, &unknown).unwrap(), names(&["anna", "bert", "dora", "emil"]));
    let both = [touched(OFFER, Some("1"), Some("2")), touched(OTHER, Some("x"), Some("y"))];
    assert_eq!(it.wrote(&f, &both).unwrap(), names(&["bert", "cora"]));
    let writings = it.repository().writings(&f, &both, &BTreeSet::new()).unwrap();
    let paths: Vec<_> = writings.iter().flat_map(|it| it.paths.clone()).collect();
    assert_eq!(paths, [OTHER, OFFER], "the newest first");
}

#[test]
fn a_mark_may_have_left_out_what_lies_before_it() {
    // Live is "1", although "2" was committed before that was marked. "3" is written on top of "2".
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1")], &[]);
    let b = it.commit("bert", &[(OFFER, "2")], &[&a]);
    let c = it.commit("cora", &[(OFFER, "2"), ("marks", "1")], &[&b]);
    let d = it.commit("dora", &[(OFFER, "3"), ("marks", "1")], &[&c]);
    assert_eq!(it.wrote(&d, &offer("3")).unwrap(), names(&["bert", "dora"]));
}

#[test]
fn what_goes_back_and_forth_leaves_nobody_out() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1")], &[]);
    let b = it.commit("bert", &[(OFFER, "2")], &[&a]);
    let c = it.commit("cora", &[(OFFER, "1")], &[&b]);
    let d = it.commit("dora", &[(OFFER, "3")], &[&c]);
    assert_eq!(it.wrote(&d, &offer("3")).unwrap(), names(&["bert", "cora", "dora"]));
    let e = it.commit("emil", &[(OFFER, "2")], &[&d]);
    // "2" existed before "3" was written: whoever wrote "3" had no part in it.
    assert_eq!(it.wrote(&e, &offer("2")).unwrap(), names(&["bert", "emil"]));
}

#[test]
fn whoever_presses_merge_wrote_nothing_and_whoever_resolves_did() {
    let mut it = History::new();
    let base = it.commit("anna", &[(OFFER, "1"), (OTHER, "x")], &[]);
    let left = it.commit("bert", &[(OFFER, "2"), (OTHER, "x")], &[&base]);
    let right = it.commit("cora", &[(OFFER, "1"), (OTHER, "y")], &[&base]);
    let merge = it.commit("mark", &[(OFFER, "2"), (OTHER, "y")], &[&left, &right]);
    let both = [touched(OFFER, Some("1"), Some("2")), touched(OTHER, Some("x"), Some("y"))];
    assert_eq!(it.wrote(&merge, &both).unwrap(), names(&["bert", "cora"]));
    let conflict = it.commit("dora", &[(OFFER, "3"), (OTHER, "x")], &[&base]);
    let resolved = it.commit("mark", &[(OFFER, "4"), (OTHER, "y")], &[&merge, &conflict]);
    assert_eq!(it.wrote(&resolved, &offer("4")).unwrap(), names(&["bert", "dora", "mark"]));
    // All parents are looked at, not only the first.
    let ours = it.commit("mark", &[(OFFER, "2"), (OTHER, "y")], &[&merge, &conflict]);
    assert_eq!(it.wrote(&ours, &offer("2")).unwrap(), names(&["bert", "dora"]));
}

#[test]
fn attack_04_a_squash_names_whom_it_names() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1")], &[]);
    let message = "Kit (#12)\n\n* write\n* mend\n\nCo-authored-by: bert <bert@x>\nCo-authored-by: cora <cora@x>";
    let squash = it.by(("dora", "forge"), message, &[(OFFER, "3")], &[&a]);
    assert_eq!(it.wrote(&squash, &offer("3")).unwrap(), names(&["bert", "cora", "dora", "forge"]));
}

#[test]
fn attack_04_a_pick_or_a_copy_carries_its_first_author_along() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OTHER, "x")], &[]);
    // Bert writes it on a branch of his own, at another path; the branch is merged, the file is not kept.
    let draft = it.commit("bert", &[(OTHER, "x"), ("drafts/idea.txt", "3")], &[&a]);
    let merged = it.commit("mark", &[(OTHER, "x")], &[&a, &draft]);
    let copied = it.commit("cora", &[(OTHER, "x"), (OFFER, "3")], &[&merged]);
    let new = [touched(OFFER, None, Some("3"))];
    assert_eq!(it.wrote(&copied, &new).unwrap(), names(&["bert", "cora"]));
    let picked = it.by(("bert", "dora"), "x", &[(OFFER, "3")], &[&a]);
    assert_eq!(it.wrote(&picked, &new).unwrap(), names(&["bert", "dora"]));
    // A renamed file: the same content at another path.
    let renamed = it.commit("emil", &[("channels/shared/offers/kit.yaml", "3")], &[&copied]);
    let moved = [
        touched(OFFER, Some("3"), None),
        touched("channels/shared/offers/kit.yaml", Some("3"), Some("3")),
    ];
    assert_eq!(it.wrote(&renamed, &moved).unwrap(), names(&["bert", "cora", "emil"]));
}

#[test]
fn a_content_that_nobody_brought_has_no_author() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1")], &[]);
    it.git.blob(b"3").unwrap();
    let lost = it.wrote(&a, &offer("3"));
    assert!(matches!(lost, Err(AuthorshipError::Nowhere { content }) if content == blob("3")));
}

#[test]
fn a_history_that_is_cut_or_has_holes_is_no_answer() {
    let mut it = History::new();
    let missing: CommitId = Oid::from_str(&"ab".repeat(20)).unwrap().into();
    let tree = it.tree(&[(OFFER, "3")]);
    let child = it.of(tree, ("anna", "anna"), "x", &[&missing]);
    assert!(matches!(it.wrote(&child, &offer("3")), Err(AuthorshipError::Missing { .. })));
    let no_tree = it.of(Oid::from_str(&"cd".repeat(20)).unwrap(), ("anna", "anna"), "x", &[]);
    assert!(matches!(it.wrote(&no_tree, &offer("3")), Err(AuthorshipError::Missing { .. })));
    let blob_for_tree = it.of(it.git.blob(b"x").unwrap(), ("anna", "anna"), "x", &[]);
    assert!(matches!(
        it.wrote(&blob_for_tree, &offer("3")),
        Err(AuthorshipError::Malformed { .. })
    ));
    let whole = it.commit("anna", &[(OFFER, "3")], &[]);
    it.git.reference("refs/heads/main", Oid::from_str(whole.as_str()).unwrap(), true, "x").unwrap();
    let shallow = it.git.path().join("shallow");
    write(&shallow, &format!("{whole}\n"));
    let repository = Repository::open(&it.stage.work()).unwrap();
    let answer = repository.writings(&whole, &offer("3"), &BTreeSet::new());
    assert!(matches!(answer, Err(AuthorshipError::Shallow)));
}

#[expect(clippy::disallowed_methods, reason = "tests write files")]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// Writes a tree as bytes, without the checks of a tree builder.
fn raw_tree(git: &git2::Repository, entries: &[(&str, &[u8], Oid)]) -> Oid {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend([mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat());
    }
    git.odb().unwrap().write(ObjectType::Tree, &bytes).unwrap()
}

#[test]
fn attack_20_hostile_trees_hide_nobody_and_hold_nothing_up() {
    let mut it = History::new();
    let three = it.git.blob(b"3").unwrap();
    let good = it.tree(&[(OFFER, "3")]);
    let channels = it.git.find_tree(good).unwrap().get_name("channels").unwrap().id();
    let elsewhere = Oid::from_str(&"ab".repeat(20)).unwrap();
    let (file, folder) = ("100644", "40000");
    // A tree that multiplies itself: 10^30 folders in 31 objects, with the content at its end.
    let mut many = raw_tree(&it.git, &[(file, b"kit", three)]);
    let mut deep = many;
    for _ in 0..30 {
        let names: Vec<String> = (0..10).map(|it| format!("d{it}")).collect();
        let entries: Vec<_> = names.iter().map(|it| (folder, it.as_bytes(), many)).collect();
        many = raw_tree(&it.git, &entries);
    }
    for _ in 0..3000 {
        deep = raw_tree(&it.git, &[(folder, b"d", deep)]);
    }
    let hostile: Vec<Vec<(&str, &[u8], Oid)>> = vec![
        vec![(folder, b"many", many)],
        vec![(folder, b"deep", deep)],
        vec![(file, b"..", three)],
        vec![(file, b".git", three)],
        vec![(file, b"../../etc/passwd", three)],
        vec![(file, b"a\xff\n\x1b[2J", three)],
        vec![("120000", b"link", three)],
        vec![("100755", b"program", three)],
        vec![("777", b"odd", three)],
        vec![(file, b"same", three), (file, b"same", it.git.blob(b"x").unwrap())],
        vec![("160000", b"module", elsewhere), (file, b"kit", three)],
        vec![(file, b"z", three), (file, b"a", three)],
    ];
    for mut entries in hostile {
        let first = raw_tree(&it.git, &entries);
        entries.push((folder, b"channels", channels));
        let second = raw_tree(&it.git, &entries);
        let brought = it.of(first, ("eve", "eve"), "x", &[]);
        let copied = it.of(second, ("cora", "cora"), "x", &[&brought]);
        let clean = it.of(good, ("dora", "dora"), "x", &[&copied]);
        let new = [touched(OFFER, None, Some("3"))];
        let wrote = it.wrote(&clean, &new).unwrap();
        assert_eq!(wrote, names(&["cora", "eve"]), "whoever had the content first is named");
    }
    // Two trees that differ only far below, and multiply: looked at once.
    let swap = |leaf: Oid| {
        let mut at = raw_tree(&it.git, &[(file, b"leaf", leaf), (file, b"kit", three)]);
        for _ in 0..30 {
            at = raw_tree(&it.git, &[(folder, b"a", at), (folder, b"b", at)]);
        }
        raw_tree(&it.git, &[(folder, b"channels", channels), (folder, b"t", at)])
    };
    let (one, two) = (swap(it.git.blob(b"l1").unwrap()), swap(it.git.blob(b"l2").unwrap()));
    let one = it.of(one, ("anna", "anna"), "x", &[]);
    let two = it.of(two, ("bert", "bert"), "x", &[&one]);
    let new = [touched(OFFER, None, Some("3"))];
    assert_eq!(it.wrote(&two, &new).unwrap(), names(&["anna"]));
}

#[test]
fn attack_20_commits_and_trees_that_are_none_are_refused() {
    let mut it = History::new();
    let git = it.stage.git();
    let odb = git.odb().unwrap();
    let tree = it.tree(&[(OFFER, "3")]);
    let write = |kind, bytes: &[u8]| odb.write(kind, bytes).unwrap();
    let new = [touched(OFFER, None, Some("3"))];
    for text in [String::new(), "tree x\n".to_owned(), format!("tree {tree}\nparent 12\n")] {
        let id = write(ObjectType::Commit, text.as_bytes()).into();
        assert!(matches!(it.wrote(&id, &new), Err(AuthorshipError::Malformed { .. })), "{text}");
    }
    let long = format!("tree {tree}\nauthor a <a@x> 1 +0000\n\n{}", "x".repeat(MAX_COMMIT_BYTES));
    let id = write(ObjectType::Commit, long.as_bytes()).into();
    assert!(matches!(it.wrote(&id, &new), Err(AuthorshipError::TooLarge { .. })));
    for bytes in [&b"100644 kit"[..], b"100644 kit\0short", b"x kit\0", b"100644\0"] {
        let id = write(ObjectType::Tree, bytes);
        let id = it.of(id, ("eve", "eve"), "x", &[]);
        assert!(matches!(it.wrote(&id, &new), Err(AuthorshipError::Malformed { .. })));
    }
    let nobody = format!("tree {tree}\n");
    let id = write(ObjectType::Commit, nobody.as_bytes()).into();
    assert_eq!(it.wrote(&id, &new).unwrap(), names(&[""]), "somebody, without a name");
}

#[test]
fn attack_20_objects_that_were_replaced_are_not_believed() {
    let mut it = History::new();
    let a = it.commit("anna", &[(OFFER, "1")], &[]);
    let b = it.commit("bert", &[(OFFER, "3")], &[&a]);
    let tree = it.tree(&[(OFFER, "3")]);
    let innocent = it.of(tree, ("emil", "emil"), "x", &[&a]);
    let name = format!("refs/replace/{b}");
    it.git.reference(&name, Oid::from_str(innocent.as_str()).unwrap(), true, "x").unwrap();
    let info = it.git.path().join("info");
    drop(std::fs::create_dir_all(&info));
    write(&info.join("grafts"), &format!("{b}\n"));
    let repository = Repository::open(&it.stage.work()).unwrap();
    let writings = repository.writings(&b, &offer("3"), &BTreeSet::new()).unwrap();
    assert_eq!(writings.iter().map(|it| it.author.name.as_str()).collect::<Vec<_>>(), ["bert"]);
}

#[test]
fn attack_22_a_name_may_be_forged_and_what_is_signed_is_told_apart() {
    let it = History::new();
    let tree = it.tree(&[(OFFER, "3")]);
    let head =
        format!("tree {tree}\nauthor anna <anna@x> 1 +0000\ncommitter anna <anna@x> 1 +0000\n");
    let odb = it.git.odb().unwrap();
    let read = |text: &str| {
        let id = odb.write(ObjectType::Commit, text.as_bytes()).unwrap().into();
        let new = [touched(OFFER, None, Some("3"))];
        let mut all = it.repository().writings(&id, &new, &BTreeSet::new()).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    };
    let plain = format!("{head}\nmessage\n");
    assert_eq!(read(&plain).signature, None);
    let armour = "-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n";
    let folded: String = armour.lines().flat_map(|it| [" ", it, "\n"]).collect();
    let signed = format!("{head}gpgsig{folded}\nmessage\n");
    assert_eq!(read(&signed).signature, Some((armour.to_owned(), plain.into_bytes())));
}

#[test]
fn the_contents_of_a_file_with_the_commits_between_which_it_had_them() {
    let stage = Stage::new();
    let mut commits = Vec::new();
    for (n, text) in (0..).zip(["one", "one", "two", "one"]) {
        stage.write("taiwa.yaml", text);
        stage.write("other", &n.to_string());
        commits.push(stage.commit(n).id);
    }
    let at = |commit: &CommitId| stage.repository.versions_of(commit, "taiwa.yaml").unwrap();
    let version = |text: &str, newest: usize, oldest: usize| Version {
        content: blob(text),
        newest: commits[newest].clone(),
        oldest: commits[oldest].clone(),
    };
    assert_eq!(at(&commits[3]), [version("one", 3, 0), version("two", 2, 2)]);
    assert_eq!(at(&commits[1]), [version("one", 1, 0)]);
    let leads = |a: usize, b: usize| stage.repository.leads_to(&commits[a], &commits[b]);
    assert!(leads(0, 3) && leads(2, 2) && !leads(3, 0));
    let unknown = CommitId::parse(&"ab".repeat(20)).unwrap();
    assert!(!stage.repository.leads_to(&unknown, &commits[3]));
    for text in ["", "ab", "HEAD", &"AB".repeat(20), &"zz".repeat(20)] {
        assert_eq!(CommitId::parse(text), None);
    }
    let id = ComponentId::parse("workspace/taiwa").unwrap();
    let wanted = [(id.clone(), blob("two"))].into();
    let found = stage.repository.paths_of_blobs_at(&commits[1], &wanted).unwrap();
    assert!(matches!(found[&id], taiwa_git::Origin::Nowhere { .. }), "only what led to it counts");
}
