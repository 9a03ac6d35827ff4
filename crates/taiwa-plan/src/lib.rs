//! The promotion protocol: plans, statements, policies, counting, admission, and the server's transitions.
