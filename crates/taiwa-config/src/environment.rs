//! `environments/NAME/environment.yaml`: what people propose as the policy of an environment.
//!
//! Every value that can be written is kept, also those that this version refuses later by name (`unsupported`).
//! Deliberately absent: whether the roles, counts and origins make sense (`taiwa-plan`, `taiwa-validator`), and the
//! values behind `${NAME}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use taiwa_model::{
    EnvironmentName, Localized, Moment, PersonId, RoleName, RunnerId, ServerId, SpanOfTime,
};

/// An environment as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Environment {
    /// For people.
    pub title: Localized,
    /// Whether moves need approval; left out: see [`Environment::is_protected`].
    pub protected: Option<bool>,
    /// The environment that releases come from.
    pub from: Option<EnvironmentName>,
    /// The servers, in the author's order.
    pub servers: Vec<Server>,
    /// The server that leads; left out: the first.
    pub anchor: Option<ServerId>,
    /// Servers that are no longer members.
    pub retired: Vec<ServerId>,
    /// Where profiles come from.
    pub data: Data,
    /// What must hold before a release moves here.
    pub gates: Gates,
    /// Who must approve a change.
    pub approvals: Vec<Need>,
    /// Who must approve a rollback; left out: as `approvals`.
    pub rollback: Option<Vec<Need>>,
    /// Who must approve an emergency move.
    pub emergency: Vec<Need>,
    /// Who must sign a policy; left out: as `approvals`.
    pub policy: Option<Vec<Need>>,
    /// Roles that may hold everything.
    pub hold: Vec<RoleName>,
    /// The people that approvals come from.
    pub people: Vec<Person>,
    /// Programs that write commits.
    pub bots: Vec<Bot>,
    /// Keys of continuous integration, by the gates they may attest.
    pub runners: Vec<Runner>,
    /// Whether an author may approve; left out: yes.
    pub separation: Option<Separation>,
    /// When nothing is deployed or promoted.
    pub freeze: Vec<Freeze>,
    /// When moves may happen; empty: always.
    pub windows: Vec<Window>,
    /// How the visitors move.
    pub rollout: Vec<RolloutStep>,
    /// How long an approval counts.
    pub max_age: Option<SpanOfTime>,
    /// What a server in doubt does; `drain` if nothing is said.
    pub in_doubt: Option<InDoubt>,
    /// How long an anchor's lease lasts.
    pub lease: Option<SpanOfTime>,
    /// How long a prepared move may wait.
    pub deadline: Option<SpanOfTime>,
    /// How far clocks may differ.
    pub skew: Option<SpanOfTime>,
    /// Who hears what happens here; no part of the policy.
    pub notify: Vec<Notify>,
}

impl Environment {
    /// Whether moves need approval: as written, else where there is an origin or an approval.
    pub fn is_protected(&self) -> bool {
        self.protected.unwrap_or(self.from.is_some() || !self.approvals.is_empty())
    }

    /// The server that leads: as written, else the first.
    pub fn anchor(&self) -> Option<&ServerId> {
        self.anchor.as_ref().or_else(|| self.servers.first().map(|it| &it.name))
    }
}

/// A runtime server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its id.
    pub name: ServerId,
    /// Where it answers.
    pub url: String,
    /// Where its token is found: `${NAME}`, never the token itself.
    #[serde(default)]
    pub token: Option<String>,
    /// Its public key, `ssh-ed25519 …`; left out until the policy is proposed.
    #[serde(default)]
    pub key: Option<String>,
}

/// Somebody who hears what happens, over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Where: `${NAME}`, or an address.
    pub url: String,
    /// What a webhook is signed with: `${NAME}`, never the secret itself.
    #[serde(default)]
    pub secret: Option<String>,
    /// In which form.
    #[serde(default)]
    pub format: NotifyFormat,
    /// Of what; empty: of everything.
    #[serde(default)]
    pub on: Vec<NotifyOn>,
}

/// The form of a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyFormat {
    /// Signed as Standard Webhooks have it.
    #[default]
    Webhook,
    /// `{"text": …}`.
    Slack,
}

/// What a notification can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyOn {
    /// A plan waits for people.
    ApprovalWaiting,
    /// A release runs on every server.
    Deployed,
    /// A move was refused, by conditions or by a person.
    Refused,
    /// An environment, or a part of it, went back.
    RolledBack,
    /// A move is committed, and a server has not followed yet.
    PartlyActivated,
    /// Somebody stopped the line.
    Held,
    /// Somebody let it go on.
    Lifted,
}

/// Data sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// Profiles.
    pub profiles: Option<Profiles>,
}

/// Where profiles come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// A CSV file, relative to the workspace; may hold `${NAME}`.
    pub csv: String,
}

