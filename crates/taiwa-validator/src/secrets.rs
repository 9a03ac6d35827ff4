//! Secrets that are written in clear: known forms in any text, and values of fields that are named like secrets.

use taiwa_syntax::{NodeId, NodeKind, Tree};
use taiwa_text::{Span, Text, say};

/// A known form: how it begins, of what the rest consists, how long that is at least, and what it is.
struct Form {
    prefix: &'static str,
    rest: fn(char) -> bool,
    least: usize,
    what: fn() -> Text,
}

const fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

const fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

const fn token(c: char) -> bool {
    word(c) || c == '.'
}

const FORMS: [Form; 13] = [
    Form {
        prefix: "ghp_",
        rest: word,
        least: 30,
        what: || say!(en: "a GitHub token", ja: "GitHub のトークン"),
    },
    Form {
        prefix: "gho_",
        rest: word,
        least: 30,
        what: || say!(en: "a GitHub token", ja: "GitHub のトークン"),
    },
    Form {
        prefix: "ghs_",
        rest: word,
        least: 30,
        what: || say!(en: "a GitHub token", ja: "GitHub のトークン"),
    },
    Form {
        prefix: "github_pat_",
        rest: word,
        least: 30,
        what: || say!(en: "a GitHub token", ja: "GitHub のトークン"),
    },
    Form {
        prefix: "glpat-",
        rest: word,
        least: 18,
        what: || say!(en: "a GitLab token", ja: "GitLab のトークン"),
    },
    Form {
        prefix: "AKIA",
        rest: upper,
        least: 16,
        what: || say!(en: "an AWS access key", ja: "AWS のアクセスキー"),
    },
    Form {
        prefix: "AIza",
        rest: word,
        least: 30,
        what: || say!(en: "a Google API key", ja: "Google の API キー"),
    },
    Form {
        prefix: "xoxb-",
        rest: word,
        least: 20,
        what: || say!(en: "a Slack token", ja: "Slack のトークン"),
    },
    Form {
        prefix: "xoxp-",
        rest: word,
        least: 20,
        what: || say!(en: "a Slack token", ja: "Slack のトークン"),
    },
    Form {
        prefix: "sk_live_",
        rest: word,
        least: 16,
        what: || say!(en: "a Stripe key", ja: "Stripe のキー"),
    },
    Form {
        prefix: "SG.",
        rest: token,
        least: 40,
        what: || say!(en: "a SendGrid key", ja: "SendGrid のキー"),
    },
    Form {
        prefix: "eyJhbGciOi",
        rest: token,
        least: 40,
        what: || say!(en: "a signed token (JWT)", ja: "署名付きトークン (JWT)"),
    },
    Form {
        prefix: "-----BEGIN ",
        rest: |_| false,
        least: 0,
        what: || say!(en: "a private key", ja: "秘密鍵"),
    },
];

/// Bytes per character below which a value is words, not chance: English text has about 3.
const LEAST_ENTROPY_BITS: f64 = 3.2;

/// The shortest value that its look alone makes suspicious.
const LEAST_LENGTH: usize = 12;

/// Every place of a text that has a known form.
pub(crate) fn known_forms(text: &str) -> Vec<(Span, Text)> {
    let mut found = Vec::new();
    for form in &FORMS {
        // Where the characters of the last one end: what begins before that ends there, too.
        let mut known = 0;
        for (at, _) in text.match_indices(form.prefix) {
            let before = text.get(..at).and_then(|it| it.chars().next_back());
            let begin = at + form.prefix.len();
            let rest = text.get(begin..).unwrap_or_default();
            if begin > known {
                known = begin + rest.find(|c| !(form.rest)(c)).unwrap_or(rest.len());
            }
            let length = known - begin;
            let inside = before.is_some_and(|c| c.is_ascii_alphanumeric());
            let key = form.least > 0
                || rest.lines().next().is_some_and(|it| it.contains("PRIVATE KEY-----"));
            if !inside && length >= form.least && key {
                found.push((span(at, at + form.prefix.len() + length), (form.what)()));
            }
        }
    }
    for (at, _) in text.match_indices("://") {
        let rest = text.get(at + 3..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || "/\"'?#,}".contains(c));
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let password = authority.rsplit_once('@').and_then(|it| it.0.split_once(':'));
        if password.is_some_and(|it| !it.1.is_empty() && !it.1.contains("${")) {
            let length = authority.rfind('@').unwrap_or_default();
            found.push((
                span(at + 3, at + 3 + length),
                say!(en: "a password in an address", ja: "アドレスに含まれるパスワード"),
            ));
        }
    }
    found.sort_unstable();
    found
}

