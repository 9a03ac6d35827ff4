//! `/admin/v1/preparation` and `/admin/v1/activation`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::{
    Code,
    admin::{Activation, Preparation, ReceiptAnswer},
};
use taiwa_plan::{Bundle, Envelope, Epoch, Move, Plan, server};

use super::extract::{At, Body};
use crate::{app::App, guard, problem::Failure};

/// `POST /admin/v1/preparation`: takes the slot for a move.
pub(super) async fn prepare(
    State(app): State<Arc<App>>,
    Body(body): Body<Preparation>,
) -> Result<Json<ReceiptAnswer>, Failure> {
    warm(&app, &body.bundle, body.step).await?;
    asked(&app)?;
    let plan = Some(body.bundle.plan_digest());
    let serving = app.shelf.serving();
    let check = |policy: &_, state: &_, at: &_| {
        if let Ok((plan, _)) = Plan::read(&body.bundle.plan) {
            guard::allows(serving.as_deref(), (&plan, body.step))?;
        }
        let request = server::Preparation {
            bundle: &body.bundle,
            step: body.step,
            word: body.receipts.first(),
        };
        server::prepare(policy, state, &request, at)
    };
    answer(app.protocol.transit(plan, check).await?)
}

/// An anchor that runs nothing is new, or its disk was replaced and it begins what it began before: it has asked its
/// peers, or they are all silent, before it leads.
fn asked(app: &App) -> Result<(), Failure> {
    let (policy, state) = (app.protocol.policy(), app.protocol.state());
    // Still asking, or told already that there is something to catch up with.
    let asks = app.peers.unready(policy.document()).is_some();
    if asks && state.active.is_none() && state.is_anchor(&policy) {
        let what =
            "nothing runs here yet, and the peers are asked first whether that is true: a moment";
        return Err(Failure::new(Code::Overloaded, what));
    }
    Ok(())
}

/// `POST /admin/v1/activation`: switches, between two requests.
pub(super) async fn activate(
    State(app): State<Arc<App>>,
    Body(body): Body<Activation>,
) -> Result<Json<ReceiptAnswer>, Failure> {
    warm(&app, &body.bundle, body.step).await?;
    let plan = Some(body.bundle.plan_digest());
    let check = |policy: &_, state: &_, at: &_| {
        let request =
            server::Activation { bundle: &body.bundle, step: body.step, receipts: &body.receipts };
        server::activate(policy, state, &request, at)
    };
    answer(app.protocol.transit(plan, check).await?)
}

/// `DELETE /admin/v1/preparation/{epoch}`: afterwards this epoch can never commit.
pub(super) async fn abort(
    State(app): State<Arc<App>>,
    At(text): At<String>,
) -> Result<Json<ReceiptAnswer>, Failure> {
    let bad = |it: taiwa_plan::EpochError| Failure::new(Code::BadRequest, it.to_string());
    let epoch = Epoch::parse(&text).map_err(bad)?;
    app.protocol.transit(None, |policy, state, at| server::abort(policy, state, epoch, at)).await?;
    let policy = app.protocol.policy();
    let receipt =
        server::state_receipt(&policy, &app.protocol.state(), None, &app.protocol.reading())?;
    Ok(Json(ReceiptAnswer { receipt: app.protocol.sign(&receipt)? }))
}

/// The releases that are to answer are compiled before the move begins, so that the move itself is short. What is not
/// stored or not a plan is the transition's to refuse.
pub(super) async fn warm(app: &App, bundle: &Bundle, step: Move) -> Result<(), Failure> {
    let Ok((plan, _)) = Plan::read(&bundle.plan) else { return Ok(()) };
    let goal = plan.goal(step, app.protocol.state().generation());
    for digest in goal.to.into_iter().chain(plan.rest(&goal)) {
        let shelf = app.shelf.clone();
        let got = tokio::task::spawn_blocking(move || shelf.get(&digest)).await;
        got.map_err(|_| Failure::new(Code::Bug, "reading the release failed"))??;
    }
    Ok(())
}

pub(super) fn answer(receipt: Option<Envelope>) -> Result<Json<ReceiptAnswer>, Failure> {
    let none = || Failure::new(Code::Bug, "a move without a receipt");
    Ok(Json(ReceiptAnswer { receipt: receipt.ok_or_else(none)? }))
}
