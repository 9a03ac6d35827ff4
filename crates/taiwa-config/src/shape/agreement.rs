//! Shapes and model types name the same fields: every field of the model can be written, every field of a shape arrives.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::json;
use taiwa_model as model;

use super::{Form, Record, channel, content, environment as env_shape, scenario, workspace};
use crate::environment as env;

/// The fields that a type knows, from its refusal of one that it does not know.
fn fields_of<T: DeserializeOwned>() -> BTreeSet<String> {
    let error =
        serde_json::from_value::<T>(json!({ "no such field": 1 })).err().unwrap().to_string();
    let (_, known) = error.split_once("expected").unwrap();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn fields_in(record: &Record) -> BTreeSet<String> {
    let own = record.fields.iter().filter(|it| !it.later).map(|it| it.to);
    let other = record.other.iter().flat_map(|it| [it.name_to, it.value_to]);
    own.chain(other).map(|it| it.split('/').next().unwrap_or(it).to_owned()).collect()
}

#[track_caller]
fn check<T: DeserializeOwned>(record: &Record, beside: &[&str]) {
    let mut written = fields_in(record);
    for name in beside {
        if !written.remove(*name) {
            written.insert((*name).to_owned());
        }
    }
    assert_eq!(written, fields_of::<T>(), "{}", record.doc);
}

fn record_in(record: &'static Record, path: &[&str]) -> &'static Record {
    let Some((first, rest)) = path.split_first() else { return record };
    let field = record.fields.iter().find(|it| it.name == *first).unwrap();
    record_in(inner(&field.form), rest)
}

fn inner(form: &'static Form) -> &'static Record {
    match form {
        Form::Record(it)
        | Form::NamedList(_, it)
        | Form::Short(_, _, it)
        | Form::Default(_, _, it) => it,
        Form::Map(_, it) | Form::List(it) | Form::Many(it) | Form::OneOrMany(it) => inner(it),
        _ => panic!("no record in {form:?}"),
    }
}

#[test]
fn components_agree() {
    check::<model::Workspace>(&workspace::WORKSPACE, &["rules"]); // the validator's business
    check::<model::Audience>(&workspace::AUDIENCE, &[]);
    check::<model::Level>(record_in(&workspace::AUDIENCE, &["levels"]), &["name"]);
    check::<model::Attribute>(record_in(&workspace::AUDIENCE, &["attributes"]), &[]);
    check::<model::ConsentRule>(record_in(&workspace::AUDIENCE, &["consent"]), &[]);
    check::<model::Channel>(&channel::CHANNEL, &[]);
    check::<model::Signal>(&channel::SIGNAL, &[]);
    let channel = |path: &[&str]| record_in(&channel::CHANNEL, path);
    check::<model::QuietHours>(channel(&["quiet_hours"]), &[]);
    check::<model::Zone>(channel(&["zones"]), &[]);
    check::<model::InteractionPoint>(channel(&["interaction_points"]), &[]);
    check::<model::Category>(channel(&["categories"]), &[]);
    check::<model::Event>(channel(&["events"]), &[]);
    check::<model::Property>(channel(&["events", "properties"]), &[]);
    check::<model::Conversion>(channel(&["events", "conversion"]), &[]);
    check::<model::Responses>(channel(&["responses"]), &[]);
    check::<model::Strategy>(&channel::STRATEGY, &[]);
    check::<model::Rule>(record_in(&channel::STRATEGY, &["rules"]), &[]);
    check::<model::Touchpoint>(&channel::TOUCHPOINT, &[]);
    check::<model::Uses>(record_in(&channel::TOUCHPOINT, &["uses"]), &[]);
    check::<model::Segment>(&content::SEGMENT, &[]);
    check::<model::Flowchart>(&content::FLOWCHART, &[]);
    check::<model::Offer>(&content::OFFER, &[]);
    check::<model::Period>(record_in(&content::OFFER, &["valid"]), &[]);
    check::<model::Cap>(record_in(&content::OFFER, &["cap"]), &[]);
    check::<model::Message>(&content::MESSAGE, &[]);
    check::<model::Policy>(&content::POLICY, &[]);
    check::<model::Limit>(record_in(&content::POLICY, &["limits"]), &[]);
    check::<model::Goal>(&content::GOAL, &[]);
    check::<model::Kpi>(record_in(&content::GOAL, &["kpi"]), &[]);
    check::<model::GoalSignature>(record_in(&content::GOAL, &["signed_off"]), &[]);
    check::<model::Scenario>(&scenario::SCENARIO, &[]);
    check::<model::Given>(record_in(&scenario::SCENARIO, &["given"]), &[]);
}

#[test]
fn environments_agree() {
    let environment = |path: &[&str]| record_in(&env_shape::ENVIRONMENT, path);
    check::<env::Environment>(&env_shape::ENVIRONMENT, &[]);
    check::<env::Server>(environment(&["servers"]), &[]);
    check::<env::Data>(environment(&["data"]), &[]);
    check::<env::Profiles>(environment(&["data", "profiles"]), &[]);
    check::<env::Gates>(environment(&["gates"]), &[]);
    check::<env::ScenariosGate>(environment(&["gates", "scenarios"]), &[]);
    check::<env::LoadGate>(environment(&["gates", "load"]), &[]);
    check::<env::SoakGate>(environment(&["gates", "soak"]), &[]);
    check::<env::ImpactGate>(environment(&["gates", "impact"]), &[]);
    check::<env::Need>(environment(&["approvals"]), &[]);
    check::<env::Person>(environment(&["people"]), &[]);
    check::<env::Bot>(environment(&["bots"]), &[]);
    check::<env::Runner>(environment(&["runners"]), &[]);
    check::<env::Freeze>(environment(&["freeze"]), &[]);
    check::<env::Window>(environment(&["windows"]), &[]);
    check::<env::RolloutStep>(environment(&["rollout"]), &[]);
    check::<env::Notify>(environment(&["notify"]), &[]);
}