/// Values that look like chance, of fields that are named like secrets, but for the fields in `apart`.
pub(crate) fn named_secrets(tree: &Tree, apart: &[&str]) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(id) = waiting.pop() {
        match &tree.node(id).kind {
            NodeKind::Map { entries, flow: _ } => {
                for (key, value) in entries {
                    waiting.push(*value);
                    let (Some(name), Some(text)) = (tree.scalar(*key), tree.scalar(*value)) else {
                        continue;
                    };
                    if is_secret_name(name) && !apart.contains(&name) && is_random(text) {
                        found.push((tree.node(*value).span, name.to_owned()));
                    }
                }
            }
            NodeKind::List { items, flow: _ } => waiting.extend(items),
            NodeKind::Scalar { .. } | NodeKind::Hole => {}
        }
    }
    found.sort_unstable();
    found
}

fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "apikey",
        "credential",
        "credentials",
        "private_key",
        "api_key",
    ];
    let plain = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    WORDS.iter().any(|word| {
        let Some(begin) = name.len().checked_sub(word.len()) else { return false };
        let (before, end) = name.as_bytes().split_at(begin);
        end.iter().zip(word.bytes()).all(|(byte, wanted)| plain(*byte) == wanted)
            && before.last().is_none_or(|it| plain(*it) == b'_')
    })
}

fn is_random(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_graphic());
    let mixed =
        text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(|c| c.is_ascii_alphabetic());
    plain
        && mixed
        && !text.contains("${")
        && text.len() >= LEAST_LENGTH
        && entropy_bits(text) >= LEAST_ENTROPY_BITS
}

/// Shannon entropy of the characters of a text, in bits a character.
fn entropy_bits(text: &str) -> f64 {
    let mut counts = [0_u32; 128];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let all: f64 = counts.iter().copied().map(f64::from).sum();
    let share = |count: &u32| f64::from(*count) / all;
    -counts.iter().filter(|it| **it > 0).map(|it| share(it) * share(it).log2()).sum::<f64>()
}

fn span(from: usize, to: usize) -> Span {
    Span::new(u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(known_forms(text).first().map(|it| it.1.as_str()), expect, "{text}");
    }

    #[test]
    fn known_forms_are_found_and_their_likes_are_not() {
        check(&format!("a: ghp_{}", "a1B2c3D4e5".repeat(4)), Some("a GitHub token"));
        check("a: AKIAIOSFODNN7EXAMPLE", Some("an AWS access key"));
        check("k: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  b3Blbn", Some("a private key"));
        check("url: https://admin:hunter2@db.contoso.example/", Some("a password in an address"));
        check("url: https://admin:${PASSWORD}@db.contoso.example/", None);
        check("url: https://www.contoso.example/a:b@c", None);
        check("key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKg3 tanaka@contoso.example", None);
        check("k: -----BEGIN PUBLIC KEY-----", None);
        check("offer/x: 4b825dc642cb6eb9a060e54bf8d69288fbee4904", None);
        check("a: MAKIAIOSFODNN7EXAMPLE", None);
    }

    #[test]
    fn fields_named_like_secrets() {
        let found = |text: &str| {
            let (tree, _) = taiwa_syntax::parse(text, &taiwa_syntax::Limits::FILE);
            named_secrets(&tree, &["token"]).len()
        };
        assert_eq!(found("secret: abcdefghijklmnop"), 0);
        assert_eq!(found("password: x8Kq0vTz4LmPr2Ws7YbN"), 1);
        assert_eq!(found("servers: [ { api_key: x8Kq0vTz4LmPr2Ws7YbN } ]"), 1);
        assert_eq!(found("secret: \"${TOKEN_1234567}\""), 0);
        assert_eq!(found("token: x8Kq0vTz4LmPr2Ws7YbN"), 0);
    }
}
