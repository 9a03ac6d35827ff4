//! What was said under an earlier policy, or before a clock was set right, and who may still learn it.

use taiwa_plan::{
    Reason, Receipt,
    server::{Class, Learning, ServerState, learn, rotate},
};

use super::{
    refused,
    rotation::{Behind, next},
};
use crate::world::{Case, TANAKA, at, in_s, release, sign};

/// What was said under an earlier policy moves nobody beyond where the anchor in force is: the last word of one that was
/// lost is in a deployer's hands only, and its generation is another one's by now.
#[test]
fn an_old_word_moves_nobody_beyond_the_anchor_in_force() {
    let void = (Class::Conflict, Reason::WrongPolicy);
    let none = Behind { shown: None, ..Behind::new().rotated() };
    refused(none.learn(), void.0, void.1, "tokyo-1, which decides now");
    let wrong: [&dyn Fn(&mut Receipt); 5] = [
        &|it| it.generation = 0,
        &|it| it.generation = 2,
        &|it| it.release = Some(release("old")),
        &|it| it.server = "tokyo-3".into(),
        &|it| it.phase = taiwa_plan::Phase::Prepared,
    ];
    for change in wrong {
        let mut behind = Behind::new().rotated();
        behind.shown = Some(behind.shows(change));
        refused(behind.learn(), void.0, void.1, "tokyo-1, which decides now");
    }
    // Under the policy before it was there, which says nothing of what it began from since.
    let mut behind = Behind::new().rotated();
    let before = *behind.earlier[0].digest();
    behind.shown = Some(behind.shows(|it| it.policy = before));
    refused(behind.learn(), void.0, void.1, "tokyo-1, which decides now");
}

/// A receipt names the time that passed at the anchor. Where its clock had been behind and was set right, that is before
/// the people signed, and it counted by the wall: whoever learns of it believes that, and not what had expired by then.
#[test]
fn approvals_that_are_later_than_the_receipt_count_again() {
    let learns = |change: &dyn Fn(&mut Case)| {
        let mut case = Case::new();
        change(&mut case);
        let mut behind = Behind::new();
        let taiwa_plan::Payload::Receipt(mut word) = behind.word.open().unwrap().payload else {
            panic!("a receipt")
        };
        word.plan = Some(case.bundle().1);
        (behind.request.bundle, behind.word) = (case.bundle().2, sign(&word));
        behind.learn()
    };
    learns(&|it| it.approvals[0].1.issued = in_s(600)).unwrap();
    let expired = learns(&|it| it.approvals[0].1.expires = in_s(1));
    refused(expired, Class::Forbidden, Reason::ApprovalMissing, "do not count enough");
}

/// Who becomes the anchor takes what there is while it collects, and nothing from the moment on at which it leads.
#[test]
fn an_anchor_learns_old_words_until_it_leads() {
    let Behind { request, word, .. } = Behind::new();
    let policy = request.policy.clone();
    let to = next(&policy, &[TANAKA], |it| {
        it.anchor = "tokyo-2".into();
        it.servers.retain(|it| it.id.as_str() != "tokyo-1");
        it.retired = vec!["tokyo-1".into()];
    });
    let state = rotate(&policy, &request.state, &to, &at(2)).unwrap().state;
    let earlier = to.earlier(&[policy.envelope().clone()]);
    let bundle = &request.bundle;
    let proof = Learning { bundle, word: &word, earlier: &earlier, shown: None };
    let done = learn(&to, &state, &proof, &at(30)).unwrap().state;
    assert!(done.generation() == 1 && done.handover.is_some());
    let leads = ServerState { handover: None, ..state };
    let got = learn(&to, &leads, &proof, &at(30));
    refused(got, Class::Conflict, Reason::WrongPolicy, "tokyo-2, which decides now");
}
