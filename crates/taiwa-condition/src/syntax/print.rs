//! One text for one tree: single blanks, double quotes, only the parentheses that the tree needs.
//!
//! For a tree without holes, reading what was printed gives the same tree. Comments are not in the tree and are lost.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Id, Kind, Literal, Operator, Parsed};

/// The canonical text of a condition. Holes are printed as `…`, which cannot be read.
pub fn print(parsed: &Parsed) -> String {
    Part { parsed, id: parsed.root }.to_string()
}

/// How tightly the parts bind that are no operators: looser and tighter than all of [`Operator::level`].
const CHOICE: i8 = -1;
const UNARY: i8 = 5;
const TIGHT: i8 = 6;

#[derive(Clone, Copy)]
struct Part<'a> {
    parsed: &'a Parsed,
    id: Id,
}

impl Part<'_> {
    const fn at(self, id: Id) -> Self {
        Self { id, ..self }
    }

    fn kind(&self) -> &Kind {
        &self.parsed.node(self.id).kind
    }

    fn level(self) -> i8 {
        match self.kind() {
            Kind::Choose { .. } => CHOICE,
            Kind::Chain { op, .. } => i8::try_from(op.level()).unwrap_or(UNARY),
            Kind::Not(_) | Kind::Negate(_) => UNARY,
            _ => TIGHT,
        }
    }

    /// In parentheses unless it binds at least this tightly.
    fn within(self, f: &mut Formatter<'_>, least: i8) -> fmt::Result {
        if self.level() < least { write!(f, "({self})") } else { self.fmt(f) }
    }

    fn chain(self, f: &mut Formatter<'_>, op: Operator, of: &[Id]) -> fmt::Result {
        let own = self.level();
        // `a && b && c` is one chain: one within its left end was in parentheses.
        let flat = matches!(op, Operator::And | Operator::Or);
        for (index, id) in of.iter().enumerate() {
            if index > 0 {
                write!(f, " {} ", op.as_str())?;
            }
            let least = if index > 0 || flat { own + 1 } else { own };
            self.at(*id).within(f, least)?;
        }
        Ok(())
    }

    fn items(self, f: &mut Formatter<'_>, ids: &[Id]) -> fmt::Result {
        for (index, id) in ids.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{}", self.at(*id))?;
        }
        Ok(())
    }
}

impl Display for Part<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Hole => f.write_char('…'),
            Kind::Literal(it) => literal(f, it),
            Kind::Name { name, absolute } => {
                write!(f, "{}{name}", if *absolute { "." } else { "" })
            }
            Kind::Field { of, field, optional, field_span: _ } => {
                self.at(*of).within(f, TIGHT)?;
                f.write_str(if *optional { ".?" } else { "." })?;
                field_name(f, field)
            }
            Kind::Index { of, index } => {
                self.at(*of).within(f, TIGHT)?;
                write!(f, "[{}]", self.at(*index))
            }
            Kind::Call { target, name, args, name_span: _ } => {
                if let Some(target) = target {
                    self.at(*target).within(f, TIGHT)?;
                    f.write_char('.')?;
                    field_name(f, name)?;
                } else {
                    f.write_str(name)?;
                }
                f.write_char('(')?;
                self.items(f, args)?;
                f.write_char(')')
            }
            Kind::List(items) => {
                f.write_char('[')?;
                self.items(f, items)?;
                f.write_char(']')
            }
            Kind::Map(entries) => {
                f.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}: {}", self.at(*key), self.at(*value))?;
                }
                f.write_char('}')
            }
            Kind::Message { of, fields } => {
                write!(f, "{}{{", self.at(*of))?;
                for (index, (field, value)) in fields.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    field_name(f, field)?;
                    write!(f, ": {}", self.at(*value))?;
                }
                f.write_char('}')
            }
            Kind::Not(of) => {
                f.write_char('!')?;
                self.at(*of).within(f, UNARY)
            }
            Kind::Negate(of) => {
                f.write_char('-')?;
                // `-1` would be read as one literal.
                let number = matches!(
                    self.at(*of).kind(),
                    Kind::Literal(Literal::Int(0..) | Literal::Double(_) | Literal::Uint(_))
                );
                self.at(*of).within(f, if number { TIGHT + 1 } else { UNARY })
            }
            Kind::Chain { op, of, op_span: _ } => self.chain(f, *op, of),
            Kind::Choose { test, yes, no } => {
                self.at(*test).within(f, 0)?;
                f.write_str(" ? ")?;
                self.at(*yes).within(f, 0)?;
                write!(f, " : {}", self.at(*no))
            }
        }
    }
}

