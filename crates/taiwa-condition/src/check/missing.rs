//! Missing values: where they leave people out unnoticed, and where they would leave no score.

use taiwa_text::{Remark, Severity, Span, Text, say};

use super::{Checker, code};
use crate::{
    Comparison, Expr, ExprKind,
    expr::{Known, Missing, unknown},
};

impl Checker<'_> {
    /// A score must be known for everybody.
    pub(super) fn refuse_missing(&mut self, expr: &Expr) {
        let Some((missing, span)) = unknown(expr, &Known::default()) else { return };
        let message = say!(
            en: "this score may be unknown: {}",
            ja: "このスコアは不明になることがあります: {}",
            missing.words(),
        );
        let help = match &missing {
            Missing::Attribute(it) => {
                say!(
                    en: "give {it} a default in channels/shared/audience.yaml, or write has(profile.{it}) ? … : …",
                    ja: "`channels/shared/audience.yaml` で `{it}` に既定値を付けるか、`has(profile.{it}) ? … : …` と書いてください",
                )
            }
            Missing::Property(it) => {
                say!(en: "write has(event.{it}) ? … : …", ja: "`has(event.{it}) ? … : …` と書いてください")
            }
            Missing::Since(_) => {
                say!(en: "ask with seen or count instead", ja: "代わりに `seen` か `count` で調べてください")
            }
            Missing::Division => {
                say!(
                    en: "divide by something that is never 0, such as (x + 1)",
                    ja: "`(x + 1)` のように、0 にならないもので割ってください",
                )
            }
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
                        let message = say!(
                            en: "this takes in people of whom {} is unknown: they are not in \"{segment}\"",
                            ja: "{} が不明な人も含まれます。その人たちはセグメント `\"{segment}\"` に入っていないためです",
                            missing.subject(),
                        );
                        let help = missing.has().map(|it| {
                            say!(
                                en: "to leave them out, write {it} && !…",
                                ja: "除くには `{it} && !…` と書いてください",
                            )
                        });
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
            Missing::Since(_) => {
                say!(
                    en: "this leaves out people who never had {}: it stays unknown for them",
                    ja: "{} が一度も起きていない人は除かれます。その人たちには値がないためです",
                    missing.subject(),
                )
            }
            Missing::Division => {
                say!(en: "this leaves people out where a division is by 0", ja: "0 で割ることになる人は除かれます")
            }
            _ => {
                say!(
                    en: "this leaves out people of whom {} is unknown",
                    ja: "{} が不明な人は除かれます",
                    missing.subject(),
                )
            }
        };
        let help = missing.has().map(|has| {
            say!(en: "to take them in, write !{has} || …", ja: "含めるには `!{has} || …` と書いてください")
        });
        self.warn(span, message, help);
    }

    fn warn(&mut self, span: Span, message: Text, help: Option<Text>) {
        let severity = Severity::Warning;
        self.remarks.push(Remark { code: code::MISSING, severity, span, message, help, fix: None });
    }
}
