//! What `taiwa status` says besides the rows of its table: of a server, and of what waits for people.

use taiwa_api::admin::Status;
use taiwa_model::ServerId;
use taiwa_plan::{Move, approving};

use crate::{
    Cx,
    edge::{ledger::Book, servers::Group},
    render::safe,
};

/// What a server has to say besides.
pub(super) fn besides(cx: &mut Cx<'_>, it: &Status) {
    let mut tell = |what: String| cx.tell(format!("  {}: {what}", it.server));
    for reason in &it.reasons {
        if let Some(words) = unready(reason) {
            tell(format!("{reason}: {words}"));
        }
    }
    if let Some(slot) = &it.slot {
        tell(format!("plan {} holds the slot until {}", slot.plan.short(), slot.until));
    }
    if let Some(end) = it.active.as_ref().and_then(|it| it.revert_at) {
        let name = &it.environment;
        tell(format!(
            "an emergency, which ends by itself at {end}; to let it stay: taiwa promote --to {name} --ratify"
        ));
    }
    if !it.waits_for.is_empty() {
        let names: Vec<&str> = it.waits_for.iter().map(ServerId::as_str).collect();
        tell(format!(
            "the anchor by a new policy; it leads once it has heard {}",
            names.join(", ")
        ));
    }
    for hold in &it.holds {
        let why = safe(&hold.why);
        tell(format!("{} stopped changes until {} ({}): {why}", hold.by, hold.until, hold.id));
    }
    for event in &it.undeclared {
        tell(format!("{} was posted {} times, but nobody declared it", event.event, event.count));
    }
}

/// What a reason for not being ready means, and what ends it. It answers all the same.
fn unready(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "in-doubt" => {
            "it promised a move and has not heard the anchor's word; that ends by itself once the anchor answers"
        }
        "after-doubt" => "it has just moved on from a doubt; ready in 3 seconds",
        "alone" => {
            "it committed and has seen nobody follow; it must be able to reach another server of its group"
        }
        "fresh-disk" => {
            "its disk is new, and may have forgotten a promise; that ends by itself once the anchor answers; the anchor itself leads again under the next policy: taiwa policy propose"
        }
        "emergency-over" => {
            "what it runs was allowed for a while only; the anchor goes back by itself"
        }
        "behind" => "another server is ahead; it catches up by itself",
        "asking" => "it has just started and asks the others first, for 3 seconds at most",
        "last-known-good" => {
            "the bytes of its release are damaged or missing, an older one answers; mend it with: taiwa status --heal"
        }
        "no-release" => "nothing was ever deployed to it",
        "not-a-member" => {
            "the policy that it obeys does not name it; look at its --name and key, or install a policy that does"
        }
        "store-failed" => "its disk does not take anything; look at its log",
        "ending" => "it is about to stop",
        _ => return None,
    })
}

/// What waits for whom.
pub(super) fn waiting(cx: &mut Cx<'_>, group: &Group, book: &Book<'_>) {
    if !group.policy.document().protected {
        return;
    }
    let Some((plan, digest)) = book.story.open_plan(&group.policy) else { return };
    let count = book.story.count(plan, &group.policy, cx.now());
    let open = count.roles.iter().filter(|it| it.have < it.want);
    let missing: Vec<String> =
        open.map(|it| format!("{} × {}", it.want - it.have, it.role)).collect();
    let what = if missing.is_empty() {
        "approved".to_owned()
    } else {
        format!("waits for {}", missing.join(", "))
    };
    cx.tell(format!("  open plan {} to release {}: {what}", digest.short(), plan.to.short()));
    for it in count.roles.iter().filter(|it| it.have < it.want) {
        cx.tell(format!("    {}", approving(plan, Move::FIRST, it.role.as_str())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_that_servers_give_has_its_words() {
        let said = include_str!("../../../../docs/reference/promotion.md");
        let from = said.find("Reasons of the\n  protocol:").expect("the sentence about reasons");
        let sentence = said.get(from..).and_then(|it| it.split_once(".\n")).expect("its end").0;
        let mut words =
            sentence.split('`').skip(1).step_by(2).filter(|it| !it.contains(':')).peekable();
        assert!(words.peek().is_some());
        for word in words {
            assert!(unready(word).is_some(), "{word}");
        }
        assert!(unready("something else").is_none());
    }
}
