//! Fuzzes the bodies of requests and the objects of promotion.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| taiwa_stories::unkind::body(data));
