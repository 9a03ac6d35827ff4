//! Policies: what is invalid, what is not built, who has to sign, which one a server obeys.

use serde_json::json;
use taiwa_model::{Digest, EnvironmentName, Moment, PersonId, RunnerId, ServerId};
use taiwa_plan::{
    Envelope, Freeze, InDoubt, Person, Policy, PolicyDocument, PolicyError, Proposal, Reason,
    Runner, Window, adopt, difference, own_policy, propose, validate,
};

use crate::world::{
    ITO, RUNNER, SATO, STAGING_ANCHOR, STRANGER, SUZUKI, TANAKA, accept, key, now, production,
    secret, staging, threshold,
};

#[track_caller]
fn check(change: impl FnOnce(&mut PolicyDocument), reason: Reason, what: &str) {
    let mut document = production();
    change(&mut document);
    let got = validate(&document);
    let hit = got.iter().find(|it| it.what.contains(what));
    let hit = hit.unwrap_or_else(|| panic!("no `{what}` in {got:#?}"));
    assert_eq!(hit.reason, reason, "{got:#?}");
    let envelope = Envelope::signed(&document, &secret(TANAKA)).unwrap();
    assert!(matches!(Policy::accept(&envelope), Err(PolicyError::Refused(_))));
}

#[test]
fn the_good_ones_are_valid() {
    assert_eq!(validate(&production()), vec![]);
    assert_eq!(validate(&staging()), vec![]);
}

#[test]
fn a_protected_policy_does_not_stand_open() {
    let invalid = Reason::PolicyInvalid;
    check(|it| it.approvals.clear(), invalid, "empty approvals: it would stand open");
    check(|it| it.rollback.clear(), invalid, "empty rollback");
    check(|it| it.policy.clear(), invalid, "empty policy");
    check(|it| it.people.clear(), invalid, "empty people");
    check(|it| it.gates.clear(), invalid, "empty gates");
    check(|it| it.servers.clear(), invalid, "no servers");
    check(|it| it.approvals[0].count = 0, invalid, "approvals asks for 0 of the role manager");
    check(|it| it.rollback[0].count = 0, invalid, "rollback asks for 0");
    check(|it| it.policy[0].count = 0, invalid, "policy asks for 0");
}

#[test]
fn thresholds_can_be_met() {
    let invalid = Reason::PolicyInvalid;
    check(|it| it.approvals[0].count = 3, invalid, "3 of the role manager; 2 have it");
    check(|it| it.approvals[0].role = "owner".into(), invalid, "the role owner; 0 have it");
    check(|it| it.approvals.push(threshold("manager", 1)), invalid, "twice among the approvals");
    let both = |it: &mut PolicyDocument| {
        it.people.retain(|it| it.id.as_str() == "suzuki");
    };
    check(both, invalid, "approvals asks for 2 people; their roles allow only 1");
}

#[test]
fn everybody_is_somebody_else() {
    let invalid = Reason::PolicyInvalid;
    check(|it| it.people[1].id = PersonId::new("tanaka"), invalid, "people: tanaka");
    check(|it| it.people[1].keys = vec![key(TANAKA)], invalid, "twice among the people's keys");
    let same = |it: &mut PolicyDocument| it.people[1].emails = it.people[0].emails.clone();
    check(same, invalid, "people's emails: tanaka@example.com");
    let upper = |it: &mut PolicyDocument| it.people[1].emails = vec!["Sato@example.com".into()];
    check(upper, invalid, "not an address in lower case");
    check(|it| it.people[1].keys.clear(), invalid, "sato has roles but no key");
    check(|it| it.people[1].keys = vec![key(21)], invalid, "sato has the key of a server");
    check(|it| it.people[1].roles.push("a b".into()), invalid, "`a b` is no name of a role");
    check(|it| it.servers[1].id = ServerId::new("tokyo-1"), invalid, "twice among the servers");
    check(|it| it.servers[1].key = key(21), invalid, "twice among the servers' keys");
    check(|it| it.anchor = ServerId::new("osaka"), invalid, "the anchor osaka is not");
    check(|it| it.servers[0].id = ServerId::new(""), invalid, "is empty, too long");
}

#[test]
fn runners_are_nobody_else() {
    let invalid = Reason::PolicyInvalid;
    check(|it| it.runners[0].key = key(SATO), invalid, "runner ci has the key of sato");
    check(|it| it.runners[0].key = key(21), invalid, "runner ci has the key of server tokyo-1");
    check(|it| it.runners.clear(), invalid, "no runner may speak of the gate scenarios");
    check(|it| it.runners[0].gates.clear(), invalid, "runner ci may speak of no gate");
    let twice = |it: &mut PolicyDocument| {
        let gates = vec!["scenarios".to_owned()];
        it.runners.push(Runner { id: RunnerId::new("ci"), key: key(RUNNER), gates });
    };
    check(twice, invalid, "twice among the runners");
}

