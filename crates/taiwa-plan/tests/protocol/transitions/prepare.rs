//! Prepare, at the anchor and at another.

use super::{
    CONFLICT, NO_RECEIPT, Request, STALE, check_prepare, live, refused, resign, to_prepare,
};
use crate::world::{Case, STRANGER, at, in_s, prepared, release, secret};
use taiwa_model::{Digest, ServerId};
use taiwa_plan::server::{Class, Effect};
use taiwa_plan::{Envelope, Epoch, Phase, Reason, Receipt};

#[test]
fn prepare_gives_a_slot_and_an_epoch_and_moves_nothing() {
    for index in 0..3 {
        let done = to_prepare(index).prepare().unwrap();
        let slot = done.state.slot.clone().unwrap();
        assert_eq!(slot.epoch.to_string(), "1.1");
        assert_eq!(done.state.epoch, slot.epoch);
        assert_eq!(slot.until, in_s(if index == 0 { 11 } else { 16 }));
        assert_eq!(done.effect, Effect::Slot { until: slot.until });
        assert_eq!(done.state.active, None);
        assert_eq!(done.state.floor, in_s(1));
        assert_eq!(slot.word.is_some(), index > 0);
        let receipt = done.receipt.unwrap();
        assert_eq!(receipt.phase, Phase::Prepared);
        assert_eq!((receipt.generation, receipt.release), (1, Some(release("espresso"))));
    }
}

#[test]
fn prepare_compares_generation_and_digest() {
    for index in 0..3 {
        check_prepare(index, |it| live(it, 1, "espresso-0"), STALE, "live is 1");
        let behind = |it: &mut Request| {
            let mut case = Case::of(&release("espresso"), Some(release("x")), 4);
            case.at = at(1);
            let (plan, digest, bundle) = case.bundle();
            it.bundle = bundle;
            if index > 0 {
                resign(it, |receipt| {
                    (receipt.plan, receipt.generation) = (Some(digest), plan.target);
                });
            }
        };
        check_prepare(index, behind, (Class::Conflict, Reason::Behind), "at generation 0");
    }
    let mut digest_only = to_prepare(0);
    live(&mut digest_only, 1, "a");
    let case = Case::of(&release("espresso"), Some(release("b")), 1);
    digest_only.bundle = case.bundle().2;
    refused(digest_only.prepare(), STALE.0, STALE.1, "generation 1, live is 1");
}

#[test]
fn prepare_is_admitted() {
    for index in 0..3 {
        check_prepare(
            index,
            |it| it.state.stored.clear(),
            (Class::Forbidden, Reason::NotStored),
            "is not stored",
        );
        let unsupported = |it: &mut Request| {
            let mut case = Case::new();
            case.plan.format = 2;
            let (_, digest, bundle) = case.bundle();
            it.bundle = bundle;
            if index > 0 {
                resign(it, |receipt| receipt.plan = Some(digest));
            }
        };
        check_prepare(
            index,
            unsupported,
            (Class::Unsupported, Reason::Unsupported),
            "another format",
        );
    }
}

#[test]
fn one_slot_at_a_time_at_the_anchor() {
    let mut request = to_prepare(0);
    let first = request.prepare().unwrap();
    request.state = first.state.clone();
    request.at = at(9);
    let again = request.prepare().unwrap();
    assert_eq!((again.receipt.as_ref(), again.effect), (first.receipt.as_ref(), Effect::Nothing));
    assert_eq!(again.state, first.state, "the lease is not extended");
    let mut other = Case::new();
    other.plan.ledger = Some(Digest::of(b"another plan"));
    let theirs = request.bundle.clone();
    request.bundle = other.bundle().2;
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "holds the slot since 8 s, epoch 1.1");
    request.at = at(12);
    let after = request.prepare().unwrap();
    assert_eq!(after.state.epoch.to_string(), "1.2", "the lease was over");
    request.state = after.state;
    request.bundle = theirs;
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "epoch 1.2");
}

#[test]
fn others_prepare_by_the_anchors_word_only() {
    check_prepare(1, |it| it.receipts.clear(), NO_RECEIPT, "`prepared` receipt of the anchor");
    let by_another = |it: &mut Request| it.receipts = vec![prepared(&Case::new()).1[2].clone()];
    check_prepare(1, by_another, NO_RECEIPT, "tokyo-1");
    let forged = |it: &mut Request| {
        let payload = it.receipts[0].payload.clone();
        it.receipts[0] = Envelope::signed(&crate::world::approve("x"), &secret(STRANGER)).unwrap();
        it.receipts[0].kind = taiwa_plan::Namespace::Receipt;
        it.receipts[0].payload = payload;
    };
    check_prepare(1, forged, NO_RECEIPT, "tokyo-1");
    let changes: [fn(&mut Receipt); 8] = [
        |it| it.phase = Phase::Committed,
        |it| it.plan = Some(Digest::of(b"another plan")),
        |it| it.step = None,
        |it| it.generation += 1,
        |it| it.release = Some(release("other")),
        |it| it.policy = Digest::of(b"another policy"),
        |it| it.environment = "staging".into(),
        |it| it.server = ServerId::new("tokyo-2"),
    ];
    for change in changes {
        check_prepare(1, |it| resign(it, change), NO_RECEIPT, "tokyo-1");
    }
}

#[test]
fn others_follow_growing_epochs_only() {
    let seen = |counter| move |it: &mut Request| it.state.epoch = Epoch { version: 1, counter };
    check_prepare(1, seen(1), CONFLICT, "the epoch 1.1 is over: tokyo-2 has seen 1.1");
    check_prepare(1, seen(2), CONFLICT, "has seen 1.2");
    let version = |it: &mut Request| {
        resign(it, |receipt| receipt.epoch = Epoch { version: 2, counter: 1 });
    };
    check_prepare(1, version, CONFLICT, "the epoch 2.1 is over");
}

#[test]
fn others_repeat_and_replace() {
    let mut request = to_prepare(1);
    let first = request.prepare().unwrap();
    request.state = first.state.clone();
    request.at = at(12);
    let again = request.prepare().unwrap();
    assert_eq!((again.receipt, again.state), (first.receipt, first.state));
    resign(&mut request, |it| it.epoch.counter = 2);
    let newer = request.prepare().unwrap();
    assert_eq!(newer.state.slot.as_ref().unwrap().epoch.to_string(), "1.2");
    request.state = newer.state;
    resign(&mut request, |it| it.epoch.counter = 1);
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "the epoch 1.1 is over");
}
