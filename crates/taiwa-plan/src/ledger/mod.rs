//! The ledger: the story of an environment, which a stranger can check.
