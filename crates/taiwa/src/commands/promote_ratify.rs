//! `taiwa promote --ratify`: an emergency becomes an ordinary promotion, before its end.

use super::promote::{Args, done};
use crate::{
    Cx, Exit, Failure,
    edge::{ledger::Book, marked::Head, servers::Group},
    moves,
};

pub(super) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    let mut book = Book::open(cx, &head)?;
    moves::begin(cx, &group, &book)?;
    let emergency = moves::emergency(&group)?;
    let (to, end) = (emergency.plan.to.short(), emergency.plan.choices.revert_at);
    let end = end.map_or_else(String::new, |it| format!(" at {it}"));
    cx.tell(format!(
        "{}: release {to} came as an emergency and goes back by itself{end}; ratified, it stays",
        args.to
    ));
    let cargo = emergency.ratify(cx, &head, (&group, &book))?;
    if args.dry_run {
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("let release {to} stay on {}?", args.to))?;
    let ended = moves::carry(cx, &group, &mut book, &cargo)?;
    if cx.json() {
        cx.print_json(&done(&args.to, &cargo, &ended));
    }
    cx.say(format!("next: taiwa status {}", args.to));
    Ok(Exit::Yes)
}
