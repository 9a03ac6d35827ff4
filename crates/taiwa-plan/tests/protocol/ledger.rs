//! The ledger: lookups, and a story of which one thing is changed.

use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{
    Bundle, Envelope, Plan, Policy,
    ledger::{
        Draft, Ledger, OutcomeWord, Problem, Record, RecordKind, object_path, record_path, verify,
    },
    server::state_receipt,
};

use crate::world::{Case, STRANGER, SUZUKI, accept, in_s, now, secret, sign, staging};

type Files = Vec<(String, Vec<u8>)>;

struct Story {
    policies: Vec<Policy>,
    records: Files,
    objects: Files,
    plan: Digest,
    head: Option<(u64, Digest)>,
}

impl Story {
    fn file(&mut self, bytes: Vec<u8>, digest: Digest) -> Digest {
        self.objects.push((object_path(&digest), bytes));
        digest
    }

    fn statement(&mut self, envelope: &Envelope) -> Digest {
        self.file(envelope.to_bytes().unwrap(), envelope.digest())
    }

    fn record(&mut self, kind: RecordKind, text: &str, objects: Vec<Digest>) {
        let draft = Draft {
            time: now(),
            kind,
            environment: "production".into(),
            plan: Some(self.plan),
            objects,
            by: "Tanaka <tanaka@example.com>".to_owned(),
            text: text.to_owned(),
        };
        let record = draft.after(self.head);
        let bytes = record.to_bytes().unwrap();
        self.head = Some((record.seq, Record::digest_of(&bytes)));
        self.records.push((record_path(record.seq), bytes));
    }

    fn read(&self) -> (Ledger, Vec<Problem>) {
        Ledger::read(self.records.clone(), self.objects.clone())
    }

    fn problems(&self) -> Vec<String> {
        let (ledger, mut problems) = self.read();
        problems.extend(verify(&ledger, &self.policies));
        problems.iter().map(ToString::to_string).collect()
    }
}

/// A plan is filed, approved, and carried out.
fn filed() -> (Story, Plan, Bundle) {
    let mut case = Case::new();
    let staging = accept(&staging());
    for (_, receipt) in &mut case.origin {
        receipt.policy = *staging.digest();
    }
    let (plan, digest, bundle) = case.bundle();
    let policies = vec![case.policy(), staging];
    let (records, objects) = (vec![], vec![]);
    let mut story = Story { policies, records, objects, plan: digest, head: None };
    let policy = story.statement(&story.policies[0].envelope().clone());
    story.record(RecordKind::Policy, "the first policy", vec![policy]);
    let plan_object = story.file(plan.to_bytes().unwrap(), digest);
    story.record(RecordKind::Statement, "the plan is open", vec![plan_object]);
    let statements = bundle.statements.iter().map(|it| story.statement(it)).collect();
    story.record(RecordKind::Statement, "approved", statements);
    (story, plan, bundle)
}

fn told() -> Story {
    let (mut story, plan, bundle) = filed();
    story.record(RecordKind::Intent, "promote", vec![]);
    let case = Case::new();
    let policy = story.policies[0].clone();
    let (states, receipts) = crate::world::prepared(&case);
    assert_eq!(bundle.plan, plan.to_bytes().unwrap());
    let mut objects = Vec::new();
    let mut word = receipts[1..].to_vec();
    for state in states {
        let bundle = case.bundle().2;
        let request = taiwa_plan::server::Activation {
            bundle: &bundle,
            step: taiwa_plan::Move::FIRST,
            receipts: &word,
        };
        let done = taiwa_plan::server::activate(&policy, &state, &request, &case.at).unwrap();
        let committed = sign(&done.receipt.unwrap());
        objects.push(story.statement(&committed));
        let live = state_receipt(&policy, &done.state, Some("c"), &case.at).unwrap();
        objects.push(story.statement(&sign(&live)));
        if state.server.as_str() == "tokyo-1" {
            word = vec![committed];
        }
    }
    story.record(RecordKind::Outcome, "done: 3 servers", objects);
    story
}

#[test]
fn the_whole_story_holds() {
    assert_eq!(told().problems(), Vec::<String>::new());
}

#[test]
fn the_open_plan_and_what_is_filed_about_it() {
    let (story, plan, _) = filed();
    let ledger = story.read().0;
    let policy = &story.policies[0];
    let (open, digest) = ledger.open_plan(policy).unwrap();
    assert_eq!((open, digest), (&plan, story.plan));
    assert_eq!(ledger.about_plan(&digest).len(), 2);
    assert_eq!(ledger.evidence_of(&"production".into(), &plan.to).len(), 1);
    assert_eq!(ledger.evidence_of(&"staging".into(), &plan.to).len(), 0);
    assert_eq!(ledger.states_of(&"staging".into(), &plan.to).len(), 2);
    assert!(ledger.count(open, policy, now()).is_met());
    assert!(!ledger.count(open, policy, in_s(3600)).is_met());
    assert_eq!(ledger.head().unwrap().0, 3);
    assert!(ledger.open_plan(&story.policies[1]).is_none(), "staging has none");
}

