//! Every door of the server: one variant, one row. The router and the OpenAPI document are made from this list.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{Code, admin, limits, v1};

/// The method of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// The word in lower case, as OpenAPI writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Ask for decisions.
    Decide,
    /// Post events and change profiles.
    Ingest,
    /// Read status, releases and proofs.
    Read,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Decide, Self::Ingest, Self::Read, Self::Admin];

    /// The word in configuration and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

/// On which listener a door is, where there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one for touchpoints.
    Public,
    /// The one of `--admin-listen`.
    Admin,
    /// Both.
    Both,
}

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a door takes or gives.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// JSON of this schema.
    Json(SchemaOf),
    /// The bytes of a release.
    Bytes,
    /// Text of Prometheus.
    Text,
    /// Any JSON.
    AnyJson,
}

/// One row of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) scope: Option<Scope>,
    pub(crate) side: Side,
    pub(crate) query: Option<SchemaOf>,
    pub(crate) body: Option<Answer>,
    pub(crate) body_max_bytes: usize,
    pub(crate) answer: Answer,
    pub(crate) codes: &'static [Code],
}

const fn row(method: Method, path: &'static str, summary: &'static str, answer: Answer) -> Row {
    Row {
        method,
        path,
        summary,
        scope: None,
        side: Side::Public,
        query: None,
        body: None,
        body_max_bytes: 0,
        answer,
        codes: &[],
    }
}

impl Row {
    const fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    const fn admin(mut self) -> Self {
        self.side = Side::Admin;
        self.scope = Some(Scope::Admin);
        self
    }

    const fn both(mut self) -> Self {
        self.side = Side::Both;
        self
    }

    const fn query(mut self, query: SchemaOf) -> Self {
        self.query = Some(query);
        self
    }

    const fn body(mut self, body: SchemaOf, max_bytes: usize) -> Self {
        self.body = Some(Answer::Json(body));
        self.body_max_bytes = max_bytes;
        self
    }