#[test]
fn break_glass_is_for_two_and_a_retired_server_is_gone() {
    let invalid = Reason::PolicyInvalid;
    let one = |it: &mut PolicyDocument| it.emergency = vec![threshold("manager", 1)];
    check(one, invalid, "emergency asks for fewer than two people");
    let nobody = |it: &mut PolicyDocument| it.emergency = vec![threshold("owner", 2)];
    check(nobody, invalid, "emergency asks for 2 of the role owner");
    let back = |it: &mut PolicyDocument| it.retired = vec![ServerId::new("tokyo-2")];
    check(back, invalid, "tokyo-2 is retired");
    let twice = |it: &mut PolicyDocument| it.retired = vec!["old".into(), "old".into()];
    check(twice, invalid, "twice among the retired servers");
    let mut good = production();
    good.emergency = vec![threshold("manager", 2)];
    good.retired = vec![ServerId::new("old")];
    good.in_doubt = InDoubt::Drain;
    assert_eq!(validate(&good), vec![]);
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let unsupported = Reason::Unsupported;
    check(|it| it.format = 2, unsupported, "a format other than 1");
    let gate = |it: &mut PolicyDocument| {
        it.gates.insert("impact".to_owned(), json!({ "max_age_s": 1 }));
    };
    check(gate, unsupported, "the gate impact");
    check(|it| it.runners[0].gates.push("impact".into()), unsupported, "the gate impact");
    check(|it| it.origin = None, unsupported, "gates but no origin");
    let rule = |it: &mut PolicyDocument| {
        it.gates.insert("scenarios".to_owned(), json!({ "max_age_s": 1, "attempts": 3 }));
    };
    check(rule, Reason::PolicyInvalid, "the rule of the gate scenarios");
    let hardware = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAEB\
                    AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAAAABHNzaDo=";
    let hardware = taiwa_plan::PublicKey::parse(hardware).unwrap();
    check(|it| it.people[0].keys.push(hardware), unsupported, "keys of type sk-ssh-ed25519");
}

#[test]
fn a_limit_is_one_and_can_be_met() {
    let with = |gate: &'static str, change: &'static str, value: serde_json::Value| {
        move |it: &mut PolicyDocument| {
            let load = json!({
                "max_age_s": 1, "rate_per_s": 500, "for_s": 10, "p99_us": 20_000, "errors_bp": 0,
            });
            it.gates.insert("load".to_owned(), load);
            it.gates.insert("exposure".to_owned(), json!({ "max_age_s": 1, "decisions": 1 }));
            it.runners[0].gates.extend(["load".to_owned(), "exposure".to_owned()]);
            let rule = it.gates.get_mut(gate).unwrap().as_object_mut().unwrap();
            rule.insert(change.to_owned(), value);
        }
    };
    let mut good = production();
    with("load", "rate_per_s", json!(500))(&mut good);
    assert_eq!(validate(&good), vec![]);
    let invalid = Reason::PolicyInvalid;
    check(with("load", "rate_per_s", json!(0)), invalid, "gates.load.rate_per_s is not between");
    check(with("load", "rate_per_s", json!(100_001)), invalid, "gates.load.rate_per_s");
    check(with("load", "for_s", json!(0)), invalid, "gates.load.for_s is not between 1 and 540");
    check(with("load", "for_s", json!(541)), invalid, "gates.load.for_s");
    check(with("load", "p99_us", json!(0)), invalid, "gates.load.p99_us is not between");
    check(with("load", "p99_us", json!(10_000_001)), invalid, "gates.load.p99_us");
    check(with("load", "errors_bp", json!(10_000)), invalid, "gates.load.errors_bp");
    check(with("load", "max_age_s", json!(0)), invalid, "gates.max_age_s");
    check(with("load", "p99_us", json!(null)), invalid, "the rule of the gate load is not {max");
    check(with("load", "p99_us", json!(0.5)), invalid, "the rule of the gate load is not {max");
    check(with("load", "more", json!(1)), invalid, "the rule of the gate load is not {max_age_s,");
    check(with("exposure", "decisions", json!(0)), invalid, "gates.exposure.decisions");
    check(with("exposure", "max_age_s", json!(0)), invalid, "gates.max_age_s");
    check(with("exposure", "more", json!(1)), invalid, "is not {max_age_s, decisions}");
    let nobody = |it: &mut PolicyDocument| {
        with("load", "for_s", json!(10))(it);
        it.runners[0].gates.retain(|it| it != "load");
    };
    check(nobody, invalid, "no runner may speak of the gate load");
}

