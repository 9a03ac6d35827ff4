//! Findings that an author allowed for a while, in a comment before them, with a reason.
//!
//! **Invariants.** A comment allows only what it names, only on the line it stands before, and only until its last day.
//! What protects the servers cannot be allowed. A comment that is malformed, has expired or allows nothing is itself a
//! finding, so that none of them outlives its reason in silence.
//!
//! Covered are findings that *begin* on the next line that holds more than a comment, and within a text of several lines
//! that begins there, because no comment fits into such a text. Before the first line of a file it also covers what is
//! said about the file as a whole. A file with a syntax error allows nothing until it can be read.

mod read;

use std::collections::BTreeMap;

use taiwa_model::Moment;
use taiwa_text::{FileId, Finding, Fix, Place, Severity, Span, say};

use self::read::{Allow, Malformed};
use crate::{
    Check, Context, Stage,
    rules::{SUPPRESSION_EXPIRED, SUPPRESSION_MALFORMED, SUPPRESSION_UNUSED, by_code},
};

/// Longest time ahead for which something can be allowed, in days: what holds longer is no exception but a level.
pub const MAX_DAYS: i64 = 400;

/// A finding that is allowed for now.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppressed {
    /// What was found, as severe as it would have been.
    pub finding: Finding,
    /// Recognises it in the next run; unique among what is suppressed.
    pub fingerprint: String,
    /// The comment.
    pub place: Place,
    /// The last day, in the zone of the workspace.
    pub until: Moment,
    /// Why, in the author's words.
    pub reason: String,
}

/// Takes out what is allowed, and adds what is wrong with the comments that allow it.
pub(crate) fn apply(cx: &Context<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut allowed: BTreeMap<FileId, Vec<Standing>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(findings.len());
    for (file, source) in cx.project.sources.iter() {
        let (allows, wrong) = read::read(file, source);
        kept.extend(wrong.into_iter().map(|it| malformed(cx, it)));
        let mut standing = Vec::with_capacity(allows.len());
        for it in allows {
            match expiry(cx, &it) {
                None => standing.push(Standing { used: vec![false; it.codes.len()], allow: it }),
                Some(finding) => kept.push(finding),
            }
        }
        if !standing.is_empty() {
            allowed.insert(file, standing);
        }
    }
    if allowed.is_empty() {
        kept.extend(findings);
        return (kept, Vec::new());
    }
    // Where a file could not be read, much is not looked for: what allows nothing today may be needed tomorrow.
    let reader =
        |it: &Finding| by_code(it.code).is_some_and(|it| matches!(it.check, Check::Reader));
    let doubtful = findings.iter().any(|it| it.severity == Severity::Error && reader(it));
    let mut suppressed = Vec::new();
    for finding in findings {
        let standing = allowed.get_mut(&finding.place.file);
        match standing.and_then(|it| it.iter_mut().find_map(|it| it.takes(&finding))) {
            None => kept.push(finding),
            Some(it) => {
                kept.extend(shown(cx, &finding, it));
                let Allow { place, until, reason, .. } = it.clone();
                suppressed.push(Suppressed {
                    finding,
                    fingerprint: String::new(),
                    place,
                    until,
                    reason,
                });
            }
        }
    }
    if cx.options.stage == Stage::Edit && !doubtful {
        kept.extend(allowed.values().flatten().flat_map(|it| it.unused(cx)));
    }
    (kept, suppressed)
}

/// A comment that allows something today, and for each of its codes whether there was something to allow.
struct Standing {
    allow: Allow,
    used: Vec<bool>,
}

impl Standing {
    fn takes(&mut self, finding: &Finding) -> Option<&Allow> {
        let Span { start, end } = finding.place.span;
        let whole_file = self.allow.first && start == 0 && end == 0;
        let here = self.allow.covers.start <= start && start < self.allow.covers.end;
        let index = self.allow.codes.iter().position(|it| it.0 == finding.code)?;
        if !(here || whole_file) {
            return None;
        }
        *self.used.get_mut(index)? = true;
        Some(&self.allow)
    }

