//! Conditions: the CEL subset of taiwa, parsed, type-checked, compiled and evaluated.
