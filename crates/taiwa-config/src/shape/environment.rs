//! The shape of `environment.yaml`.

use super::{Field, Form, Make, Record, Spelling, TITLE, channel::DAYS};

/// `environments/NAME/environment.yaml`.
pub(super) static ENVIRONMENT: Record = Record::new(
    "An environment: servers, gates, people, approvals.",
    &[
        TITLE,
        Field::new(
            "protected",
            Form::Bool,
            "Whether moves need approval; left out: where there is `from` or `approvals`.",
        ),
        Field::new(
            "from",
            Form::Reference("environment"),
            "The environment that releases come from.",
        ),
        Field::new("servers", Form::List(&Form::Record(&SERVER)), "The runtime servers.")
            .required(),
        Field::new(
            "anchor",
            Form::Reference("server"),
            "The server that leads; left out: the first.",
        ),
        Field::new(
            "retired",
            Form::List(&Form::Reference("server")),
            "Servers that are no longer members.",
        ),
        Field::new("data", Form::Record(&DATA), "Where profiles come from."),
        Field::new("gates", Form::Record(&GATES), "What must hold before a release moves here."),
        Field::new("approvals", NEEDS, "Who must approve a change."),
        Field::new("rollback", NEEDS, "Who must approve a rollback; left out: as `approvals`."),
        Field::new("emergency", NEEDS, "Who must approve an emergency move."),
        Field::new("policy", NEEDS, "Who must sign a policy; left out: as `approvals`."),
        Field::new("hold", Form::List(&ROLE), "Roles that may hold everything."),
        Field::new(
            "people",
            Form::List(&Form::Record(&PERSON)),
            "The people that approvals come from.",
        ),
        Field::new(
            "bots",
            Form::List(&Form::Short(&Form::Text, "email", &BOT)),
            "Programs that write commits.",
        ),
        Field::new(
            "runners",
            Form::List(&Form::Record(&RUNNER)),
            "Keys of continuous integration.",
        ),
        Field::new(
            "separation",
            Form::BoolOr("strict", "nor can who marked it for this environment"),
            "Who wrote a change cannot approve it.",
        ),
        Field::new(
            "freeze",
            Form::List(&Form::Record(&FREEZE)),
            "When nothing is deployed or promoted.",
        ),
        Field::new(
            "windows",
            Form::List(&Form::Record(&WINDOW)),
            "When moves may happen; left out: always.",
        ),
        Field::new(
            "rollout",
            Form::List(&Form::Record(&STEP)),
            "How the visitors move; left out: all at once.",
        ),
        Field::new("max_age", DURATION, "How long an approval counts."),
        Field::new(
            "in_doubt",
            Form::Choice(&[
                ("drain", "it is not ready until the doubt is over"),
                ("serve", "it goes on answering"),
            ]),
            "What a server in doubt does; `drain` if nothing is said.",
        ),
        Field::new("lease", DURATION, "How long the lease of the anchor lasts."),
        Field::new("deadline", DURATION, "How long a prepared move may wait."),
        Field::new("skew", DURATION, "How far clocks may differ."),
        Field::new("notify", Form::List(&Form::Record(&NOTIFY)), "Who hears what happens here."),
    ],
);

const DURATION: Form = Form::Made(Make::Duration);
const ROLE: Form = Form::Word(Spelling::Kebab);
const NEEDS: Form = Form::List(&Form::Record(&NEED));

static SERVER: Record = Record::new(
    "A runtime server.",
    &[
        Field::new("name", Form::Word(Spelling::Kebab), "Its id.").required(),
        Field::new(
            "url",
            Form::Made(Make::ServerUrl),
            "Where it answers; `http` for this machine only.",
        )
        .required(),
        Field::new(
            "token",
            Form::Made(Make::Secret),
            "`${NAME}` of the variable that holds its token.",
        ),
        Field::new("key", Form::Made(Make::PublicKey), "Its public key."),
    ],
);

static NOTIFY: Record = Record::new(
    "Somebody who hears what happens, over HTTP.",
    &[
        Field::new("url", Form::Made(Make::Hook), "Where.").required(),
        Field::new(
            "secret",
            Form::Made(Make::Secret),
            "`${NAME}` of the variable that holds what webhooks are signed with, `whsec_…`.",
        ),
        Field::new(
            "format",
            Form::Choice(&[
                ("webhook", "signed, as Standard Webhooks have it"),
                ("slack", "`text` only, as Slack and what resembles it take it"),
            ]),
            "In which form; left out: `webhook`.",
        ),
        Field::new(
            "on",
            Form::List(&Form::Choice(&[
                ("approval-waiting", "a plan waits for people"),
                ("deployed", "a release runs on every server"),
                ("refused", "a move was refused"),
                ("rolled-back", "the environment, or a part of it, went back"),
                ("partly-activated", "a move is committed, and a server has not followed yet"),
                ("held", "somebody stopped the line"),
                ("lifted", "somebody let it go on"),
            ])),
            "Of what; left out: of everything.",
        ),
    ],
);