    /// The place of a code with what parts it from its neighbour.
    fn with_gap(&self, index: usize, at: Place) -> Place {
        let codes = &self.allow.codes;
        let span = match (codes.get(index + 1), index.checked_sub(1).and_then(|it| codes.get(it))) {
            (Some(next), _) => Span::new(at.span.start, next.1.span.start),
            (None, Some(before)) => Span::new(before.1.span.end, at.span.end),
            (None, None) => at.span,
        };
        Place { span, ..at }
    }

    fn unused(&self, cx: &Context<'_>) -> Vec<Finding> {
        let Allow { place, line, codes, .. } = &self.allow;
        // What only a comparison with another state finds is not looked for here.
        let idle = |code: &str, used: bool| !used && !code.starts_with("TW10");
        let all = codes.iter().zip(&self.used).all(|(it, used)| idle(it.0, *used));
        let mut found = Vec::new();
        for (index, (code, at)) in codes.iter().enumerate() {
            if !idle(code, self.used.get(index).copied().unwrap_or(true)) {
                continue;
            }
            let message = say!(
                en: "there is no {code} here that could be allowed",
                ja: "ここには許可する対象の {code} がありません",
            );
            if all {
                let said = say!(en: "take the comment out", ja: "コメントを削除する");
                let finding = cx.found(&SUPPRESSION_UNUSED, *place, message).help(said.clone());
                return vec![finding.fix(Fix::safe(said, *line, ""))];
            }
            let said = say!(en: "take `{code}` out of the comment", ja: "コメントから `{code}` を削除する");
            let finding = cx.found(&SUPPRESSION_UNUSED, *at, message).help(said.clone());
            found.push(finding.fix(Fix::safe(said, self.with_gap(index, *at), "")));
        }
        found
    }
}

/// Before a promotion an error that was allowed is told all the same, as information.
fn shown(cx: &Context<'_>, finding: &Finding, allow: &Allow) -> Option<Finding> {
    if cx.options.stage != Stage::Promote || finding.severity != Severity::Error {
        return None;
    }
    let (until, reason) = (&allow.until, &allow.reason);
    let text = say!(
        en: "an error that is allowed until {until} because {reason}",
        ja: "{until} まで許可されたエラーです (理由: {reason})",
    );
    Some(finding.clone().info().related(allow.place, text))
}

fn malformed(cx: &Context<'_>, it: Malformed) -> Finding {
    let finding = cx.found(&SUPPRESSION_MALFORMED, it.place, it.message).help(it.help);
    match it.meant {
        None => finding,
        Some(text) => {
            let said = say!(en: "write `{text}`", ja: "`{text}` と書く");
            finding.fix(Fix::likely(said, it.place, text))
        }
    }
}

/// What is wrong with the last day: it is over, or too far ahead.
fn expiry(cx: &Context<'_>, it: &Allow) -> Option<Finding> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let until = &it.until;
    if cx.clock.has_passed(until.ends(&cx.zone)) {
        let message = say!(en: "this was allowed until {until}", ja: "この許可は {until} に期限切れになりました");
        let help = say!(
            en: "mend what it allowed, and take the comment out; or decide anew, with a later day",
            ja: "許可していたものを直してコメントを削除するか、改めて判断して新しい期限を書いてください",
        );
        let said = say!(en: "take the comment out", ja: "コメントを削除する");
        let finding = cx.found(&SUPPRESSION_EXPIRED, it.place, message).help(help);
        return Some(finding.fix(Fix::likely(said, it.line, "")));
    }
    let allowed_from = until.begins(&cx.zone).plus_millis(-MAX_DAYS * DAY_MS);
    if !cx.clock.has_passed(allowed_from) {
        let message = say!(
            en: "{until} is more than {MAX_DAYS} days ahead",
            ja: "{until} は {MAX_DAYS} 日より先です",
        );
        let help = say!(
            en: "an exception ends within {MAX_DAYS} days; what holds longer is a level in taiwa.yaml",
            ja: "例外の期限は {MAX_DAYS} 日以内です。それより長い場合は taiwa.yaml でレベルを設定してください",
        );
        return Some(cx.found(&SUPPRESSION_MALFORMED, it.place, message).help(help));
    }
    None
}
