//! `/v1/profiles/{level}/{key}`

use axum::Json;
use taiwa_api::v1;

use super::extract::{At, Body};
use crate::{
    actions::{Scene, profile},
    problem::Failure,
};

/// `PUT /v1/profiles/{level}/{key}/consent`: what a person says about purposes.
pub(super) async fn consent(
    scene: Scene,
    At((level, key)): At<(String, String)>,
    Body(body): Body<v1::PutConsent>,
) -> Result<Json<v1::ConsentAnswer>, Failure> {
    Ok(Json(profile::consent(&scene, (&level, &key), &body)?.settle().await?))
}

/// `DELETE /v1/profiles/{level}/{key}`: forgets a person.
pub(super) async fn forget(
    scene: Scene,
    At((level, key)): At<(String, String)>,
) -> Result<Json<v1::Forgotten>, Failure> {
    Ok(Json(profile::forget(&scene, (&level, &key))?.settle().await?))
}
