//! A history that satisfies every window: so many events, so long ago, with such sums.

use std::collections::BTreeMap;

use taiwa_model::{Past as Entry, PastWhat, PropertyName, SpanOfTime, Value};

use super::plain;
use crate::{
    fact::{Fact, Past},
    lattice::Lattice,
    partition::place_in,
    world::World,
};

/// One time that it happened.
struct Time {
    ago: i64,
    amounts: BTreeMap<PropertyName, f64>,
}

/// What is wanted of one window.
#[derive(Default)]
struct Window {
    at_least: i64,
    sums: BTreeMap<PropertyName, f64>,
}

pub(super) fn entries(world: &World, past: &Past, cells: &BTreeMap<u32, usize>) -> Vec<Entry> {
    let mut since = None;
    let mut windows: BTreeMap<i64, Window> = BTreeMap::new();
    for (variable, cell) in cells {
        let Some(column) = world.column(*variable) else { continue };
        let range = column.cells.get(*cell).and_then(|it| it.range);
        match &column.fact {
            Fact::Since(_) => since = plain(column, *cell).as_ref().and_then(place_in),
            Fact::Count(_, window) => {
                let of = windows.entry(window.as_millis()).or_default();
                of.at_least = range.map_or(0, |it| it.0);
            }
            Fact::Sum(_, property, window) => {
                let of = windows.entry(window.as_millis()).or_default();
                let sum = match plain(column, *cell) {
                    Some(Value::Number(it)) => it,
                    #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
                    Some(Value::Int(it)) => it as f64,
                    _ => 0.0,
                };
                of.sums.insert(property.clone(), sum);
            }
            _ => {}
        }
    }
    let Some(since) = since else { return Vec::new() };
    times(since, &windows).into_iter().map(|it| entry(world, past, it)).collect()
}

/// From the shortest window to the longest: what it needs more than the one before lies between the two. An amount goes to
/// one that no shorter window has summed; only where there is none, one more is needed.
fn times(since: i64, windows: &BTreeMap<i64, Window>) -> Vec<Time> {
    let mut times = vec![Time { ago: since, amounts: BTreeMap::new() }];
    let mut from = since;
    let mut sums: BTreeMap<&PropertyName, (i64, f64)> = BTreeMap::new();
    for (window, wanted) in windows.iter().filter(|it| *it.0 > since) {
        let at_least = usize::try_from(wanted.at_least).unwrap_or_default();
        while times.len() < at_least {
            times.push(Time { ago: from, amounts: BTreeMap::new() });
        }
        for (property, sum) in &wanted.sums {
            let (summed, before) = sums.get(property).copied().unwrap_or_default();
            sums.insert(property, (*window, *sum));
            let change = sum - before;
            if change == 0.0 {
                continue;
            }
            let place = times.iter().position(|it| it.ago >= summed).unwrap_or_else(|| {
                times.push(Time { ago: from, amounts: BTreeMap::new() });
                times.len() - 1
            });
            times[place].amounts.insert(property.clone(), change);
        }
        from = *window;
    }
    times
}

fn entry(world: &World, past: &Past, time: Time) -> Entry {
    let ago = SpanOfTime::from_millis(time.ago);
    let what = match past {
        Past::Offer(offer, taiwa_condition::History::Shown) => PastWhat::Shown(offer.clone()),
        Past::Offer(offer, taiwa_condition::History::Accepted) => PastWhat::Accepted(offer.clone()),
        Past::Offer(offer, taiwa_condition::History::Rejected) => PastWhat::Rejected(offer.clone()),
        Past::Event(event) => {
            let whole = |property: &PropertyName| {
                world.columns.iter().any(|it| {
                    matches!(&it.fact, Fact::Sum(own, of, _) if own == event && of == property)
                        && it
                            .cells
                            .iter()
                            .flat_map(|it| &it.values)
                            .all(|it| matches!(it, Some(Value::Int(_))))
                })
            };
            let properties = time.amounts.into_iter().map(|(property, it)| {
                let value = if whole(&property) {
                    Value::Int(Lattice::Int.place_of(it))
                } else {
                    Value::Number(it)
                };
                (property, value)
            });
            PastWhat::Event { event: event.clone(), properties: properties.collect() }
        }
    };
    Entry { ago, what }
}
