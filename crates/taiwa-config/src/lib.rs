//! From spanned trees to the typed project: the shape of every file kind.
