//! Attack 19, the other half: what YAML would quietly turn into something else, and names that only look alike. Each is a
//! finding at its place; none becomes a component.

use taiwa_config::{Content, InputFile, load};

use super::{AUDIENCE, WORKSPACE};

const OFFER: &str = "channels/shared/offers/o.yaml";
const PEOPLE: &str = "channels/shared/audience.yaml";

/// The codes that are found in a file, each with line and column.
fn found(path: &str, bytes: Vec<u8>) -> Vec<String> {
    let mut files = vec![("taiwa.yaml", WORKSPACE.into()), (PEOPLE, AUDIENCE.into())];
    files.retain(|it: &(&str, Vec<u8>)| it.0 != path);
    files.push((path, bytes));
    let input = |(path, bytes): (&str, Vec<u8>)| InputFile {
        path: path.into(),
        content: Content::Bytes(bytes),
    };
    let (project, findings) = load(files.into_iter().map(input).collect());
    let line = |it: &taiwa_text::Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        assert_eq!(source.path, path, "{it:?}");
        format!("{} {}:{}", it.code, at.line, at.column)
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn is(what: &str, path: &str, text: &str, wanted: &[&str]) {
    let found = found(path, text.as_bytes().to_vec());
    assert_eq!(found, wanted, "{what}");
}

/// A profile with one attribute.
fn attribute(line: &str) -> String {
    AUDIENCE.replace("attributes: {}", &format!("attributes:\n  {line}"))
}

#[test]
fn attack_19_what_yaml_would_turn_into_something_else_is_said_at_its_place() {
    let norway = attribute("country: { type: enum, values: [se, no] }");
    is("Norway", PEOPLE, &norway, &["TW0006 4:39"]);
    is("Norway as a locale's text", OFFER, "title: { en: on }\n", &["TW0006 1:14"]);
    is("octal", OFFER, "title: T\nvalue: 017\n", &["TW0006 2:8"]);
    is("octal as text", OFFER, "title: 0123\n", &["TW0006 1:8"]);
    is("octal of YAML 1.2", OFFER, "title: T\nvalue: 0o17\n", &["TW0006 2:8"]);
    is("sixties", OFFER, "title: 12:30:45\n", &["TW0006 1:8"]);
    is("too large", OFFER, "title: T\nvalue: 1e9999\n", &["TW0010 2:8"]);
    is("infinite", OFFER, "title: T\nvalue: .inf\n", &["TW0010 2:8"]);
    is("no number", OFFER, "title: T\nvalue: .nan\n", &["TW0010 2:8"]);
    is("beyond 2^53", OFFER, "title: T\nvalue: 9007199254740993\n", &["TW0010 2:8"]);
    is("a byte order mark", OFFER, "\u{feff}title: T\n", &["TW0013 1:1"]);
    is("NUL", OFFER, "title: \"a\0b\"\n", &["TW0013 1:10"]);
    is("a key twice", OFFER, "title: T\ntitle: U\n", &["TW0002 2:1"]);
    is(
        "a key twice below",
        OFFER,
        "title: T\ncap: { per: 7d, per: 8d, shown: 3 }\n",
        &["TW0002 2:17"],
    );
    is("an anchor", OFFER, "title: &t T\ntags: [*t]\n", &["TW0007 1:8", "TW0007 2:8"]);
    is("a merge key", OFFER, "title: T\n<<: { value: 3 }\n", &["TW0003 2:1", "TW0007 2:1"]);
    is("a tag", OFFER, "title: !!python/object:os.system x\n", &["TW0007 1:8"]);
    is("two documents", OFFER, "title: T\n---\ntitle: U\n", &["TW0007 2:1"]);
    is("right to left", OFFER, "title: \"a\u{202e}b\"\n", &["TW0011 1:10"]);
    is(
        "a Cyrillic letter in a name",
        PEOPLE,
        &attribute("tіer: { type: string }"),
        &["TW0011 4:3"],
    );
    is("a full-width letter", PEOPLE, &attribute("ｔier: { type: string }"), &["TW0011 4:3"]);
    is("a hidden character", PEOPLE, &attribute("ti\u{200b}er: { type: string }"), &["TW0011 4:5"]);
    is("a decomposed letter", PEOPLE, &attribute("cafe\u{301}: { type: string }"), &["TW0015 4:3"]);
    let bytes = [b"title: \"caf", &[0xe9][..], b"\"\n"].concat();
    assert_eq!(found(OFFER, bytes), ["TW0013 1:12"], "Latin-1");
    let large = [b"title: ", &b"x".repeat(100 << 20)[..], b"\n"].concat();
    assert_eq!(found(OFFER, large), ["TW0008 1:1"], "a scalar of 100 MB");
}
