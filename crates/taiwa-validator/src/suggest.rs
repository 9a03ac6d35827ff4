//! "Did you mean": the nearest of the names that exist.

use crate::{Context, Target};
use taiwa_text::{Text, say};

/// Names that are compared with one at most: beyond, a workspace full of slips would take minutes.
const MOST_COMPARED: usize = 2_000;

/// The name most like `text`, if one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = text.chars().count();
    let most = (length / 3).clamp(1, 3);
    let key = |name: &str| distance(text, name);
    let near = names
        .into_iter()
        .filter(|name| *name != text && name.chars().count().abs_diff(length) <= most)
        .take(MOST_COMPARED)
        .map(|name| (key(name), name))
        .filter(|(distance, _)| *distance <= most)
        .min();
    near.map(|it| it.1)
}

/// How many slips of the hand lie between two names. What both begin and end with alike costs no comparison.
fn distance(one: &str, other: &str) -> usize {
    let same = |(a, b): &(char, char)| a == b;
    let bytes = |(a, _): (char, char)| a.len_utf8();
    let begin: usize = one.chars().zip(other.chars()).take_while(same).map(bytes).sum();
    let (one, other) = (one.get(begin..).unwrap_or(one), other.get(begin..).unwrap_or(other));
    let end: usize = one.chars().rev().zip(other.chars().rev()).take_while(same).map(bytes).sum();
    let (one, other) = (one.get(..one.len() - end), other.get(..other.len() - end));
    strsim::damerau_levenshtein(one.unwrap_or_default(), other.unwrap_or_default())
}

/// `did you mean `x`?`, or the list of what there is where it is short, or what to do.
pub(crate) fn help<'a>(
    text: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
    otherwise: &Text,
) -> Text {
    const MOST_LISTED: usize = 8;
    if let Some(near) = nearest(text, names.clone()) {
        return say!(en: "did you mean `{near}`?", ja: "もしかして `{near}` ですか？");
    }
    let all: Vec<&str> = names.into_iter().collect();
    if all.is_empty() || all.len() > MOST_LISTED {
        return otherwise.clone();
    }
    let all: Vec<String> = all.iter().map(|it| format!("`{it}`")).collect();
    say!(en: "there is {}; {}", ja: "使えるのは {} です。{}", Text::row(&all), otherwise)
}

/// What could have been named instead: everything of that kind that the place could name.
pub(crate) fn names_like<'c>(cx: &'c Context<'_>, target: &Target) -> Vec<&'c str> {
    fn texts<'a, T: AsRef<str> + 'a>(names: impl Iterator<Item = &'a T>) -> Vec<&'a str> {
        names.map(AsRef::as_ref).collect()
    }
    let all = cx.components;
    let channel = target.channel().and_then(|it| all.channels.get(it));
    let audience = all.audience.as_ref();
    match target {
        Target::Offer(_) => texts(all.offers.keys()),
        Target::Segment(_) => {
            let mut names = texts(cx.index.segments.keys());
            names.push(crate::references::EVERYONE);
            names
        }
        Target::Goal(_) => texts(all.goals.keys()),
        Target::Channel(_) => texts(all.channels.keys()),
        Target::Zone(..) => channel.map_or_else(Vec::new, |it| texts(it.zones.keys())),
        Target::Point(..) => {
            channel.map_or_else(Vec::new, |it| texts(it.interaction_points.keys()))
        }
        Target::Category(..) => channel.map_or_else(Vec::new, |it| texts(it.categories.keys())),
        Target::Event(_) => channel.map_or_else(Vec::new, |it| texts(it.events.keys())),
        Target::Purpose(_) => audience.map_or_else(Vec::new, |it| texts(it.consent.keys())),
        Target::Attribute(_) => audience.map_or_else(Vec::new, |it| {
            let keys = it.levels.iter().map(|level| level.key.as_str());
            texts(it.attributes.keys()).into_iter().chain(keys).collect()
        }),
        Target::Level(_) => {
            audience.map_or_else(Vec::new, |it| texts(it.levels.iter().map(|level| &level.name)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_is_left_out_and_the_distance_is_the_same() {
        let names = [
            "", "a", "ab", "ba", "abc", "bca", "abab", "baba", "aab", "abba", "日本", "本日",
            "a日b", "b日a",
        ];
        for one in names {
            for other in names {
                let whole = strsim::damerau_levenshtein(one, other);
                assert_eq!(distance(one, other), whole, "{one} {other}");
            }
        }
    }

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        let names = ["gold", "silver", "espresso-starter"];
        assert_eq!(nearest("glod", names), Some("gold"));
        assert_eq!(nearest("espreso-starter", names), Some("espresso-starter"));
        assert_eq!(nearest("bronze", names), None);
        assert_eq!(
            help("bronze", names, &Text::same("add it")),
            "there is `gold`, `silver`, `espresso-starter`; add it"
        );
        assert_eq!(help("x", [], &Text::same("add it")), "add it");
    }
}
