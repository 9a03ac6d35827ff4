//! stub
use super::Expr;
/// Stub.
pub fn constant(_expr: &Expr) -> Option<bool> {
    None
}
/// Stub.
pub fn may_be_missing(_expr: &Expr) -> Option<String> {
    None
}
/// Stub.
pub fn range(_expr: &Expr) -> (f64, f64) {
    (f64::NEG_INFINITY, f64::INFINITY)
}
