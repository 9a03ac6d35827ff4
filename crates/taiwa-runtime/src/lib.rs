//! The runtime server that touchpoints and deployers talk to.
//!
//! Its life: [`Server::open`] opens the data directory, takes the policy, serves the last activated release;
//! [`Server::serve`] answers until it is told to end. Handlers are thin: wire → `actions` → pure functions → store.
//! Invariants: it believes nothing but signed things that prove themselves; a release changes between two requests; an
//! answer that says stored was durable before; a panic ends one request; every wait and every queue has a limit.
//! Deliberately absent: YAML, git, and any judgement of what may become a release.

mod actions;
mod app;
mod clock;
mod config;
mod connections;
mod exposure;
mod guard;
mod http;
mod ids;
mod keys;
mod meters;
mod peers;
mod problem;
mod protocol;
mod sandboxes;
mod self_test;
mod serve;
mod shelf;
mod tally;
mod tasks;
mod tls;
mod world;

pub use app::{REQUESTS_MAX, UPLOADS_MAX};
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, ConfigError};
pub use keys::{KEY_MAX_BYTES, KEY_MIN_BYTES, Key, KeyLengthError, Scopes};
pub use protocol::StartError;
pub use sandboxes::{SANDBOX_LIVES_MS, SANDBOXES_MAX};
pub use serve::{RunError, Server, print_key, run};
pub use taiwa_api::Scope;
pub use tls::{PEM_MAX_BYTES, Part, Tls, TlsError};
