//! The shapes of segments, flowcharts, offers, messages, policies and goals.

use super::{Field, Form, Make, Naming, Record, Spelling, TITLE, Variant};

const MOST: i64 = 1_000_000;
const FAR: f64 = 1e15;

/// `segments/NAME.yaml`.
pub(super) static SEGMENT: Record = Record::new(
    "A segment: who matches a condition.",
    &[TITLE, Field::new("when", Form::Condition, "Who is in it: CEL.").required()],
);

/// `flowcharts/NAME.yaml`.
pub(super) static FLOWCHART: Record = Record::new(
    "An interactive flowchart: decisions that end in a segment.",
    &[
        TITLE,
        Field::new("start", Form::Reference("node"), "The node at which a visitor enters.")
            .required(),
        Field::new(
            "nodes",
            Form::Map(Spelling::Kebab, &Form::Variants(NODE)),
            "The nodes by name.",
        )
        .required(),
    ],
);

const NODE: &[Variant] = &[
    Variant::new(
        Field::new(
            "decide",
            Form::Many(&Form::Variants(BRANCH)),
            "Cases in order; the last is `otherwise`.",
        ),
        &[],
    ),
    Variant::new(
        Field::new(
            "segment",
            Form::Declared(Spelling::Kebab),
            "A leaf: the segment that the visitor is in.",
        )
        .to("segment/name"),
        &[Field::new("title", Form::Title, "The segment's title.").to("segment/title")],
    ),
];

const BRANCH: &[Variant] = &[
    Variant::new(
        Field::new("when", Form::Condition, "The condition of this case: CEL."),
        &[Field::new("go", Form::Reference("node"), "The next node.").required()],
    ),
    Variant::new(
        Field::new("otherwise", Form::Reference("node"), "The next node where no case holds.")
            .to("go"),
        &[],
    ),
];

const TREATMENTS: Form = Form::Map(
    Spelling::Elsewhere,
    &Form::Map(Spelling::Locale, &Form::Map(Spelling::Field, &Form::Value)),
);

/// `offers/NAME.yaml`.
pub(super) static OFFER: Record = Record::new(
    "An offer: what is proposed.",
    &[
        TITLE,
        Field::new("valid", Form::Record(&PERIOD), "When it may be proposed."),
        Field::new(
            "value",
            Form::Number(-FAR, FAR),
            "What an acceptance is worth, in the workspace's currency; 0 if left out.",
        ),
        TAGS,
        Field::new("consent", Form::Reference("purpose"), "The purpose that proposing it needs."),
        Field::new("eligible", Form::Condition, "Who may get it: CEL."),
        Field::new(
            "cap",
            Form::Record(&CAP),
            "How often one person may see it, over all channels.",
        ),
        Field::new("treatments", TREATMENTS, "Its forms: by channel, then by locale."),
    ],
);

const TAGS: Field = Field::new("tags", Form::List(&Form::Word(Spelling::Kebab)), "Free words.");

static PERIOD: Record = Record::new(
    "From and until; either may be left out.",
    &[
        Field::new("from", Form::Made(Make::Moment), "Its beginning."),
        Field::new("until", Form::Made(Make::Moment), "Its end; a day counts to its end."),
    ],
);

static CAP: Record = Record::new(
    "At most so often within a rolling window.",
    &[
        Field::new("shown", Form::Whole(1, MOST), "How often.").required(),
        Field::new("per", Form::Made(Make::Duration), "The window.").required(),
    ],
);

/// `messages/NAME.yaml`.
pub(super) static MESSAGE: Record = Record::new(
    "A message that is sent on outbound channels.",
    &[
        TITLE,
        Field::new(
            "consent",
            Form::Reference("purpose"),
            "The purpose it needs; left out: that of the channel.",
        ),
        Field::new("offer", Form::Reference("offer"), "The offer it proposes."),
        TAGS,
        Field::new("links", Form::Map(Spelling::Kebab, &Form::Made(Make::Link)), "Links by name."),
        Field::new("treatments", TREATMENTS, "Its forms: by channel, then by locale.").required(),
    ],
);

/// `policies/NAME.yaml`.
pub(super) static POLICY: Record = Record::new(
    "A contact policy: how often a person is written to.",
    &[
        TITLE,
        Field::new(
            "channels",
            Form::Many(&Form::Reference("channel")),
            "The channels that it counts together.",
        )
        .required(),
        Field::new(
            "limits",
            Form::List(&Form::Record(&LIMIT)),
            "How many messages in which window.",
        ),
        Field::new("never", Form::Condition, "Where this holds nothing is sent: CEL."),
        Field::new(
            "exempt",
            Form::List(&Form::Reference("purpose")),
            "Purposes neither counted nor stopped.",
        ),
    ],
);

static LIMIT: Record = Record::new(
    "At most so many messages within a rolling window.",
    &[
        Field::new("sent", Form::Whole(1, MOST), "How many.").required(),
        Field::new("per", Form::Made(Make::Duration), "The window.").required(),
    ],
);

/// `goals/NAME.yaml`.
pub(super) static GOAL: Record = Record::new(
    "A goal: one objective and how it is measured.",
    &[
        TITLE,
        Field::new("objective", Form::Text, "What is to be reached.").required(),
        Field::new("use_case", Form::Text, "How."),
        Field::new("owner", Form::Text, "Who answers for it."),
        Field::new("stakeholders", Form::List(&Form::Text), "Who has a say."),
        Field::new("priority", Form::Whole(1, 1000), "1 is first."),
        Field::new("kpi", Form::Record(&KPI), "How success is measured.").required(),
        Field::new("period", Form::Record(&PERIOD), "When it is to be reached."),
        Field::new("signed_off", Form::List(&Form::Record(&SIGNED)), "Who signed it off."),
    ],
);

static KPI: Record = Record::new(
    "A key performance indicator.",
    &[
        Field::new(
            "event",
            Form::Event(Naming::Qualified),
            "The event that is counted: `channel/event`.",
        )
        .required(),
        Field::new(
            "measure",
            Form::Made(Make::Measure),
            "`count`, `people`, `sum(PROPERTY)` or `rate(channel/event)`.",
        )
        .required(),
        Field::new("per", Form::Made(Make::Duration), "Over what time.").required(),
        Field::new("baseline", Form::Number(-FAR, FAR), "Where we are.").required(),
        Field::new("target", Form::Number(-FAR, FAR), "Where we want to be.").required(),
        Field::new(
            "better",
            Form::Switch("higher", "lower"),
            "`lower` where the target is below the baseline.",
        )
        .to("lower_is_better"),
    ],
);

static SIGNED: Record = Record::new(
    "A signature below a goal.",
    &[
        Field::new("name", Form::Text, "Whose.").required(),
        Field::new("role", Form::Word(Spelling::Kebab), "In which role.").required(),
        Field::new("on", Form::Made(Make::Moment), "On which day.").required(),
    ],
);
