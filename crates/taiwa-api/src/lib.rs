//! The HTTP wire: bodies, answers and problem codes, without logic.
