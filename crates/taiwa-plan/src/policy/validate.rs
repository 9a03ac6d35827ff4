//! Whether a policy leaves something open, contradicts itself, or asks for what is not built.

use std::collections::BTreeSet;

use taiwa_model::{PersonId, is_kebab};

use super::{PolicyDocument, Separation, Threshold};
use crate::{Gate, Reason, Refusal, Refusals};

/// Most members, people, runners or thresholds in one policy.
const MAX_ENTRIES: usize = 256;
/// Longest run of the gate `load`, in seconds: the sandboxes that it asks in live for ten minutes.
pub const MAX_LOAD_S: u64 = 540;
/// Most requests a second that a policy may ask for.
const MAX_RATE_PER_S: u64 = 100_000;
/// A request takes no longer than this, in microseconds: then it is an error.
const MAX_LATENCY_US: u64 = 10_000_000;
/// Most decisions that a policy may ask for.
const MAX_DECISIONS: u64 = 1_000_000_000;
/// Longest time that a policy may name, in seconds: a year.
const MAX_TIME_S: u64 = 366 * 86_400;

/// Everything that is wrong with a policy, all at once; empty if it may be signed and obeyed.
pub fn validate(policy: &PolicyDocument) -> Refusals {
    let mut out = Refusals::new();
    unsupported(policy, &mut out);
    chain(policy, &mut out);
    members(policy, &mut out);
    people(policy, &mut out);
    runners(policy, &mut out);
    separation(policy, &mut out);
    thresholds(policy, &mut out);
    closed(policy, &mut out);
    times(policy, &mut out);
    limits(policy, &mut out);
    calendar(policy, &mut out);
    out
}

fn calendar(policy: &PolicyDocument, out: &mut Refusals) {
    if policy.freeze.len().max(policy.windows.len()) > MAX_ENTRIES {
        out.push(Refusal::new(
            Reason::Limit,
            format!("more than {MAX_ENTRIES} freezes or windows"),
        ));
    }
    for it in policy.freeze.iter().filter(|it| it.span().is_none()) {
        let (from, until, zone) = (it.from, it.until, &it.zone);
        invalid(out, format!("the freeze from {from} until {until} in {zone} cannot be"));
    }
    for it in policy.windows.iter().filter(|it| !it.is_valid()) {
        let (from, until, zone) = (&it.from, &it.until, &it.zone);
        invalid(out, format!("the window from {from} until {until} in {zone} cannot be"));
    }
    distinct("roles that may hold", policy.hold.iter().map(taiwa_model::RoleName::as_str), out);
    for role in policy.hold.iter().filter(|it| policy.people_of(it).next().is_none()) {
        invalid(out, format!("nobody has the role {role}, which may hold"));
    }
}

fn invalid(out: &mut Refusals, what: impl Into<String>) {
    out.push(Refusal::new(Reason::PolicyInvalid, what));
}

fn unsupported(policy: &PolicyDocument, out: &mut Refusals) {
    let asked = [(policy.format != 1, "a format other than 1")];
    for (_, what) in asked.into_iter().filter(|it| it.0) {
        out.push(Refusal::new(Reason::Unsupported, format!("the policy asks for {what}")));
    }
    for (name, rule) in &policy.gates {
        if Gate::named(name).is_none() {
            let what = format!("the policy asks for the gate {name}");
            out.push(Refusal::new(Reason::Unsupported, what));
        } else if policy.gate(name).is_none() {
            let fields = fields(name);
            invalid(out, format!("the rule of the gate {name} is not {{{fields}}}: {rule}"));
        }
    }
    if !policy.gates.is_empty() && policy.origin.is_none() {
        let what = "the policy has gates but no origin on which they could have run";
        out.push(Refusal::new(Reason::Unsupported, what));
    }
    let servers = policy.servers.iter().map(|it| &it.key);
    let people = policy.people.iter().flat_map(|it| &it.keys);
    let runners = policy.runners.iter().map(|it| &it.key);
    let origin = policy.origin.iter().map(|it| &it.anchor_key);
    for key in servers.chain(people).chain(runners).chain(origin) {
        if let Err(error) = key.supported() {
            out.push(Refusal::new(Reason::Unsupported, error.to_string()));
        }
    }
}

/// What the rule of a gate has to say.
fn fields(gate: &str) -> &'static str {
    match Gate::named(gate) {
        Some(Gate::Load) => "max_age_s, rate_per_s, for_s, p99_us, errors_bp",
        Some(Gate::Exposure) => "max_age_s, decisions",
        _ => "max_age_s",
    }
}

