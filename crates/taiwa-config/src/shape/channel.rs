//! The shapes of `channel.yaml`, `strategy.yaml` and touchpoints.

use super::{Field, Form, Make, Naming, OPTIONAL_TITLE, Record, Spelling, TITLE, workspace::TYPES};

/// `channels/NAME/channel.yaml`.
pub(super) static CHANNEL: Record = Record::new(
    "An interactive channel.",
    &[
        TITLE,
        Field::new(
            "direction",
            Form::Choice(&[("inbound", "touchpoints ask"), ("outbound", "we send")]),
            "Whether touchpoints ask, or we send.",
        )
        .required(),
        Field::new(
            "goal",
            Form::Reference("goal"),
            "The goal it serves; required for inbound channels.",
        ),
        Field::new(
            "medium",
            Form::Choice(&[
                ("email", "email"),
                ("sms", "text messages"),
                ("push", "push notifications"),
                ("voice", "calls"),
                ("custom", "anything else; lists its own interactions"),
            ]),
            "What kind of outbound channel it is.",
        ),
        Field::new(
            "interactions",
            Form::Interactions,
            "`standard` for the signals of the medium; a custom medium lists its own.",
        ),
        Field::new(
            "consent",
            Form::Reference("purpose"),
            "The purpose that its messages need unless they name one.",
        ),
        Field::new(
            "quiet_hours",
            Form::OneOrMany(&Form::Record(&QUIET)),
            "When nothing is sent; one or a list.",
        ),
        Field::new("zones", Form::Map(Spelling::Kebab, &Form::Record(&ZONE)), "Zones by name."),
        Field::new(
            "interaction_points",
            Form::Map(Spelling::Kebab, &Form::Record(&POINT)),
            "Where offers are shown, by name.",
        ),
        Field::new(
            "categories",
            Form::Map(Spelling::Kebab, &Form::Record(&CATEGORY)),
            "Event categories by name.",
        ),
        Field::new("events", Form::Map(Spelling::Snake, &Form::Record(&EVENT)), "Events by name."),
        Field::new(
            "responses",
            Form::Record(&RESPONSES),
            "Which events tell how an offer was received.",
        ),
    ],
);

/// The life of a signal of a custom medium.
pub(crate) static SIGNAL: Record = Record::new(
    "The life of a signal of a custom medium.",
    &[
        Field::new("after", Form::Reference("signal"), "The signal that it needs before it."),
        Field::new(
            "excludes",
            Form::List(&Form::Reference("signal")),
            "Signals that can no longer come after it.",
        ),
    ],
);

static QUIET: Record = Record::new(
    "A daily time in which nothing is sent.",
    &[
        Field::new("from", Form::Made(Make::Clock), "Its beginning.").required(),
        Field::new(
            "until",
            Form::Made(Make::Clock),
            "Its end; earlier than `from`: on the next day.",
        )
        .required(),
        Field::new("days", Form::List(&Form::Choice(DAYS)), "On which days; left out: every day."),
        Field::new("holidays", Form::Made(Make::Path), "A file of further days.").later(),
    ],
);

/// Days of the week.
pub(super) const DAYS: &[(&str, &str)] = &[
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

static ZONE: Record = Record::new(
    "A zone groups interaction points.",
    &[
        OPTIONAL_TITLE,
        Field::new(
            "content",
            Form::Map(Spelling::Field, &Form::FieldKind),
            "The fields that treatments shown here must have: `string`, `string(40)`, `url`, `number`, `bool`, `list`.",
        ),
    ],
);

static POINT: Record = Record::new(
    "An interaction point: where offers are shown.",
    &[
        OPTIONAL_TITLE,
        Field::new("zone", Form::Reference("zone"), "Its zone.").required(),
        Field::new("offers", Form::Whole(1, 50), "How many offers it shows at most, 1 to 50.")
            .required(),
        Field::new(
            "fallback",
            Form::Fallback,
            "What it shows when nobody is eligible: an offer, or `none`.",
        ),
    ],
);

static CATEGORY: Record = Record::new("A category of events.", &[OPTIONAL_TITLE]);

static EVENT: Record = Record::new(
    "What a visitor does.",
    &[
        OPTIONAL_TITLE,
        Field::new("category", Form::Reference("category"), "Its category.").required(),
        Field::new(
            "properties",
            Form::Map(Spelling::Snake, &Form::Short(&Form::Choice(TYPES), "type", &PROPERTY)),
            "Its properties: a type, or a record.",
        ),
        Field::new(
            "conversion",
            Form::Default("within", "30d", &CONVERSION),
            "Whether it is a conversion, which is credited to contacts of the 30 days before.",
        ),
    ],
);

static PROPERTY: Record = Record::new(
    "A property of an event.",
    &[
        Field::new("type", Form::Choice(TYPES), "Its type.").required(),
        Field::new("values", Form::Many(&Form::Word(Spelling::Kebab)), "What an enum may be."),
        Field::new("required", Form::Opposite, "`false`: it may be left out.").to("optional"),
    ],
);

static CONVERSION: Record = Record::new(
    "A conversion.",
    &[Field::new("within", Form::Made(Make::Duration), "How old a contact may be to be credited.")
        .required()],
);

const EVENTS: Form = Form::OneOrMany(&Form::Reference("event"));

static RESPONSES: Record = Record::new(
    "The events that tell how an offer was received; one or a list each.",
    &[
        Field::new("shown", EVENTS, "It was seen."),
        Field::new("accepted", EVENTS, "It was taken."),
        Field::new("rejected", EVENTS, "It was refused."),
    ],
);

/// `channels/NAME/strategy.yaml`.
pub(super) static STRATEGY: Record = Record::new(
    "The interaction strategy: which segment is offered what in which zone, and how strongly.",
    &[
        Field::new(
            "arbitration",
            Form::Map(
                Spelling::Elsewhere,
                &Form::Choice(&[
                    ("score", "by the written score"),
                    ("value", "by score ÷ 100 × value × acceptance rate"),
                    ("learning", "by what was learned"),
                    ("weights", "drawn with the scores as weights"),
                ]),
            ),
            "How the winner is found, by zone; a zone that is not listed: `score`.",
        ),
        Field::new("rules", Form::List(&Form::Record(&RULE)), "The assignments.").required(),
    ],
);

static RULE: Record = Record::new(
    "An assignment: this offer for this segment in this zone.",
    &[
        Field::new("zone", Form::Reference("zone"), "Where.").required(),
        Field::new("segment", Form::Reference("segment"), "To whom; `everyone` is built in.")
            .required(),
        Field::new("offer", Form::Reference("offer"), "What.").required(),
        Field::new("score", Form::Score, "How strongly, 0 to 1000: a number, or CEL.").required(),
    ],
);

/// `channels/NAME/touchpoints/NAME.yaml`.
pub(super) static TOUCHPOINT: Record = Record::new(
    "A touchpoint: what a website, an app or a call centre uses of a channel.",
    &[TITLE, Field::new("uses", Form::Record(&USES), "What it uses.").required()],
);

static USES: Record = Record::new(
    "What a touchpoint uses.",
    &[
        Field::new(
            "interaction_points",
            Form::List(&Form::Reference("interaction point")),
            "Interaction points that it asks for.",
        ),
        Field::new("events", Form::List(&Form::Event(Naming::Bare)), "Events that it posts."),
    ],
);
