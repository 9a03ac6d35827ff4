//! Who wrote a change, whom the policy takes that for, and what follows for plans, evidence and approvals.
//! Long because the whole of one rule is told in one place: names, evidence, plans, counting, policies.

use serde_json::{Value, json};
use taiwa_model::{Digest, PersonId};
use taiwa_plan::{
    Authors, Authorship, Bot, Built, CommitSignature, Contribution, Evidence, EvidenceResult,
    GroupState, Identity, Plan, PlanKind, PolicyDocument, Proposal, Reason, Refusals, Runner, Seen,
    Separation, Signer as _, Statement, Wish, admit, authors, count, difference, digest_of_commits,
    plan, propose, read_state, validate,
};

use crate::world::{
    Case, ITO, RUNNER, SATO, SERVERS, STRANGER, SUZUKI, TANAKA, TANAKA_TOO, approve, in_s, key,
    now, passed, production, release, secret, sign,
};

// ---- names -----------------------------------------------------------------------------------------------------

fn who(name: &str) -> Identity {
    Identity { name: name.to_owned(), email: format!("{name}@example.com") }
}

/// A commit that one person wrote and committed.
fn by(name: &str) -> Contribution {
    Contribution {
        commit: "c1".to_owned(),
        author: who(name),
        committer: who(name),
        co_authors: vec![],
        signature: None,
    }
}

fn signed(it: Contribution, seed: u8) -> Contribution {
    let message = b"tree 1234\n\nthe change\n".to_vec();
    let armour = secret(seed).sign("git", &message).unwrap();
    Contribution { signature: Some(CommitSignature { armour, message }), ..it }
}

/// Production with programs that write commits.
fn with_bots() -> PolicyDocument {
    let bot = |email: &str, people: &[&str]| Bot {
        email: email.to_owned(),
        people: people.iter().map(|it| PersonId::new(*it)).collect(),
    };
    let bots = vec![
        bot("noreply@forge.example", &[]),
        bot("translations@example.com", &["sato"]),
        bot("machine@example.com", &["ito", "tanaka"]),
    ];
    PolicyDocument { bots, ..production() }
}

