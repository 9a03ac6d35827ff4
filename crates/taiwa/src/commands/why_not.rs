//! `taiwa why-not`

use taiwa_deployer::States;
use taiwa_model::{Digest, EnvironmentName};
use taiwa_plan::{PlanKind, Reason, Refusals};

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
        signals,
    },
    moves::{self, Aim, Planned, Promotion},
};

/// Say what keeps a release from an environment: each unmet condition, who can meet it, and how
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The release (its digest or the beginning of it); without it the one that is marked
    release: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENV")]
    to: EnvironmentName,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, &args.to)?;
    let mut book = Book::even_so(cx, &head)?;
    let seen = signals::block_on(async { Ok(group.states().await) })?;
    let away = seen.group.away(&group.policy);
    // Also a marked release whose bytes nobody gives has conditions.
    let aim = moves::aim(cx, &head, &group, args.release.as_deref());
    if !away.is_empty() || aim.as_ref().is_ok_and(|it| it.release.is_none()) {
        return while_away(cx, args, (&group, &mut book), seen, &aim?);
    }
    let (states, _) = moves::begin(cx, &group, &book)?;
    let torn = moves::torn(&group)?;
    let word = args.release.as_deref();
    let target = match &torn {
        Some(rollout) => moves::torn_target(cx, &head, (&group, rollout), word)?,
        None => moves::target(cx, &head, &group, word)?,
    };
    let to = target.release.digest();
    let ordinary = Promotion::new(PlanKind::Change, to, None);
    let ordinary = torn.as_ref().map_or(ordinary, moves::Rollout::wish);
    let wish = Promotion { origin: target.origin(), ..ordinary };
    let (refusals, wrote) = match moves::weighed(cx, &group, &states, &mut book, &wish)? {
        Ok(Planned::Plan(plan)) => {
            let mut unmet = moves::unmet(cx, &group, &book, &plan, target.origin())?.refusals;
            unmet.extend(moves::returning(&group, &book, &plan, &target.release)?);
            (unmet, moves::written_by(&head, &group, &book, &plan))
        }
        Ok(Planned::NothingToDo(what)) => {
            let rollout = signals::block_on(moves::under_way(&group))?;
            let what = match rollout {
                Some(_) => format!(
                    "a rollout of it is under way, and is not for everybody yet; next: {}",
                    moves::goes_on(&group)
                ),
                None => what,
            };
            return Ok(nothing(cx, args, &what));
        }
        // Without its gates there is no plan yet; what else will stand against it is known already.
        Err(refusals) => match moves::drafted(cx, &group, &states, &book, &wish) {
            Some(draft) => {
                let mut unmet = moves::unmet(cx, &group, &book, &draft, target.origin())?.refusals;
                unmet.extend(moves::returning(&group, &book, &draft, &target.release)?);
                (unmet, Vec::new())
            }
            None => (refusals, Vec::new()),
        },
    };
    let refusals = in_order(refusals);
    if refusals.is_empty() {
        if cx.json() {
            cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "release": to, "unmet": refusals }));
        }
        let next = torn.map_or_else(|| moves::forward(&group), |_| moves::goes_on(&group));
        cx.tell(format!("nothing stands against it; next: {next}"));
        return Ok(Exit::Yes);
    }
    told(cx, args, to, &refusals, &wrote)
}

/// Who is away is a condition like any other, and what else is not met is said at once: bringing a server back must not
/// make the list longer.
fn while_away(
    cx: &mut Cx<'_>,
    args: &Args,
    (group, book): (&Group, &mut Book<'_>),
    mut seen: States,
    aim: &Aim,
) -> Result<Exit, Failure> {
    let to = aim.to;
    let origin = aim.origin.as_ref().map(|it| (&it.0, &it.1));
    let wish = Promotion { origin, ..Promotion::new(PlanKind::Change, to, None) };
    let mut refusals = seen.group.away(&group.policy);
    let known = seen.group.clone();
    seen.group = seen.group.presumed(&group.policy).unwrap_or_default();
    if let Some(plan) = moves::presumed(cx, group, &seen, book, &wish) {
        refusals.extend(moves::unmet_unasked(cx, group, book, &plan, origin)?.refusals);
    } else if seen.group.servers.is_empty() {
        seen.group = known;
        let more = moves::weighed(cx, group, &seen, book, &wish)?.err().unwrap_or_default();
        refusals.extend(more.into_iter().filter(|it| it.reason != Reason::Unreachable));
    }
    told(cx, args, to, &in_order(refusals), &[])
}

/// Tells what is not met: there is something.
fn told(
    cx: &mut Cx<'_>,
    args: &Args,
    to: Digest,
    refusals: &Refusals,
    wrote: &[String],
) -> Result<Exit, Failure> {
    let failure =
        refused(&format!("release {} cannot go to {} yet", to.short(), args.to), refusals);
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "release": to, "unmet": refusals }));
    }
    Err(moves::with_authors(failure, wrote))
}

/// In the order in which they can be met: people approve a plan, which there is once its gates are open.
fn in_order(mut refusals: Refusals) -> Refusals {
    refusals.sort_by_key(|it| it.reason == Reason::ApprovalMissing);
    refusals
}

fn nothing(cx: &mut Cx<'_>, args: &Args, what: &str) -> Exit {
    if cx.json() {
        let unmet: [(); 0] = [];
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "unmet": unmet, "what": what }));
    }
    cx.tell(format!("nothing to do: {what}"));
    Exit::Yes
}