fn field_name(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
        && !matches!(name, "in" | "true" | "false" | "null");
    if plain { f.write_str(name) } else { write!(f, "`{name}`") }
}

fn literal(f: &mut Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Null => f.write_str("null"),
        Literal::Bool(it) => write!(f, "{it}"),
        Literal::Int(it) => write!(f, "{it}"),
        Literal::Uint(it) => write!(f, "{it}u"),
        Literal::Double(it) => write!(f, "{it:?}"),
        Literal::Text(it) => {
            f.write_char('"')?;
            for c in it.chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                    c => f.write_char(c)?,
                }
            }
            f.write_char('"')
        }
        Literal::Bytes(it) => {
            f.write_str("b\"")?;
            it.iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
            f.write_char('"')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Node, parse};
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let parsed = parse(text);
        assert_eq!(parsed.remarks, [], "{text}");
        assert_eq!(print(&parsed), expect);
        same(&parsed, &parse(expect));
    }

    /// Equal but for places and parentheses.
    #[track_caller]
    fn same(a: &Parsed, b: &Parsed) {
        let bare = |it: &Parsed| {
            let strip = |node: &Node| {
                let mut kind = node.kind.clone();
                match &mut kind {
                    Kind::Field { field_span: span, .. }
                    | Kind::Call { name_span: span, .. }
                    | Kind::Chain { op_span: span, .. } => *span = taiwa_text::Span::default(),
                    _ => {}
                }
                kind
            };
            it.nodes.iter().map(strip).collect::<Vec<_>>()
        };
        assert_eq!(bare(a), bare(b));
    }

    #[test]
    fn canonical_text() {
        check("a  ==\n'x' // gold", "a == \"x\"");
        check("(a && (b && c)) && d || !(e)", "(a && (b && c)) && d || !e");
        check("((a || b)) && c", "(a || b) && c");
        check("a - (b - c) - d", "a - (b - c) - d");
        check("(a - b) * -c / -(1) + - -2", "(a - b) * -c / -(1) + --2");
        check("(a ? b : c) ? (d ? e : f) : (g ? h : i)", "(a ? b : c) ? (d ? e : f) : g ? h : i");
        check("r'C:\\x' + \"q\\\"\\u0001\\n\"", "\"C:\\\\x\" + \"q\\\"\\u0001\\n\"");
        check("(a + b).size() in [1,2.50,0x1F]", "(a + b).size() in [1, 2.5, 31]");
        check(
            ".a.`b c`.?d[ -1 ] + {1:2u}.x + T{f:null}",
            ".a.`b c`.?d[-1] + {1: 2u}.x + T{f: null}",
        );
        check("(!a).b((-c).d)", "(!a).b((-c).d)");
        check("b'é' == has( x.y )", "b\"\\xc3\\xa9\" == has(x.y)");
        check("(a < b) < (c < d)", "a < b < (c < d)");
    }

    #[test]
    fn every_good_condition_survives() {
        for text in include_str!("../../fixtures/good.txt").lines() {
            let parsed = parse(text);
            let printed = print(&parsed);
            let again = parse(&printed);
            assert_eq!(again.remarks, [], "{printed}");
            same(&parsed, &again);
            assert_eq!(print(&again), printed);
        }
    }
}
