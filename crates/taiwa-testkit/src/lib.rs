//! Workspaces, servers and oracles for tests and benchmarks.
