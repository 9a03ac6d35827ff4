//! Fuzzes the fast reader of YAML against the general one.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| taiwa_stories::unkind::yaml(data));
