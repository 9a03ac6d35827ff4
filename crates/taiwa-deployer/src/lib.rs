//! Talks to the servers of an environment: state, store, prepare, activate, verify, scenarios.
