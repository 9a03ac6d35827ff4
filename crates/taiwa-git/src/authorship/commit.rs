//! A commit's bytes: what it leads to, and who says to have had a part in it.

use std::collections::BTreeSet;

use git2::Oid;

use super::Writing;
use crate::{Author, CommitId};

/// What names a co-author in a message, without its colon.
const TRAILER: &str = "co-authored-by";
/// The most co-authors of one commit that are kept apart.
const MAX_CO_AUTHORS: usize = 256;
/// The longest first line that is kept, in characters.
const MAX_SUMMARY_CHARS: usize = 120;

/// The tree and the parents of a commit; nothing where its bytes do not begin as a commit does.
pub(super) fn links(bytes: &[u8]) -> Option<(Oid, Vec<Oid>)> {
    let mut lines = bytes.split(|it| *it == b'\n');
    let tree = oid(lines.next()?.strip_prefix(b"tree ")?)?;
    let parents = lines.map_while(|it| it.strip_prefix(b"parent "));
    Some((tree, parents.map(oid).collect::<Option<Vec<Oid>>>()?))
}

fn oid(hex: &[u8]) -> Option<Oid> {
    let text = std::str::from_utf8(hex).ok().filter(|it| it.len() == 40)?;
    Oid::from_str(text).ok()
}

/// Who had a part in a commit, as it says.
pub(super) fn writing(commit: CommitId, bytes: &[u8], paths: BTreeSet<String>) -> Writing {
    let end = bytes.windows(2).position(|it| it == b"\n\n").map_or(bytes.len(), |it| it + 1);
    let (head, message) = bytes.split_at(end);
    let message = String::from_utf8_lossy(message.strip_prefix(b"\n").unwrap_or(message));
    let mut others = Vec::new();
    let mut named = |field: &str| {
        let mut all: Vec<Author> = fields(head, field).flat_map(|it| identities(&it)).collect();
        let first = if all.is_empty() { Author::new("", "") } else { all.remove(0) };
        others.append(&mut all);
        first
    };
    let (author, committer) = (named("author "), named("committer "));
    others.extend(message.split(['\n', '\r']).filter_map(trailer).flat_map(|it| identities(&it)));
    others.sort();
    others.dedup();
    others.truncate(MAX_CO_AUTHORS);
    let summary = message.lines().next().unwrap_or_default();
    Writing {
        commit,
        author,
        committer,
        co_authors: others,
        signature: signature(head, bytes),
        summary: summary.chars().take(MAX_SUMMARY_CHARS).collect(),
        paths,
    }
}

/// The values of a header's field.
fn fields<'a>(head: &'a [u8], field: &'a str) -> impl Iterator<Item = String> + 'a {
    let of = move |it: &'a [u8]| it.strip_prefix(field.as_bytes());
    head.split(|it| *it == b'\n').filter_map(of).map(|it| String::from_utf8_lossy(it).into_owned())
}

/// What a line of a message names as a co-author; anywhere in it, since nobody reads only its end.
fn trailer(line: &str) -> Option<String> {
    let line = line.trim_start();
    let (head, rest) = line.split_at_checked(TRAILER.len())?;
    let rest = rest.trim_start().strip_prefix(':')?;
    head.eq_ignore_ascii_case(TRAILER).then(|| rest.trim().to_owned())
}

/// The people of `Name <address> …`; of several addresses each one.
fn identities(text: &str) -> Vec<Author> {
    let mut parts = text.split('<');
    let name = parts.next().unwrap_or_default().trim().to_owned();
    let address = |it: &str| it.split('>').next().unwrap_or_default().trim().to_owned();
    let all: Vec<Author> = parts.map(|it| Author::new(name.clone(), address(it))).collect();
    if all.is_empty() { vec![Author::new(name, "")] } else { all }
}

