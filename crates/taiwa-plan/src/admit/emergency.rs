//! Break-glass: no gates, no windows, no origin, and an end. It needs people of its own threshold, at least two, and
//! goes back by itself unless the ordinary approvals and gates come before its deadline.

use taiwa_model::Timestamp;

use crate::{
    Gate, OpenBundle, Plan, PlanKind, Policy, Reading, Reason, Refusal, Refusals, Step,
    authorship::{of_change, said},
    clock::millis,
    gates,
};

/// How far away the end of an emergency may be when it is committed, in seconds: four hours.
pub const MAX_EMERGENCY_S: u64 = 4 * 3600;

/// Whether the emergency's end is still ahead, and near enough.
pub(super) fn in_time(plan: &Plan, at: &Reading, out: &mut Refusals) {
    let Some(end) = plan.choices.revert_at else {
        out.push(Refusal::new(Reason::Malformed, "an emergency says when it ends"));
        return;
    };
    if end <= at.now {
        let what = format!("the emergency was to end at {end}");
        out.push(Refusal::new(Reason::EmergencyOver, what));
    }
    let latest = at.now.plus_millis(millis(MAX_EMERGENCY_S));
    if end > latest {
        let hours = MAX_EMERGENCY_S / 3600;
        let what = format!("an emergency ends within {hours} hours, this one at {end}");
        out.push(Refusal::new(Reason::EmergencyOver, what));
    }
}

/// The same plan as an ordinary change, whose authors are those whom the evidence that came since names. It has another
/// digest: it only says who may approve.
pub(crate) fn as_change(policy: &Policy, open: &OpenBundle, now: Timestamp) -> Plan {
    let mut plan = Plan { kind: PlanKind::Change, ..open.plan.clone() };
    let brought = of_change(policy, plan.from, &open.statements);
    let verdicts = gates(policy, &plan.to, &brought, now);
    let gate = verdicts.iter().find(|it| it.gate == Gate::Authorship.name());
    if let Some(wrote) = gate.and_then(|it| said(&brought, &it.evidence)) {
        (plan.contributors, plan.unknown) = (wrote.contributors, wrote.unknown);
    }
    plan
}

/// What an emergency cannot be, whatever the time.
pub(crate) fn unfit(plan: &Plan, policy: &Policy) -> Refusals {
    let mut out = Refusals::new();
    if plan.kind != PlanKind::Emergency {
        if plan.choices.revert_at.is_some() {
            let what = "only an emergency has an instant at which it ends by itself";
            out.push(Refusal::new(Reason::Malformed, what));
        }
        return out;
    }
    if policy.document().emergency.is_empty() {
        let what = "the policy lets nobody break the glass: `emergency` is empty";
        let environment = &policy.document().environment;
        let refusal = Refusal::new(Reason::PolicyInvalid, what);
        out.push(refusal.by("whoever signs the policy").with(format!(
            "taiwa policy propose {environment}, with two people or more under `emergency:` of environment.yaml"
        )));
    }
    let mut say = |reason, what: &str| out.push(Refusal::new(reason, what));
    if plan.choices.revert_at.is_none() {
        say(Reason::Malformed, "an emergency says when it ends");
    }
    if plan.from.is_none() {
        say(Reason::NeverRan, "there is no release to which an emergency could go back");
    }
    if plan.steps != [Step::ALL] {
        say(Reason::Malformed, "an emergency reaches all visitors at once");
    }
    out
}
