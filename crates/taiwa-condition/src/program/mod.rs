//! A condition made ready for evaluation.

use crate::{Expr, Facts, Slots, Truth};

/// A condition or score made ready for evaluation.
#[derive(Clone, Debug)]
pub struct Program {}

impl Program {
    /// Compiles a checked condition; names get their slots.
    pub fn compile(expr: &Expr, slots: &mut Slots) -> Self {
        let _ = (expr, slots);
        Self {}
    }

    /// What the condition says of somebody. A score says unknown.
    pub fn truth(&self, facts: &impl Facts) -> Truth {
        let _ = facts;
        Truth::Unknown
    }

    /// The score for somebody; `None` if it is unknown or the program is a condition.
    pub fn number(&self, facts: &impl Facts) -> Option<f64> {
        let _ = facts;
        None
    }
}
