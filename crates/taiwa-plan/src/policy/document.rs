//! What a policy says, field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use taiwa_model::{Digest, EnvironmentName, PersonId, RoleName, RunnerId, ServerId, Timestamp};

use super::{Freeze, Window};
use crate::{Gate, PublicKey};

/// `policy@taiwa`: the whole policy of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Version of the format: 1.
    pub format: u64,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was made.
    pub issued: Timestamp,
    /// 0 for the one that a server makes for itself, else from 1; each version follows the one before.
    pub version: u64,
    /// Digest of the policy before; null for the first.
    pub previous: Option<Digest>,
    /// Whether approvals, gates and an origin are asked for.
    pub protected: bool,
    /// Where releases come from; null where they are built for this environment.
    pub origin: Option<Origin>,
    /// The server whose commit decides.
    pub anchor: ServerId,
    /// Every member.
    pub servers: Vec<Server>,
    /// Members that are shut down for good; neither they nor their keys come back.
    pub retired: Vec<ServerId>,
    /// Who can have a role.
    pub people: Vec<Person>,
    /// Programs that write commits.
    pub bots: Vec<Bot>,
    /// Who signs evidence.
    pub runners: Vec<Runner>,
    /// How many of which role approve a change.
    pub approvals: Vec<Threshold>,
    /// How many of which role approve a rollback.
    pub rollback: Vec<Threshold>,
    /// How many of which role break the glass: at least two people; empty: nobody can.
    pub emergency: Vec<Threshold>,
    /// How many of which role sign a policy.
    pub policy: Vec<Threshold>,
    /// Roles that may stop the line.
    pub hold: Vec<RoleName>,
    /// Whether authors may approve.
    pub separation: Separation,
    /// What must be proven before a change, by gate: [`GateRule`], [`LoadRule`], [`ExposureRule`].
    pub gates: BTreeMap<String, Value>,
    /// When nothing may change.
    pub freeze: Vec<Freeze>,
    /// When things may change; empty: always.
    pub windows: Vec<Window>,
    /// How long an approval and an open plan may count, in seconds.
    pub max_age_s: u64,
    /// What a member does that is cut off in between.
    pub in_doubt: InDoubt,
    /// How long the anchor's slot lives, in seconds.
    pub lease_s: u64,
    /// How long the others wait for the anchor's word before they show a doubt, in seconds.
    pub deadline_s: u64,
    /// How far clocks may differ, in seconds.
    pub skew_s: u64,
}

/// Where releases come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The environment.
    pub environment: EnvironmentName,
    /// The key of its anchor, whose word on what runs there is believed.
    pub anchor_key: PublicKey,
    /// How long a release must have run there, in seconds.
    pub soak_s: u64,
}

/// A member of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// Where it is reached.
    pub url: String,
    /// Its key.
    pub key: PublicKey,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their keys; all of them are the same person.
    pub keys: Vec<PublicKey>,
    /// Their addresses as git knows them, in lower case.
    pub emails: Vec<String>,
    /// Their roles.
    pub roles: Vec<RoleName>,
}

/// A program that writes commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// Its address as git knows it, in lower case.
    pub email: String,
    /// Whom its commits stand for. Empty: a forge's own committer, which stands for nobody where it only commits what
    /// somebody else wrote; what it writes itself is by somebody unknown.
    pub people: Vec<PersonId>,
}

/// A runner (CI), which signs evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// Its id.
    pub id: RunnerId,
    /// Its key.
    pub key: PublicKey,
    /// The gates that it may speak of.
    pub gates: Vec<String>,
}

/// How many people of a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The role.
    pub role: RoleName,
    /// How many distinct people.
    pub count: u64,
}

/// What every gate asks for; of `scenarios` it is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRule {
    /// How old the evidence may be when the plan commits, in seconds.
    pub max_age_s: u64,
}

/// What the gate `load` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadRule {
    /// How old the evidence may be when the plan commits, in seconds.
    pub max_age_s: u64,
    /// Requests a second, over all servers together.
    pub rate_per_s: u64,
    /// How long they are sent, in seconds.
    pub for_s: u64,
    /// What 99 of 100 requests may take, in microseconds from when each was due.
    pub p99_us: u64,
    /// How many may fail, in basis points.
    pub errors_bp: u64,
}

/// What the gate `exposure` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposureRule {
    /// How old the evidence may be when the plan commits, in seconds.
    pub max_age_s: u64,
    /// How many decisions the origin's servers must have answered with the release, all together.
    pub decisions: u64,
}

/// Whether those who wrote a change may approve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separation {
    /// They may.
    Off,
    /// They may not.
    On,
    /// Nor may who marked the whole release for this environment.
    Strict,
}

/// What a member does that was cut off between prepare and the anchor's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InDoubt {
    /// It asks the balancer to prefer others, until it knows.
    Drain,
    /// It goes on, and shows it.
    Serve,
}

impl PolicyDocument {
    /// The member of that id.
    pub fn server(&self, id: &ServerId) -> Option<&Server> {
        self.servers.iter().find(|it| it.id == *id)
    }

    /// The ids of all members, sorted.
    pub fn members(&self) -> Vec<ServerId> {
        let mut ids: Vec<_> = self.servers.iter().map(|it| it.id.clone()).collect();
        ids.sort();
        ids
    }

    /// The people of a role, sorted.
    pub fn people_of<'a>(&'a self, role: &'a RoleName) -> impl Iterator<Item = &'a Person> {
        self.people.iter().filter(move |it| it.roles.contains(role))
    }

    /// Whether a role approves something: changes, rollbacks or emergencies.
    pub fn approves(&self, role: &RoleName) -> bool {
        self.approvals
            .iter()
            .chain(&self.rollback)
            .chain(&self.emergency)
            .any(|it| it.role == *role)
    }

    /// What a gate asks for, if the policy has it and its rule can be read.
    pub fn gate(&self, name: &str) -> Option<GateRule> {
        match Gate::named(name) {
            Some(Gate::Load) => self.load().map(|it| GateRule { max_age_s: it.max_age_s }),
            Some(Gate::Exposure) => self.exposure().map(|it| GateRule { max_age_s: it.max_age_s }),
            _ => self.rule(name),
        }
    }

    /// What the gate `load` asks for, if the policy has it and its rule can be read.
    pub fn load(&self) -> Option<LoadRule> {
        self.rule(Gate::Load.name())
    }

    /// What the gate `exposure` asks for, if the policy has it and its rule can be read.
    pub fn exposure(&self) -> Option<ExposureRule> {
        self.rule(Gate::Exposure.name())
    }

    fn rule<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.gates.get(name).and_then(|it| serde_json::from_value(it.clone()).ok())
    }
}
