//! The HTTP wire of the runtime server: bodies, answers, problem codes, the list of doors, and the
//! OpenAPI document made from them.
//!
//! Invariants: a request refuses unknown fields; every door of the server is in [`Door::ALL`], and the
//! document lists exactly these; a problem code is never reused.
//! Deliberately absent: any logic of the server, and any HTTP library.

pub mod admin;
mod body;
mod door;
pub mod limits;
mod openapi;
mod problem;
mod schema;
pub mod v1;

pub use body::{BodyError, check, read};
pub use door::{Answer, Door, Method, Scope, Side};
pub use openapi::openapi;
pub use problem::{Code, Offence, Problem};
