//! The shape of scenarios. Steps that belong to journeys are known, so that they can be refused by name.

use super::{
    Field, Form, Make, Naming, Other, Record, Spelling, TITLE, Variant, workspace::ANSWERS,
};

/// `channels/NAME/scenarios/NAME.yaml`.
pub(super) static SCENARIO: Record = Record::new(
    "A scenario: who comes when, what they do, and what we must say.",
    &[
        TITLE,
        Field::new("given", Form::Record(&GIVEN), "Where the story begins.").required(),
        Field::new("steps", Form::List(&Form::Variants(STEPS)), "What happens, in order.")
            .required(),
    ],
);

const VALUES: Form = Form::Map(Spelling::Elsewhere, &Form::Value);

static GIVEN: Record = Record {
    doc: "Where a scenario begins.",
    fields: &[
        Field::new("at", Form::Made(Make::Moment), "The clock.").required(),
        Field::new(
            "consent",
            Form::Map(Spelling::Elsewhere, &Form::Choice(ANSWERS)),
            "What the person said about purposes.",
        ),
        Field::new("history", Form::List(&Form::Variants(PAST)), "What happened before."),
    ],
    other: Some(&Other {
        label: "LEVEL",
        name_to: "level",
        value_to: "profile",
        form: VALUES,
        doc: "The person, under the name of an audience level (`customer`, `visitor`): its key, and attributes.",
    }),
};

const AGO: Field = Field::new("ago", Form::Made(Make::Duration), "How long before.").required();

const PAST: &[Variant] = &[
    Variant::new(
        Field::new("event", Form::Event(Naming::Bare), "An event that was posted.")
            .to("what/event/event"),
        &[AGO, Field::new("properties", VALUES, "Its properties.").to("what/event/properties")],
    ),
    Variant::new(
        Field::new("shown", Form::Reference("offer"), "An offer that was shown.").to("what/shown"),
        &[AGO],
    ),
    Variant::new(
        Field::new("accepted", Form::Reference("offer"), "An offer that was accepted.")
            .to("what/accepted"),
        &[AGO],
    ),
    Variant::new(
        Field::new("rejected", Form::Reference("offer"), "An offer that was rejected.")
            .to("what/rejected"),
        &[AGO],
    ),
];

const STEPS: &[Variant] = &[
    Variant::new(
        Field::new(
            "start",
            Form::Record(&START),
            "A session begins; later bare names mean its channel.",
        ),
        &[],
    ),
    Variant::new(
        Field::new("offers", Form::Record(&OFFERS), "An interaction point is asked."),
        &[],
    ),
    Variant::new(Field::new("post", Form::Record(&POST), "An event is posted."), &[]),
    Variant::new(Field::new("advance", Form::Made(Make::Duration), "The clock moves on."), &[]),
    Variant::new(Field::new("expect", Form::Variants(EXPECT), "Something must be so now."), &[]),
    Variant::later(Field::new("interaction", Form::Value, "A signal of a message comes in.")),
];

static START: Record = Record::new(
    "The beginning of a session.",
    &[
        Field::new("channel", Form::Reference("channel"), "The channel.").required(),
        Field::new("locale", Form::Made(Make::Locale), "The locale of the session."),
    ],
);

const OFFER_LIST: Form = Form::List(&Form::Reference("offer"));

static OFFERS: Record = Record::new(
    "A question for offers, and the answer.",
    &[
        Field::new("point", Form::Reference("interaction point"), "Which point.").required(),
        Field::new("limit", Form::Whole(1, 50), "At most so many."),
        Field::new(
            "expect",
            OFFER_LIST,
            "The whole answer in order, fallback included; `[]`: nothing.",
        ),
        Field::new("contains", OFFER_LIST, "These must be in the answer."),
        Field::new("excludes", OFFER_LIST, "These must not."),
    ],
);

static POST: Record = Record::new(
    "An event that is posted.",
    &[
        Field::new("event", Form::Reference("event"), "Which event.").required(),
        Field::new("properties", VALUES, "Its properties."),
    ],
);

const EXPECT: &[Variant] = &[
    Variant::new(
        Field::new("segment", Form::Reference("segment"), "The person is in this segment."),
        &[],
    ),
    Variant::new(
        Field::new("not_segment", Form::Reference("segment"), "The person is not in this segment.")
            .to("not-segment"),
        &[],
    ),
    Variant::later(Field::new("sent", Form::Value, "A message was sent.")),
    Variant::later(Field::new("not_sent", Form::Value, "A message was not sent.")),
    Variant::later(Field::new("flag", Form::Value, "The person has a flag.")),
    Variant::later(Field::new("suppressed", Form::Value, "The person is on a suppression list.")),
    Variant::later(Field::new("queue", Form::Value, "The person waits in a work queue.")),
    Variant::later(Field::new("at", Form::Value, "The person is at a step of a journey.")),
    Variant::later(Field::new("left", Form::Value, "The person left a journey.")),
];
