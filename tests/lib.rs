//! Stories, golden files and end-to-end tests over real processes.