    const fn codes(mut self, codes: &'static [Code]) -> Self {
        self.codes = codes;
        self
    }
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const fn json<T: JsonSchema>() -> Answer {
    Answer::Json(of::<T>)
}

macro_rules! doors {
    ($($(#[doc = $doc:literal])+ $Name:ident = $row:expr;)+) => {
        /// A door of the server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Door { $($(#[doc = $doc])+ $Name,)+ }

        impl Door {
            /// Every door, in the order of the document.
            pub const ALL: &[Self] = &[$(Self::$Name),+];

            /// The operation id of the document.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$Name => stringify!($Name)),+ }
            }

            pub(crate) const fn row(self) -> Row {
                match self { $(Self::$Name => $row),+ }
            }
        }
    };
}

use Method::{Delete, Get, Patch, Post, Put};

const SESSION: &[Code] = &[Code::UnknownSession, Code::NoRelease];
const MOVES: &[Code] = &[
    Code::Refused,
    Code::Clock,
    Code::Conflict,
    Code::StalePlan,
    Code::Behind,
    Code::EpochOver,
    Code::InvalidStatement,
    Code::UnknownRelease,
    Code::Unsupported,
];

doors! {
    /// The process lives.
    Healthz = row(Get, "/healthz", "The process lives", json::<v1::Health>()).both();
    /// Whether a balancer should prefer this server.
    Readyz = row(Get, "/readyz", "Whether a balancer should prefer this server", json::<v1::Readiness>()).both();
    /// Metrics.
    Metrics = row(Get, "/metrics", "Metrics, as Prometheus reads them", Answer::Text).both().scope(Scope::Read);
    /// This document.
    Openapi = row(Get, "/openapi.json", "This document", Answer::AnyJson).both();
    /// Start a session.
    SessionStart = row(Post, "/v1/sessions", "Start a session", json::<v1::SessionStarted>())
        .scope(Scope::Decide).body(of::<v1::StartSession>, limits::BODY_MAX_BYTES).codes(&[Code::NoRelease]);
    /// The person of a session as seen now.
    SessionGet = row(Get, "/v1/sessions/{session}", "Profile and segments as seen now", json::<v1::SessionAnswer>())
        .scope(Scope::Decide).codes(SESSION);
    /// Change attributes and consent, sign in.
    SessionChange = row(Patch, "/v1/sessions/{session}", "Change attributes and consent, sign in", json::<v1::SessionAnswer>())
        .scope(Scope::Decide).body(of::<v1::ChangeSession>, limits::BODY_MAX_BYTES).codes(SESSION);
    /// End a session.
    SessionEnd = row(Delete, "/v1/sessions/{session}", "End a session", json::<v1::SessionAnswer>())
        .scope(Scope::Decide).codes(SESSION);
    /// Decide what an interaction point shows.
    OffersGet = row(Get, "/v1/sessions/{session}/offers", "Decide what an interaction point shows", json::<v1::DecisionAnswer>())
        .scope(Scope::Decide).query(of::<v1::OffersQuery>).codes(SESSION);
    /// Decide what several interaction points show.
    OffersPost = row(Post, "/v1/sessions/{session}/offers", "Decide what several interaction points show, no offer twice", json::<v1::PointsAnswer>())
        .scope(Scope::Decide).body(of::<v1::AskPoints>, limits::BODY_MAX_BYTES).codes(SESSION);
    /// Post an event of a session.
    SessionEvent = row(Post, "/v1/sessions/{session}/events", "Post an event; answered once it is durable", json::<v1::EventAnswer>())
        .scope(Scope::Ingest).body(of::<v1::PostEvent>, limits::BODY_MAX_BYTES).codes(SESSION);
    /// Post an event without a session.
    Event = row(Post, "/v1/events", "Post an event without a session", json::<v1::EventAnswer>())
        .scope(Scope::Ingest).body(of::<v1::PostEventFor>, limits::BODY_MAX_BYTES).codes(&[Code::NoRelease]);
    /// Several commands in one round trip.
    Batch = row(Post, "/v1/batch", "Several commands in one round trip", json::<v1::BatchAnswer>())
        .scope(Scope::Decide).body(of::<v1::Batch>, limits::BATCH_MAX_BYTES).codes(&[Code::NoRelease]);
    /// Decide without a session.
    Decide = row(Post, "/v1/decide", "Decide without a session", json::<v1::DecisionAnswer>())
        .scope(Scope::Decide).body(of::<v1::DecideOnce>, limits::BODY_MAX_BYTES).codes(&[Code::NoRelease]);
    /// A decision with all its reasons.
    Decision = row(Get, "/v1/decisions/{decision}", "A decision with all its reasons", json::<v1::DecisionRecord>())
        .scope(Scope::Decide).codes(&[Code::UnknownDecision]);
    /// What a person says about purposes.
    Consent = row(Put, "/v1/profiles/{level}/{key}/consent", "What a person says about purposes", json::<v1::ConsentAnswer>())
        .scope(Scope::Ingest).body(of::<v1::PutConsent>, limits::BODY_MAX_BYTES).codes(&[Code::NoRelease]);
    /// Forget a person.
    Forget = row(Delete, "/v1/profiles/{level}/{key}", "Forget a person; answered once it is durable", json::<v1::Forgotten>())
        .scope(Scope::Admin);
    /// The signed state of this server.
    Group = row(Get, "/v1/group", "The signed state of this server", json::<admin::GroupAnswer>())
        .both().query(of::<admin::GroupQuery>).codes(&[Code::RateLimited]);
    /// What proves the state of this server.
    GroupBundle = row(Get, "/v1/group/bundle", "What proves the state of this server", json::<admin::GroupBundle>())
        .both().scope(Scope::Read);
    /// What the server says about itself.
    Status = row(Get, "/admin/v1/status", "What the server says about itself", json::<admin::Status>())
        .admin().scope(Scope::Read);
    /// Store a release.
    ReleasePut = Row { body: Some(Answer::Bytes), body_max_bytes: limits::RELEASE_MAX_BYTES,
        ..row(Put, "/admin/v1/releases/{digest}", "Store a release: verified, compiled, tested, durable, warm", json::<admin::ReleaseStored>()) }
        .admin().codes(&[Code::DigestMismatch, Code::InvalidRelease, Code::DiskFull]);
    /// The bytes of a release.
    ReleaseGet = row(Get, "/admin/v1/releases/{digest}", "The bytes of a release", Answer::Bytes)
        .admin().scope(Scope::Read).codes(&[Code::UnknownRelease]);
    /// Prepare a move.
    Prepare = row(Post, "/admin/v1/preparation", "Prepare a move", json::<admin::ReceiptAnswer>())
        .admin().body(of::<admin::Preparation>, limits::BUNDLE_MAX_BYTES).codes(MOVES);
    /// Abort an attempt.
    Abort = row(Delete, "/admin/v1/preparation/{epoch}", "Abort an attempt (at the anchor)", json::<admin::ReceiptAnswer>())
        .admin().codes(MOVES);
    /// Activate what was prepared.
    Activate = row(Post, "/admin/v1/activation", "Activate what was prepared", json::<admin::ReceiptAnswer>())
        .admin().body(of::<admin::Activation>, limits::BUNDLE_MAX_BYTES).codes(MOVES);
    /// Hand over a rejection, a hold or a lift.
    Statement = row(Post, "/admin/v1/statements", "Hand over a rejection, a hold or a lift", json::<admin::StatementAnswer>())
        .admin().body(of::<admin::Statements>, limits::BUNDLE_MAX_BYTES)
        .codes(&[Code::InvalidStatement, Code::Refused, Code::Unsupported]);
    /// Make a sandbox.
    SandboxMake = row(Post, "/admin/v1/sandboxes", "Make a sandbox", json::<admin::SandboxMade>())
        .admin().body(of::<admin::MakeSandbox>, limits::BODY_MAX_BYTES).codes(&[Code::NoRelease, Code::RateLimited]);
    /// Advance the clock of a sandbox.
    SandboxClock = row(Post, "/admin/v1/sandboxes/{sandbox}/clock", "Advance the clock of a sandbox", json::<admin::SandboxClock>())
        .admin().body(of::<admin::AdvanceClock>, limits::BODY_MAX_BYTES).codes(&[Code::UnknownSandbox]);
    /// End a sandbox.
    SandboxEnd = row(Delete, "/admin/v1/sandboxes/{sandbox}", "End a sandbox", json::<admin::SandboxEnded>()).admin();
    /// Rotation of the policy.
    Policy = row(Post, "/admin/v1/policy", "Give the next version of the policy", json::<admin::PolicyAnswer>())
        .admin().body(of::<admin::Rotation>, limits::BUNDLE_MAX_BYTES)
        .codes(&[Code::InvalidStatement, Code::Refused, Code::Unsupported]);
    /// Bring a server that was left behind to what its group is.
    Converge = row(Post, "/admin/v1/convergence", "Bring a server that was left behind to its group", json::<admin::ReceiptAnswer>())
        .admin().body(of::<admin::Convergence>, limits::BUNDLE_MAX_BYTES).codes(MOVES);
    /// Sampled inputs of decisions; not in this version.
    Recordings = row(Get, "/admin/v1/recordings", "Sampled inputs of decisions; not supported by this version", Answer::AnyJson)
        .admin().codes(&[Code::Unsupported]);
}

impl Door {
    /// Its method.
    pub const fn method(self) -> Method {
        self.row().method
    }

    /// Its path, with `{parameters}`.
    pub const fn path(self) -> &'static str {
        self.row().path
    }

    /// The scope that a key needs; none: no key is asked for.
    pub const fn scope(self) -> Option<Scope> {
        self.row().scope
    }

    /// On which listener it is.
    pub const fn side(self) -> Side {
        self.row().side
    }

    /// Bytes of its body at most; 0 where it takes none.
    pub const fn body_max_bytes(self) -> usize {
        self.row().body_max_bytes
    }

    /// Whether requests may name a sandbox: the ordinary doors.
    pub fn takes_sandbox(self) -> bool {
        let path = self.path();
        path.starts_with("/v1/") && !path.starts_with("/v1/group")
    }
}
