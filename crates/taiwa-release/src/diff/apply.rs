//! A difference and the set that it was made from to the other set.

use serde_json::{Map, Value as Json, json};
use taiwa_model::{ComponentId, Components, Kind};

use super::{
    Diff, FieldChange, ORDER, SCOPE, What,
    compare::{comparable, join, parts, split},
    keyed::{self, Unfolded},
};
use crate::documents::{insert, remove};

/// Why a difference does not fit a set.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The component is not what the difference was made from.
    #[error("{component} is not what this difference was made from, at `{path}`")]
    Base {
        /// Which.
        component: ComponentId,
        /// The path of the attribute; empty for the component itself.
        path: String,
    },
    /// What comes out is no component of its kind.
    #[error("{component} would not be of its kind: {why}")]
    Shape {
        /// Which.
        component: ComponentId,
        /// Why not.
        why: String,
    },
}

/// The other set.
pub(super) fn apply(diff: &Diff, to: &Components) -> Result<Components, ApplyError> {
    let mut result = to.clone();
    for change in &diff.changes {
        let id = &change.component;
        let base = |path: &str| ApplyError::Base { component: id.clone(), path: path.to_owned() };
        let present = comparable(&result, id);
        let document = match (&change.what, present) {
            (What::Added(it), None) => it.clone(),
            (What::Removed(it), Some(present)) if *it == present => {
                remove(&mut result, id);
                continue;
            }
            (What::Changed(fields), Some(present)) => {
                patch(id.kind, present, fields).map_err(|path| base(&path))?
            }
            _ => return Err(base("")),
        };
        insert(&mut result, id, document)
            .map_err(|error| ApplyError::Shape { component: id.clone(), why: error.to_string() })?;
    }
    Ok(result)
}

/// A document with its changes, or the path that does not fit.
fn patch(kind: Kind, document: Json, changes: &[FieldChange]) -> Result<Json, String> {
    let (mut scope, content) = parts(document);
    let mut unfolded = keyed::unfold(kind, content);
    let list = keyed::field_of(kind);
    let order_path = list.map(|it| join(it, ORDER));
    let (mut added, mut order) = (Vec::new(), None);
    for change in changes {
        if change.path == SCOPE {
            replace(&mut scope, change)?;
        } else if Some(&change.path) == order_path.as_ref() {
            order = Some(change);
        } else {
            let steps = split(&change.path);
            if let ([field, key], None) = (steps.as_slice(), &change.old)
                && Some(field.as_str()) == list
            {
                added.push(key.clone());
            }
            set(&mut unfolded.content, &steps, change)?;
        }
    }
    let present = |key: &str| {
        list.and_then(|it| unfolded.content.get(it)).is_some_and(|it| it.get(key).is_some())
    };
    let natural = keyed::natural_order(&unfolded.order, present, &added);
    let order = match order {
        Some(change) => reordered(change, &unfolded.order, &natural).ok_or(&change.path)?,
        None => natural,
    };
    let content = keyed::fold(kind, Unfolded { content: unfolded.content, order });
    Ok(json!({"content": content, "scope": scope}))
}

/// The order that a change of order asks for, if it is one of these keys.
fn reordered(change: &FieldChange, was: &[String], keys: &[String]) -> Option<Vec<String>> {
    let texts = |json: &Option<Json>| -> Option<Vec<String>> {
        let items = json.as_ref()?.as_array()?.iter();
        items.map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let (old, new) = (texts(&change.old)?, texts(&change.new)?);
    let (mut wanted, mut have) = (new.clone(), keys.to_vec());
    wanted.sort();
    have.sort();
    (old == was && wanted == have).then_some(new)
}

fn set(
    fields: &mut Map<String, Json>,
    steps: &[String],
    change: &FieldChange,
) -> Result<(), String> {
    let wrong = || change.path.clone();
    let (last, way) = steps.split_last().ok_or_else(wrong)?;
    let mut at = fields;
    for step in way {
        at = at.get_mut(step).and_then(Json::as_object_mut).ok_or_else(wrong)?;
    }
    if at.get(last) != change.old.as_ref() {
        return Err(wrong());
    }
    match &change.new {
        Some(new) => drop(at.insert(last.clone(), new.clone())),
        None => drop(at.remove(last)),
    }
    Ok(())
}

fn replace(value: &mut Json, change: &FieldChange) -> Result<(), String> {
    match &change.new {
        Some(new) if change.old.as_ref() == Some(value) => {
            *value = new.clone();
            Ok(())
        }
        _ => Err(change.path.clone()),
    }
}