#[test]
fn a_calendar_that_cannot_be_is_invalid() {
    let invalid = Reason::PolicyInvalid;
    let freeze = |from: &str, until: &str, zone: &str| Freeze {
        from: Moment::parse(from).unwrap(),
        until: Moment::parse(until).unwrap(),
        zone: zone.to_owned(),
        reason: "New year".to_owned(),
    };
    let window = |days: &str, from: &str, until: &str| Window {
        days: vec![days.to_owned()],
        from: from.to_owned(),
        until: until.to_owned(),
        zone: "Asia/Tokyo".to_owned(),
    };
    let freezes = |it: Freeze| move |to: &mut PolicyDocument| to.freeze = vec![it];
    let windows = |it: Window| move |to: &mut PolicyDocument| to.windows = vec![it];
    check(freezes(freeze("2027-01-03", "2026-12-30", "UTC")), invalid, "the freeze from 2027");
    check(freezes(freeze("2026-12-30", "2027-01-03", "Mars/Base")), invalid, "Mars/Base");
    check(windows(window("someday", "09:00", "17:00")), invalid, "the window from 09:00");
    check(windows(window("mon", "9", "17:00")), invalid, "the window from 9 ");
    check(windows(window("mon", "09:00", "24:00")), invalid, "until 24:00");
    check(windows(window("mon", "09:00", "09:00")), invalid, "until 09:00");
    check(|it| it.hold = vec!["nobody".into()], invalid, "nobody has the role nobody");
    let mut good = production();
    good.freeze = vec![freeze("2026-12-30", "2027-01-03", "Asia/Tokyo")];
    good.windows = vec![window("mon", "22:00", "02:00")];
    good.hold = vec!["manager".into()];
    assert_eq!(validate(&good), vec![]);
}

#[test]
fn the_first_version_follows_nothing_and_every_later_one_something() {
    let invalid = Reason::PolicyInvalid;
    check(|it| it.version = 2, invalid, "version 2 and `previous`");
    check(|it| it.previous = Some(Digest::of(b"x")), invalid, "version 1 and `previous`");
}

#[test]
fn origin_and_times() {
    let invalid = Reason::PolicyInvalid;
    let own = |it: &mut PolicyDocument| {
        it.origin.as_mut().unwrap().environment = EnvironmentName::new("production");
    };
    check(own, invalid, "its own origin");
    let key_of_server = |it: &mut PolicyDocument| {
        it.origin.as_mut().unwrap().anchor_key = key(22);
    };
    check(key_of_server, invalid, "the key of a server of this environment");
    check(|it| it.lease_s = 0, invalid, "lease_s is not between 1");
    check(|it| it.deadline_s = 0, invalid, "deadline_s is not between 1");
    check(|it| it.max_age_s = 0, invalid, "max_age_s is not between 1");
    check(|it| it.skew_s = 40_000_000, invalid, "skew_s is not between 0");
    check(|it| it.environment = "Production".into(), invalid, "no name of an environment");
}

#[test]
fn the_number_of_entries_is_bounded() {
    let many = |it: &mut PolicyDocument| {
        let more = (0..257).map(|number| Person {
            id: PersonId::new(format!("p{number}")),
            keys: vec![],
            emails: vec![],
            roles: vec![],
        });
        it.people.extend(more);
    };
    check(many, Reason::Limit, "more than 256 people");
}

#[test]
fn a_protected_policy_is_signed_by_its_own_threshold() {
    let signed = |seeds: &[u8]| {
        let mut envelope = Envelope::unsigned(&production()).unwrap();
        for seed in seeds {
            envelope.add_signature(&secret(*seed)).unwrap();
        }
        Policy::accept(&envelope)
    };
    for good in [&[TANAKA][..], &[SUZUKI], &[SATO, TANAKA]] {
        signed(good).unwrap();
    }
    for bad in [&[][..], &[SATO], &[ITO], &[STRANGER], &[RUNNER]] {
        let Err(PolicyError::Refused(why)) = signed(bad) else { panic!("{bad:?}") };
        assert_eq!(why[0].reason, Reason::ApprovalMissing);
        assert_eq!(why[0].who, "tanaka, suzuki");
        assert_eq!(why[0].command.as_deref(), Some("taiwa policy sign production"));
    }
    Policy::accept(&Envelope::unsigned(&staging()).unwrap()).expect("unprotected needs none");
    let approval = Envelope::signed(&crate::world::approve("manager"), &secret(TANAKA)).unwrap();
    assert!(matches!(Policy::accept(&approval), Err(PolicyError::NotAPolicy)));
}

