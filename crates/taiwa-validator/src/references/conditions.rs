//! References inside conditions.

use taiwa_text::Span;

use super::{From, Reference, Strength, Target};
use crate::Sites;

pub(super) fn conditions(sites: &Sites, all: &mut Vec<Reference>) {
    for site in sites.iter() {
        let mut from = From { id: site.component.clone(), scope: site.scope.clone(), all };
        let mut add = |to: Target, span: Span| {
            from.add(site.path.clone(), to, Strength::Needs, Some(span));
        };
        let uses = &site.checked.uses;
        for (segment, span) in &uses.segments {
            add(Target::Segment(segment.clone()), *span);
        }
        for ((offer, _), it) in &uses.offers {
            add(Target::Offer(offer.clone()), it.span);
        }
        for (event, it) in &uses.events {
            add(Target::Event(event.clone()), it.span);
        }
        for (attribute, span) in &uses.attributes {
            add(Target::Attribute(attribute.clone()), *span);
        }
        for (purpose, span) in &uses.purposes {
            add(Target::Purpose(purpose.clone()), *span);
        }
        for (level, span) in &uses.levels {
            add(Target::Level(level.clone()), *span);
        }
    }
}
