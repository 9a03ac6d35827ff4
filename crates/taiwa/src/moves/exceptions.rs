//! What a person chooses beyond the ordinary: servers left out, an emergency, ratifying one. Who chose cannot approve.

use taiwa_api::admin::Proof as Live;
use taiwa_model::{Digest, ServerId, SpanOfTime};
use taiwa_plan::{
    Absent, Bundle, Envelope, MAX_EMERGENCY_S, Move, Payload, Plan, PlanKind, Statement, gates,
};

use super::{Cargo, proof};
use crate::{
    Cx, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, call},
        signals,
    },
};

/// Servers to leave out, with why.
#[derive(Debug, clap::Args)]
pub(crate) struct Without {
    /// Leave this server out: it is down, and catches up by itself when it is back (may be given several times)
    #[arg(long, value_name = "SERVER", requires = "why")]
    without: Vec<ServerId>,
    /// Why; approvers read it, and it stays in the ledger
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
}

impl Without {
    /// The servers, as a plan names them; none where nobody was named.
    pub(crate) fn absent(&self) -> Option<Vec<Absent>> {
        let why = self.why.clone().unwrap_or_default();
        let mut absent: Vec<Absent> =
            self.without.iter().map(|it| Absent { server: it.clone(), why: why.clone() }).collect();
        absent.sort_by(|one, other| one.server.cmp(&other.server));
        (!absent.is_empty()).then_some(absent)
    }
}

/// For how long an emergency may last.
pub(crate) fn emergency_s(written: &str) -> Result<u64, Failure> {
    let span = SpanOfTime::parse(written).map_err(|it| {
        Failure::usage(format!("--emergency: {it}")).help("write for example 45m or 2h")
    })?;
    let seconds = u64::try_from(span.as_seconds()).unwrap_or(0);
    if seconds == 0 || seconds > MAX_EMERGENCY_S {
        let hours = MAX_EMERGENCY_S / 3600;
        let what = format!("--emergency: more than nothing and at most {hours}h");
        return Err(Failure::usage(what));
    }
    Ok(seconds)
}

/// The emergency that is live, and what its ratification is made of.
pub(crate) struct Emergency {
    /// Its plan.
    pub(crate) plan: Plan,
    bundle: Bundle,
    live: u64,
}

/// The emergency that is live on a group.
pub(crate) fn emergency(group: &Group) -> Result<Emergency, Failure> {
    let (active, live) = signals::block_on(async {
        let anchor = group.anchor();
        let active = anchor.group_bundle().await.map_err(|it| call(&it))?.active;
        let status = anchor.status().await.map_err(|it| call(&it))?;
        Ok((active, status.generation))
    })?;
    let none = || Failure::no("nothing-to-do", format!("no emergency is live on {}", group.name));
    let Live { bundle, step, receipt: _, word: _ } = active.ok_or_else(none)?;
    let (bundle, plan) = super::mend::bundle(&bundle)?;
    if plan.kind != PlanKind::Emergency || !matches!(step, Move::Step(_)) {
        return Err(none());
    }
    Ok(Emergency { plan, bundle, live })
}

impl Emergency {
    /// Its digest: what people approve once more.
    pub(crate) fn digest(&self) -> Digest {
        self.bundle.plan_digest()
    }

    /// Ratifying, with everything that is filed about it since.
    pub(crate) fn ratify(
        self,
        cx: &mut Cx<'_>,
        head: &Head,
        (group, book): (&Group, &Book<'_>),
    ) -> Result<Cargo, Failure> {
        let digest = self.digest();
        let mut statements: Vec<Envelope> = self.bundle.statements.clone();
        statements.extend(book.story.about_plan(&digest).into_iter().cloned());
        let offered = book.story.evidence_of(&group.name, &self.plan.to);
        let open: Vec<Statement> = offered.iter().filter_map(|it| it.open().ok()).collect();
        let verdicts = gates(&group.policy, &self.plan.to, &open, cx.now());
        let named = |it: &Digest| verdicts.iter().any(|verdict| verdict.evidence.contains(it));
        statements.extend(offered.into_iter().filter(|it| named(&it.digest())).cloned());
        if let Some(from) = &group.environment.from {
            let origin = Group::of(cx, head, from)?;
            let states = signals::block_on(async { Ok(origin.states().await) })?;
            statements.extend(proof::ran(book, &origin, &states, &self.plan.to));
        }
        // A pull that was signed and not used has nothing to do with it.
        statements.retain(|it| !matches!(it.open().map(|it| it.payload), Ok(Payload::Pull(_))));
        statements.sort_by_key(Envelope::digest);
        statements.dedup_by_key(|it| it.digest());
        let limit = |it: taiwa_plan::ReadError| Failure::no("limit", it.to_string());
        let bundle = Bundle::new(&self.plan, statements).map_err(limit)?;
        let (plan, live) = (self.plan, self.live);
        Ok(Cargo { bundle, plan, step: Move::Ratify, live, bytes: Vec::new() })
    }
}
