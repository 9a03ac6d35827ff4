//! stub
use super::*;
/// The canonical text of a condition.
pub fn print(_parsed: &Parsed) -> String {
    String::new()
}
