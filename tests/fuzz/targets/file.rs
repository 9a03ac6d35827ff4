//! Fuzzes the files of authors: the first byte chooses the kind of file.
#![no_main]

use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 8] = [
    "taiwa.yaml",
    "channels/shared/audience.yaml",
    "channels/shared/offers/a.yaml",
    "channels/shared/segments/a.yaml",
    "channels/a/channel.yaml",
    "channels/a/strategy.yaml",
    "environments/a/environment.yaml",
    "environments/a/marks.yaml",
];

fuzz_target!(|data: &[u8]| {
    if let Some((first, rest)) = data.split_first() {
        taiwa_stories::unkind::file(PATHS[usize::from(*first) % PATHS.len()], rest);
    }
});