#[test]
fn a_plan_is_open_until_it_is_carried_out_or_rejected() {
    assert!(told().read().0.open_plan(&told().policies[0]).is_none());
    let (mut story, _, _) = filed();
    story.record(RecordKind::Outcome, "aborted: unreachable", vec![]);
    assert!(story.read().0.open_plan(&story.policies[0]).is_some());
    let rejection = crate::admission::rejection(story.plan, SUZUKI);
    let digest = story.statement(&rejection);
    story.record(RecordKind::Statement, "rejected", vec![digest]);
    assert!(story.read().0.open_plan(&story.policies[0]).is_none());
}

#[track_caller]
fn check(change: impl FnOnce(&mut Story), what: &str) {
    let mut story = told();
    change(&mut story);
    let problems = story.problems();
    assert!(problems.iter().any(|it| it.contains(what)), "no `{what}` in {problems:#?}");
}

fn rewrite(story: &mut Story, index: usize, change: impl FnOnce(&mut Record)) {
    let mut record = Record::read(&story.records[index].1).unwrap();
    change(&mut record);
    story.records[index].1 = record.to_bytes().unwrap();
}

#[test]
fn attack_27_what_was_tampered_with_shows() {
    check(|it| drop(it.records.remove(1)), "the record before it is missing");
    check(|it| drop(it.records.remove(0)), "the record before it is missing");
    let text = |it: &mut Story| rewrite(it, 1, |it| it.text = "another story".to_owned());
    check(text, "its `prev` is not the digest");
    let time = |it: &mut Story| rewrite(it, 2, |it| it.time = Timestamp::default());
    check(time, "its `prev` is not the digest");
    check(|it| it.records[1].0 = record_path(9), "not the one of its name");
    check(|it| it.records[1].1.push(b' '), "records/00000002.json");
    check(|it| drop(it.objects.pop()), "is missing");
    check(|it| it.objects[1].0 = object_path(&Digest::of(b"x")), "not the one of its name");
    check(|it| it.objects[1].1 = b"{}".to_vec(), "not the expected JSON");
    check(|it| rewrite(it, 0, |it| it.seq = 7), "not the one of its name");
}

#[test]
fn signatures_and_outcomes_are_checked() {
    let forged = |it: &mut Story| {
        let mut envelope = crate::admission::rejection(it.plan, STRANGER);
        envelope.signatures[0].key = "tanaka".to_owned();
        let digest = it.statement(&envelope);
        it.record(RecordKind::Statement, "rejected", vec![digest]);
    };
    check(forged, "no valid signature by who may sign it");
    check(|it| drop(it.policies.pop()), "its policy of staging is not known");
    let claim = |text: &'static str, objects: Vec<Digest>| {
        move |it: &mut Story| it.record(RecordKind::Outcome, text, objects)
    };
    check(claim("done: trust me", vec![]), "no `committed` receipt of the plan's anchor");
    check(claim("partly-activated: x", vec![]), "no `committed` receipt");
    check(claim("great", vec![]), "does not begin with a known word");
    let partly = |it: &mut Story| {
        let last = Record::read(&it.records[4].1).unwrap().objects;
        let objects = last[..2].to_vec();
        it.record(RecordKind::Outcome, "done: not quite", objects);
    };
    check(partly, "not the signed state of every server");
    let other = |it: &mut Story| {
        it.plan = Digest::of(b"a plan that nobody filed");
        it.record(RecordKind::Outcome, "done: x", vec![]);
    };
    check(other, "names no plan that is filed");
    let unsigned = |it: &mut Story| {
        let mut policy = crate::world::production();
        policy.max_age_s += 1;
        let envelope = Envelope::signed(&policy, &secret(STRANGER)).unwrap();
        let digest = it.statement(&envelope);
        it.record(RecordKind::Policy, "mine", vec![digest]);
    };
    check(unsigned, "no valid signature");
}

#[test]
fn attack_27_a_plan_names_the_head_it_saw() {
    let cut = |story: &mut Story| {
        let mut case = Case::new();
        case.plan.ledger = Some(Digest::of(b"a record that was cut off"));
        let (plan, digest, _) = case.bundle();
        let object = story.file(plan.to_bytes().unwrap(), digest);
        story.record(RecordKind::Statement, "the plan is open", vec![object]);
    };
    check(cut, "a head of the ledger that is not there any more");
}

#[test]
fn the_word_of_an_outcome() {
    let (mut story, _, _) = filed();
    for word in ["done", "partly-activated", "aborted", "outcome-unknown"] {
        story.record(RecordKind::Outcome, &format!("{word}: x"), vec![]);
        let record = Record::read(&story.records.last().unwrap().1).unwrap();
        assert_eq!(record.outcome().map(OutcomeWord::word), Some(word));
    }
}

#[test]
fn a_record_is_bounded() {
    let (story, _, _) = filed();
    let mut record = Record::read(&story.records[0].1).unwrap();
    record.text = "x".repeat(70_000);
    assert!(record.to_bytes().is_err());
    assert!(Record::read(&vec![b' '; 70_000]).is_err());
}
