//! CEL that conditions do not use: each refused by its name, with a way out.

use taiwa_text::{Span, Text, say};

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
fn instead(name: &str) -> Option<Text> {
    Some(match name {
        "map" | "filter" => {
            say!(
                en: "lists are only asked: with `in`, exists, all and size",
                ja: "リストは `in`、`exists`、`all`、`size` で調べることしかできません",
            )
        }
        "exists_one" | "existsOne" => {
            say!(en: "use exists, or size", ja: "`exists` か `size` を使ってください")
        }
        "matches" | "replace" | "split" | "substring" => {
            say!(
                en: "use startsWith, endsWith or contains",
                ja: "`startsWith`、`endsWith`、`contains` を使ってください",
            )
        }
        "int" | "uint" => {
            say!(
                en: "types are declared, and a whole number fits where a number is wanted",
                ja: "型は宣言で決まります。数値が必要な場所には整数も書けます",
            )
        }
        "double" => {
            say!(en: "a whole number fits where a number is wanted", ja: "数値が必要な場所には整数も書けます")
        }
        "string" => {
            say!(
                en: "compare values of one type; types are declared",
                ja: "同じ型の値どうしを比べてください。型は宣言で決まります",
            )
        }
        "bytes" => say!(en: "compare texts as they are", ja: "文字列のまま比べてください"),
        "bool" => say!(en: "compare with true or false", ja: "`true` か `false` と比べてください"),
        "dyn" | "type" => say!(en: "types are declared", ja: "型は宣言で決まります"),
        "getHours" => say!(en: "use session.hour", ja: "`session.hour` を使ってください"),
        "getDayOfWeek" => {
            say!(
                en: "use session.weekday: 1 Monday to 7 Sunday",
                ja: "`session.weekday` を使ってください。1 が月曜日、7 が日曜日です",
            )
        }
        "getDate" | "getDayOfMonth" | "getDayOfYear" | "getFullYear" | "getMonth" => {
            say!(en: "compare times with timestamp(\"…\")", ja: "時刻は `timestamp(\"…\")` と比べてください")
        }
        "getMinutes" | "getSeconds" | "getMilliseconds" => {
            say!(
                en: "compare lengths of time with duration(\"…\")",
                ja: "期間は `duration(\"…\")` と比べてください",
            )
        }
        "lowerAscii" | "upperAscii" => {
            say!(
                en: "write down both spellings: x in [\"a\", \"A\"]",
                ja: "`x in [\"a\", \"A\"]` のように両方のつづりを書いてください",
            )
        }
        _ => return None,
    })
}

impl<'c> Checker<'c> {
    pub(super) fn refuse(&mut self, id: Id, span: Span, message: Text, help: Text) -> Typed<'c> {
        self.error(code::SUBSET, span, message, Some(help));
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
        let help = instead(name)?;
        Some(self.refuse(
            id,
            span,
            say!(en: "conditions do not know `{name}`", ja: "条件では `{name}` を使えません"),
            help,
        ))
    }

    pub(super) fn refuse_signal(&mut self, id: Id, name: &str) -> Typed<'c> {
        let message = say!(
            en: "`{name}` asks what became of a message: it comes with journeys",
            ja: "`{name}` はメッセージの結果を調べるもので、ジャーニーとともに使えるようになります",
        );
        let help = say!(
            en: "journeys are not supported yet; seen(\"channel/event\", \"30d\") asks for events",
            ja: "ジャーニーにはまだ対応していません。イベントは `seen(\"channel/event\", \"30d\")` で調べられます",
        );
        self.refuse(id, self.node(id).span, message, help)
    }

    pub(super) fn refuse_optional(&mut self, id: Id) -> Typed<'c> {
        let message = say!(en: "conditions do not know `.?`", ja: "条件では `.?` を使えません");
        self.refuse(
            id,
            self.node(id).span,
            message,
            say!(
                en: "ask with has(profile.x), or give x a default",
                ja: "`has(profile.x)` で調べるか、`x` に既定値を付けてください",
            ),
        )
    }

    pub(super) fn refuse_index(&mut self, id: Id, of: Id, index: Id) -> Typed<'c> {
        let (variable, name) = match (&self.node(of).kind, &self.node(index).kind) {
            (Kind::Name { name, .. }, Kind::Literal(Literal::Text(it))) => {
                (name.as_str(), it.as_str())
            }
            _ => ("", ""),
        };
        let help = if matches!(variable, "profile" | "session" | "event") {
            say!(en: "write {variable}.{name}", ja: "`{variable}.{name}` と書いてください")
        } else {
            say!(
                en: "ask with `in`: \"espresso\" in profile.interests",
                ja: "`\"espresso\" in profile.interests` のように `in` で調べてください",
            )
        };
        self.refuse(
            id,
            self.node(id).span,
            say!(en: "conditions do not know `[…]` behind a value", ja: "条件では、値の後に `[…]` を付けられません"),
            help,
        )
    }

    pub(super) fn refuse_map(&mut self, id: Id) -> Typed<'c> {
        let span = self.node(id).span;
        let help = say!(
            en: "a list is written [\"a\", \"b\"]; in YAML a condition in `{{ }}` stands in single quotes",
            ja: "リストは `[\"a\", \"b\"]` と書きます。YAML の `{{ }}` の中では、条件を一重引用符で囲みます",
        );
        self.refuse(
            id,
            span,
            say!(en: "conditions do not know `{{ }}`", ja: "条件では `{{ }}` を使えません"),
            help,
        )
    }

    pub(super) fn refuse_literal(&mut self, id: Id, literal: &Literal) -> Typed<'c> {
        let quote = self.quote(id);
        let (message, help) = match literal {
            Literal::Null => (
                say!(en: "conditions do not know `null`", ja: "条件では `null` を使えません"),
                say!(
                    en: "ask whether a value is there: has(profile.age), !has(profile.age)",
                    ja: "値の有無は `has(profile.age)`、`!has(profile.age)` で調べてください",
                ),
            ),
            Literal::Uint(it) => (
                say!(en: "conditions do not know unsigned numbers", ja: "条件では符号なし整数を使えません"),
                say!(en: "write {it}", ja: "`{it}` と書いてください"),
            ),
            _ => (
                say!(en: "conditions do not know bytes", ja: "条件ではバイト列を使えません"),
                say!(
                    en: "write a text: {}",
                    ja: "文字列で `{}` と書いてください",
                    quote.trim_start_matches(['b', 'B']),
                ),
            ),
        };
        self.refuse(id, self.node(id).span, message, help)
    }
}
