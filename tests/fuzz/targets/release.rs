//! Fuzzes the reader of releases.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| taiwa_stories::unkind::release(data));
