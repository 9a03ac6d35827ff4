//! YAML to a spanned tree, with limits and plain words.
