//! Where marks stand.

use taiwa_model::EnvironmentName;
use taiwa_text::Place;

use crate::Context;

/// The place of an entry of the marks file of an environment: `release`, or a component: `offer/x`.
pub(crate) fn place_of_mark(cx: &Context<'_>, environment: &EnvironmentName, path: &str) -> Place {
    let places = cx.project.mark_places.get(environment);
    let place = places.and_then(|it| it.get(path)).copied();
    place.unwrap_or_else(|| cx.project.environment_place(environment, ""))
}
