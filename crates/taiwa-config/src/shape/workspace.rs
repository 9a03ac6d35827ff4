//! The shapes of `taiwa.yaml` and `audience.yaml`.

use super::{Field, Form, Make, Record, Spelling, TITLE};

/// `taiwa.yaml`.
pub(super) static WORKSPACE: Record = Record::new(
    "The workspace: what holds for every file.",
    &[
        Field::new("format", Form::Format, "Version of the file forms: 1.").required(),
        TITLE,
        Field::new(
            "locales",
            Form::Many(&Form::Made(Make::Locale)),
            "Every locale that treatments must have; the first is the last resort.",
        )
        .required(),
        Field::new(
            "time_zone",
            Form::Made(Make::Zone),
            "Zone of dates and times without one: an IANA name.",
        )
        .required(),
        Field::new(
            "currency",
            Form::Made(Make::Currency),
            "ISO 4217 code; the unit of every `value`.",
        )
        .required(),
        Field::new(
            "rules",
            Form::Map(Spelling::Code, &Form::Choice(LEVELS)),
            "How severe a rule is in this workspace, by its code.",
        ),
    ],
);

const LEVELS: &[(&str, &str)] = &[
    ("error", "stops a mark and a release"),
    ("warning", "is shown"),
    ("info", "is good to know"),
    ("off", "is not shown"),
];

/// `channels/shared/audience.yaml`.
pub(super) static AUDIENCE: Record = Record::new(
    "The audience: who we talk with, and what we know of them.",
    &[
        Field::new(
            "levels",
            Form::NamedList(Spelling::Kebab, &LEVEL),
            "Audience levels; the first is the known one.",
        )
        .required(),
        Field::new(
            "attributes",
            Form::Map(Spelling::Snake, &Form::Record(&ATTRIBUTE)),
            "The profile: attributes by name, read as `profile.NAME` in conditions.",
        )
        .required(),
        Field::new(
            "consent",
            Form::Map(Spelling::Kebab, &Form::Record(&CONSENT)),
            "Purposes that consent is asked for.",
        ),
    ],
);

static LEVEL: Record = Record::new(
    "An audience level.",
    &[
        Field::new("key", Form::Word(Spelling::Snake), "The key that identifies a person on it.")
            .required(),
        Field::new("of", Form::Reference("level"), "The level that it groups."),
    ],
);

/// The types of attributes and properties.
pub(super) const TYPES: &[(&str, &str)] = &[
    ("bool", "true or false"),
    ("int", "a whole number within ±(2^53 − 1)"),
    ("number", "a number"),
    ("string", "text"),
    ("enum", "one of `values`"),
    ("timestamp", "an instant"),
    ("list<string>", "a list of texts"),
    ("list<int>", "a list of whole numbers"),
];

const FAR: f64 = 9_007_199_254_740_991.0;

static ATTRIBUTE: Record = Record::new(
    "An attribute of the profile.",
    &[
        Field::new("type", Form::Choice(TYPES), "Its type.").required(),
        Field::new("values", Form::Many(&Form::Word(Spelling::Kebab)), "What an enum may be."),
        Field::new(
            "default",
            Form::Value,
            "What it is where nothing is known; without it it may be missing.",
        ),
        Field::new("min", Form::Number(-FAR, FAR), "Least value of a number."),
        Field::new("max", Form::Number(-FAR, FAR), "Greatest value of a number."),
        Field::new("pii", Form::Bool, "Personal data: never in events and logs."),
    ],
);

static CONSENT: Record = Record::new(
    "A purpose that consent is asked for.",
    &[
        Field::new("default", Form::Choice(ANSWERS), "What holds while a person has said nothing.")
            .required(),
        Field::new(
            "basis",
            Form::Choice(&[
                ("contract", "a contract with the person needs it"),
                ("legal", "a law demands it"),
            ]),
            "Why it may be granted without asking.",
        ),
    ],
);

/// Answers to a question for consent.
pub(super) const ANSWERS: &[(&str, &str)] = &[("granted", "yes"), ("denied", "no")];
