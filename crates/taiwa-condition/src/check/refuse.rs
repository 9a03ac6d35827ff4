//! CEL that conditions do not use: each refused by its name, with a way out.

use taiwa_text::Span;

use super::{Checker, Typed, code};
use crate::{Id, Kind, Literal};

/// What becomes of a message; asked for only in the branches of journeys.
pub(super) const SIGNALS: [&str; 14] = [
    "sent",
    "delivered",
    "opened",
    "link_selected",
    "replied",
    "bounced",
    "blocked",
    "unsubscribed",
    "complained",
    "not_sent",
    "attempted",
    "answered",
    "not_attempted",
    "clicked",
];

/// Functions of CEL that are left out, each with what to do instead.
const LEFT_OUT: [(&str, &str); 28] = [
    ("map", "lists are only asked: with `in`, exists, all and size"),
    ("filter", "lists are only asked: with `in`, exists, all and size"),
    ("exists_one", "use exists, or size"),
    ("existsOne", "use exists, or size"),
    ("matches", "use startsWith, endsWith or contains"),
    ("int", "types are declared, and a whole number fits where a number is wanted"),
    ("uint", "types are declared, and a whole number fits where a number is wanted"),
    ("double", "a whole number fits where a number is wanted"),
    ("string", "compare values of one type; types are declared"),
    ("bytes", "compare texts as they are"),
    ("bool", "compare with true or false"),
    ("dyn", "types are declared"),
    ("type", "types are declared"),
    ("getHours", "use session.hour"),
    ("getDayOfWeek", "use session.weekday: 1 Monday to 7 Sunday"),
    ("getDate", "compare times with timestamp(\"…\")"),
    ("getDayOfMonth", "compare times with timestamp(\"…\")"),
    ("getDayOfYear", "compare times with timestamp(\"…\")"),
    ("getFullYear", "compare times with timestamp(\"…\")"),
    ("getMonth", "compare times with timestamp(\"…\")"),
    ("getMinutes", "compare lengths of time with duration(\"…\")"),
    ("getSeconds", "compare lengths of time with duration(\"…\")"),
    ("getMilliseconds", "compare lengths of time with duration(\"…\")"),
    ("lowerAscii", "write down both spellings: x in [\"a\", \"A\"]"),
    ("upperAscii", "write down both spellings: x in [\"a\", \"A\"]"),
    ("replace", "use startsWith, endsWith or contains"),
    ("split", "use startsWith, endsWith or contains"),
    ("substring", "use startsWith, endsWith or contains"),
];

impl<'c> Checker<'c> {
    pub(super) fn refuse(&mut self, id: Id, span: Span, message: &str, help: &str) -> Typed<'c> {
        self.error(code::SUBSET, span, message.to_owned(), Some(help.to_owned()));
        self.hole(id)
    }

    /// A function that is left out on purpose, or one of journeys; `None` for names of neither kind.
    pub(super) fn refuse_function(
        &mut self,
        id: Id,
        (name, span): (&'c str, Span),
    ) -> Option<Typed<'c>> {
        if SIGNALS.contains(&name) {
            return Some(self.refuse_signal(id, name));
        }
        let (_, help) = LEFT_OUT.iter().find(|it| it.0 == name)?;
        Some(self.refuse(id, span, &format!("conditions do not know `{name}`"), help))
    }

    pub(super) fn refuse_signal(&mut self, id: Id, name: &str) -> Typed<'c> {
        let message = format!("`{name}` asks what became of a message: it comes with journeys");
        let help =
            "journeys are not supported yet; seen(\"channel/event\", \"30d\") asks for events";
        self.refuse(id, self.node(id).span, &message, help)
    }

    pub(super) fn refuse_optional(&mut self, id: Id) -> Typed<'c> {
        let message = "conditions do not know `.?`";
        self.refuse(id, self.node(id).span, message, "ask with has(profile.x), or give x a default")
    }

    pub(super) fn refuse_index(&mut self, id: Id, of: Id, index: Id) -> Typed<'c> {
        let (variable, name) = match (&self.node(of).kind, &self.node(index).kind) {
            (Kind::Name { name, .. }, Kind::Literal(Literal::Text(it))) => {
                (name.as_str(), it.as_str())
            }
            _ => ("", ""),
        };
        let help = if matches!(variable, "profile" | "session" | "event") {
            format!("write {variable}.{name}")
        } else {
            "ask with `in`: \"espresso\" in profile.interests".to_owned()
        };
        self.refuse(id, self.node(id).span, "conditions do not know `[…]` behind a value", &help)
    }

    pub(super) fn refuse_map(&mut self, id: Id) -> Typed<'c> {
        let span = self.node(id).span;
        let help = "a list is written [\"a\", \"b\"]; in YAML a condition in `{ }` stands in single quotes";
        self.refuse(id, span, "conditions do not know `{ }`", help)
    }

    pub(super) fn refuse_literal(&mut self, id: Id, literal: &Literal) -> Typed<'c> {
        let quote = self.quote(id);
        let (message, help) = match literal {
            Literal::Null => (
                "conditions do not know `null`".to_owned(),
                "ask whether a value is there: has(profile.age), !has(profile.age)".to_owned(),
            ),
            Literal::Uint(it) => {
                ("conditions do not know unsigned numbers".to_owned(), format!("write {it}"))
            }
            _ => (
                "conditions do not know bytes".to_owned(),
                format!("write a text: {}", quote.trim_start_matches(['b', 'B'])),
            ),
        };
        self.refuse(id, self.node(id).span, &message, &help)
    }
}
