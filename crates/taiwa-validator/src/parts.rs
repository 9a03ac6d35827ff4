//! The parts of a condition that stand side by side: what it says without one of them, and where they are written.
//!
//! **Invariant.** A condition without one of its parts is again a condition, and its text is the old text without the
//! part and one operator beside it. Deliberately absent: whether a part matters.

use taiwa_condition::{Expr, ExprKind};
use taiwa_text::Span;

/// A part of a chain of `&&` or `||`.
pub(crate) struct Part<'e> {
    /// Which way leads to it from the whole: the number of the child at each step.
    pub way: Vec<usize>,
    /// The part.
    pub expr: &'e Expr,
    /// Whether the chain is one of `&&`.
    pub all: bool,
    /// The part before it in the chain, or the one behind it where it is the first.
    pub beside: Span,
}

/// Every part of every chain outside comparisons, the last ones of a chain first; at most `most`.
pub(crate) fn parts(whole: &Expr, most: usize) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut waiting = vec![(Vec::new(), whole)];
    while let Some((way, expr)) = waiting.pop() {
        let children = children(expr);
        if let ExprKind::All(of) | ExprKind::Any(of) = &expr.kind {
            for (index, part) in of.iter().enumerate().rev() {
                let beside = of.get(if index == 0 { 1 } else { index - 1 });
                let Some(beside) = beside else { continue };
                if found.len() == most {
                    return found;
                }
                let all = matches!(expr.kind, ExprKind::All(_));
                found.push(Part { way: step(&way, index), expr: part, all, beside: beside.span });
            }
        }
        for (index, child) in children.into_iter().enumerate() {
            waiting.push((step(&way, index), child));
        }
    }
    found
}

fn step(way: &[usize], index: usize) -> Vec<usize> {
    way.iter().copied().chain([index]).collect()
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Not(of) => vec![of],
        ExprKind::All(of) | ExprKind::Any(of) => of.iter().collect(),
        ExprKind::Choose { test, yes, no } => vec![test, yes, no],
        _ => Vec::new(),
    }
}

/// The condition without some of its parts, each given by its way. A chain never loses its last part.
pub(crate) fn without(whole: &Expr, ways: &[&[usize]]) -> Expr {
    let of = |index: usize| -> Vec<&[usize]> {
        let within = ways.iter().filter(|it| it.first() == Some(&index));
        within.filter_map(|it| it.get(1..)).collect()
    };
    let child = |expr: &Expr, index: usize| without(expr, &of(index));
    let chain = |parts: &[Expr]| -> Vec<Expr> {
        let kept = parts.iter().enumerate().filter(|it| !of(it.0).iter().any(|it| it.is_empty()));
        kept.map(|(index, part)| child(part, index)).collect()
    };
    let kind = match &whole.kind {
        ExprKind::Not(of) => ExprKind::Not(Box::new(child(of, 0))),
        ExprKind::Choose { test, yes, no } => ExprKind::Choose {
            test: Box::new(child(test, 0)),
            yes: Box::new(child(yes, 1)),
            no: Box::new(child(no, 2)),
        },
        ExprKind::All(parts) | ExprKind::Any(parts) => {
            let mut left = chain(parts);
            match left.len() {
                0 => return whole.clone(),
                1 => return left.remove(0),
                _ if matches!(whole.kind, ExprKind::All(_)) => ExprKind::All(left),
                _ => ExprKind::Any(left),
            }
        }
        other => other.clone(),
    };
    Expr { kind, span: whole.span }
}

/// What is cut out of the text to lose a part: it and the operator towards the part beside it, parentheses included.
pub(crate) fn cut(text: &str, part: &Part<'_>) -> Span {
    let own = in_parentheses(text, part.expr.span);
    let beside = in_parentheses(text, part.beside);
    if beside.start < own.start {
        Span::new(beside.end, own.end)
    } else {
        Span::new(own.start, beside.start)
    }
}

/// A span with the parentheses around it, as long as they enclose nothing else.
fn in_parentheses(text: &str, span: Span) -> Span {
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    loop {
        let (Some(before), Some(behind)) = (text.get(..start), text.get(end..)) else {
            return span;
        };
        let (open, close) = (before.trim_end(), behind.trim_start());
        let function = |it: char| it.is_alphanumeric() || it == '_';
        let called = open.strip_suffix('(').is_some_and(|it| it.ends_with(function));
        if called || !open.ends_with('(') || !close.starts_with(')') {
            let size = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            return Span::new(size(start), size(end));
        }
        start = open.len() - 1;
        end = text.len() - close.len() + 1;
    }
}

/// The parts that must all hold: those of `&&`, also within one another.
pub(crate) fn demands(whole: &Expr) -> Vec<&Expr> {
    match &whole.kind {
        ExprKind::All(parts) => parts.iter().flat_map(demands).collect(),
        _ => vec![whole],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_condition::{Expect, Names, Setting, check};

    fn read(text: &str) -> Expr {
        let names = Names::default();
        let setting = Setting { names: &names, scope: None, session: true, event: None };
        let checked = check(text, Expect::Condition, &setting);
        checked.expr.unwrap_or_else(|| panic!("{text}: {:?}", checked.remarks))
    }

    /// Each text is the condition without one part; it means what [`without`] says.
    #[track_caller]
    fn check_cuts(text: &str, expect: &[&str]) {
        let whole = read(text);
        let mut found = Vec::new();
        for part in parts(&whole, 100) {
            let cut = cut(text, &part);
            let mut rest = text.to_owned();
            rest.replace_range(cut.start as usize..cut.end as usize, "");
            let rest = rest.trim().to_owned();
            let bare = |it: &Expr| format!("{it:?}").replace(char::is_numeric, "");
            assert_eq!(bare(&read(&rest)), bare(&without(&whole, &[&part.way])), "{rest}");
            found.push(rest);
        }
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_part_is_cut_with_one_operator() {
        let a = "session.known";
        let b = "session.visits > 3";
        let c = "session.hour < 9";
        check_cuts(&format!("{a} && {b}"), &[a, b]);
        check_cuts(
            &format!("{a} && ({b}) && {c}"),
            &[&format!("{a} && ({b})"), &format!("{a} && {c}"), &format!("({b}) && {c}")],
        );
        check_cuts(
            &format!("!({a} || ( {b} ) ) && {c}"),
            &[
                &format!("!({a} || ( {b} ) )"),
                c,
                &format!("!({a} ) && {c}"),
                &format!("!(( {b} ) ) && {c}"),
            ],
        );
        check_cuts(
            &format!("{a} ? {b} || {c} : {a}"),
            &[&format!("{a} ? {b} : {a}"), &format!("{a} ? {c} : {a}")],
        );
        check_cuts(b, &[]);
    }

    #[test]
    fn demands_are_found_within_one_another() {
        let whole = read("session.known && (session.visits > 3 && session.hour < 9)");
        assert_eq!(demands(&whole).len(), 3);
    }
}
