//! Fixes: what they do, what they leave alone, and that a second run has nothing to do.
#![expect(clippy::unwrap_used, reason = "test edge: the times are written here")]

mod base;

use std::collections::{BTreeMap, BTreeSet};

use base::{Stored, base, example, input, overlay};
use proptest::prelude::*;
use taiwa_config::load;
use taiwa_model::Timestamp;
use taiwa_text::Safety;
use taiwa_validator::{
    FixKinds, Level, Mended, Options, Stage, Wanted, build, check as look, fix_kinds, mend, rules,
    validate,
};

fn options(stage: Stage) -> Options {
    Options { at: Timestamp::parse("2026-11-21T10:00:00+09:00").unwrap(), stage }
}

fn mended(files: &[Stored], stage: Stage, safety: Safety) -> Mended {
    let wanted = Wanted { safety, files: &|_| true };
    mend(files.iter().map(input).collect(), &options(stage), wanted)
}

/// The files after it.
fn after(files: &[Stored], mended: &Mended) -> Vec<Stored> {
    let texts: BTreeMap<&str, &str> =
        mended.texts.iter().map(|it| (it.path.as_str(), it.after.as_str())).collect();
    let new = |it: &Stored| texts.get(it.0.as_str()).map_or(it.1.clone(), |it| (*it).to_owned());
    files.iter().map(|it| (it.0.clone(), new(it))).collect()
}

fn number(files: &[Stored], stage: Stage) -> usize {
    let (project, parsing) = load(files.iter().map(input).collect());
    look(&project, parsing, &options(stage)).findings.len()
}

fn digest(files: &[Stored]) -> Option<String> {
    let (project, parsing) = load(files.iter().map(input).collect());
    let checked = validate(project, parsing, &options(Stage::Mark)).ok()?;
    Some(build(&checked).ok()?.digest().to_string())
}

/// Lines that are comments, and what stands behind ` # ` on others.
fn comments(text: &str) -> usize {
    text.lines().filter(|it| it.trim_start().starts_with('#') || it.contains(" # ")).count()
}

/// What must hold whatever is mended.
fn holds(files: &[Stored], stage: Stage, safety: Safety) -> Result<Mended, String> {
    let mended = mended(files, stage, safety);
    let after = after(files, &mended);
    let (was, is) = (number(files, stage), number(&after, stage));
    if mended.texts.is_empty() != mended.fixed.is_empty() {
        return Err(format!("{:?} fixed, {:?} changed", mended.fixed, mended.texts));
    }
    if !mended.fixed.is_empty() && is >= was {
        return Err(format!("{was} findings before, {is} after {:?}", mended.texts));
    }
    let again = crate::mended(&after, stage, safety);
    if !again.texts.is_empty() {
        return Err(format!("a second run: {:?}, after {:?}", again.texts, mended.texts));
    }
    for it in &mended.texts {
        let removed = mended.fixed.iter().filter(|it| it.code.starts_with("TW09")).count();
        if comments(&it.after) + removed < comments(&it.before) {
            return Err(format!("a comment is gone: {it:?}"));
        }
    }
    if safety == Safety::Safe
        && let Some(digest) = digest(files)
        && Some(&digest) != self::digest(&after).as_ref()
    {
        return Err(format!("another release: {:?}", mended.texts));
    }
    Ok(mended)
}

