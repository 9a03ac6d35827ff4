//! What do we say to this person, here, now: decisions, history and scenarios.
