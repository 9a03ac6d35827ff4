//! `taiwa why-not`

use taiwa_model::EnvironmentName;
use taiwa_plan::{PlanKind, Reason, Refusals};

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
    },
    moves::{self, Planned, Promotion},
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
    let mut book = Book::open(cx, &head)?;
    let (states, _) = moves::begin(cx, &group, &book)?;
    let target = moves::target(cx, &head, &group, args.release.as_deref())?;
    let to = target.release.digest();
    let ordinary = Promotion::new(PlanKind::Change, to, None);
    let wish = Promotion { origin: target.origin(), ..ordinary };
    let (refusals, wrote) = match moves::weighed(cx, &group, &states, &mut book, &wish)? {
        Ok(Planned::Plan(plan)) => {
            let mut unmet = moves::unmet(cx, &group, &book, &plan, target.origin())?.refusals;
            unmet.extend(moves::returning(&group, &book, &plan, &target.release)?);
            (unmet, moves::written_by(&head, &group, &book, &plan))
        }
        Ok(Planned::NothingToDo(what)) => {
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
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": args.to, "release": to, "unmet": refusals }));
    }
    if refusals.is_empty() {
        let verb = if target.origin.is_some() { "promote" } else { "deploy" };
        cx.tell(format!("nothing stands against it; next: taiwa {verb} --to {}", args.to));
        return Ok(Exit::Yes);
    }
    let failure =
        refused(&format!("release {} cannot go to {} yet", to.short(), args.to), &refusals);
    Err(moves::with_authors(failure, &wrote))
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