#[test]
fn every_bad_example_is_mended_or_left_alone() {
    let (mut wrong, mut mending, mut refused) = (Vec::new(), BTreeSet::new(), Vec::new());
    for rule in rules::ALL {
        let stage =
            if rule.level == Level::ErrorAtPromotion { Stage::Promote } else { Stage::Edit };
        let mut bad = example(rule.docs, "Bad");
        bad.retain(|it| !it.0.starts_with("before "));
        let files = overlay(&base(), &bad);
        for safety in [Safety::Safe, Safety::Unsafe] {
            match holds(&files, stage, safety) {
                Ok(mended) => {
                    mending.extend(mended.fixed.iter().map(|it| it.code));
                    refused.extend(mended.refused);
                }
                Err(why) => wrong.push(format!("{} {safety:?}: {why}", rule.code)),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(refused, [], "a fix that is offered in an example does what it says");
    assert!(mending.len() >= 10, "{mending:?}");
}

/// A file, what is replaced in it by a fault, and what the fix writes there: by a safe one, and by any.
struct Row(&'static str, &'static str, &'static str, Option<&'static str>, &'static str);

const AUDIENCE: &str = "channels/shared/audience.yaml";
const CHANNEL: &str = "channels/web-store/channel.yaml";
const STRATEGY: &str = "channels/web-store/strategy.yaml";
const GOLD: &str = "channels/shared/segments/gold.yaml";
const KIT: &str = "channels/shared/offers/kit.yaml";
const SALES: &str = "channels/shared/goals/sales.yaml";
const WHEN: &str = "profile.tier == 'gold'";

/// Only a guess mends it.
const fn guess(
    file: &'static str,
    good: &'static str,
    bad: &'static str,
    new: &'static str,
) -> Row {
    Row(file, good, bad, None, new)
}

/// It can only have been meant so.
const fn safe(file: &'static str, good: &'static str, bad: &'static str, new: &'static str) -> Row {
    Row(file, good, bad, Some(new), new)
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn rows() -> Vec<Row> {
    vec![
        // YAML
        safe("taiwa.yaml", "title: Contoso", "title:\u{3000}Contoso", "title: Contoso"),
        safe(GOLD, "when: profile", "when：profile", "when: profile"),
        safe(CHANNEL, "  purchase: {", "\u{3000}purchase: {", "  purchase: {"),
        guess(GOLD, WHEN, "!(profile.tier == 'gold')", "'!(profile.tier == ''gold'')'"),
        guess("taiwa.yaml", "Contoso", "Con\u{202e}toso", "Contoso"),
        // shapes
        guess(KIT, "value: 12.5", "vaule: 12.5", "value: 12.5"),
        guess(KIT, "treatments:", "\"treatment\":", "\"treatments\":"),
        safe(KIT, "value: 12.5", "value: \"12.5\"", "value: 12.5"),
        guess(KIT, "value: 12.5", "value: ¥1,200", "value: 1200"),
        safe(KIT, "value: 12.5", "value: 012", "value: 12"),
        safe(CHANNEL, "conversion: true", "conversion: yes", "conversion: true"),
        guess(CHANNEL, "direction: inbound", "direction: inbund", "direction: inbound"),
        safe("taiwa.yaml", "locales: [en]", "locales: en", "locales: [en]"),
        guess("taiwa.yaml", "currency: JPY", "currency: jpy", "currency: JPY"),
        safe(KIT, "headline: Taste it", "headline: on", "headline: \"on\""),
        safe(KIT, "title: Starter kit", "title: 08:00", "title: \"08:00\""),
        safe(KIT, "title: Starter kit", "title: true", "title: \"true\""),
        guess(SALES, "600 a month", "Beans #1", "'Beans #1'"),
        guess(AUDIENCE, "  points: {", "  Points: {", "  points: {"),
        guess(AUDIENCE, "  points: {", "  pоints: {", "  points: {"),
        guess(SALES, "web-store/purchase", "purchas", "purchas"),
        // references
        guess(STRATEGY, "offer: kit", "offer: kitt", "offer: kit"),
        guess(STRATEGY, "segment: gold", "segment: glod", "segment: gold"),
        guess(
            STRATEGY,
            "zone: home, segment: gold",
            "zone: hoem, segment: gold",
            "zone: home, segment: gold",
        ),
        guess(CHANNEL, "goal: sales", "goal: sale", "goal: sales"),
        guess("channels/web-store/touchpoints/site.yaml", "[banner]", "[baner]", "[banner]"),
        guess(CHANNEL, ", fallback: brand", "", ", fallback: none"),
        guess(
            "taiwa.yaml",
            "currency: JPY",
            "currency: JPY\nrules: { TW0510x: off }",
            "currency: JPY\nrules: { TW0510: off }",
        ),
        safe(
            "taiwa.yaml",
            "currency: JPY",
            "currency: JPY\nrules: { TW0101: off }",
            "currency: JPY\nrules: { TW0101: error }",
        ),
        guess(
            KIT,
            "headline: Taste it",
            "headline: 'Taste it, {{ profile.nmae ?? \"you\" }}'",
            "headline: 'Taste it, {{ profile.name ?? \"you\" }}'",
        ),
        // conditions
        safe(GOLD, WHEN, "profile.tier = 'gold' # why", "profile.tier == 'gold' # why"),
        safe(GOLD, WHEN, "profile.tier ＝ 'gold'", "profile.tier == 'gold'"),
        safe(
            GOLD,
            WHEN,
            "profile.tier == 'gold' and profile.points > 3",
            "profile.tier == 'gold' && profile.points > 3",
        ),
        safe(
            GOLD,
            WHEN,
            "profile.tier == 'gold' OR profile.points > 3",
            "profile.tier == 'gold' || profile.points > 3",
        ),
        safe(
            GOLD,
            WHEN,
            "profile.tier == 'gold' & profile.points > 3",
            "profile.tier == 'gold' && profile.points > 3",
        ),
        safe(GOLD, WHEN, "profile.tier <> 'gold'", "profile.tier != 'gold'"),
        safe(GOLD, WHEN, "profile.tier === 'gold'", "profile.tier == 'gold'"),
        safe(GOLD, WHEN, "profile.tier == “gold”", "profile.tier == \"gold\""),
        safe(GOLD, WHEN, "profile.tier == 「gold」", "profile.tier == \"gold\""),
        safe(GOLD, WHEN, "profile.points　> 3", "profile.points > 3"),
        safe(GOLD, WHEN, "profile.points > ３０", "profile.points > 30"),
        safe(
            GOLD,
            WHEN,
            "seen(\"web-store/purchase\", 30d)",
            "seen(\"web-store/purchase\", \"30d\")",
        ),
        safe(GOLD, WHEN, "'profile.tier = \"gold\"'", "'profile.tier == \"gold\"'"),
        safe(GOLD, WHEN, "\"profile.tier == “gold”\"", "\"profile.tier == \\\"gold\\\"\""),
        safe(GOLD, WHEN, ">-\n  profile.tier\n  = 'gold'", ">-\n  profile.tier\n  == 'gold'"),
        guess(GOLD, WHEN, "not (profile.tier == 'gold')", "'!(profile.tier == ''gold'')'"),
        guess(GOLD, WHEN, "profile.tier == gold", "profile.tier == \"gold\""),
        guess(GOLD, WHEN, "gold == profile.tier", "'\"gold\" == profile.tier'"),
        guess(GOLD, WHEN, "profile.tier == 'glod'", "profile.tier == 'gold'"),
        guess(GOLD, WHEN, "profile.teir == 'gold'", "profile.tier == 'gold'"),
        guess(GOLD, WHEN, "tier == 'gold'", "profile.tier == 'gold'"),
        guess(GOLD, WHEN, "customer.tier == 'gold'", "profile.tier == 'gold'"),
        guess(GOLD, WHEN, "session.huor > 3", "session.hour > 3"),
        guess(GOLD, WHEN, "profile.points > '3'", "profile.points > 3"),
        guess(GOLD, WHEN, "1 < profile.points < 3", "1 < profile.points && profile.points < 3"),
        guess(
            GOLD,
            WHEN,
            "sen(\"web-store/purchase\", \"30d\")",
            "seen(\"web-store/purchase\", \"30d\")",
        ),
        guess(
            GOLD,
            WHEN,
            "has(profile.age) && '!profile.age == 3'",
            "has(profile.age) && '!profile.age == 3'",
        ),
    ]
}

#[test]
fn each_mistake_is_mended_where_it_stands() {
    let files = base();
    let (mut wrong, mut seen) = (Vec::new(), BTreeMap::new());
    for Row(path, good, bad, safe, new) in rows() {
        let text = &files.iter().find(|it| it.0 == path).expect("a file of the base").1;
        assert!(text.contains(good), "{path} has no {good}");
        let with = |what: &str| (path.to_owned(), text.replacen(good, what, 1));
        let faulty = overlay(&files, &[with(bad)]);
        for (safety, expect) in [(Safety::Safe, safe.unwrap_or(bad)), (Safety::Unsafe, new)] {
            match holds(&faulty, Stage::Edit, safety) {
                Err(why) => wrong.push(format!("{bad}: {why}")),
                Ok(mended) => {
                    let found = after(&faulty, &mended);
                    let found = &found.iter().find(|it| it.0 == path).unwrap().1;
                    if *found != with(expect).1 {
                        wrong.push(format!(
                            "{bad} {safety:?}: {found}\n  refused {:?}",
                            mended.refused
                        ));
                    }
                    for it in &mended.fixed {
                        *seen.entry((it.code, it.safety)).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{seen:?}", wrong.join("\n"));
}

/// What people put into a file by mistake, and what they forget.
const SLIPS: [&str; 22] = [
    "",
    " ",
    "\n",
    "\t",
    "：",
    "\u{3000}",
    "=",
    " and ",
    "“",
    "'",
    "\"",
    "no",
    " # x",
    "!",
    "&",
    "s",
    "- ",
    "{",
    "012",
    "\r\n",
    "\u{202e}",
    "# taiwa: allow TW0105 until 2027-01-01 because x\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, max_shrink_iters: 64, ..ProptestConfig::default() })]
    /// Whatever slips into the workspace: it gets better or stays as it is, and a second run has nothing to do.
    #[test]
    fn any_slip_is_mended_or_left_alone(
        slips in prop::collection::vec((0_usize..14, 0_usize..400, 0_usize..6, 0..SLIPS.len()), 1..4),
        all in any::<bool>(),
    ) {
        let mut files = base();
        for (file, at, length, slip) in slips {
            let count = files.len();
            let text = &mut files[file % count].1;
            let mut ends = text.char_indices().map(|it| it.0).skip(at % text.chars().count().max(1));
            let from = ends.next().unwrap_or(0);
            let to = ends.nth(length).unwrap_or(from);
            text.replace_range(from..to.max(from), SLIPS[slip]);
        }
        let safety = if all { Safety::Unsafe } else { Safety::Safe };
        let held = holds(&files, Stage::Edit, safety);
        prop_assert!(held.is_ok(), "{}\n{files:?}", held.err().unwrap_or_default());
    }
}

#[test]
fn every_kind_of_fix_is_listed() {
    // The list that rule pages are made from names what the rows above do, and nothing that does not exist.
    let files = base();
    let mut seen: BTreeMap<&str, BTreeSet<Safety>> = BTreeMap::new();
    let mut look_at = |files: &[Stored], stage| {
        let (project, parsing) = load(files.iter().map(input).collect());
        for it in look(&project, parsing, &options(stage)).findings {
            if let Some(fix) = it.fix {
                seen.entry(it.code).or_default().insert(fix.safety);
            }
        }
    };
    for Row(path, good, bad, ..) in rows() {
        let text = &files.iter().find(|it| it.0 == path).unwrap().1;
        look_at(&overlay(&files, &[(path.to_owned(), text.replacen(good, bad, 1))]), Stage::Edit);
    }
    for rule in rules::ALL {
        let mut bad = example(rule.docs, "Bad");
        bad.retain(|it| !it.0.starts_with("before "));
        look_at(&overlay(&files, &bad), Stage::Edit);
    }
    for (code, safeties) in seen {
        let listed = fix_kinds(code);
        let fits = safeties.iter().all(|it| match it {
            Safety::Safe => matches!(listed, Some(FixKinds::Safe | FixKinds::Both)),
            Safety::Unsafe => matches!(listed, Some(FixKinds::Unsafe | FixKinds::Both)),
        });
        assert!(fits, "{code} has fixes {safeties:?}, but its page says {listed:?}");
    }
}
