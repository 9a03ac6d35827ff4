//! The list of functions that conditions know, and how each is called.

/// How a function is called.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) arguments: usize,
    /// Whether the last argument is a window.
    pub(super) windowed: bool,
    pub(super) example: &'static str,
}

const fn plain(name: &'static str, arguments: usize, example: &'static str) -> Signature {
    Signature { name, arguments, windowed: false, example }
}

const fn windowed(name: &'static str, arguments: usize, example: &'static str) -> Signature {
    Signature { name, arguments, windowed: true, example }
}

/// Functions that stand alone.
pub(super) const FUNCTIONS: [Signature; 15] = [
    plain("in_segment", 1, "in_segment(\"gold\")"),
    plain("level", 0, "level()"),
    windowed("seen", 2, "seen(\"purchase\", \"30d\")"),
    windowed("count", 2, "count(\"purchase\", \"30d\")"),
    windowed("sum", 3, "sum(\"purchase\", \"amount\", \"30d\")"),
    plain("since", 1, "since(\"purchase\")"),
    windowed("shown", 2, "shown(\"offer\", \"7d\")"),
    windowed("accepted", 2, "accepted(\"offer\", \"365d\")"),
    windowed("rejected", 2, "rejected(\"offer\", \"30d\")"),
    plain("consented", 1, "consented(\"marketing-email\")"),
    plain("flagged", 1, "flagged(\"data-cleansing\")"),
    plain("has", 1, "has(profile.age)"),
    plain("size", 1, "size(profile.interests)"),
    plain("timestamp", 1, "timestamp(\"2026-11-21T00:00:00Z\")"),
    plain("duration", 1, "duration(\"30d\")"),
];

/// Functions that are asked of a value.
pub(super) const METHODS: [Signature; 6] = [
    plain("startsWith", 1, "profile.email.startsWith(\"a\")"),
    plain("endsWith", 1, "profile.email.endsWith(\"@contoso.example\")"),
    plain("contains", 1, "profile.email.contains(\"contoso\")"),
    plain("size", 0, "profile.interests.size()"),
    plain("exists", 2, "profile.interests.exists(i, i == \"espresso\")"),
    plain("all", 2, "profile.interests.all(i, i != \"tea\")"),
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|it| it.name == name)
}
