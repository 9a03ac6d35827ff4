//! Missing values: where they leave people out unnoticed, and where they would leave no score.

use taiwa_text::{Remark, Severity, Span};

use super::{Checker, code};
use crate::{
    Comparison, Expr, ExprKind,
    expr::{Known, Missing, unknown},
};

impl Checker<'_> {
    /// A score must be known for everybody.
    pub(super) fn refuse_missing(&mut self, expr: &Expr) {
        let Some((missing, span)) = unknown(expr, &Known::default()) else { return };
        let message = format!("this score may be unknown: {}", missing.words());
        let help = match &missing {
            Missing::Attribute(it) => format!(
                "give {it} a default in channels/shared/audience.yaml, or write has(profile.{it}) ? … : …"
            ),
            Missing::Property(it) => format!("write has(event.{it}) ? … : …"),
            Missing::Since(_) => "ask with seen or count instead".to_owned(),
            Missing::Division => "divide by something that is never 0, such as (x + 1)".to_owned(),
        };
        self.error(code::SCORE, span, message, Some(help));
    }

    /// `!` and `!=` over what may be missing, and over segments that hang on it.
    pub(super) fn warn_of_missing(&mut self, expr: &Expr) {
        self.traps(expr, &Known::default());
    }

    fn traps(&mut self, expr: &Expr, known: &Known) {
        match &expr.kind {
            ExprKind::Not(of) => {
                if let ExprKind::InSegment(segment) = &of.kind {
                    let natures = &self.setting.names.segments;
                    let nature = natures.get(segment).and_then(|it| it.missing.clone());
                    if let Some(missing) = nature.filter(|it| !known.has(it)) {
                        let message = format!(
                            "this takes in people of whom {} is unknown: they are not in \"{segment}\"",
                            missing.subject()
                        );
                        let help =
                            missing.has().map(|it| format!("to leave them out, write {it} && !…"));
                        self.warn(expr.span, message, help);
                    }
                } else if let Some((missing, _)) = unknown(of, known) {
                    self.left_out(expr.span, &missing);
                } else {
                    self.traps(of, known);
                }
            }
            ExprKind::Compare { op: Comparison::Unequal, .. } => {
                if let Some((missing, _)) = unknown(expr, known) {
                    self.left_out(expr.span, &missing);
                }
            }
            ExprKind::All(parts) => self.traps_of_parts(parts, known, true),
            ExprKind::Any(parts) => self.traps_of_parts(parts, known, false),
            ExprKind::Choose { test, yes, no } => {
                self.traps(test, known);
                self.traps(yes, &known.clone().given(test, true));
                self.traps(no, &known.clone().given(test, false));
            }
            _ => {}
        }
    }

    fn traps_of_parts(&mut self, parts: &[Expr], known: &Known, truth: bool) {
        for (index, part) in parts.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|it| it.0 != index).map(|it| it.1);
            let known = others.fold(known.clone(), |known, it| known.intended(it, truth));
            self.traps(part, &known);
        }
    }

    fn left_out(&mut self, span: Span, missing: &Missing) {
        let message = match missing {
            Missing::Since(_) => format!(
                "this leaves out people who never had {}: it stays unknown for them",
                missing.subject()
            ),
            Missing::Division => "this leaves people out where a division is by 0".to_owned(),
            _ => format!("this leaves out people of whom {} is unknown", missing.subject()),
        };
        let help = missing.has().map(|has| format!("to take them in, write !{has} || …"));
        self.warn(span, message, help);
    }

    fn warn(&mut self, span: Span, message: String, help: Option<String>) {
        let severity = Severity::Warning;
        self.remarks.push(Remark {
            code: code::MISSING,
            severity,
            span,
            message: message.into(),
            help: help.map(Into::into),
            fix: None,
        });
    }
}