/// Gates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gates {
    /// The release's own scenarios.
    pub scenarios: Option<ScenariosGate>,
    /// Load.
    pub load: Option<LoadGate>,
    /// How many decisions change.
    pub impact: Option<ImpactGate>,
    /// How long, and before how many people, on the environment before.
    pub soak: Option<SoakGate>,
}

/// The soak; `soak: 30m` is short for `{ for: 30m }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoakGate {
    /// At least how long.
    #[serde(rename = "for")]
    pub lasts: SpanOfTime,
    /// At least so many decisions answered there.
    #[serde(default)]
    pub decisions: Option<u64>,
    /// How old the evidence of the decisions may be.
    #[serde(default)]
    pub max_age: Option<SpanOfTime>,
}

/// The gate of scenarios; `scenarios: all` is short for `{ run: all }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenariosGate {
    /// Which; `all` is the only choice.
    pub run: String,
    /// How old the evidence may be.
    #[serde(default)]
    pub max_age: Option<SpanOfTime>,
}

/// The gate of load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadGate {
    /// Requests per second in total.
    #[serde(rename = "rate")]
    pub rate_per_s: f64,
    /// How long.
    #[serde(rename = "for")]
    pub lasts: SpanOfTime,
    /// The 99th percentile of latency must not be above.
    #[serde(default)]
    pub p99: Option<SpanOfTime>,
    /// Most errors.
    #[serde(default)]
    pub errors: Option<Share>,
    /// How old the evidence may be.
    #[serde(default)]
    pub max_age: Option<SpanOfTime>,
}

/// The gate of impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactGate {
    /// More changed decisions than this need a further approval.
    pub changed_decisions: Share,
    /// Which; empty: one more person of any listed role.
    #[serde(default)]
    pub approvals: Vec<Need>,
}

/// A share in basis points: `0.5%` is 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(pub u32);

/// So many people of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The role.
    pub role: RoleName,
    /// How many different people.
    pub count: u32,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What is signed and recorded.
    pub id: PersonId,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// Their addresses in git; empty: the comment of the key.
    #[serde(default)]
    pub email: Vec<String>,
    /// Their roles.
    #[serde(default)]
    pub roles: Vec<RoleName>,
    /// Their public keys, in the author's order.
    #[serde(default)]
    pub key: Vec<String>,
}

/// A program that writes commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// Its address in git.
    pub email: String,
    /// Whom its commits stand for; empty: a forge's committer, which stands for nobody.
    #[serde(default, rename = "for")]
    pub people: Vec<PersonId>,
}

/// Whether those who wrote a change may approve it: `false`, `true`, or `strict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separation {
    /// They may.
    Off,
    /// They may not.
    On,
    /// Nor may who marked the release for this environment.
    Strict,
}

impl Serialize for Separation {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => to.serialize_bool(false),
            Self::On => to.serialize_bool(true),
            Self::Strict => to.serialize_str("strict"),
        }
    }
}

impl<'de> Deserialize<'de> for Separation {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::Bool(false) => Ok(Self::Off),
            serde_json::Value::Bool(true) => Ok(Self::On),
            serde_json::Value::String(it) if it == "strict" => Ok(Self::Strict),
            _ => Err(serde::de::Error::custom("separation is true, false or strict")),
        }
    }
}

/// A key of continuous integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// Its id.
    pub id: RunnerId,
    /// Its public key; left out until it is known.
    #[serde(default)]
    pub key: Option<String>,
    /// The gates it may attest: `scenarios`, `load`, `exposure`, `impact`.
    pub gates: Vec<String>,
}

/// A time without deployments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Its beginning.
    pub from: Moment,
    /// Its end; a day counts to its end.
    pub until: Moment,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A weekly time in which moves may happen, in the workspace's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// `mon` to `sun`; empty: every day.
    #[serde(default)]
    pub days: Vec<String>,
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`.
    pub until: String,
}

/// A step of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolloutStep {
    /// How many visitors.
    pub visitors: Share,
    /// At least how long.
    #[serde(rename = "for")]
    pub lasts: SpanOfTime,
}

/// What a server in doubt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InDoubt {
    /// It is not ready until the doubt is over.
    Drain,
    /// It goes on answering.
    Serve,
}

/// What stands for a secret: `${NAME}`.
pub fn reference(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let head = |c: char| c.is_ascii_alphabetic() || c == '_';
    (name.starts_with(head) && name.chars().all(|c| head(c) || c.is_ascii_digit())).then_some(name)
}

/// Puts values in the place of every `${NAME}` of a text.
///
/// # Errors
/// The first name that has no value.
pub fn expand(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(values.get(name).ok_or_else(|| name.to_owned())?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}