/// The one signature of a commit, and the commit without it. Several are none: it could not be said of what.
fn signature(head: &[u8], bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let (mut armour, mut rest) = (String::new(), Vec::with_capacity(bytes.len()));
    let (mut inside, mut count, mut at) = (false, 0, 0);
    for line in head.split_inclusive(|it| *it == b'\n') {
        at += line.len();
        let starts = line.strip_prefix(b"gpgsig ");
        let goes_on = line.strip_prefix(b" ").filter(|_| inside);
        if line.starts_with(b"gpgsig-") {
            return None;
        }
        inside = starts.is_some() || goes_on.is_some();
        count += usize::from(starts.is_some());
        match starts.or(goes_on) {
            Some(text) => armour.push_str(&String::from_utf8_lossy(text)),
            None => rest.extend_from_slice(line),
        }
    }
    rest.extend_from_slice(bytes.get(at..).unwrap_or_default());
    (count == 1).then_some((armour, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1 +0000\ncommitter B <b@x> 1 +0000\n";

    fn read(text: &str) -> Writing {
        let id = CommitId::from(Oid::ZERO_SHA1);
        writing(id, text.as_bytes(), BTreeSet::new())
    }

    #[track_caller]
    fn co_authors(message: &str, expect: &[(&str, &str)]) {
        let got = read(&format!("{HEAD}\n{message}"));
        assert_eq!((got.author.email.as_str(), got.committer.email.as_str()), ("a@x", "b@x"));
        let got: Vec<(&str, &str)> =
            got.co_authors.iter().map(|it| (it.name.as_str(), it.email.as_str())).collect();
        assert_eq!(got, expect, "{message}");
    }

    #[test]
    fn co_authors_are_found_wherever_they_are_named() {
        co_authors("Summary\n\nCo-authored-by: C <c@x>\n", &[("C", "c@x")]);
        co_authors("co-AUTHORED-by : C <c@x>", &[("C", "c@x")]);
        co_authors("x\r\n  Co-Authored-By:C<c@x>\r\nand more\n", &[("C", "c@x")]);
        co_authors(
            "Co-authored-by: D <d@x>\nCo-authored-by: C <c@x>\nCo-authored-by: C <c@x>",
            &[("C", "c@x"), ("D", "d@x")],
        );
        co_authors("Co-authored-by: somebody", &[("somebody", "")]);
        co_authors("Co-authored-by: C <c@x> <d@x>", &[("C", "c@x"), ("C", "d@x")]);
        co_authors("Co-authored-by:", &[("", "")]);
        co_authors("Reviewed-by: C <c@x>\nnot Co-authored-by: C <c@x>", &[]);
        co_authors("コ-authored-by: x", &[]);
    }

    #[test]
    fn a_header_of_two_authors_has_two_authors() {
        let got = read(&HEAD.replace("committer", "author E <e@x> 1 +0000\ncommitter"));
        assert_eq!(got.author.email, "a@x");
        assert_eq!(got.co_authors, [Author::new("E", "e@x")]);
        let got = read("tree x\n");
        assert_eq!((got.author.email.as_str(), got.committer.email.as_str()), ("", ""));
        let got = read("tree x\nauthor M <m@x\ncommitter <>\n\n");
        assert_eq!((got.author.email.as_str(), got.committer.email.as_str()), ("m@x", ""));
    }

    #[test]
    fn a_message_cannot_play_a_header() {
        let got = read(&format!("{HEAD}\nx\n\nauthor E <e@x> 1 +0000\ngpgsig ARMOUR\n"));
        assert_eq!((got.co_authors.len(), got.signature), (0, None));
    }

    #[test]
    fn the_signature_is_over_the_commit_without_it() {
        let signed = format!("{HEAD}gpgsig -----BEGIN\n line\n \n -----END\n\nmessage\n");
        let (armour, message) = read(&signed).signature.unwrap();
        assert_eq!(armour, "-----BEGIN\nline\n\n-----END\n");
        assert_eq!(String::from_utf8(message).unwrap(), format!("{HEAD}\nmessage\n"));
        let twice = signed.replace("\n\nmessage", "\ngpgsig -----BEGIN\n\nmessage");
        assert_eq!(read(&twice).signature, None);
        assert_eq!(read(&signed.replace("gpgsig ", "gpgsig-sha256 ")).signature, None);
        assert_eq!(read(&format!("{HEAD}\nmessage\n")).signature, None);
    }

    #[test]
    fn what_does_not_begin_as_a_commit_leads_nowhere() {
        let id = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let (tree, parents) =
            links(format!("tree {id}\nparent {id}\nauthor x\nparent {id}\n").as_bytes()).unwrap();
        assert_eq!((tree.to_string(), parents.len()), (id.to_owned(), 1));
        for text in ["", "tree 12\n", "parent x\n", &format!("tree {id}\nparent 12\n")] {
            assert_eq!(links(text.as_bytes()), None, "{text}");
        }
    }
}
