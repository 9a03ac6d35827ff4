//! Who plays in a world: people and runners with keys that are the same in every run.
#![expect(clippy::disallowed_methods, reason = "tests write key files")]

use std::{fs, path::Path};

use taiwa_plan::{SecretKey, Signer as _};

/// A key pair.
#[derive(Clone, Debug)]
pub struct Key {
    /// The private key's file.
    pub file: String,
    /// The public key, `ssh-ed25519 AAAA…`.
    pub public: String,
}

impl Key {
    pub(crate) fn make(folder: &Path, name: &str, seed: u8) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]).expect("a key");
        let file = folder.join(format!("{name}.key"));
        fs::write(&file, key.to_openssh().expect("a key as text")).expect("a key file");
        Self { file: file.display().to_string(), public: key.public_key().to_string() }
    }
}

/// Everybody who signs.
#[derive(Clone, Debug)]
pub struct Cast {
    /// 田中 花子, manager.
    pub manager: Key,
    /// 佐藤 健, touchpoint manager.
    pub touchpoint_manager: Key,
    /// CI.
    pub runner: Key,
    /// Somebody whom no policy names.
    pub stranger: Key,
}

impl Cast {
    pub(crate) fn make(folder: &Path) -> Self {
        Self {
            manager: Key::make(folder, "tanaka", 1),
            touchpoint_manager: Key::make(folder, "sato", 2),
            runner: Key::make(folder, "ci", 3),
            stranger: Key::make(folder, "stranger", 4),
        }
    }
}

/// The text of an environment's file with these servers in place of the sample's, and times that a test can wait for.
pub(crate) fn with_servers(text: &str, servers: &[String]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.retain(|it| !it.starts_with("  - { name: ") || !it.contains("url:"));
    let at = lines.iter().position(|it| *it == "servers:").expect("a list of servers");
    for (place, server) in servers.iter().enumerate() {
        lines.insert(at + 1 + place, server);
    }
    format!("{}\nlease: 4s\ndeadline: 4s\n", lines.join("\n")).replace("soak: 5s", "soak: 1s")
}
