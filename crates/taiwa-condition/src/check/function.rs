//! What each function means, and what it needs.

use taiwa_model::{PurposeName, SegmentName, SpanOfTime, Timestamp};
use taiwa_text::{Remark, Severity, Span, Text, say};

use super::{Checker, ElementOf, Typed, code, kind::Type};
use crate::{Constant, ExprKind, History, Id, Kind, Literal, Quantifier, TextTest, closest};

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
                self.error(
                    code::UNKNOWN,
                    span,
                    say!(en: "there is no function `{name}`", ja: "関数 `{name}` はありません"),
                    None,
                );
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
            let help = say!(
                en: "write {} in {}",
                ja: "`{} in {}` と書いてください",
                self.quote(part.id),
                self.quote(target),
            );
            let message = say!(
                en: "`{name}` is asked of a text; {} is {}",
                ja: "`{name}` は文字列に対して使います。{} は{}です",
                self.quote(target),
                of.kind.words(),
            );
            self.error(code::TYPE, span, message, Some(help));
        } else {
            for it in [&of, &part] {
                if it.kind != Type::Hole && !it.kind.is_textual() {
                    let message = say!(
                        en: "`{name}` needs texts; {} is {}",
                        ja: "`{name}` には文字列が必要です。{} は{}です",
                        self.quote(it.id),
                        it.kind.words(),
                    );
                    self.error(code::TYPE, self.node(it.id).span, message, None);
                }
            }
        }
        if let Type::Enum(super::kind::Values::Levels(_)) = of.kind {
            let message = say!(
                en: "level() can only be compared with the name of a level",
                ja: "`level()` と比べられるのはレベル名だけです",
            );
            self.error(
                code::TYPE,
                span,
                message,
                Some(say!(
                    en: "for example level() == \"customer\"",
                    ja: "たとえば `level() == \"customer\"` です",
                )),
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
                let message = say!(
                    en: "`has` asks whether an attribute or a property is known",
                    ja: "`has` は、属性やプロパティの値があるかどうかを調べる関数です",
                );
                self.refuse(
                    id,
                    self.node(of).span,
                    message,
                    say!(
                        en: "write for example has(profile.age)",
                        ja: "たとえば `has(profile.age)` と書いてください",
                    ),
                );
                return Typed { kind: Type::Bool, ..self.hole(id) };
            }
        };
        if !name.is_empty() {
            let help = if list {
                say!(
                    en: "to ask whether it is empty: size({name}) > 0",
                    ja: "空でないことを調べるには `size({name}) > 0` と書いてください",
                )
            } else {
                say!(en: "leave it out", ja: "この条件は不要です。消してください")
            };
            let message = say!(
                en: "{name} always has a value: this is always true",
                ja: "{name} には必ず値があるため、この条件は常に真です",
            );
            let span = self.node(id).span;
            let severity = Severity::Warning;
            self.remarks.push(Remark {
                code: code::MISSING,
                severity,
                span,
                message,
                help: Some(help),
                fix: None,
            });
        }
        self.typed(id, Type::Bool, ExprKind::Has(Box::new(typed.expr)))
    }

    fn size(&mut self, id: Id, of: Id) -> Typed<'c> {
        let typed = self.infer(of);
        if typed.kind != Type::Hole && typed.kind != Type::Text && !typed.kind.is_list() {
            let message = say!(
                en: "only texts and lists have a size; {} is {}",
                ja: "大きさがあるのは文字列とリストだけです。{} は{}です",
                self.quote(of),
                typed.kind.words(),
            );
            self.error(code::TYPE, self.node(of).span, message, None);
        }
        self.typed(id, Type::Int, ExprKind::Size(Box::new(typed.expr)))
    }

    fn timestamp(&mut self, text: Id) -> Option<(Type<'c>, ExprKind)> {
        let example = "\"2026-11-21T00:00:00Z\"";
        let (text, span) = self.written(text, &say!(en: "an instant", ja: "時刻"), example)?;
        let Ok(time) = Timestamp::parse(text) else {
            let message = say!(
                en: "\"{text}\" is not an instant with its zone",
                ja: "`\"{text}\"` は、タイムゾーン付きの時刻ではありません",
            );
            let help = say!(
                en: "write for example {example} or \"2026-11-21T09:00:00+09:00\"",
                ja: "たとえば `{example}` または `\"2026-11-21T09:00:00+09:00\"` と書いてください",
            );
            self.error(code::MALFORMED, span, message, Some(help));
            return None;
        };
        Some((Type::Time, ExprKind::Constant(Constant::Time(time))))
    }

    fn duration(&mut self, text: Id) -> Option<(Type<'c>, ExprKind)> {
        let (text, span) =
            self.written(text, &say!(en: "a length of time", ja: "期間"), "\"30d\"")?;
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
            let message = say!(
                en: "\"{text}\" is not a length of time",
                ja: "`\"{text}\"` は期間ではありません",
            );
            let help = say!(
                en: "write for example \"12h\", \"30d\" or \"8w\"",
                ja: "たとえば `\"12h\"`、`\"30d\"`、`\"8w\"` のように書いてください",
            );
            self.error(code, span, message, Some(help));
        }
        length
    }

    /// A text that must be written out, with its place; reports it where it is not.
    pub(super) fn written(
        &mut self,
        id: Id,
        what: &Text,
        example: &str,
    ) -> Option<(&'c str, Span)> {
        let node = self.node(id);
        let quote = self.quote(id);
        let (code, help) = match &node.kind {
            Kind::Literal(Literal::Text(it)) => return Some((it, node.span)),
            Kind::Hole => return None,
            Kind::Name { name, absolute: false } => (
                code::UNKNOWN,
                say!(en: "write \"{name}\" in quotes", ja: "引用符で囲んで `\"{name}\"` と書いてください"),
            ),
            _ => (
                code::TYPE,
                say!(en: "write for example {example}", ja: "たとえば `{example}` と書いてください"),
            ),
        };
        let message = say!(
            en: "{} is written out here, in quotes; this is `{quote}`",
            ja: "{}は引用符で囲んで直接書きます。今は `{quote}` です",
            what,
        );
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
            let help = say!(
                en: "ask each list on its own, joined with &&",
                ja: "リストごとに調べ、`&&` でつないでください",
            );
            return self.refuse(
                id,
                self.node(id).span,
                say!(
                    en: "conditions do not nest exists and all",
                    ja: "条件では `exists` と `all` を入れ子にできません",
                ),
                help,
            );
        }
        let list = self.infer(target);
        if list.kind != Type::Hole && !list.kind.is_list() {
            let message = say!(
                en: "`{within}` is asked of a list; {} is {}",
                ja: "`{within}` はリストに対して使います。{} は{}です",
                self.quote(target),
                list.kind.words(),
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
        let (name, span) = self.written(
            segment,
            &say!(en: "the name of a segment", ja: "セグメント名"),
            "\"gold\"",
        )?;
        let names = &self.setting.names.segments;
        let found = names.get_key_value(name).map(|it| it.0.clone());
        let found = self.found(
            found,
            (name, span),
            &say!(en: "segment", ja: "セグメント"),
            names.keys().map(SegmentName::as_str),
        )?;
        self.uses.segments.entry(found.clone()).or_insert(span);
        Some((Type::Bool, ExprKind::InSegment(found)))
    }

    fn consented(&mut self, purpose: Id) -> Option<(Type<'c>, ExprKind)> {
        let (name, span) =
            self.written(purpose, &say!(en: "a purpose", ja: "目的"), "\"marketing-email\"")?;
        let names = &self.setting.names.purposes;
        let found = names.get(name).cloned();
        let found = self.found(
            found,
            (name, span),
            &say!(en: "purpose", ja: "目的"),
            names.iter().map(PurposeName::as_str),
        )?;
        self.uses.purposes.entry(found.clone()).or_insert(span);
        Some((Type::Bool, ExprKind::Consented(found)))
    }

    fn flagged(&mut self, flag: Id) -> Option<(Type<'c>, ExprKind)> {
        let (name, span) =
            self.written(flag, &say!(en: "a flag", ja: "フラグ"), "\"data-cleansing\"")?;
        self.uses.flags.entry(name.to_owned()).or_insert(span);
        Some((Type::Bool, ExprKind::Flagged(name.to_owned())))
    }

    /// Reports a name that does not exist.
    pub(super) fn found<T>(
        &mut self,
        found: Option<T>,
        (name, span): (&str, Span),
        what: &Text,
        all: impl Iterator<Item = &'c str>,
    ) -> Option<T> {
        if found.is_none() {
            let help = closest(name, all)
                .map(|it| say!(en: "did you mean \"{it}\"?", ja: "もしかして `\"{it}\"` ですか？"));
            self.error(
                code::UNKNOWN,
                span,
                say!(en: "there is no {} \"{name}\"", ja: "{} `\"{name}\"` はありません", what),
                help,
            );
        }
        found
    }
}
