//! The functions that conditions know.

use taiwa_model::{PurposeName, SegmentName, SpanOfTime, Timestamp};
use taiwa_text::{Remark, Severity, Span};

use super::{Checker, ElementOf, Typed, code, kind::Type};
use crate::{Constant, ExprKind, History, Id, Kind, Literal, Quantifier, TextTest, closest};

/// How a function is called.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) arguments: usize,
    /// Whether the last argument is a window.
    pub(super) windowed: bool,
    pub(super) example: &'static str,
}

const fn plain(name: &'static str, arguments: usize, example: &'static str) -> Signature {
    Signature { name, arguments, windowed: false, example }
}

const fn windowed(name: &'static str, arguments: usize, example: &'static str) -> Signature {
    Signature { name, arguments, windowed: true, example }
}

/// Functions that stand alone.
pub(super) const FUNCTIONS: [Signature; 15] = [
    plain("in_segment", 1, "in_segment(\"gold\")"),
    plain("level", 0, "level()"),
    windowed("seen", 2, "seen(\"purchase\", \"30d\")"),
    windowed("count", 2, "count(\"purchase\", \"30d\")"),
    windowed("sum", 3, "sum(\"purchase\", \"amount\", \"30d\")"),
    plain("since", 1, "since(\"purchase\")"),
    windowed("shown", 2, "shown(\"offer\", \"7d\")"),
    windowed("accepted", 2, "accepted(\"offer\", \"365d\")"),
    windowed("rejected", 2, "rejected(\"offer\", \"30d\")"),
    plain("consented", 1, "consented(\"marketing-email\")"),
    plain("flagged", 1, "flagged(\"data-cleansing\")"),
    plain("has", 1, "has(profile.age)"),
    plain("size", 1, "size(profile.interests)"),
    plain("timestamp", 1, "timestamp(\"2026-11-21T00:00:00Z\")"),
    plain("duration", 1, "duration(\"30d\")"),
];

/// Functions that are asked of a value.
pub(super) const METHODS: [Signature; 6] = [
    plain("startsWith", 1, "profile.email.startsWith(\"a\")"),
    plain("endsWith", 1, "profile.email.endsWith(\"@contoso.example\")"),
    plain("contains", 1, "profile.email.contains(\"contoso\")"),
    plain("size", 0, "profile.interests.size()"),
    plain("exists", 2, "profile.interests.exists(i, i == \"espresso\")"),
    plain("all", 2, "profile.interests.all(i, i != \"tea\")"),
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|it| it.name == name)
}

impl<'c> Checker<'c> {
    /// A function that stands alone, with the right number of arguments.
    pub(super) fn function(
        &mut self,
        id: Id,
        (name, span): (&'c str, Span),
        args: &'c [Id],
    ) -> Typed<'c> {
        if !matches!(name, "size" | "timestamp" | "duration") && self.outside_of_element(id) {
            return self.hole(id);
        }
        let done = match (name, args) {
            ("has", [of]) => return self.has(id, *of),
            ("size", [of]) => return self.size(id, *of),
            ("timestamp", [text]) => self.timestamp(*text),
            ("duration", [text]) => self.duration(*text),
            ("level", _) => {
                let levels = super::kind::Values::Levels(&self.setting.names.levels);
                return self.typed(id, Type::Enum(levels), ExprKind::Level);
            }
            ("in_segment", [segment]) => self.in_segment(*segment),
            ("consented", [purpose]) => self.consented(*purpose),
            ("flagged", [flag]) => self.flagged(*flag),
            ("since", [event]) => self.since(*event),
            ("seen" | "count", [event, window]) => self.counting(name, *event, *window),
            ("sum", [event, property, window]) => self.sum(*event, *property, *window),
            ("shown", [offer, window]) => self.history(History::Shown, *offer, *window),
            ("accepted", [offer, window]) => self.history(History::Accepted, *offer, *window),
            ("rejected", [offer, window]) => self.history(History::Rejected, *offer, *window),
            _ => {
                self.error(code::UNKNOWN, span, format!("there is no function `{name}`"), None);
                None
            }
        };
        match done {
            Some((kind, expr)) => self.typed(id, kind, expr),
            None => self.hole_of(id, name),
        }
    }

