//! The chores of this repository, as code.

fn main() {}

#[cfg(test)]
mod layers;
