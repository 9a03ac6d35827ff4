//! Functions that look back: events and offers within a window.

use taiwa_model::{ChannelName, EventRef, OfferName, PropertyName, SpanOfTime};
use taiwa_text::{Span, say};

use super::{Checker, OfferUse, code, kind::Type};
use crate::{ExprKind, History, Id, closest};

type Answer<'c> = Option<(Type<'c>, ExprKind)>;

impl<'c> Checker<'c> {
    /// `seen` and `count`.
    pub(super) fn counting(&mut self, name: &str, event: Id, window: Id) -> Answer<'c> {
        let (found, window) = (self.event(event), self.window(window));
        let ((event, span), window) = (found?, window?);
        let used = self.uses.event(event.clone(), span);
        used.window = used.window.max(window);
        Some(if name == "seen" {
            (Type::Bool, ExprKind::Seen { event, window })
        } else {
            (Type::Int, ExprKind::Count { event, window })
        })
    }

    pub(super) fn sum(&mut self, event: Id, property: Id, window: Id) -> Answer<'c> {
        let found = self.event(event);
        let named = self.written(
            property,
            &say!(en: "the name of a property", ja: "プロパティ名"),
            "\"amount\"",
        );
        let window = self.window(window);
        let ((event, span), named) = (found?, named?);
        let property = self.numeric_property(&event, named);
        let (property, window) = (property?, window?);
        self.uses.event(event.clone(), span).sum(property.clone(), window);
        Some((Type::Number, ExprKind::Sum { event, property, window }))
    }

    fn numeric_property(
        &mut self,
        event: &EventRef,
        (name, span): (&'c str, Span),
    ) -> Option<PropertyName> {
        let properties = self.setting.names.events.get(event)?;
        let Some((found, it)) = properties.get_key_value(name) else {
            let help = closest(name, properties.keys().map(PropertyName::as_str))
                .map(|it| say!(en: "did you mean \"{it}\"?", ja: "もしかして `\"{it}\"` ですか？"));
            let message = say!(
                en: "{event} has no property \"{name}\"",
                ja: "イベント `{event}` にプロパティ `\"{name}\"` はありません",
            );
            self.error(code::UNKNOWN, span, message, help);
            return None;
        };
        if !it.kind.is_numeric() {
            let message = say!(
                en: "only numbers can be summed; \"{name}\" is {}",
                ja: "合計できるのは数値だけです。`\"{name}\"` の型は `{}` です",
                it.kind.as_str(),
            );
            self.error(code::TYPE, span, message, None);
            return None;
        }
        Some(found.clone())
    }

    pub(super) fn since(&mut self, event: Id) -> Answer<'c> {
        let (event, span) = self.event(event)?;
        self.uses.event(event.clone(), span).last = true;
        Some((Type::Duration, ExprKind::Since(event)))
    }

    pub(super) fn history(&mut self, history: History, offer: Id, window: Id) -> Answer<'c> {
        let named = self.written(
            offer,
            &say!(en: "the name of an offer", ja: "オファー名"),
            "\"espresso-starter\"",
        );
        let window = self.window(window);
        let (name, span) = named?;
        let offers = &self.setting.names.offers;
        let found = offers.get(name).cloned();
        let offer = self.found(
            found,
            (name, span),
            &say!(en: "offer", ja: "オファー"),
            offers.iter().map(OfferName::as_str),
        )?;
        let window = window?;
        self.uses.offer(offer.clone(), history, OfferUse { span, window });
        Some((Type::Bool, ExprKind::Offer { history, offer, window }))
    }

    /// The window of a function: written out, longer than nothing, not longer than the longest.
    fn window(&mut self, id: Id) -> Option<SpanOfTime> {
        let node = self.node(id);
        let crate::Kind::Literal(crate::Literal::Text(text)) = &node.kind else {
            if node.kind != crate::Kind::Hole {
                let message = say!(
                    en: "a window is a length of time that is written out, in quotes",
                    ja: "集計期間は、期間を引用符で囲んで直接書きます",
                );
                let help = match &node.kind {
                    crate::Kind::Literal(crate::Literal::Int(it)) => {
                        say!(
                            en: "write \"{it}d\" or \"{it}h\"",
                            ja: "`\"{it}d\"` または `\"{it}h\"` と書いてください",
                        )
                    }
                    _ => {
                        say!(
                            en: "write for example \"12h\", \"30d\" or \"8w\"",
                            ja: "たとえば `\"12h\"`、`\"30d\"`、`\"8w\"` のように書いてください",
                        )
                    }
                };
                self.error(code::WINDOW, node.span, message, Some(help));
            }
            return None;
        };
        let window = self.length_of_time(code::WINDOW, text, node.span)?;
        let message = if window > SpanOfTime::LONGEST_WINDOW {
            say!(
                en: "\"{text}\" is longer than the longest window, 400d",
                ja: "`\"{text}\"` は、集計期間の上限 400d を超えています",
            )
        } else if window == SpanOfTime::default() {
            say!(en: "a window of no length holds nothing", ja: "長さ 0 の集計期間には何も含まれません")
        } else {
            return Some(window);
        };
        self.error(code::WINDOW, node.span, message, None);
        None
    }

    /// The event that a text names; where bare names are not clear here, or nothing is found, that is reported.
    fn event(&mut self, id: Id) -> Option<(EventRef, Span)> {
        let (name, span) = self.written(
            id,
            &say!(en: "the name of an event", ja: "イベント名"),
            "\"web-store/purchase\"",
        )?;
        let events = &self.setting.names.events;
        let Some(event) = EventRef::parse(name, self.setting.scope) else {
            let all = || events.keys().filter(|it| it.event.as_str() == name);
            let message = say!(
                en: "an event is named with its channel here: channel/{name}",
                ja: "ここではイベントをチャネルと一緒に `channel/{name}` の形で書きます",
            );
            let near = closest(name, events.keys().map(|it| it.event.as_str()));
            let near = events.keys().find(|it| Some(it.event.as_str()) == near);
            let help = match (all().next(), all().count()) {
                (Some(it), 1) => say!(en: "write \"{it}\"", ja: "`\"{it}\"` と書いてください"),
                (Some(it), _) => say!(
                    en: "write for example \"{it}\"",
                    ja: "たとえば `\"{it}\"` と書いてください",
                ),
                (None, _) => near.map_or_else(
                    || say!(en: "write \"channel/{name}\"", ja: "`\"channel/{name}\"` の形で書いてください"),
                    |it| say!(en: "did you mean \"{it}\"?", ja: "もしかして `\"{it}\"` ですか？"),
                ),
            };
            self.error(code::BARE, span, message, Some(help));
            return None;
        };
        if events.contains_key(&event) {
            return Some((event, span));
        }
        let channels = &self.setting.names.channels;
        let qualified = name.contains('/');
        let (message, near) = if channels.contains(&event.channel) {
            let own = events.keys().filter(|it| it.channel == event.channel);
            let near = closest(event.event.as_str(), own.map(|it| it.event.as_str())).map(|it| {
                if qualified { format!("{}/{it}", event.channel) } else { it.to_owned() }
            });
            (
                say!(
                    en: "{} has no event \"{}\"",
                    ja: "チャネル `{}` にイベント `\"{}\"` はありません",
                    event.channel,
                    event.event,
                ),
                near,
            )
        } else {
            let near = closest(event.channel.as_str(), channels.iter().map(ChannelName::as_str));
            let near = near.map(|it| format!("{it}/{}", event.event));
            (
                say!(en: "there is no channel \"{}\"", ja: "チャネル `\"{}\"` はありません", event.channel),
                near,
            )
        };
        let elsewhere = events.keys().find(|it| it.event == event.event).map(ToString::to_string);
        let help = near
            .or(elsewhere)
            .map(|it| say!(en: "did you mean \"{it}\"?", ja: "もしかして `\"{it}\"` ですか？"));
        self.error(code::UNKNOWN, span, message, help);
        None
    }
}