#[test]
fn a_server_obeys_one_policy() {
    let one = accept(&production()).envelope().clone();
    let mut other = production();
    other.max_age_s += 1;
    let other = accept(&other).envelope().clone();
    let mut unsigned = one.clone();
    unsigned.signatures.clear();
    let digest = |it: Result<Option<Policy>, PolicyError>| it.unwrap().map(|it| *it.digest());
    let of_one = Some(Policy::digest_of(&one.payload));
    assert_eq!(digest(adopt(None, None)), None);
    assert_eq!(digest(adopt(None, Some(&one))), of_one);
    assert_eq!(digest(adopt(Some(&one), None)), of_one);
    assert_eq!(digest(adopt(Some(&one), Some(&one))), of_one);
    let another = adopt(Some(&one), Some(&other));
    assert!(matches!(another, Err(PolicyError::Another { .. })));
    assert!(matches!(adopt(None, Some(&unsigned)), Err(PolicyError::Refused(_))));
    let own = own_policy("local".into(), "me".into(), "http://127.0.0.1:7".into(), key(1)).unwrap();
    assert_eq!(own.document().version, 0);
    assert!(!own.document().protected);
    assert_eq!(digest(adopt(Some(own.envelope()), Some(&one))), of_one);
    let again = own_policy("local".into(), "me".into(), "http://127.0.0.1:7".into(), key(1));
    assert_eq!(again.unwrap().digest(), own.digest(), "the same at every start");
}

#[test]
fn version_0_is_alone_and_unprotected() {
    check(|it| it.version = 0, Reason::PolicyInvalid, "version 0 is what one");
}

fn proposal() -> Proposal {
    let document = production();
    Proposal {
        origin: document.origin,
        servers: document.servers,
        people: document.people,
        runners: document.runners,
        approvals: document.approvals,
        gates: [("scenarios".to_owned(), None)].into(),
        ..Proposal::new(document.environment)
    }
}

#[test]
fn a_proposal_becomes_a_whole_policy() {
    let document = propose(&proposal(), now()).unwrap();
    assert!(document.protected, "it has an origin and approvals");
    assert_eq!(document.anchor.as_str(), "tokyo-1");
    assert_eq!(document.rollback, document.approvals);
    assert_eq!(document.policy, document.approvals);
    assert_eq!((document.version, document.previous), (1, None));
    let mut open = proposal();
    (open.protected, open.rollback) = (Some(false), Some(vec![threshold("manager", 1)]));
    open.anchor = Some(ServerId::new("tokyo-3"));
    let document = propose(&open, now()).unwrap();
    assert!(!document.protected);
    assert_eq!((document.rollback.len(), document.anchor.as_str()), (1, "tokyo-3"));
    let staging = Proposal { servers: staging().servers, ..Proposal::new("staging".into()) };
    assert!(!propose(&staging, now()).unwrap().protected);
}

#[test]
fn a_proposal_says_all_that_is_wrong() {
    let mut bad = proposal();
    bad.beyond = vec!["freeze".to_owned(), "rollout".to_owned()];
    bad.gates.insert("load".to_owned(), None);
    bad.approvals.clear();
    let got = propose(&bad, now()).unwrap_err();
    for what in ["asks for freeze", "asks for rollout", "the gate load", "empty approvals"] {
        assert!(got.iter().any(|it| it.what.contains(what)), "{what}: {got:#?}");
    }
    let empty = propose(&Proposal::new("staging".into()), now()).unwrap_err();
    assert!(empty.iter().any(|it| it.what.contains("no servers")));
}

#[test]
fn differences_in_words() {
    let old = production();
    assert_eq!(difference(&old, &old), Vec::<String>::new());
    let mut new = production();
    new.issued = now();
    new.servers.remove(2);
    new.approvals[0].count = 2;
    new.protected = false;
    new.runners.push(Runner {
        id: RunnerId::new("night"),
        key: key(STAGING_ANCHOR),
        gates: vec!["scenarios".to_owned()],
    });
    let lines = difference(&old, &new);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[0].starts_with("approvals: manager changed: "));
    assert_eq!(lines[1], "protected: true → false");
    assert!(lines[2].starts_with("runners: night added: "));
    assert_eq!(lines[3], "servers: tokyo-3 removed");
}
