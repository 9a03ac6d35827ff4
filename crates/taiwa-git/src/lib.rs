//! The only crate that knows git: workspaces at a commit, blobs, history, the ledger branch.
