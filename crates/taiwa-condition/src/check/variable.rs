//! Names: `profile.…`, `session.…`, `event.…`, and what stands without them by mistake.

use taiwa_model::{AttributeName, PropertyName};
use taiwa_text::Span;

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
            let message = format!("a name does not begin with `.`: {}", self.quote(id));
            self.error(code::SUBSET, span, message, Some(format!("write {name}")));
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
            let message = format!("`{name}` alone is no value");
            self.error(
                code::TYPE,
                span,
                message,
                Some(format!("write for example {name}.{example}")),
            );
            return self.hole(id);
        }
        let help = if self.setting.names.attributes.contains_key(name) {
            format!("write profile.{name}")
        } else if SessionField::ALL.iter().any(|it| it.1 == name) {
            format!("write session.{name}")
        } else if super::function::is_function(name) {
            format!("it is a function: write {name}(…)")
        } else {
            format!("is it text? then write \"{name}\"")
        };
        self.error(code::UNKNOWN, span, format!("`{name}` is not known here"), Some(help));
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
                let message = format!("`{variable}` is not known here");
                let help = format!("write profile.{}", field.0);
                self.error(code::UNKNOWN, self.node(of).span, message, Some(help));
                self.hole(id)
            }
            _ => {
                let typed = self.infer(of);
                if typed.kind != Type::Hole {
                    let message =
                        format!("{} has no parts: it is {}", self.quote(of), typed.kind.words());
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
                Some(near) => format!("did you mean `profile.{near}`?"),
                None if SessionField::ALL.iter().any(|it| it.1 == name) => {
                    format!("did you mean `session.{name}`?")
                }
                None => "attributes are declared in channels/shared/audience.yaml".to_owned(),
            };
            let message = format!("profile has no attribute `{name}`");
            self.error(code::UNKNOWN, span, message, Some(help));
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
            let all = SessionField::ALL.map(|it| it.1).join(", ");
            let help = near.map_or_else(
                || format!("it has {all}"),
                |it| format!("did you mean `session.{it}`?"),
            );
            self.error(code::UNKNOWN, span, format!("session has no `{name}`"), Some(help));
            return self.hole(id);
        };
        let timely =
            matches!(field, SessionField::Now | SessionField::Weekday | SessionField::Hour);
        let whole = self.node(id).span;
        if !self.setting.session && !timely {
            let message = format!("session.{name} is not known here: no session is at hand");
            let help = "session.now, session.weekday and session.hour are always known".to_owned();
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
            let message = "`event` is not known here: no event causes this evaluation".to_owned();
            let help = "seen, count, sum and since ask for events of the past".to_owned();
            self.error(code::ABSENT, self.node(id).span, message, Some(help));
            return self.hole(id);
        };
        let properties = self.setting.names.events.get(event);
        let Some((name, it)) = properties.and_then(|it| it.get_key_value(name)) else {
            let near = properties.into_iter().flat_map(|it| it.keys()).map(PropertyName::as_str);
            let help = closest(name, near).map(|it| format!("did you mean `event.{it}`?"));
            self.error(code::UNKNOWN, span, format!("{event} has no property `{name}`"), help);
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
        let message = format!(
            "within `{}` only `{}` and values that are written out can stand",
            element.within, element.name
        );
        let help = "ask for the rest outside of it, joined with &&".to_owned();
        self.error(code::SUBSET, self.node(id).span, message, Some(help));
        true
    }
}
