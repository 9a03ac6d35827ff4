//! Rule TW0301, nobody-matches.

use std::collections::BTreeSet;

use taiwa_condition::{Expr, ExprKind, constant};
use taiwa_meaning::{Exhausted, Handle, Meanings};
use taiwa_model::{AttributeName, EventRef};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, Site, SiteKind, parts::demands};

rule! {
    /// ## What it does
    /// Reports a condition that nobody can fulfil, whatever is known of them. It looks through segments, `&&`, `||`
    /// and `!`, and knows declared values and ranges, missing values, and that what happened within 7 days also
    /// happened within 30.
    ///
    /// ## Why it matters
    /// An offer that nobody can get, or a segment that nobody is in, looks alive and is not.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age < 18 && profile.age >= 18
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18 && profile.age < 65
    /// ```
    pub(crate) static NOBODY_MATCHES = {
        code: "TW0301",
        name: "nobody-matches",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
どんな値であっても誰も満たせない条件を見つけます。セグメントの中身、`&&`・`||`・`!`、宣言された値と範囲、
値がない場合、「7日以内の出来事は30日以内の出来事でもある」ことまで考慮します。

## なぜ大切か
誰も受け取れないオファーや、誰も入らないセグメントは、動いているように見えて何もしません。",
        check: Check::Meaning(check),
    }
}

/// Beyond this no smallest conflict is looked for: all of it is shown.
const MOST_DEMANDS: usize = 32;

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.kind != SiteKind::Score) {
        let Some(expr) = &site.checked.expr else { continue };
        let known = cx.analysis().and_then(|it| Some((it, it.site(site)?)));
        let core = known.and_then(|(analysis, meaning)| {
            analysis.ask(&site.component, |meanings| {
                let whole = meanings.truth(meaning.whole)?;
                if meanings.is_empty(whole)? {
                    conflict(meanings, &meaning.demands).map(Some)
                } else {
                    Ok(None)
                }
            })?
        });
        let demands = demands(expr);
        let core: Vec<&Expr> = match core {
            Some(core) => core.iter().filter_map(|it| demands.get(*it).copied()).collect(),
            None if constant(expr) == Some(false) => vec![expr],
            None => continue,
        };
        if !core.iter().any(|it| hangs_on_nobody(cx, it)) {
            findings.push(found(cx, site, &core));
        }
    }
}

/// A smallest choice of demands that nobody fulfils together.
fn conflict(meanings: &mut Meanings, demands: &[Handle]) -> Result<Vec<usize>, Exhausted> {
    let mut core: Vec<usize> = (0..demands.len()).collect();
    if core.len() > MOST_DEMANDS {
        return Ok(core);
    }
    let mut at = 0;
    while core.len() > 1 && at < core.len() {
        let mut rest = meanings.everybody();
        for index in core.iter().enumerate().filter(|it| it.0 != at).map(|it| *it.1) {
            let those = meanings.truth(demands[index])?;
            rest = meanings.and(rest, those)?;
        }
        if meanings.is_empty(rest)? {
            core.remove(at);
        } else {
            at += 1;
        }
    }
    Ok(core)
}

/// Whether it asks for a segment that nobody is in: that is said there.
fn hangs_on_nobody(cx: &Context<'_>, part: &Expr) -> bool {
    let ExprKind::InSegment(name) = &part.kind else { return false };
    let Some(analysis) = cx.analysis() else { return false };
    let id = cx.home_of(name);
    let empty = analysis.ask(&id, |meanings| {
        let members = analysis.segment(meanings, name)?;
        meanings.is_empty(members)
    });
    empty == Some(true)
}

