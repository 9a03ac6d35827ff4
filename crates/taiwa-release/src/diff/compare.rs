//! Two sets to their difference.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use taiwa_model::{ComponentId, Components, Kind};

use super::{Change, Diff, FieldChange, ORDER, SCOPE, What, keyed, value::normal};
use crate::documents::document;

/// Fields that change as a whole, although JSON gives them parts.
const WHOLE: [&str; 1] = ["score"];

/// The document of a component in the form in which two are compared; a number that is not finite, which no file can
/// hold, compares as absent.
pub(super) fn comparable(of: &Components, id: &ComponentId) -> Option<Json> {
    document(of, id).ok().map(normal)
}

/// What differs.
pub(super) fn compare(old: &Components, new: &Components) -> Diff {
    let ids: BTreeSet<ComponentId> = old.ids().into_iter().chain(new.ids()).collect();
    let change = |id: ComponentId| {
        let what = match (comparable(old, &id), comparable(new, &id)) {
            (None, None) => None,
            (None, Some(it)) => Some(What::Added(it)),
            (Some(it), None) => Some(What::Removed(it)),
            (Some(a), Some(b)) if a == b => None,
            (Some(a), Some(b)) => Some(What::Changed(fields(id.kind, a, b))),
        };
        what.map(|what| Change { component: id, what })
    };
    Diff { changes: ids.into_iter().filter_map(change).collect() }
}

/// Takes a document apart.
pub(super) fn parts(document: Json) -> (Json, Map<String, Json>) {
    let Json::Object(mut fields) = document else { return (Json::Null, Map::new()) };
    let scope = fields.remove("scope").unwrap_or(Json::Null);
    let content = match fields.remove("content") {
        Some(Json::Object(it)) => it,
        _ => Map::new(),
    };
    (scope, content)
}

fn fields(kind: Kind, old: Json, new: Json) -> Vec<FieldChange> {
    let ((old_scope, old), (new_scope, new)) = (parts(old), parts(new));
    let mut changes = Vec::new();
    if old_scope != new_scope {
        changes.push(FieldChange {
            path: SCOPE.to_owned(),
            old: Some(old_scope),
            new: Some(new_scope),
        });
    }
    let (old, new) = (keyed::unfold(kind, old), keyed::unfold(kind, new));
    objects("", &old.content, &new.content, &mut changes);
    if let Some(field) = keyed::field_of(kind) {
        order(field, &old, &new, &mut changes);
    }
    changes
}

/// Puts the added elements of a keyed list into the order of the new list, and says the order where it does not follow.
fn order(
    field: &str,
    old: &keyed::Unfolded,
    new: &keyed::Unfolded,
    changes: &mut Vec<FieldChange>,
) {
    let was: BTreeSet<&String> = old.order.iter().collect();
    let is: BTreeSet<&String> = new.order.iter().collect();
    let added: Vec<&String> = new.order.iter().filter(|it| !was.contains(it)).collect();
    let places: std::collections::BTreeMap<String, usize> =
        added.iter().enumerate().map(|(at, key)| (join(field, key), at)).collect();
    changes.sort_by_key(|it| places.get(&it.path).map_or((0, 0), |at| (1, *at)));
    let natural = keyed::natural_order(&old.order, |it| is.contains(&it.to_owned()), added);
    if natural != new.order {
        changes.push(FieldChange {
            path: join(field, ORDER),
            old: Some(old.order.clone().into()),
            new: Some(new.order.clone().into()),
        });
    }
}

fn objects(
    path: &str,
    old: &Map<String, Json>,
    new: &Map<String, Json>,
    changes: &mut Vec<FieldChange>,
) {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (a, b) = (old.get(key), new.get(key));
        if a == b {
            continue;
        }
        let path = join(path, key);
        match (a, b) {
            (Some(Json::Object(a)), Some(Json::Object(b))) if !WHOLE.contains(&key.as_str()) => {
                objects(&path, a, b, changes);
            }
            _ => changes.push(FieldChange { path, old: a.cloned(), new: b.cloned() }),
        }
    }
}

/// One step further down a path.
pub(super) fn join(path: &str, key: &str) -> String {
    let key = key.replace('~', "~0").replace('/', "~1");
    if path.is_empty() { key } else { format!("{path}/{key}") }
}

/// The steps of a path.
pub(super) fn split(path: &str) -> Vec<String> {
    path.split('/').map(|it| it.replace("~1", "/").replace("~0", "~")).collect()
}
