//! What `taiwa.yaml` says besides the workspace component: how severe each rule is here.

use std::collections::BTreeMap;

/// How severe a rule is in this workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleLevel {
    /// Stops a mark and a release.
    Error,
    /// Shown.
    Warning,
    /// Good to know.
    Info,
    /// Not shown.
    Off,
}

impl RuleLevel {
    /// Reads `error`, `warning`, `info` or `off`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "info" => Some(Self::Info),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Settings that no server needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Levels by code (`TW0105`), as `rules` of `taiwa.yaml` says.
    pub rules: BTreeMap<String, RuleLevel>,
}
