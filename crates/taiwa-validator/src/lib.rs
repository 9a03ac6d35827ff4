//! The rules a workspace must obey before it can become a release.
