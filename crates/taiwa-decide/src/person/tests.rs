//! Windows against a naive list of all instants, the bounds, and what is stored.

use proptest::prelude::*;
use taiwa_model::SpanOfTime;

use super::*;

const HOUR: i64 = 3_600_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn span(ms: i64) -> SpanOfTime {
    SpanOfTime::from_millis(ms)
}

fn numbers(amount: f64) -> Numbers {
    Numbers::from([("amount".into(), amount)])
}

fn recorded(instants: &[(i64, u8)]) -> Moments {
    let mut moments = Moments::default();
    for (ms, amount) in instants {
        moments.record(at(*ms), numbers(f64::from(*amount)));
    }
    moments
}

/// What a list of all instants says of `(now − window, now]`.
fn naive(instants: &[(i64, u8)], window: i64, now: i64) -> (i64, f64) {
    let within = instants.iter().filter(|it| it.0 > now - window && it.0 <= now);
    within.fold((0, 0.0), |(count, sum), it| (count + 1, sum + f64::from(it.1)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn windows_are_exact_up_to_the_limit(
        instants in proptest::collection::vec((0..10_000_i64, any::<u8>()), 0..=1_000),
        window in 0..12_000_i64,
        now in -10..12_000_i64,
    ) {
        let moments = recorded(&instants);
        let (count, sum) = naive(&instants, window, now);
        prop_assert_eq!(
            moments.count(span(window), at(now)),
            Reading { value: count, approximate: false }
        );
        prop_assert_eq!(
            moments.sum("amount", span(window), at(now)),
            Reading { value: sum, approximate: false }
        );
        prop_assert_eq!(moments.last().map(Timestamp::as_millis), instants.iter().map(|it| it.0).max());
    }

    #[test]
    fn hourly_sums_are_off_by_at_most_the_hours_that_are_cut(
        instants in proptest::collection::vec((0..60 * HOUR, any::<u8>()), 0..200),
        collapsed in 0..200_usize,
        window in 0..70 * HOUR,
        now in 0..70 * HOUR,
    ) {
        let mut moments = recorded(&instants);
        moments.collapse(collapsed);
        let (count, sum) = naive(&instants, window, now);
        let read = moments.count(span(window), at(now));
        let in_cut = |it: &&(i64, u8)| {
            let same = |edge: i64| it.0.div_euclid(HOUR) == edge.div_euclid(HOUR);
            same(now - window) || same(now)
        };
        let (more, much) = instants
            .iter()
            .filter(in_cut)
            .fold((0, 0.0), |(count, sum), it| (count + 1, sum + f64::from(it.1)));
        prop_assert!(read.value >= count && read.value <= count + more);
        let summed = moments.sum("amount", span(window), at(now));
        prop_assert!(summed.value >= sum && summed.value <= sum + much);
        prop_assert_eq!(summed.approximate, read.approximate);
        if !read.approximate {
            prop_assert_eq!((read.value, summed.value), (count, sum));
        }
    }

    #[test]
    fn absorbing_counts_everything_once(
        ours in proptest::collection::vec((0..10 * HOUR, any::<u8>()), 0..60),
        theirs in proptest::collection::vec((0..10 * HOUR, any::<u8>()), 0..60),
        collapsed in 0..60_usize,
    ) {
        let (mut one, mut other) = (recorded(&ours), recorded(&theirs));
        other.collapse(collapsed);
        one.absorb(&mut other);
        let once = one.clone();
        one.absorb(&mut other);
        prop_assert_eq!(&one, &once);
        let all = [ours, theirs].concat();
        let (count, sum) = naive(&all, 20 * HOUR, 11 * HOUR);
        prop_assert_eq!(one.count(span(20 * HOUR), at(11 * HOUR)).value, count);
        prop_assert!((one.sum("amount", span(20 * HOUR), at(11 * HOUR)).value - sum).abs() < 1e-6);
        prop_assert_eq!(one.last().map(Timestamp::as_millis), all.iter().map(|it| it.0).max());
    }

    #[test]
    fn trimming_changes_no_window_within_the_longest(
        instants in proptest::collection::vec((0..50 * HOUR, any::<u8>()), 0..100),
        collapsed in 0..100_usize,
        longest in 0..40 * HOUR,
        window in 0..40 * HOUR,
        later in 0..5 * HOUR,
    ) {
        let mut moments = recorded(&instants);
        moments.collapse(collapsed);
        let whole = moments.clone();
        let now = 50 * HOUR;
        moments.trim(span(longest), at(now));
        let window = span(window.min(longest));
        prop_assert_eq!(moments.count(window, at(now + later)), whole.count(window, at(now + later)));
        prop_assert_eq!(moments.last(), whole.last());
        prop_assert!(moments.size() <= whole.size());
    }
}

#[test]
fn the_thousand_and_first_instant_goes_into_its_hour() {
    let all: Vec<_> = (0..1_001).map(|it| (it * HOUR / 10, 1)).collect();
    let moments = recorded(&all);
    assert_eq!((moments.exact(), moments.size()), (MAX_INSTANTS, MAX_INSTANTS + 1));
    let everything = moments.count(span(200 * HOUR), at(101 * HOUR));
    assert_eq!(everything, Reading { value: 1_001, approximate: false });
    // The first hour is known as a sum of one instant, so no window can cut it.
    assert!(!moments.count(span(101 * HOUR - 1), at(101 * HOUR)).approximate);
    let more: Vec<_> = (0..1_010).map(|it| (it * HOUR / 10, 1)).collect();
    let cut = recorded(&more).count(span(101 * HOUR - HOUR / 2), at(101 * HOUR));
    assert_eq!(cut, Reading { value: 1_010, approximate: true });
}

#[test]
fn late_events_count_where_they_belong() {
    let moments = recorded(&[(5 * HOUR, 1), (HOUR, 2), (3 * HOUR, 4)]);
    let sum = |name: &str| moments.sum(name, span(3 * HOUR), at(5 * HOUR));
    assert_eq!(sum("amount"), Reading { value: 5.0, approximate: false });
    assert_eq!(moments.last(), Some(at(5 * HOUR)));
    assert_eq!(sum("other"), Reading { value: 0.0, approximate: false });
}

#[test]
fn hours_are_bounded_and_what_is_forgotten_is_said() {
    let mut moments = Moments::default();
    let hours = i64::try_from(MAX_HOURS + MAX_INSTANTS + 10).unwrap();
    for hour in 0..hours {
        moments.record(at(hour * HOUR), Numbers::new());
    }
    assert_eq!(moments.size(), MAX_HOURS + MAX_INSTANTS);
    assert!(moments.count(span(hours * HOUR), at(hours * HOUR)).approximate);
    assert!(!moments.count(span((hours - 10) * HOUR), at(hours * HOUR)).approximate);
}

#[test]
fn a_person_is_bounded() {
    let mut person = Person::default();
    for event in 0..30 {
        let moments = person.events.entry(EventRef::new("c", format!("e{event}"))).or_default();
        for it in 0..900 {
            moments.record(at((event * 900 + it) * HOUR), numbers(1e15 / 3.0));
        }
    }
    person.bound();
    assert_eq!(person.entries(), MAX_ENTRIES);
    assert!(serde_json::to_vec(&person).unwrap().len() < 1_600_000 + 100_000);
    for offer in 0..MAX_HISTORIES + 5 {
        let contacts = person.offers.entry(format!("o{offer}").into()).or_default();
        let ms = i64::try_from(offer).unwrap();
        contacts.of_mut(ContactKind::Shown).record(at(ms), Numbers::new());
    }
    person.bound();
    assert_eq!(person.offers.len(), MAX_HISTORIES);
    assert!(person.offer("o4").is_none() && person.offer("o5").is_some());
    assert!(person.entries() <= MAX_ENTRIES);
}

#[test]
fn a_person_is_stored_without_loss() {
    let mut person = Person::default();
    for (name, value) in [
        ("a", Value::Bool(true)),
        ("b", Value::Int(-3)),
        ("c", Value::Number(3.0)),
        ("d", Value::Text("{\"time\": 1}".into())),
        ("e", Value::Time(at(1_795_000_000_123))),
        ("f", Value::Texts(Vec::new())),
        ("g", Value::Ints(Vec::new())),
    ] {
        person.attributes.insert(name.into(), value);
    }
    let said = Consent { granted: true, at: at(5), source: "web".into() };
    person.consent.insert("marketing-email".into(), said);
    person.events.insert(EventRef::new("web", "paid"), recorded(&[(7, 3)]));
    person.offers.entry("bogo".into()).or_default().shown.record(at(9), Numbers::new());
    person.visit();
    let text = serde_json::to_string(&person).unwrap();
    assert_eq!(serde_json::from_str::<Person>(&text).unwrap(), person);
    assert!(text.starts_with("{\"format\":1,"), "{text}");
    for bad in [
        "{}",
        "{\"format\":2}",
        "{\"format\":1,\"more\":1}",
        "{\"format\":1,\"attributes\":{\"a\":{\"time\":\"x\"}}}",
        "{\"format\":1,\"attributes\":{\"a\":null}}",
    ] {
        assert!(serde_json::from_str::<Person>(bad).is_err(), "{bad}");
    }
    assert_eq!(serde_json::from_str::<Person>("{\"format\":1}").unwrap(), Person::default());
}