/// Limits that can be met, and that are limits.
fn limits(policy: &PolicyDocument, out: &mut Refusals) {
    let mut between = |name: &str, value: u64, (least, most): (u64, u64)| {
        if value < least || value > most {
            invalid(out, format!("{name} is not between {least} and {most}"));
        }
    };
    if let Some(rule) = policy.load() {
        between("gates.load.rate_per_s", rule.rate_per_s, (1, MAX_RATE_PER_S));
        between("gates.load.for_s", rule.for_s, (1, MAX_LOAD_S));
        between("gates.load.p99_us", rule.p99_us, (1, MAX_LATENCY_US));
        // With all of them failing the gate would stand open.
        between("gates.load.errors_bp", rule.errors_bp, (0, 9_999));
    }
    if let Some(rule) = policy.exposure() {
        between("gates.exposure.decisions", rule.decisions, (1, MAX_DECISIONS));
    }
}

/// The first version follows nothing, every later one the one before.
fn chain(policy: &PolicyDocument, out: &mut Refusals) {
    if (policy.version > 1) != policy.previous.is_some() {
        let version = policy.version;
        invalid(out, format!("version {version} and `previous` do not belong together"));
    }
}

fn members(policy: &PolicyDocument, out: &mut Refusals) {
    if !is_kebab(policy.environment.as_str()) {
        invalid(out, format!("`{}` is no name of an environment", policy.environment));
    }
    if policy.servers.is_empty() {
        invalid(out, "the policy has no servers");
    }
    if policy.server(&policy.anchor).is_none() {
        invalid(out, format!("the anchor {} is not among the servers", policy.anchor));
    }
    if policy.version == 0 && (policy.servers.len() != 1 || policy.protected) {
        invalid(out, "version 0 is what one unprotected server makes for itself");
    }
    distinct("servers", policy.servers.iter().map(|it| it.id.as_str()), out);
    distinct("servers' keys", policy.servers.iter().map(|it| it.key.as_str()), out);
    distinct("retired servers", policy.retired.iter().map(taiwa_model::ServerId::as_str), out);
    for server in policy.servers.iter().filter(|it| policy.retired.contains(&it.id)) {
        invalid(out, format!("{} is retired, and cannot be a member again", server.id));
    }
    if let Some(origin) = &policy.origin {
        if origin.environment == policy.environment {
            invalid(out, "an environment cannot be its own origin");
        }
        if policy.servers.iter().any(|it| it.key == origin.anchor_key) {
            invalid(out, "the origin's anchor has the key of a server of this environment");
        }
    }
}

fn people(policy: &PolicyDocument, out: &mut Refusals) {
    distinct("people", policy.people.iter().map(|it| it.id.as_str()), out);
    let keys = policy.people.iter().flat_map(|it| &it.keys).map(crate::PublicKey::as_str);
    distinct("people's keys", keys, out);
    let emails = policy.people.iter().flat_map(|it| &it.emails).map(String::as_str);
    distinct("people's emails", emails, out);
    for person in &policy.people {
        if person.keys.is_empty() && !person.roles.is_empty() {
            invalid(out, format!("{} has roles but no key", person.id));
        }
        if person.emails.iter().any(|it| it.chars().any(char::is_uppercase) || !it.contains('@')) {
            invalid(out, format!("an email of {} is not an address in lower case", person.id));
        }
        if policy.servers.iter().any(|it| person.keys.contains(&it.key)) {
            invalid(out, format!("{} has the key of a server", person.id));
        }
        for role in person.roles.iter().filter(|it| !is_kebab(it.as_str())) {
            invalid(out, format!("`{role}` is no name of a role"));
        }
        distinct(
            "roles of one person",
            person.roles.iter().map(taiwa_model::RoleName::as_str),
            out,
        );
    }
}

fn runners(policy: &PolicyDocument, out: &mut Refusals) {
    distinct("runners", policy.runners.iter().map(|it| it.id.as_str()), out);
    distinct("runners' keys", policy.runners.iter().map(|it| it.key.as_str()), out);
    for runner in &policy.runners {
        if let Some(person) = policy.people.iter().find(|it| it.keys.contains(&runner.key)) {
            invalid(out, format!("runner {} has the key of {}", runner.id, person.id));
        }
        if let Some(server) = policy.servers.iter().find(|it| it.key == runner.key) {
            invalid(out, format!("runner {} has the key of server {}", runner.id, server.id));
        }
        if runner.gates.is_empty() {
            invalid(out, format!("runner {} may speak of no gate", runner.id));
        }
        for gate in runner.gates.iter().filter(|it| Gate::named(it).is_none()) {
            let what = format!("runner {} is to speak of the gate {gate}", runner.id);
            out.push(Refusal::new(Reason::Unsupported, what));
        }
    }
    for gate in policy.gates.keys() {
        if !policy.runners.iter().any(|it| it.gates.contains(gate)) {
            invalid(out, format!("no runner may speak of the gate {gate}"));
        }
    }
}