#[track_caller]
fn check(contribution: Contribution, people: &[&str], unknown: &[&str]) {
    let got = authors(&with_bots(), &[contribution]);
    let names: Vec<String> = got.contributors().iter().map(ToString::to_string).collect();
    assert_eq!((names, got.unknown()), (texts(people), texts(unknown)));
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn names_become_people() {
    check(by("tanaka"), &["tanaka"], &[]);
    check(by("mori"), &[], &["mori@example.com"]);
    check(Contribution { committer: who("sato"), ..by("tanaka") }, &["sato", "tanaka"], &[]);
    let co_authors = vec![who("sato"), who("mori")];
    check(Contribution { co_authors, ..by("tanaka") }, &["sato", "tanaka"], &["mori@example.com"]);
    let written = |email: &str| {
        let identity = Identity { name: "T".to_owned(), email: email.to_owned() };
        Contribution { author: identity.clone(), committer: identity, ..by("x") }
    };
    check(written(" Tanaka@Example.COM "), &["tanaka"], &[]);
    check(written("tanaka@example.com.evil"), &[], &["tanaka@example.com.evil"]);
    check(written("t\u{430}naka@example.com"), &[], &["t\u{430}naka@example.com"]);
    check(written(""), &[], &["T"]);
    check(written("a\n\u{1b}[2Jb@example.com"), &[], &["a\u{fffd}\u{fffd}[2jb@example.com"]);
    check(written(&"x".repeat(999)), &[], &[&"x".repeat(160)]);
    let nobody = Identity::default();
    check(Contribution { author: nobody.clone(), committer: nobody, ..by("x") }, &[], &["nobody"]);
}

#[test]
fn programs_stand_for_whom_the_policy_names() {
    let forge = Identity { name: "Forge".to_owned(), email: "noreply@forge.example".to_owned() };
    check(Contribution { committer: forge.clone(), ..by("tanaka") }, &["tanaka"], &[]);
    check(
        Contribution { author: forge.clone(), committer: forge.clone(), ..by("x") },
        &[],
        &["noreply@forge.example"],
    );
    check(
        Contribution { co_authors: vec![forge], ..by("ito") },
        &["ito"],
        &["noreply@forge.example"],
    );
    check(by("translations"), &["sato"], &[]);
    check(by("machine"), &["ito", "tanaka"], &[]);
    check(by("dependabot"), &[], &["dependabot@example.com"]);
}

#[test]
fn keys_prove_and_names_only_claim() {
    // The key is known, the address is not.
    check(signed(by("laptop"), TANAKA), &["tanaka"], &[]);
    check(signed(by("tanaka"), TANAKA_TOO), &["tanaka"], &[]);
    // Key and address of two people: both.
    check(signed(by("sato"), TANAKA), &["sato", "tanaka"], &[]);
    // A signature is the committer's; of another author it says nothing.
    let other = Contribution { author: who("mori"), ..by("tanaka") };
    check(signed(other, TANAKA), &["tanaka"], &["mori@example.com"]);
    // Nobody's key proves nothing: then the address counts.
    check(signed(by("tanaka"), STRANGER), &["tanaka"], &[]);
    let forged = |change: fn(&mut CommitSignature)| {
        let mut it = signed(by("laptop"), TANAKA);
        change(it.signature.as_mut().unwrap());
        it
    };
    let unknown = &["laptop@example.com"];
    check(forged(|it| it.message.push(b'!')), &[], unknown);
    check(forged(|it| it.armour = "-----BEGIN PGP SIGNATURE-----".to_owned()), &[], unknown);
    check(forged(|it| it.armour.clear()), &[], unknown);
    check(forged(|it| it.armour = "x".repeat(1 << 20)), &[], unknown);
    let for_another_purpose = |it: &mut CommitSignature| {
        it.armour = secret(TANAKA).sign("approve@taiwa", &it.message).unwrap();
    };
    check(forged(for_another_purpose), &[], unknown);
}

#[test]
fn the_order_of_commits_says_nothing_and_every_commit_is_named() {
    let mut second = by("mori");
    second.commit = "c2".to_owned();
    let mut third = by("mori");
    third.commit = "c3".to_owned();
    let all = [by("tanaka"), second, third];
    let mut backwards = all.clone();
    backwards.reverse();
    let got = authors(&production(), &all);
    assert_eq!(got, authors(&production(), &backwards));
    let commits: Vec<&String> = got.unknown["mori@example.com"].iter().collect();
    assert_eq!(commits, ["c2", "c3"]);
    assert_eq!(authors(&production(), &[]), Authors::default());
}

#[test]
fn very_many_unknown_names_are_counted_and_not_listed() {
    let many: Vec<Contribution> = (0..500).map(|it| by(&format!("n{it:03}"))).collect();
    let unknown = authors(&production(), &many).unknown();
    assert_eq!((unknown.len(), unknown[0].as_str()), (129, "and 372 more"));
    assert!(unknown.is_sorted());
}

#[test]
fn the_digest_of_commits_is_of_the_set() {
    assert_eq!(digest_of_commits(["b", "a", "b"]), digest_of_commits(["a", "b"]));
    assert_ne!(digest_of_commits(["ab"]), digest_of_commits(["a", "b"]));
    assert_ne!(digest_of_commits([]), digest_of_commits(["a"]));
}

// ---- admission --------------------------------------------------------------------------------------------------

fn refusals(mut case: Case) -> Refusals {
    let (policy, state, bundle) = (case.policy(), case.server_state(), case.bundle().2);
    admit(&policy, &state, &bundle, case.step, &case.at).err().unwrap_or_default()
}

#[track_caller]
fn only(case: Case, reason: Reason, what: &str) {
    let got = refusals(case);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!(got[0].reason, reason, "{got:#?}");
    assert!(got[0].what.contains(what), "{got:#?}");
}

const UNKNOWN: Reason = Reason::AuthorshipUnknown;

#[test]
fn what_others_wrote_is_admitted() {
    assert_eq!(refusals(Case::separated(&["ito"], &[])), vec![]);
    assert_eq!(refusals(Case::separated(&["ito", "suzuki"], &[])), vec![]);
}

#[test]
fn the_plan_names_exactly_whom_the_evidence_names() {
    let differs = "other people behind the change";
    let changes: [fn(&mut Plan); 4] = [
        |it| it.contributors.clear(),
        |it| it.contributors.push(PersonId::new("suzuki")),
        |it| it.contributors = vec![PersonId::new("suzuki")],
        |it| it.unknown = vec!["mori@example.com".to_owned()],
    ];
    for change in changes {
        let mut case = Case::separated(&["ito"], &[]);
        // Were it admitted, these would be enough.
        case.approvals.push((SUZUKI, approve("manager")));
        change(&mut case.plan);
        let got = refusals(case);
        assert!(got.iter().any(|it| it.reason == UNKNOWN && it.what.contains(differs)), "{got:#?}");
    }
    let mut fewer = Case::separated(&["ito"], &["mori@example.com"]);
    fewer.plan.unknown.clear();
    only(fewer, UNKNOWN, differs);
}

#[test]
fn only_a_change_that_is_kept_apart_has_contributors() {
    let mut open = Case::new();
    open.plan.contributors = vec![PersonId::new("ito")];
    only(open, Reason::Unsupported, "names contributors");
    let mut open = Case::new();
    open.plan.unknown = vec!["x@y".to_owned()];
    open.approvals.push((SUZUKI, approve("manager")));
    only(open, Reason::Unsupported, "names unknown");
    let mut back = Case::separated(&["ito"], &[]);
    back.plan.kind = PlanKind::Rollback;
    back.plan.from = Some(release("new"));
    let got = refusals(back);
    assert!(got.iter().any(|it| it.what.contains("names contributors")), "{got:#?}");
}

/// A case whose evidence of authorship is changed, by key and content; the plan says what the evidence says.
fn evidence(signer: u8, change: impl FnOnce(&mut Evidence)) -> Case {
    let mut case = Case::separated(&["ito"], &[]);
    let (_, mut evidence) = case.evidence.pop().unwrap();
    change(&mut evidence);
    case.evidence.push((signer, evidence));
    case
}

fn said(change: impl FnOnce(&mut Authorship)) -> impl FnOnce(&mut Evidence) {
    |it: &mut Evidence| {
        let mut said = Authorship::of(it).unwrap();
        change(&mut said);
        (it.inputs, it.numbers) = (said.inputs(), said.numbers(1));
    }
}

#[test]
fn evidence_of_authorship_has_to_say_it_in_full() {
    let none = "there is no evidence";
    let refused = |signer, change: Box<dyn FnOnce(&mut Evidence)>, what: &str| {
        let got = refusals(evidence(signer, change));
        let hit = got.iter().any(|it| it.reason == UNKNOWN && it.what.contains(what));
        assert!(hit, "{what}: {got:#?}");
    };
    refused(STRANGER, Box::new(|_| ()), none);
    refused(TANAKA, Box::new(|_| ()), none);
    refused(RUNNER, Box::new(|it| it.release = release("x")), none);
    refused(RUNNER, Box::new(|it| it.result = EvidenceResult::Failed), "does not hold");
    refused(RUNNER, Box::new(|it| it.result = EvidenceResult::NoData), "could not say");
    refused(RUNNER, Box::new(|it| it.inputs.clear()), "its inputs");
    let more = |it: &mut Evidence| drop(it.inputs.insert("more".to_owned(), json!(1)));
    refused(RUNNER, Box::new(more), "its inputs");
    let number = |it: &mut Evidence| drop(it.inputs.insert("commits".to_owned(), json!(1)));
    refused(RUNNER, Box::new(number), "its inputs");
    let numbers = |it: &mut Evidence| it.numbers.extend([("unknown".to_owned(), 7)]);
    refused(RUNNER, Box::new(numbers), "its numbers");
    let no_commits = |it: &mut Evidence| it.numbers.extend([("commits".to_owned(), 0)]);
    refused(RUNNER, Box::new(no_commits), "names nobody");
    refused(RUNNER, Box::new(said(|it| it.contributors.clear())), "names nobody");
    let unsorted = said(|it| it.unknown = texts(&["b", "a"]));
    refused(RUNNER, Box::new(unsorted), "not sorted");
    refused(RUNNER, Box::new(said(|it| it.unknown = texts(&["a", "a"]))), "not sorted");
    let twice = said(|it| it.contributors = vec![PersonId::new("ito"), PersonId::new("ito")]);
    refused(RUNNER, Box::new(twice), "not sorted");
    let backwards =
        said(|it| it.contributors = vec![PersonId::new("tanaka"), PersonId::new("ito")]);
    refused(RUNNER, Box::new(backwards), "not sorted");
    // As many names as are written down, and one that says how many more there are.
    let names = |number: usize| (0..number).map(|it| format!("n{it:04}")).collect::<Vec<_>>();
    let (most, many) = (names(taiwa_plan::MAX_UNKNOWN + 1), names(taiwa_plan::MAX_UNKNOWN + 2));
    refused(RUNNER, Box::new(said(|it| it.unknown = many)), "not sorted");
    let fits = said(|it| it.unknown = most);
    let got = refusals(evidence(RUNNER, Box::new(fits)));
    assert!(got.iter().all(|it| !it.what.contains("not sorted")), "{got:#?}");
    refused(RUNNER, Box::new(said(|it| it.to.commit = None)), "at which commit");
    refused(RUNNER, Box::new(said(|it| it.to.release = release("x"))), "at which commit");
    // Of another change, or under another policy: however new, it proves nothing here.
    let elsewhere = Built { release: release("x"), commit: None };
    refused(RUNNER, Box::new(said(|it| it.from = Some(elsewhere))), none);
    refused(RUNNER, Box::new(said(|it| it.policy = Digest::of(b"another"))), none);
    refused(
        RUNNER,
        Box::new(|it| (it.started, it.ended) = (in_s(-90_000), in_s(-86_401))),
        "too old",
    );
    let ran_on = |it: &mut Evidence| it.ran_on.environment = "laptop".into();
    refused(RUNNER, Box::new(ran_on), "did not run on staging");
}

#[test]
fn without_evidence_it_is_not_known_who_wrote_it() {
    let mut case = Case::separated(&["ito"], &[]);
    case.evidence.pop();
    let got = refusals(case);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!((got[0].reason, got[0].who.as_str()), (UNKNOWN, "runner ci"));
    assert_eq!(got[0].command.as_deref(), Some("taiwa test --on staging"));
}

#[test]
fn evidence_of_another_change_does_not_hide_the_right_one() {
    let mut case = Case::separated(&["ito"], &[]);
    let mut newer = case.wrote();
    said(|it| it.from = Some(Built { release: release("x"), commit: None }))(&mut newer);
    (newer.started, newer.ended) = (in_s(-20), in_s(-10));
    case.more_evidence.push((RUNNER, newer));
    assert_eq!(refusals(case), vec![]);
}

#[test]
fn whoever_wrote_it_is_not_among_those_who_can_still_approve() {
    let mut case = Case::separated(&["suzuki", "tanaka"], &[]);
    case.document.people[3].roles.push("manager".into());
    case.evidence = vec![(RUNNER, passed(case.plan.to)), (RUNNER, case.wrote())];
    let got = refusals(case);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!((got[0].reason, got[0].who.as_str()), (Reason::ApprovalMissing, "manager: ito"));
}

#[test]
fn an_unknown_author_asks_for_one_person_more() {
    let unknown = ["mori@example.com"];
    let case = Case::separated(&["ito"], &unknown);
    let got = refusals(case);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!(
        got[0].what,
        "0 of 1 approvals more, because the policy does not know mori@example.com"
    );
    assert_eq!(got[0].who, "suzuki");
    assert_eq!(got[0].command.as_deref(), Some("taiwa approve --to production --as ROLE"));
    for role in ["manager", "touchpoint-manager"] {
        let mut case = Case::separated(&["ito"], &unknown);
        case.approvals.push((SUZUKI, approve(role)));
        assert_eq!(refusals(case), vec![], "of any role that is asked for");
    }
    // A second key, a second signature and a person without a role are nobody more.
    for (seed, role) in [(TANAKA_TOO, "manager"), (SATO, "touchpoint-manager"), (ITO, "manager")] {
        let mut case = Case::separated(&["suzuki"], &unknown);
        case.approvals.push((seed, approve(role)));
        only(case, Reason::ApprovalMissing, "0 of 1 approvals more");
    }
    // Whoever wrote it is nobody more either.
    let mut case = Case::separated(&["suzuki"], &unknown);
    case.approvals.push((SUZUKI, approve("manager")));
    only(case, Reason::ApprovalMissing, "0 of 1 approvals more");
}

#[test]
fn one_person_more_fills_a_role_first() {
    let mut case = Case::separated(&["ito"], &["mori@example.com"]);
    case.approvals = vec![(SUZUKI, approve("manager")), (SUZUKI, approve("touchpoint-manager"))];
    let (policy, (plan, _, bundle)) = (case.policy(), case.bundle());
    let statements = bundle.open().unwrap().statements;
    let counted = count(&plan, &policy, &statements, now());
    let have: Vec<u64> = counted.roles.iter().map(|it| it.have).collect();
    assert_eq!((have, counted.more.as_ref().unwrap().have), (vec![1, 0], 0));
    assert!(!counted.is_met() && counted.counts(&PersonId::new("suzuki")));
}

// ---- planning ---------------------------------------------------------------------------------------------------

fn group(case: &Case) -> GroupState {
    let policy = case.policy();
    let mut group = GroupState::default();
    for (id, _) in SERVERS {
        let mut receipt = crate::world::origin_state(release("live"), now());
        receipt.environment = "production".into();
        receipt.server = id.into();
        receipt.policy = *policy.digest();
        receipt.challenge = Some("fresh".to_owned());
        (receipt.generation, receipt.release) = (case.plan.base, case.plan.from);
        let seen = read_state(&policy, &id.into(), &sign(&receipt), "fresh");
        assert!(matches!(seen, Seen::State(_)), "{seen:?}");
        group.servers.insert(id.into(), seen);
    }
    group
}

fn planned(case: &Case) -> Result<Plan, Refusals> {
    let statements: Vec<Statement> =
        case.bundle().2.open().unwrap().statements.into_iter().collect();
    let wish = Wish { evidence: &statements, ..Wish::change(case.plan.to) };
    plan(&case.policy(), &group(case), &wish, now())
}

#[test]
fn a_plan_names_the_people_of_its_evidence() {
    let case = Case::separated(&["ito", "tanaka"], &["mori@example.com"]);
    let plan = planned(&case).unwrap();
    assert_eq!(plan.contributors, ["ito", "tanaka"].map(PersonId::new));
    assert_eq!(plan.unknown, ["mori@example.com"]);
    assert_eq!(plan.evidence["authorship"].len(), 1);
    let mut none = Case::separated(&["ito"], &[]);
    none.evidence.pop();
    let refusals = planned(&none).unwrap_err();
    assert_eq!(refusals.iter().map(|it| it.reason).collect::<Vec<_>>(), [UNKNOWN]);
    let plan = planned(&Case::new()).unwrap();
    assert_eq!((plan.contributors, plan.unknown), (vec![], vec![]));
}

#[test]
fn a_plan_takes_the_evidence_of_its_own_start() {
    let mut case = Case::of(&release("espresso"), Some(release("live")), 4);
    let separated = Case::separated(&["ito"], &[]);
    case.document = separated.document;
    case.plan.contributors = vec![PersonId::new("sato")];
    let right = case.wrote();
    case.plan.contributors = vec![PersonId::new("ito")];
    case.plan.from = Some(release("before that"));
    let mut newer = case.wrote();
    (newer.started, newer.ended) = (in_s(-20), in_s(-10));
    case.plan.from = Some(release("live"));
    case.evidence.extend([(RUNNER, right), (RUNNER, newer)]);
    assert_eq!(planned(&case).unwrap().contributors, [PersonId::new("sato")]);
}

// ---- policies ---------------------------------------------------------------------------------------------------

#[track_caller]
fn invalid(change: impl FnOnce(&mut PolicyDocument), what: &str) {
    let mut document = Case::separated(&["ito"], &[]).document;
    assert_eq!(validate(&document), vec![]);
    change(&mut document);
    let got = validate(&document);
    assert!(got.iter().any(|it| it.what.contains(what)), "{got:#?}");
}

#[test]
fn a_policy_that_separates_says_who_tells() {
    invalid(|it| drop(it.gates.remove("authorship")), "separation without the gate");
    invalid(|it| it.separation = Separation::Off, "the gate authorship without separation");
    invalid(|it| drop(it.runners[0].gates.pop()), "no runner may speak of the gate authorship");
    let mut strict = Case::separated(&["ito"], &[]).document;
    strict.separation = Separation::Strict;
    assert_eq!(validate(&strict), vec![]);
    let bot = |email: &str, people: &[&str]| {
        let people = people.iter().map(|it| PersonId::new(*it)).collect();
        let email = email.to_owned();
        move |it: &mut PolicyDocument| it.bots.push(Bot { email, people })
    };
    invalid(bot("Bot@example.com", &[]), "not an address in lower case");
    invalid(bot("bot", &[]), "not an address in lower case");
    invalid(bot("tanaka@example.com", &[]), "has the address of tanaka");
    invalid(bot("b@example.com", &["mori"]), "stands for mori, who is not in the policy");
    invalid(bot("b@example.com", &["ito", "ito"]), "twice among the people of one bot");
    let twice = |it: &mut PolicyDocument| {
        it.bots = vec![Bot { email: "b@example.com".to_owned(), people: vec![] }; 2];
    };
    invalid(twice, "twice among the addresses of bots");
    assert_eq!(validate(&with_bots()), vec![]);
}

#[test]
fn a_proposal_that_separates_needs_no_more_than_the_word() {
    let document = production();
    let mut proposal = Proposal::new(document.environment.clone());
    proposal.origin.clone_from(&document.origin);
    proposal.servers.clone_from(&document.servers);
    proposal.people.clone_from(&document.people);
    proposal.runners.clone_from(&document.runners);
    proposal.approvals.clone_from(&document.approvals);
    proposal.gates.insert("scenarios".to_owned(), None);
    let before = propose(&proposal, now()).unwrap();
    proposal.separation = Separation::On;
    let after = propose(&proposal, now()).unwrap();
    assert_eq!(after.runners[0].gates, ["scenarios", "authorship"]);
    assert!(after.gates.contains_key("authorship"));
    assert_eq!(difference(&before, &after).len(), 3, "gates, runners, separation");
    // Where a runner is named for it, no other speaks of it.
    let gates = vec!["authorship".to_owned()];
    proposal.runners.push(Runner { id: "forge".into(), key: key(STRANGER), gates });
    let named = propose(&proposal, now()).unwrap();
    assert_eq!(named.runners[0].gates, ["scenarios"]);
    proposal.separation = Separation::Off;
    propose(&proposal, now()).unwrap();
}

// ---- attacks ----------------------------------------------------------------------------------------------------

/// What a change by these commits comes to, with these approvals.
fn moved(commits: &[Contribution], approvals: &[(u8, &str)]) -> Refusals {
    let wrote = authors(&with_bots(), commits);
    let (people, unknown) = (wrote.contributors(), wrote.unknown());
    let people: Vec<&str> = people.iter().map(PersonId::as_str).collect();
    let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
    let mut case = Case::separated(&people, &unknown);
    case.approvals = approvals.iter().map(|(seed, role)| (*seed, approve(role))).collect();
    refusals(case)
}

const BOTH: [(u8, &str); 2] = [(TANAKA, "manager"), (SATO, "touchpoint-manager")];

#[track_caller]
fn shut(commit: Contribution) {
    let got = moved(&[by("ito"), commit], &BOTH);
    assert!(got.iter().any(|it| it.reason == Reason::ApprovalMissing), "{got:#?}");
}

#[test]
fn attack_04_whoever_wrote_it_cannot_approve_it_under_any_name() {
    assert_eq!(moved(&[by("ito")], &BOTH), vec![], "nobody of those who approve wrote it");
    shut(by("tanaka"));
    shut(Contribution { committer: who("tanaka"), ..by("ito") });
    shut(Contribution { co_authors: vec![who("tanaka")], ..by("ito") });
    shut(signed(by("ito"), TANAKA));
    shut(by("translations"));
    shut(by("machine"));
    // The second key of the same person signs the approval.
    let second = [(TANAKA_TOO, "manager"), (SATO, "touchpoint-manager")];
    assert_ne!(moved(&[by("tanaka")], &second), vec![]);
    // Somebody else who has the role can.
    let another = [(SUZUKI, "manager"), (SATO, "touchpoint-manager")];
    assert_eq!(moved(&[by("tanaka")], &another), vec![]);
}

#[test]
fn attack_04_whoever_asked_for_an_exception_is_not_the_one_who_approves_it() {
    let mut case = Case::separated(&["ito"], &[]);
    case.plan.choices.again = true;
    case.plan.choices.asked_by = Some(PersonId::new("tanaka"));
    only(case, Reason::ApprovalMissing, "0 of 1 approvals as manager");
}

#[test]
fn attack_04_a_name_that_nobody_knows_is_not_nobody() {
    let commits = [by("ito"), by("somebody")];
    let got = moved(&commits, &BOTH);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert!(got[0].what.contains("somebody@example.com"), "{got:#?}");
    let three = [BOTH[0], BOTH[1], (SUZUKI, "manager")];
    assert_eq!(moved(&commits, &three), vec![]);
}

#[test]
fn attack_22_a_forged_name_takes_nobody_out_who_signed() {
    // Tanaka writes under Ito's name, and signs as always.
    shut(signed(by("ito"), TANAKA));
    // Tanaka writes under Ito's name with a forge's committer in between: the signature is of nobody, and what is
    // left is a claim. That is the limit: only signatures or a forge's word close it.
    let mut forged = by("ito");
    forged.committer.email = "noreply@forge.example".to_owned();
    assert_eq!(moved(&[signed(forged, STRANGER)], &BOTH), vec![]);
    // A signature of other bytes is none, so that it takes nobody in.
    let mut stolen = signed(by("laptop"), TANAKA);
    stolen.signature.as_mut().unwrap().message = b"another commit".to_vec();
    let got = moved(&[by("ito"), stolen], &BOTH);
    assert!(got.iter().all(|it| it.what.contains("laptop@example.com")) && got.len() == 1);
}

#[test]
fn evidence_reads_back_what_it_says() {
    let case = Case::separated(&["ito"], &["a@b"]);
    let evidence = case.wrote();
    let read = Authorship::of(&evidence).unwrap();
    assert_eq!((read.contributors.len(), read.unknown.len()), (1, 1));
    assert_eq!(read.inputs(), evidence.inputs);
    let names: Vec<&String> = evidence.inputs.keys().collect();
    assert_eq!(names, ["commits", "contributors", "from", "policy", "to", "unknown"]);
    assert_eq!(evidence.inputs["from"], Value::Null);
}
