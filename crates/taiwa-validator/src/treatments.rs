//! The treatments of offers and messages, one after the other.

use taiwa_model::{ChannelName, ComponentId, Components, Kind, Message, Treatment};

/// One treatment.
pub(crate) struct Localised<'a> {
    /// The offer or message.
    pub id: ComponentId,
    /// `treatments/CHANNEL`.
    pub path: String,
    /// Its channel.
    pub channel: &'a ChannelName,
    /// Its content by locale.
    pub treatment: &'a Treatment,
    /// The message, where it is one.
    pub message: Option<&'a Message>,
}

/// All treatments, in the order of their components.
pub(crate) fn treatments(components: &Components) -> impl Iterator<Item = Localised<'_>> {
    let offers = components.offers.iter().map(|(name, it)| {
        (ComponentId::new(Kind::Offer, name.as_str()), &it.content.treatments, None)
    });
    let messages = components.messages.iter().map(|(name, it)| {
        (ComponentId::new(Kind::Message, name.as_str()), &it.content.treatments, Some(&it.content))
    });
    offers.chain(messages).flat_map(|(id, all, message)| {
        all.iter().map(move |(channel, treatment)| Localised {
            id: id.clone(),
            path: format!("treatments/{channel}"),
            channel,
            treatment,
            message,
        })
    })
}
