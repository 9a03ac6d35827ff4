//! Problem details (RFC 9457), and every code that the server answers with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_plan::Refusal;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $Name:ident $word:literal $status:literal $title:literal;)+) => {
        /// What went wrong, as a stable word. A code is never reused for another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $Name,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$Name),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Name => $word),+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$Name => $status),+ }
            }

            /// One short sentence, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$Name => $title),+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson "malformed-json" 400 "The body is not JSON";
    /// The request line, a header, a path or a query cannot be understood.
    BadRequest "bad-request" 400 "The request cannot be understood";
    /// No key, or one that the server does not know.
    Unauthorized "unauthorized" 401 "A key is needed";
    /// The key has not the scope that the door asks for.
    ScopeMissing "scope-missing" 403 "The key does not open this door";
    /// The server's own policy is not satisfied; `errors` holds every refusal.
    Refused "refused" 403 "The policy of this server says no";
    /// The clock of the server cannot be trusted, so nothing that expires is judged.
    Clock "clock" 403 "The clock of this server is not to be trusted";
    /// There is no such door.
    NotFound "not-found" 404 "There is nothing here";
    /// The session is unknown, ended, or its time is over.
    UnknownSession "unknown-session" 404 "There is no such session";
    /// The decision is unknown, or older than what is kept.
    UnknownDecision "unknown-decision" 404 "There is no such decision";
    /// The release is not stored here.
    UnknownRelease "unknown-release" 404 "The release is not stored on this server";
    /// The sandbox is unknown, ended, or its time is over.
    UnknownSandbox "unknown-sandbox" 404 "There is no such sandbox";
    /// The door has no such method.
    MethodNotAllowed "method-not-allowed" 405 "This door does not take this method";
    /// The request took too long to arrive or to be answered.
    Timeout "timeout" 408 "The request took too long";
    /// Another deployment holds the slot.
    Conflict "conflict" 409 "Another deployment is under way";
    /// The world is not the one that the plan was made for.
    StalePlan "stale-plan" 409 "The plan is stale";
    /// This server is not where the others are.
    Behind "behind" 409 "This server is behind its group";
    /// The epoch is over: its slot is gone, and it can never commit.
    EpochOver "epoch-over" 409 "This attempt is over";
    /// The body, or a part of it, is larger than the limit.
    TooLarge "too-large" 413 "The body is too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType "unsupported-media-type" 415 "The body must be application/json";
    /// Unknown or mistyped input; `errors` holds every offence, and nothing was stored.
    InvalidInput "invalid-input" 422 "The input is not valid";
    /// The bytes of a release do not have the digest of the path.
    DigestMismatch "digest-mismatch" 422 "The bytes do not have this digest";
    /// The bytes are no release that this server can serve.
    InvalidRelease "invalid-release" 422 "The release cannot be served";
    /// A signed object is malformed, or its signature is wrong.
    InvalidStatement "invalid-statement" 422 "The statement is not valid";
    /// Too many requests, or too many of something that is limited.
    RateLimited "rate-limited" 429 "Too many requests";
    /// A request header is too large.
    HeadersTooLarge "headers-too-large" 431 "The headers are too large";
    /// A bug of the server; the request had no effect beyond what was committed before.
    Bug "bug" 500 "The server has a bug";
    /// Not built in this version.
    Unsupported "unsupported" 501 "Not supported by this version";
    /// No release is active.
    NoRelease "no-release" 503 "No release is active yet";
    /// The server has as much to do as it takes.
    Overloaded "overloaded" 503 "The server is overloaded";
    /// The store did not take or give the data.
    StoreFailed "store-failed" 503 "The store failed";
    /// The server is ending.
    Ending "ending" 503 "The server is ending";
    /// The disk is full.
    DiskFull "disk-full" 507 "The disk is full";
}

/// One thing that is wrong, or one refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offence {
    /// Where in the body, as a JSON pointer (`/attributes/age`); empty for the whole, or for a refusal.
    pub pointer: String,
    /// A stable word: `unknown-field`, `missing-field`, `wrong-type`, … or the word of a refusal.
    pub code: String,
    /// For people; for a refusal also who or what would make it a yes.
    pub detail: String,
}

impl Offence {
    /// From its three parts.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// The body of every answer that is not a success, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// `urn:taiwa:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence, for people.
    pub detail: String,
    /// The stable word.
    pub code: Code,
    /// Everything that is wrong; empty where `detail` says it all.
    #[serde(default)]
    pub errors: Vec<Offence>,
    /// Every refusal of the protocol, with who can meet it and the command that does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<RefusalShape>")]
    pub refusals: Vec<Refusal>,
}

/// One unmet condition.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Refusal")]
#[expect(dead_code, reason = "only the schema is used")]
struct RefusalShape {
    /// The stable word.
    reason: String,
    /// What is not satisfied.
    what: String,
    /// Who can meet it.
    who: String,
    /// The command that meets it.
    command: Option<String>,
    /// From when on it is met by itself.
    from: Option<String>,
}

impl Problem {
    /// A problem with this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:taiwa:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// With every offence; what is beyond the limit is only counted.
    #[must_use]
    pub fn with_errors(mut self, mut errors: Vec<Offence>) -> Self {
        let beyond = errors.len().saturating_sub(crate::limits::OFFENCES_MAX);
        if beyond > 0 {
            errors.truncate(crate::limits::OFFENCES_MAX);
            self.detail = format!("{} (and {beyond} more)", self.detail);
        }
        self.errors = errors;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_distinct_words_with_error_statuses() {
        let words: BTreeSet<_> = Code::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(taiwa_model::is_kebab(code.as_str()), "{code:?}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_problem_lists_a_bounded_number_of_offences() {
        let errors = vec![Offence::new("/a", "unknown-field", "x"); 250];
        let problem = Problem::new(Code::InvalidInput, "wrong").with_errors(errors);
        assert_eq!(problem.errors.len(), crate::limits::OFFENCES_MAX);
        assert_eq!(problem.detail, "wrong (and 150 more)");
    }
}