    /// What is wrong within a call does not hide its type.
    fn hole_of(&self, id: Id, name: &str) -> Typed<'c> {
        let kind = match name {
            "count" => Type::Int,
            "sum" => Type::Number,
            "since" | "duration" => Type::Duration,
            "timestamp" => Type::Time,
            _ => Type::Bool,
        };
        Typed { kind, ..self.hole(id) }
    }

    pub(super) fn method(
        &mut self,
        id: Id,
        target: Id,
        (name, span): (&'c str, Span),
        args: &'c [Id],
    ) -> Typed<'c> {
        let test = match (name, args) {
            ("size", _) => return self.size(id, target),
            ("exists", [element, body]) => {
                return self.quantified(id, (Quantifier::Exists, name), target, [*element, *body]);
            }
            ("all", [element, body]) => {
                return self.quantified(id, (Quantifier::All, name), target, [*element, *body]);
            }
            ("startsWith", _) => TextTest::Starts,
            ("endsWith", _) => TextTest::Ends,
            _ => TextTest::Contains,
        };
        let of = self.infer(target);
        let Some(part) = args.first().map(|it| self.infer(*it)) else { return self.hole(id) };
        if of.kind.is_list() {
            let help = format!("write {} in {}", self.quote(part.id), self.quote(target));
            let message = format!(
                "`{name}` is asked of a text; {} is {}",
                self.quote(target),
                of.kind.words()
            );
            self.error(code::TYPE, span, message, Some(help));
        } else {
            for it in [&of, &part] {
                if it.kind != Type::Hole && !it.kind.is_textual() {
                    let message = format!(
                        "`{name}` needs texts; {} is {}",
                        self.quote(it.id),
                        it.kind.words()
                    );
                    self.error(code::TYPE, self.node(it.id).span, message, None);
                }
            }
        }
        if let Type::Enum(super::kind::Values::Levels(_)) = of.kind {
            let message = "level() can only be compared with the name of a level".to_owned();
            self.error(
                code::TYPE,
                span,
                message,
                Some("for example level() == \"customer\"".into()),
            );
        }
        let expr = ExprKind::Text { test, of: Box::new(of.expr), part: Box::new(part.expr) };
        self.typed(id, Type::Bool, expr)
    }

    fn has(&mut self, id: Id, of: Id) -> Typed<'c> {
        let typed = self.infer(of);
        let (name, list) = match &typed.expr.kind {
            ExprKind::Attribute(it) if it.missing => ("", false),
            ExprKind::Property(it) if it.missing => ("", false),
            ExprKind::Attribute(_) | ExprKind::Property(_) => {
                (self.quote(of), typed.kind.is_list())
            }
            _ if typed.kind == Type::Hole => return Typed { kind: Type::Bool, ..self.hole(id) },
            _ => {
                let message = "`has` asks whether an attribute or a property is known";
                self.refuse(id, self.node(of).span, message, "write for example has(profile.age)");
                return Typed { kind: Type::Bool, ..self.hole(id) };
            }
        };
        if !name.is_empty() {
            let help = if list {
                format!("to ask whether it is empty: size({name}) > 0")
            } else {
                "leave it out".to_owned()
            };
            let message = format!("{name} always has a value: this is always true");
            let span = self.node(id).span;
            let severity = Severity::Warning;
            self.remarks.push(Remark {
                code: code::MISSING,
                severity,
                span,
                message: message.into(),
                help: Some(help.into()),
                fix: None,
            });
        }
        self.typed(id, Type::Bool, ExprKind::Has(Box::new(typed.expr)))
    }

    fn size(&mut self, id: Id, of: Id) -> Typed<'c> {
        let typed = self.infer(of);
        if typed.kind != Type::Hole && typed.kind != Type::Text && !typed.kind.is_list() {
            let message = format!(
                "only texts and lists have a size; {} is {}",
                self.quote(of),
                typed.kind.words()
            );
            self.error(code::TYPE, self.node(of).span, message, None);
        }
        self.typed(id, Type::Int, ExprKind::Size(Box::new(typed.expr)))
    }

    fn timestamp(&mut self, text: Id) -> Option<(Type<'c>, ExprKind)> {
        let example = "\"2026-11-21T00:00:00Z\"";
        let (text, span) = self.written(text, "an instant", example)?;
        let Ok(time) = Timestamp::parse(text) else {
            let message = format!("\"{text}\" is not an instant with its zone");
            let help = format!("write for example {example} or \"2026-11-21T09:00:00+09:00\"");
            self.error(code::MALFORMED, span, message, Some(help));
            return None;
        };
        Some((Type::Time, ExprKind::Constant(Constant::Time(time))))
    }

    fn duration(&mut self, text: Id) -> Option<(Type<'c>, ExprKind)> {
        let (text, span) = self.written(text, "a length of time", "\"30d\"")?;
        let duration = self.length_of_time(code::MALFORMED, text, span)?;
        Some((Type::Duration, ExprKind::Constant(Constant::Duration(duration))))
    }

    pub(super) fn length_of_time(
        &mut self,
        code: &'static str,
        text: &str,
        span: Span,
    ) -> Option<SpanOfTime> {
        let length = SpanOfTime::parse(text).ok();
        if length.is_none() {
            let message = format!("\"{text}\" is not a length of time");
            let help = "write for example \"12h\", \"30d\" or \"8w\"".to_owned();
            self.error(code, span, message, Some(help));
        }
        length
    }

    /// A text that must be written out, with its place; reports it where it is not.
    pub(super) fn written(&mut self, id: Id, what: &str, example: &str) -> Option<(&'c str, Span)> {
        let node = self.node(id);
        let quote = self.quote(id);
        let (code, help) = match &node.kind {
            Kind::Literal(Literal::Text(it)) => return Some((it, node.span)),
            Kind::Hole => return None,
            Kind::Name { name, absolute: false } => {
                (code::UNKNOWN, format!("write \"{name}\" in quotes"))
            }
            _ => (code::TYPE, format!("write for example {example}")),
        };
        let message = format!("{what} is written out here, in quotes; this is `{quote}`");
        self.error(code, node.span, message, Some(help));
        None
    }

    /// `exists` and `all`: a body over the element and written values.
    fn quantified(
        &mut self,
        id: Id,
        (quantifier, within): (Quantifier, &'c str),
        target: Id,
        [element, body]: [Id; 2],
    ) -> Typed<'c> {
        if self.element.is_some() {
            let help = "ask each list on its own, joined with &&";
            return self.refuse(
                id,
                self.node(id).span,
                "conditions do not nest exists and all",
                help,
            );
        }
        let list = self.infer(target);
        if list.kind != Type::Hole && !list.kind.is_list() {
            let message = format!(
                "`{within}` is asked of a list; {} is {}",
                self.quote(target),
                list.kind.words()
            );
            self.error(code::TYPE, self.node(target).span, message, None);
            return self.hole(id);
        }
        let Kind::Name { name, .. } = &self.node(element).kind else { return self.hole(id) };
        self.element = Some(ElementOf { name, kind: list.kind.element(), within });
        let inner = self.infer(body);
        self.want_bool(&inner);
        self.element = None;
        let expr = ExprKind::Quantified {
            quantifier,
            list: Box::new(list.expr),
            body: Box::new(inner.expr),
        };
        self.typed(id, Type::Bool, expr)
    }

    fn in_segment(&mut self, segment: Id) -> Option<(Type<'c>, ExprKind)> {
        let (name, span) = self.written(segment, "the name of a segment", "\"gold\"")?;
        let names = &self.setting.names.segments;
        let found = names.get_key_value(name).map(|it| it.0.clone());
        let found =
            self.found(found, (name, span), "segment", names.keys().map(SegmentName::as_str))?;
        self.uses.segments.entry(found.clone()).or_insert(span);
        Some((Type::Bool, ExprKind::InSegment(found)))
    }

    fn consented(&mut self, purpose: Id) -> Option<(Type<'c>, ExprKind)> {
        let (name, span) = self.written(purpose, "a purpose", "\"marketing-email\"")?;
        let names = &self.setting.names.purposes;
        let found = names.get(name).cloned();
        let found =
            self.found(found, (name, span), "purpose", names.iter().map(PurposeName::as_str))?;
        self.uses.purposes.entry(found.clone()).or_insert(span);
        Some((Type::Bool, ExprKind::Consented(found)))
    }

    fn flagged(&mut self, flag: Id) -> Option<(Type<'c>, ExprKind)> {
        let (name, span) = self.written(flag, "a flag", "\"data-cleansing\"")?;
        self.uses.flags.entry(name.to_owned()).or_insert(span);
        Some((Type::Bool, ExprKind::Flagged(name.to_owned())))
    }

    /// Reports a name that does not exist.
    pub(super) fn found<T>(
        &mut self,
        found: Option<T>,
        (name, span): (&str, Span),
        what: &str,
        all: impl Iterator<Item = &'c str>,
    ) -> Option<T> {
        if found.is_none() {
            let help = closest(name, all).map(|it| format!("did you mean \"{it}\"?"));
            self.error(code::UNKNOWN, span, format!("there is no {what} \"{name}\""), help);
        }
        found
    }
}
