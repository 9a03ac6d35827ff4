//! The runtime server that touchpoints and admins talk to.
