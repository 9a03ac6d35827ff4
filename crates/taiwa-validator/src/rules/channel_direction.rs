//! Rule TW0116, channel-direction.

use taiwa_model::{ComponentId, Direction, Kind, Medium};
use taiwa_text::Finding;

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a channel has what its direction needs and nothing of the other: an outbound channel a `medium` and
    /// no zones, an inbound channel no `medium`, a custom medium its interactions.
    ///
    /// ## Why it matters
    /// Touchpoints ask inbound channels and we send on outbound ones. A zone on an email channel would wait for a
    /// question that never comes.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// consent: marketing-email
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// consent: marketing-email
    /// ```
    pub(crate) static CHANNEL_DIRECTION = {
        code: "TW0116",
        name: "channel-direction",
        level: Guard,
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let mut push = |path: &str, message: &str, help: &str| {
            findings.push(cx.at_key(&CHANNEL_DIRECTION, &id, path, message).help(help));
        };
        match channel.direction {
            Direction::Inbound if channel.medium.is_some() => {
                push(
                    "medium",
                    "an inbound channel has no medium",
                    "leave `medium` out, or write `direction: outbound`",
                );
            }
            Direction::Outbound if channel.medium.is_none() => {
                push(
                    "direction",
                    "an outbound channel needs a medium",
                    "add `medium: email`, `sms`, `push`, `voice` or `custom`",
                );
            }
            Direction::Outbound if !channel.interaction_points.is_empty() => {
                push(
                    "interaction_points",
                    "an outbound channel has no interaction points",
                    "leave them out, or write `direction: inbound`",
                );
            }
            _ => {}
        }
        match channel.medium {
            Some(Medium::Custom) if channel.interactions.is_empty() => {
                push(
                    "medium",
                    "a custom medium lists its own interactions",
                    "add for example `interactions: [displayed, selected]`",
                );
            }
            Some(Medium::Email | Medium::Sms | Medium::Push | Medium::Voice)
                if !channel.interactions.is_empty() =>
            {
                push(
                    "interactions",
                    "only a custom medium has interactions of its own",
                    "write `interactions: standard`",
                );
            }
            _ => {}
        }
    }
}
