//! Sources, spans, findings and fixes: where something stands in a file, and what is said about it, in which words.
//!
//! Offsets are bytes of UTF-8 text; lines and columns for people count from 1, columns in Unicode code points.
//! Deliberately absent: rendering for a terminal, codes and texts of rules.

mod finding;
mod fix;
mod hidden;
mod language;
mod source;

pub use finding::{Finding, Related, Remark, Severity, Witness};
pub use fix::{Edit, Fix, LocalFix, Safety};
pub use hidden::is_hidden;
pub use language::{Language, Said, SaidPlainly, Text};
pub use source::{FileId, Place, Position, Source, Sources, Span};