static DATA: Record = Record::new(
    "Data sources.",
    &[Field::new("profiles", Form::Record(&PROFILES), "Where profiles come from.")],
);

static PROFILES: Record = Record::new(
    "A source of profiles.",
    &[Field::new("csv", Form::Made(Make::Path), "A CSV file, relative to the workspace.")
        .required()],
);

static GATES: Record = Record::new(
    "What must hold before a release moves here.",
    &[
        Field::new(
            "scenarios",
            Form::Short(&Form::Choice(ALL), "run", &SCENARIOS),
            "`all`: every scenario of the release passes on the environment before.",
        ),
        Field::new("load", Form::Record(&LOAD), "It bears this load on the environment before."),
        Field::new("impact", Form::Record(&IMPACT), "How many decisions may change."),
        Field::new(
            "soak",
            Form::Short(&DURATION, "for", &SOAK),
            "At least this long on the environment before.",
        ),
    ],
);

static SOAK: Record = Record::new(
    "The soak: how long, and before how many people.",
    &[
        Field::new("for", DURATION, "At least how long.").required(),
        Field::new(
            "decisions",
            Form::Whole(1, 1_000_000_000),
            "At least so many decisions answered there by this release.",
        ),
        MAX_AGE,
    ],
);

const ALL: &[(&str, &str)] = &[("all", "every scenario of the release")];
const MAX_AGE: Field = Field::new("max_age", DURATION, "How old the evidence may be.");

static SCENARIOS: Record = Record::new(
    "The gate of scenarios.",
    &[Field::new("run", Form::Choice(ALL), "Which.").required(), MAX_AGE],
);

static LOAD: Record = Record::new(
    "The gate of load.",
    &[
        Field::new("rate", Form::Made(Make::Rate), "Requests in total: `500/s`.").required(),
        Field::new("for", DURATION, "How long.").required(),
        Field::new("p99", DURATION, "Most latency of 99 of 100 requests."),
        Field::new("errors", Form::Made(Make::Percent), "Most errors."),
        MAX_AGE,
    ],
);

static IMPACT: Record = Record::new(
    "The gate of impact.",
    &[
        Field::new(
            "changed_decisions",
            Form::Made(Make::Percent),
            "More than this needs a further approval.",
        )
        .required(),
        Field::new("approvals", NEEDS, "Which; left out: one more person of any listed role."),
    ],
);

static NEED: Record = Record::new(
    "So many people of a role.",
    &[
        Field::new("role", ROLE, "The role.").required(),
        Field::new("count", Form::Whole(0, 100), "How many different people.").required(),
    ],
);

static PERSON: Record = Record::new(
    "A person.",
    &[
        Field::new("id", Form::Word(Spelling::Kebab), "What is signed and recorded.").required(),
        Field::new("name", Form::Text, "For people."),
        Field::new(
            "email",
            Form::OneOrMany(&Form::Text),
            "Their addresses in git; left out: the comment of the key.",
        ),
        Field::new("roles", Form::List(&ROLE), "Their roles.").required(),
        Field::new("key", Form::OneOrMany(&Form::Made(Make::PublicKey)), "Their public keys."),
    ],
);

static BOT: Record = Record::new(
    "A program that writes commits.",
    &[
        Field::new("email", Form::Text, "Its address in git.").required(),
        Field::new(
            "for",
            Form::List(&Form::Reference("person")),
            "Whom its commits stand for; left out: a forge's committer, which stands for nobody.",
        ),
    ],
);

static RUNNER: Record = Record::new(
    "A key of continuous integration.",
    &[
        Field::new("id", Form::Word(Spelling::Kebab), "Its id.").required(),
        Field::new("key", Form::Made(Make::PublicKey), "Its public key."),
        Field::new(
            "gates",
            Form::List(&Form::Choice(&[
                ("scenarios", "scenarios"),
                ("authorship", "who wrote what changes"),
                ("load", "load"),
                ("exposure", "the decisions of a soak"),
                ("impact", "impact"),
            ])),
            "The gates that it may attest.",
        )
        .required(),
    ],
);

static FREEZE: Record = Record::new(
    "A time without deployments.",
    &[
        Field::new("from", Form::Made(Make::Moment), "Its beginning.").required(),
        Field::new("until", Form::Made(Make::Moment), "Its end; a day counts to its end.")
            .required(),
        Field::new("reason", Form::Text, "Why."),
    ],
);

static WINDOW: Record = Record::new(
    "A weekly time in which moves may happen.",
    &[
        Field::new("days", Form::List(&Form::Choice(DAYS)), "On which days; left out: every day."),
        Field::new("from", Form::Made(Make::Clock), "Its beginning.").required(),
        Field::new("until", Form::Made(Make::Clock), "Its end.").required(),
    ],
);

static STEP: Record = Record::new(
    "A step of a rollout.",
    &[
        Field::new("visitors", Form::Made(Make::Percent), "How many visitors.").required(),
        Field::new("for", DURATION, "At least how long.").required(),
    ],
);