/// Who wrote a change is known by evidence, or nobody is kept from approving it: both, or neither.
fn separation(policy: &PolicyDocument, out: &mut Refusals) {
    let gate = policy.gates.contains_key(Gate::Authorship.name());
    let separates = policy.separation != Separation::Off;
    if separates && !gate {
        invalid(out, "separation without the gate authorship: nobody would say who wrote a change");
    }
    if gate && !separates {
        invalid(out, "the gate authorship without separation: nothing would come of it");
    }
    distinct("addresses of bots", policy.bots.iter().map(|it| it.email.as_str()), out);
    for bot in &policy.bots {
        let email = &bot.email;
        if let Some(person) = policy.people.iter().find(|it| it.emails.contains(email)) {
            invalid(out, format!("the bot {email} has the address of {}", person.id));
        }
        if email.chars().any(char::is_uppercase) || !email.contains('@') {
            invalid(out, format!("the bot {email} is not an address in lower case"));
        }
        distinct("people of one bot", bot.people.iter().map(PersonId::as_str), out);
        let known = |id: &PersonId| policy.people.iter().any(|it| it.id == *id);
        for person in bot.people.iter().filter(|it| !known(it)) {
            invalid(out, format!("the bot {email} stands for {person}, who is not in the policy"));
        }
    }
}

fn thresholds(policy: &PolicyDocument, out: &mut Refusals) {
    let breakers: u64 = policy.emergency.iter().fold(0, |sum, it| sum.saturating_add(it.count));
    if !policy.emergency.is_empty() && breakers < 2 {
        invalid(out, "emergency asks for fewer than two people");
    }
    let lists = [
        ("emergency", &policy.emergency),
        ("approvals", &policy.approvals),
        ("rollback", &policy.rollback),
        ("policy", &policy.policy),
    ];
    for (name, list) in lists {
        threshold(policy, name, list, out);
    }
}

fn threshold(policy: &PolicyDocument, name: &str, list: &[Threshold], out: &mut Refusals) {
    distinct(name, list.iter().map(|it| it.role.as_str()), out);
    for entry in list {
        if entry.count == 0 {
            invalid(out, format!("{name} asks for 0 of the role {}", entry.role));
        }
        let there = policy.people_of(&entry.role).count() as u64;
        if there < entry.count {
            let (role, count) = (&entry.role, entry.count);
            invalid(out, format!("{name} asks for {count} of the role {role}; {there} have it"));
        }
    }
    let wants: u64 = list.iter().fold(0, |sum, it| sum.saturating_add(it.count));
    let can = crate::approvals::most_places(policy, list);
    if can < wants && list.iter().all(|it| policy.people_of(&it.role).count() as u64 >= it.count) {
        invalid(out, format!("{name} asks for {wants} people; their roles allow only {can}"));
    }
}

fn closed(policy: &PolicyDocument, out: &mut Refusals) {
    if !policy.protected {
        return;
    }
    let open = [
        (policy.approvals.is_empty(), "approvals"),
        (policy.rollback.is_empty(), "rollback"),
        (policy.policy.is_empty(), "policy"),
        (policy.people.is_empty(), "people"),
        (policy.gates.is_empty(), "gates"),
    ];
    for (_, field) in open.into_iter().filter(|it| it.0) {
        invalid(out, format!("a protected policy has empty {field}: it would stand open"));
    }
}

fn times(policy: &PolicyDocument, out: &mut Refusals) {
    let soak = policy.origin.as_ref().map_or(0, |it| it.soak_s);
    let gate = policy.gates.keys().filter_map(|it| policy.gate(it)).map(|it| it.max_age_s);
    let times = [
        ("max_age_s", policy.max_age_s, 1),
        ("lease_s", policy.lease_s, 1),
        ("deadline_s", policy.deadline_s, 1),
        ("skew_s", policy.skew_s, 0),
        ("origin.soak_s", soak, 0),
    ];
    let times = times.into_iter().chain(gate.map(|it| ("gates.max_age_s", it, 1)));
    for (name, value, least) in times {
        if value < least || value > MAX_TIME_S {
            invalid(out, format!("{name} is not between {least} and {MAX_TIME_S}"));
        }
    }
}

fn distinct<'a>(what: &str, items: impl Iterator<Item = &'a str>, out: &mut Refusals) {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for item in items {
        count += 1;
        if !seen.insert(item) {
            invalid(out, format!("twice among the {what}: {item}"));
        }
        if item.is_empty() || item.len() > 4096 || item.chars().any(char::is_control) {
            invalid(out, format!("one of the {what} is empty, too long or has control characters"));
        }
    }
    if count > MAX_ENTRIES {
        out.push(Refusal::new(Reason::Limit, format!("more than {MAX_ENTRIES} {what}")));
    }
}
