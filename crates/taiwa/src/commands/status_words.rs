//! What `taiwa status` says besides the rows of its table: of a server, and of what waits for people.

use taiwa_api::admin::Status;
use taiwa_deployer::CallError;
use taiwa_model::{Digest, ServerId, Timestamp};
use taiwa_plan::{Drift, Move, Seen, approving};

use super::status::{Row, STALE_MS, Word};
use crate::{
    Cx,
    edge::{ledger::Book, servers::Group},
    render::{lasting, safe},
};

/// What is to be known at a glance of an environment: whether all of its servers run the same.
pub(super) fn headline(group: &Group, rows: &[Row], step: &Drift) -> String {
    let word = match step {
        Drift::InStep { release: Some(release), generation } => {
            format!("in step at release {} (generation {generation})", release.short())
        }
        Drift::InStep { release: None, generation: _ } => "no release yet".to_owned(),
        Drift::Drifted(_) => "DRIFTED".to_owned(),
    };
    let heard = rows.iter().filter(|it| matches!(it.seen, Seen::State(_))).count();
    let away = rows.len() - heard;
    let word = match (heard, away) {
        (_, 0) => word,
        (0, _) => "NO SERVER ANSWERS, or is believed".to_owned(),
        (1, _) => format!("{away} of {} SERVERS AWAY; the other: {word}", rows.len()),
        _ => format!("{away} of {} SERVERS AWAY; the others: {word}", rows.len()),
    };
    // What the servers obey counts, not what is committed here.
    let obeyed = rows.iter().find_map(|it| it.status.as_ref().ok()).map(|it| it.policy.protected);
    let protected = obeyed.unwrap_or(group.policy.document().protected);
    let protected = if protected { "protected" } else { "unprotected" };
    format!("{} ({protected}): {word}", group.name)
}

/// The row of a server: words and numbers; sentences stand below the table.
pub(super) fn cells(row: &Row, now: Timestamp) -> [String; 6] {
    let (release, generation) = match &row.seen {
        Seen::State(it) => (
            it.release.map_or_else(|| "none".to_owned(), |it| it.short()),
            it.generation.to_string(),
        ),
        Seen::Unreachable(_) => ("unreachable".to_owned(), String::new()),
        Seen::Untrusted(_) => ("not believed".to_owned(), String::new()),
    };
    let fresh = match (&row.seen, row.last) {
        (Seen::State(_), Some((_, _, at))) => {
            format!("{} ago", lasting(now.millis_since(at).max(0) / 1000 * 1000))
        }
        _ => String::new(),
    };
    let (since, state) = match &row.status {
        Ok(it) => {
            let since = it.active.as_ref().and_then(|it| it.since);
            let since = since
                .map_or_else(String::new, |it| format!("{} ago", lasting(now.millis_since(it))));
            let state = if it.ready {
                "ready".to_owned()
            } else {
                format!("not ready: {}", it.reasons.join(", "))
            };
            (since, state)
        }
        Err(CallError::Refused { problem, .. }) => {
            (String::new(), problem.code.as_str().to_owned())
        }
        Err(_) => (String::new(), String::new()),
    };
    [format!("  {}", row.server), release, generation, fresh, since, state]
}

/// What does not fit into the row of a server that does not answer, or does not say everything.
pub(super) fn apart(cx: &mut Cx<'_>, row: &Row, now: Timestamp) {
    let last = row.last.map_or_else(String::new, |it| format!("; last known: {}", as_of(it, now)));
    match &row.seen {
        Seen::State(_) => {}
        Seen::Unreachable(why) => {
            cx.tell(format!("  {}: unreachable: {}{last}", row.server, safe(why)));
        }
        Seen::Untrusted(why) => {
            cx.tell(format!("  {}: not believed: {}{last}", row.server, safe(why)));
        }
    }
    if let Err(CallError::Refused { problem, .. }) = &row.status {
        let (code, why) = (problem.code.as_str(), safe(&problem.detail));
        cx.tell(format!("  {}: says no more: {code}: {why}", row.server));
    }
}

/// `release 1c9e… as of 12 s ago`, and whether that is too old to rely on.
fn as_of(word: Word, now: Timestamp) -> String {
    let (release, generation, at) = word;
    let age = now.millis_since(at).max(0);
    let release = release.map_or_else(|| "no release".to_owned(), |it| it.short());
    let stale = if age > STALE_MS { ", STALE" } else { "" };
    format!("{release} (generation {generation}) as of {} ago{stale}", lasting(age / 1000 * 1000))
}

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
        let (id, name) = (&hold.id, &it.environment);
        tell(format!("{} stopped changes until {} ({id}): {why}", hold.by, hold.until));
        tell(format!("to go on: taiwa lift {id} --on {name}"));
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
pub(super) fn waiting(cx: &mut Cx<'_>, group: &Group, book: &Book<'_>, rows: &[Row]) {
    if !group.policy.document().protected {
        return;
    }
    let Some((plan, digest)) = book.story.open_plan(&group.policy) else { return };
    let anchor = rows.iter().find(|it| it.server == plan.anchor);
    let live = anchor.and_then(|it| match &it.seen {
        Seen::State(it) => Some((it.release, it.generation)),
        Seen::Unreachable(_) | Seen::Untrusted(_) => None,
    });
    match outlived((plan.to, plan.base), live) {
        Outlived::No => {}
        // By somebody who could not say so any more.
        Outlived::CarriedOut => return,
        Outlived::Stale => {
            let (short, to) = (digest.short(), plan.to.short());
            cx.tell(format!("  plan {short} to release {to} is stale: the servers have moved"));
            return;
        }
    }
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

/// Whether there is still something to decide about a plan that nobody filed an end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlived {
    No,
    CarriedOut,
    Stale,
}

/// A plan's release and base against the release and generation of its anchor, if that answers.
fn outlived((to, base): (Digest, u64), live: Option<(Option<Digest>, u64)>) -> Outlived {
    match live {
        None => Outlived::No,
        Some((_, generation)) if generation == base => Outlived::No,
        Some((release, generation)) if generation > base && release == Some(to) => {
            Outlived::CarriedOut
        }
        Some(_) => Outlived::Stale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_open_as_long_as_the_anchor_is_where_it_starts() {
        let (to, other) = (Digest::of(b"to"), Digest::of(b"other"));
        for (live, expected) in [
            (None, Outlived::No),
            (Some((None, 3)), Outlived::No),
            (Some((Some(other), 3)), Outlived::No),
            // A plan that brings again what is live to some visitors only starts where it ends.
            (Some((Some(to), 3)), Outlived::No),
            (Some((Some(to), 4)), Outlived::CarriedOut),
            (Some((Some(other), 4)), Outlived::Stale),
            (Some((Some(to), 2)), Outlived::Stale),
        ] {
            assert_eq!(outlived((to, 3), live), expected, "{live:?}");
        }
    }

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
