//! What must hold in every state, by the numbers of the protocol page, and what must be reachable at all.

use stateright::Property;

use crate::{
    Bounds, Group, Rule,
    plans::{EVIL, approved},
};

/// The properties. An `I` and its number is an invariant; an `S` says that the search is not about nothing.
pub fn all() -> Vec<Property<Bounds>> {
    vec![
        Property::always("I1 only what enough people approved is active", only_approved),
        Property::always(
            "I2 a generation only grows, and is one release in the whole group",
            generations,
        ),
        Property::always("I3 a move is committed once, while its approvals count", commits),
        Property::always("I4 no two ready servers differ after the deadline", no_mixture),
        Property::always(
            "I7 a later honest deployment can succeed",
            |bounds: &Bounds, group: &Group| bounds.recovers(group),
        ),
        Property::sometimes("S1 a deployment completes everywhere", |_, group: &Group| {
            group.servers.iter().all(|it| it.release == 1 && it.slot.is_none())
        }),
        Property::sometimes("S2 a server is in doubt", |_, group: &Group| {
            group.servers.iter().any(|it| it.doubt)
        }),
        Property::sometimes("S3 all are brought back", |_, group: &Group| {
            group.servers.iter().all(|it| it.release == 0 && it.generation > 2)
        }),
        Property::sometimes(
            "S4 all but the anchor stay ready without it",
            |bounds: &Bounds, group| {
                (1..bounds.servers).all(|it| bounds.stays(group, it) && bounds.ready(group, it))
            },
        ),
    ]
}

fn only_approved(_: &Bounds, group: &Group) -> bool {
    group.servers.iter().all(|it| match it.at {
        None => it.release == 0,
        Some((plan, step)) => {
            let of = group.plan(plan);
            let honest = !of.evil && it.release != EVIL;
            honest && approved(usize::from(plan), of.keys) && it.release == of.goal(step).to
        }
    })
}

fn generations(_: &Bounds, group: &Group) -> bool {
    // A retired server is out of the group for good.
    let living = || group.living().map(|it| group.server(it));
    let one =
        |it: (u8, u8)| living().all(|other| other.generation != it.0 || other.release == it.1);
    !group.broken.generation && living().all(|it| one((it.generation, it.release)))
}

fn commits(_: &Bounds, group: &Group) -> bool {
    !group.broken.twice && !group.broken.expired
}

fn no_mixture(bounds: &Bounds, group: &Group) -> bool {
    let servers = || 0..bounds.servers;
    servers().all(|low| servers().all(|high| unmixed(bounds, group, low, high)))
}

fn unmixed(bounds: &Bounds, group: &Group, low: u8, high: u8) -> bool {
    let (behind, ahead) = (group.server(low), group.server(high));
    if ahead.generation <= behind.generation || ahead.release == behind.release {
        return true;
    }
    let gone = |it: u8| group.dead && it == 0;
    let waits = behind.slot.is_some_and(|slot| {
        let goal = group.plan(slot.plan).goal(slot.step);
        group.is_committed(slot.plan, slot.step) && goal.base == behind.generation
    });
    let in_time = waits && !behind.doubt && !bounds.lacks(Rule::Drain);
    let left_out = group.committed.iter().any(|(plan, step)| {
        let of = group.plan(*plan);
        of.leaves_out(low) && of.goal(*step).target > behind.generation
    });
    // The anchor's deadline began before anybody else's, so it is over when a doubt begins.
    let drained = ahead.alone && behind.doubt;
    gone(low)
        || gone(high)
        || in_time
        || left_out
        || drained
        || !bounds.ready(group, high)
        || !bounds.ready(group, low)
}
