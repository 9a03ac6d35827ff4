//! What a runtime server keeps on disk: releases, protocol state, people, sessions, decisions.
