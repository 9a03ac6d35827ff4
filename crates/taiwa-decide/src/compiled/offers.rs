//! Offers, ready to be judged and shown.
//!
//! **Invariant.** The index of an offer is that of its slot, in the order of the names.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use taiwa_condition::{Expect, PurposeSlot};
use taiwa_model::{
    Cap, ChannelName, Content, FieldName, Locale, Offer, OfferName, Scoped, Timestamp, Value,
};

use super::{
    Builder, Condition,
    template::{Meaning, Template},
};
use crate::ContactKind;

/// An offer.
#[derive(Debug)]
pub(crate) struct CompiledOffer {
    pub(crate) name: OfferName,
    /// First instant at which it may be proposed.
    pub(crate) begins: Timestamp,
    /// First instant at which it may no longer be.
    pub(crate) ends: Timestamp,
    pub(crate) value: f64,
    pub(crate) consent: Option<PurposeSlot>,
    pub(crate) eligible: Option<Condition>,
    pub(crate) cap: Option<Cap>,
    pub(crate) treatments: BTreeMap<ChannelName, CompiledTreatment>,
}

/// A treatment: its fields by locale, never empty.
#[derive(Debug)]
pub(crate) struct CompiledTreatment {
    /// Sorted by locale.
    pub(crate) locales: Vec<(Locale, Form)>,
}

/// The fields of a treatment in one locale.
#[derive(Debug)]
pub(crate) struct Form {
    /// `channel/locale`, as answers name it.
    pub(crate) name: String,
    /// The fields as they are; where a template stands, it is replaced.
    pub(crate) content: Content,
    /// The fields with placeholders.
    pub(crate) templates: Vec<(FieldName, Template)>,
}

impl Builder<'_> {
    /// All offers, by the index of their slots.
    pub(super) fn offers(&mut self, zone: &TimeZone) -> Vec<CompiledOffer> {
        let components = self.components;
        components.offers.iter().map(|(name, it)| self.offer(name, it, zone)).collect()
    }

    fn offer(&mut self, name: &OfferName, offer: &Scoped<Offer>, zone: &TimeZone) -> CompiledOffer {
        let place = format!("offer/{name}");
        let it = &offer.content;
        let consent = it.consent.as_ref().and_then(|purpose| {
            let slot = self.slots.purposes.slot(purpose.as_str());
            if slot.is_none() {
                self.problem(&place, &format!("purpose `{purpose}` is not declared"));
            }
            slot
        });
        let eligible = it
            .eligible
            .as_deref()
            .and_then(|it| self.condition(&place, it, Expect::Condition, &offer.scope));
        if let Some(cap) = it.cap {
            self.keep.contact_window(name, ContactKind::Shown, cap.per);
        }
        if !it.value.is_finite() {
            self.problem(&place, "its value is no number");
        }
        let mut treatments = BTreeMap::new();
        for (channel, by_locale) in &it.treatments {
            let mut locales = Vec::new();
            for (locale, fields) in by_locale {
                let form = self.form(&place, &format!("{channel}/{locale}"), fields);
                locales.push((locale.clone(), form));
            }
            if !locales.is_empty() {
                treatments.insert(channel.clone(), CompiledTreatment { locales });
            }
        }
        CompiledOffer {
            name: name.clone(),
            begins: it.valid.from.map_or(Timestamp::from_millis(i64::MIN), |it| it.begins(zone)),
            ends: it.valid.until.map_or(Timestamp::MAX, |end| end.ends(zone)),
            value: it.value,
            consent,
            eligible,
            cap: it.cap,
            treatments,
        }
    }

    fn form(&mut self, place: &str, name: &str, fields: &Content) -> Form {
        let mut templates = Vec::new();
        for (field, value) in fields {
            let Value::Text(text) = value else { continue };
            if !text.contains("{{") {
                continue;
            }
            match Template::read(text, &|it| self.meaning(it, fields)) {
                Ok(template) => templates.push((field.clone(), template)),
                Err(words) => self.problem(place, &format!("{name}, {field}: {words}")),
            }
        }
        let mut content = fields.clone();
        templates.retain(|(field, template)| match template.plain() {
            Some(text) => {
                content.insert(field.clone(), Value::Text(text.to_owned()));
                false
            }
            None => true,
        });
        Form { name: name.to_owned(), content, templates }
    }

    /// What a placeholder of an offer's treatment stands for.
    fn meaning(&self, name: &str, fields: &Content) -> Result<Meaning, String> {
        match name.split_once('.') {
            Some(("profile", it)) if self.names.attributes.contains_key(it) => {
                Ok(Meaning::Attribute(it.into()))
            }
            Some(("offer", it)) => match fields.get(it) {
                Some(Value::Text(text)) if !text.contains("{{") => Ok(Meaning::Text(text.clone())),
                Some(Value::Text(_)) => Err(format!("`{name}` has placeholders itself")),
                _ => Err(format!("`{name}` is no text of this treatment")),
            },
            _ => Err(format!("`{name}` is neither an attribute nor a field of this treatment")),
        }
    }
}
