//! Names: `profile.…`, `session.…`, `event.…`, and what stands without them by mistake.

use taiwa_model::{AttributeName, PropertyName};
use taiwa_text::{LocalFix, Span, Text, say};

use super::{
    Checker, Typed, code,
    kind::{Type, Values},
    refuse::SIGNALS,
};
use crate::expr::{AttributeRef, PropertyRef};
use crate::{ExprKind, Id, Kind, SessionField, closest};

impl<'c> Checker<'c> {
    pub(super) fn name(&mut self, id: Id, name: &'c str, absolute: bool) -> Typed<'c> {
        let span = self.node(id).span;
        if let Some(element) = self.element.as_ref().filter(|it| it.name == name && !absolute) {
            return self.typed(id, element.kind, ExprKind::Element);
        }
        if absolute {
            let message = say!(
                en: "a name does not begin with `.`: {}",
                ja: "名前を `.` で始めることはできません: {}",
                self.quote(id),
            );
            self.error(
                code::SUBSET,
                span,
                message,
                Some(say!(en: "write {name}", ja: "`{name}` と書いてください")),
            );
            self.mend(LocalFix::guess(span, name));
            return self.hole(id);
        }
        if SIGNALS.contains(&name) {
            return self.refuse_signal(id, name);
        }
        if let "profile" | "session" | "event" = name {
            let example = match name {
                "profile" => {
                    self.setting.names.attributes.keys().next().map_or("age", |it| it.as_str())
                }
                "session" => "hour",
                _ => "amount",
            };
            let message =
                say!(en: "`{name}` alone is no value", ja: "`{name}` だけでは値になりません");
            self.error(
                code::TYPE,
                span,
                message,
                Some(say!(
                    en: "write for example {name}.{example}",
                    ja: "たとえば `{name}.{example}` と書いてください",
                )),
            );
            return self.hole(id);
        }
        let help = if self.setting.names.attributes.contains_key(name) {
            say!(en: "write profile.{name}", ja: "`profile.{name}` と書いてください")
        } else if SessionField::ALL.iter().any(|it| it.1 == name) {
            say!(en: "write session.{name}", ja: "`session.{name}` と書いてください")
        } else if super::signature::is_function(name) {
            say!(en: "it is a function: write {name}(…)", ja: "これは関数です。`{name}(…)` と書いてください")
        } else {
            say!(en: "is it text? then write \"{name}\"", ja: "文字列であれば `\"{name}\"` と書いてください")
        };
        self.error(
            code::UNKNOWN,
            span,
            say!(en: "`{name}` is not known here", ja: "`{name}` はここでは使えない名前です"),
            Some(help),
        );
        if self.setting.names.attributes.contains_key(name) {
            self.mend(LocalFix::guess(span, format!("profile.{name}")));
        } else if SessionField::ALL.iter().any(|it| it.1 == name) {
            self.mend(LocalFix::guess(span, format!("session.{name}")));
        }
        self.hole(id)
    }

    pub(super) fn field(&mut self, id: Id, of: Id, field: (&'c str, Span)) -> Typed<'c> {
        let variable = match &self.node(of).kind {
            Kind::Name { name, absolute: false } => name.as_str(),
            _ => "",
        };
        if matches!(variable, "profile" | "session" | "event") && self.outside_of_element(id) {
            return self.hole(id);
        }
        match variable {
            "profile" => self.attribute(id, field),
            "session" => self.session(id, field),
            "event" => self.property(id, field),
            "customer" | "visitor" | "user" | "person" | "member"
                if self.setting.names.attributes.contains_key(field.0) =>
            {
                let message = say!(
                    en: "`{variable}` is not known here",
                    ja: "`{variable}` はここでは使えない名前です",
                );
                let help =
                    say!(en: "write profile.{}", ja: "`profile.{}` と書いてください", field.0);
                self.error(code::UNKNOWN, self.node(of).span, message, Some(help));
                self.mend(LocalFix::guess(self.node(of).span, "profile"));
                self.hole(id)
            }
            _ => {
                let typed = self.infer(of);
                if typed.kind != Type::Hole {
                    let message = say!(
                        en: "{} has no parts: it is {}",
                        ja: "{} に項目はありません。これは{}です",
                        self.quote(of),
                        typed.kind.words(),
                    );
                    self.error(code::TYPE, field.1, message, None);
                }
                self.hole(id)
            }
        }
    }

    fn attribute(&mut self, id: Id, (name, span): (&'c str, Span)) -> Typed<'c> {
        let names = self.setting.names;
        let Some((name, it)) = names.attributes.get_key_value(name) else {
            let near = closest(name, names.attributes.keys().map(AttributeName::as_str));
            let help = match near {
                Some(near) => {
                    say!(en: "did you mean `profile.{near}`?", ja: "もしかして `profile.{near}` ですか？")
                }
                None if SessionField::ALL.iter().any(|it| it.1 == name) => {
                    say!(en: "did you mean `session.{name}`?", ja: "もしかして `session.{name}` ですか？")
                }
                None => {
                    say!(
                        en: "attributes are declared in channels/shared/audience.yaml",
                        ja: "属性は `channels/shared/audience.yaml` で宣言します",
                    )
                }
            };
            let message = say!(
                en: "profile has no attribute `{name}`",
                ja: "`profile` に属性 `{name}` はありません",
            );
            self.error(code::UNKNOWN, span, message, Some(help));
            if let Some(near) = near {
                self.mend(LocalFix::guess(span, near));
            } else if SessionField::ALL.iter().any(|it| it.1 == name) {
                self.mend(LocalFix::guess(self.node(id).span, format!("session.{name}")));
            }
            return self.hole(id);
        };
        let whole = self.node(id).span;
        self.uses.attributes.entry(name.clone()).or_insert(whole);
        let kind = Type::declared(it.kind, &it.values);
        let reference = AttributeRef {
            name: name.clone(),
            kind: it.kind,
            missing: it.default.is_none() && !kind.is_list(),
            min: it.min,
            max: it.max,
        };
        self.typed(id, kind, ExprKind::Attribute(reference))
    }

    fn session(&mut self, id: Id, (name, span): (&'c str, Span)) -> Typed<'c> {
        let Some((field, _)) = SessionField::ALL.iter().find(|it| it.1 == name) else {
            let near = closest(name, SessionField::ALL.iter().map(|it| it.1));
            let all = Text::row(&SessionField::ALL.map(|it| it.1));
            let help = near.map_or_else(
                || say!(en: "it has {}", ja: "使えるのは {} です", all),
                |it| say!(en: "did you mean `session.{it}`?", ja: "もしかして `session.{it}` ですか？"),
            );
            self.error(
                code::UNKNOWN,
                span,
                say!(en: "session has no `{name}`", ja: "`session` に `{name}` はありません"),
                Some(help),
            );
            if let Some(near) = near {
                self.mend(LocalFix::guess(span, near));
            }
            return self.hole(id);
        };
        let timely =
            matches!(field, SessionField::Now | SessionField::Weekday | SessionField::Hour);
        let whole = self.node(id).span;
        if !self.setting.session && !timely {
            let message = say!(
                en: "session.{name} is not known here: no session is at hand",
                ja: "`session.{name}` はここでは使えません。セッションがない場所です",
            );
            let help = say!(
                en: "session.now, session.weekday and session.hour are always known",
                ja: "`session.now`、`session.weekday`、`session.hour` はいつでも使えます",
            );
            self.error(code::ABSENT, whole, message, Some(help));
            return self.hole(id);
        }
        self.uses.session.entry(*field).or_insert(whole);
        let kind = match field {
            SessionField::Now => Type::Time,
            SessionField::Weekday | SessionField::Hour | SessionField::Visits => Type::Int,
            SessionField::Locale => Type::Text,
            SessionField::Channel => Type::Enum(Values::Channels(&self.setting.names.channels)),
            SessionField::Known => Type::Bool,
        };
        self.typed(id, kind, ExprKind::Session(*field))
    }

    fn property(&mut self, id: Id, (name, span): (&'c str, Span)) -> Typed<'c> {
        let Some(event) = self.setting.event else {
            let message = say!(
                en: "`event` is not known here: no event causes this evaluation",
                ja: "`event` はここでは使えません。きっかけとなるイベントがない場所です",
            );
            let help = say!(
                en: "seen, count, sum and since ask for events of the past",
                ja: "過去のイベントは `seen`、`count`、`sum`、`since` で調べられます",
            );
            self.error(code::ABSENT, self.node(id).span, message, Some(help));
            return self.hole(id);
        };
        let properties = self.setting.names.events.get(event);
        let Some((name, it)) = properties.and_then(|it| it.get_key_value(name)) else {
            let near = properties.into_iter().flat_map(|it| it.keys()).map(PropertyName::as_str);
            let near = closest(name, near);
            let help = near.map(
                |it| say!(en: "did you mean `event.{it}`?", ja: "もしかして `event.{it}` ですか？"),
            );
            self.error(
                code::UNKNOWN,
                span,
                say!(
                    en: "{event} has no property `{name}`",
                    ja: "イベント `{event}` にプロパティ `{name}` はありません",
                ),
                help,
            );
            if let Some(near) = near {
                self.mend(LocalFix::guess(span, near));
            }
            return self.hole(id);
        };
        let whole = self.node(id).span;
        self.uses.properties.entry(name.clone()).or_insert(whole);
        let kind = Type::declared(it.kind, &it.values);
        let reference = PropertyRef {
            name: name.clone(),
            kind: it.kind,
            missing: it.optional && !kind.is_list(),
        };
        self.typed(id, kind, ExprKind::Property(reference))
    }

    /// Whether this stands within `exists` or `all`, where only the element and written values may; reports it.
    pub(super) fn outside_of_element(&mut self, id: Id) -> bool {
        let Some(element) = &self.element else { return false };
        let message = say!(
            en: "within `{}` only `{}` and values that are written out can stand",
            ja: "`{}` の中に書けるのは `{}` と、直接書いた値だけです",
            element.within,
            element.name,
        );
        let help = say!(
            en: "ask for the rest outside of it, joined with &&",
            ja: "ほかの条件は外に出し、`&&` でつないでください",
        );
        self.error(code::SUBSET, self.node(id).span, message, Some(help));
        true
    }
}