fn found(cx: &Context<'_>, site: &Site, core: &[&Expr]) -> Finding {
    let place = (&site.component, site.path.as_str());
    let (message, help) = words(core);
    let last = core.last().map(|it| it.span).unwrap_or_default();
    let mut finding = cx.inside(&NOBODY_MATCHES, place, last, message).help(help);
    for part in core.iter().rev().skip(1).rev() {
        let there = cx.project.condition_place(place.0, place.1, part.span);
        let words = say!(en: "it excludes this", ja: "これと両立しません");
        finding = finding.related(there, words);
    }
    for part in core {
        if let ExprKind::InSegment(name) = &part.kind
            && let Some(home) = cx.index.segments.get(name).and_then(|it| it.first())
        {
            let path = if home.path.is_empty() { "when" } else { &home.path };
            let there = cx.place(&home.component, path);
            let words = say!(
                en: "who is in `{name}` is said here",
                ja: "`{name}` に入る人はここで決まります"
            );
            finding = finding.related(there, words);
        }
    }
    finding
}

fn words(core: &[&Expr]) -> (Text, Text) {
    let mut subjects = Subjects::default();
    for part in core {
        subjects.learn(part);
    }
    let mend = say!(
        en: "mend one of the two comparisons, or write `||` where either is enough",
        ja: "どちらかの比較を直すか、片方で足りるなら `||` と書きます"
    );
    let only = (subjects.attributes.len(), subjects.events.len(), subjects.other);
    match (core.len(), only, subjects.attributes.first(), subjects.events.first()) {
        (0 | 1, (1, 0, false), Some(name), _) => (
            say!(
                en: "this is true for nobody: no value of `{name}` fulfils it",
                ja: "誰にも当てはまりません: これを満たす `{name}` の値はありません"
            ),
            say!(
                en: "look at what `channels/shared/audience.yaml` declares for it",
                ja: "`channels/shared/audience.yaml` での宣言を確かめます"
            ),
        ),
        (0 | 1, ..) => (
            say!(en: "this is true for nobody", ja: "誰にも当てはまりません"),
            say!(
                en: "look for the comparison that decides it, and mend it",
                ja: "原因となっている比較を探して直します"
            ),
        ),
        (_, (1, 0, false), Some(name), _) => (
            say!(
                en: "nobody can match: nothing is left for `{name}`",
                ja: "誰も満たせません: `{name}` に残る値がありません"
            ),
            mend,
        ),
        (_, (0, 1, false), _, Some(event)) => (
            say!(
                en: "nobody can match: these exclude each other for `{event}`",
                ja: "誰も満たせません: `{event}` についての条件が両立しません"
            ),
            say!(
                en: "what happened within a short time also happened within a longer one: mend one of the two",
                ja: "短い期間に起きたことは長い期間にも起きています。どちらかを直します"
            ),
        ),
        _ => (
            say!(
                en: "nobody can match: these parts exclude each other",
                ja: "誰も満たせません: これらの部分は両立しません"
            ),
            say!(
                en: "mend one of them, or write `||` where either is enough",
                ja: "どれかを直すか、片方で足りるなら `||` と書きます"
            ),
        ),
    }
}

/// What a condition asks about.
#[derive(Default)]
struct Subjects {
    attributes: BTreeSet<AttributeName>,
    events: BTreeSet<EventRef>,
    other: bool,
}

impl Subjects {
    fn learn(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Constant(_) => {}
            ExprKind::Attribute(it) => {
                self.attributes.insert(it.name.clone());
            }
            ExprKind::Seen { event, .. }
            | ExprKind::Count { event, .. }
            | ExprKind::Sum { event, .. }
            | ExprKind::Since(event) => {
                self.events.insert(event.clone());
            }
            ExprKind::Has(of)
            | ExprKind::Size(of)
            | ExprKind::Widen(of)
            | ExprKind::Negate(of)
            | ExprKind::Not(of) => self.learn(of),
            ExprKind::All(parts) | ExprKind::Any(parts) => {
                for part in parts {
                    self.learn(part);
                }
            }
            ExprKind::Compare { left, right, op: _ } => {
                self.learn(left);
                self.learn(right);
            }
            ExprKind::Member { item, list } => {
                self.learn(item);
                self.learn(list);
            }
            _ => self.other = true,
        }
    }
}
