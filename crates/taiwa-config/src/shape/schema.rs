//! Shapes as JSON Schema (2020-12), for editors: completion, hover texts and squiggles while typing.
//!
//! The schema accepts what people write, not the normalised form. It is looser than the reader where JSON Schema would need
//! pages (dates, currencies), never stricter. Journeys and marks have schemas too: the first accepts anything.

use serde_json::{Map, Value as Json, json};

use super::{Field, Form, Make, Record, Spelling, Variant, shape_of};
use crate::FileKind;

/// The JSON Schema (2020-12) of a kind of file, for editors.
pub fn json_schema(kind: FileKind) -> Json {
    let mut schema = match (shape_of(kind), kind) {
        (Some(shape), _) => record(shape),
        (None, FileKind::Marks) => marks(),
        (None, _) => json!({ "type": "object" }),
    };
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        object.insert("title".into(), format!("taiwa: {}", kind.as_str()).into());
        if let Some(shape) = shape_of(kind) {
            let label = format!("new {}", kind.as_str());
            object.insert("defaultSnippets".into(), snippet(&label, shape));
        }
    }
    schema
}

fn marks() -> Json {
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "components": {
                "description": "What is marked, component by component: full ids of git blobs.",
                "type": ["object", "null"],
                "propertyNames": { "pattern": "^[a-z]+/[a-z0-9-]+$" },
                "additionalProperties": { "type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$" },
            },
            "release": { "description": "The digest of a release.", "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
        },
    })
}

fn record(it: &Record) -> Json {
    let fields: Vec<&Field> = it.fields.iter().collect();
    let mut schema = object(&fields, it.doc);
    if let (Some(other), Some(schema)) = (it.other, schema.as_object_mut()) {
        let mut person = form(&other.form);
        describe(&mut person, other.doc);
        schema.insert("additionalProperties".into(), person);
        schema.insert("minProperties".into(), 2.into());
    }
    schema
}

fn object(fields: &[&Field], doc: &str) -> Json {
    let mut properties = Map::new();
    for field in fields.iter().filter(|it| !it.later) {
        let mut schema = form(&field.form);
        describe(&mut schema, field.doc);
        properties.insert(field.name.into(), schema);
    }
    let required: Vec<&str> = fields.iter().filter(|it| it.required).map(|it| it.name).collect();
    let mut schema =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if !doc.is_empty() {
        describe(&mut schema, doc);
    }
    schema
}

fn variant(it: &Variant) -> Json {
    let mut fields = vec![&it.first];
    fields.extend(it.rest);
    let mut schema = object(&fields, it.first.doc);
    let mut required: Vec<&str> =
        it.rest.iter().filter(|it| it.required).map(|it| it.name).collect();
    required.insert(0, it.first.name);
    schema["required"] = required.into();
    schema
}

fn describe(schema: &mut Json, doc: &str) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), doc.into());
        if doc.contains('`') {
            schema.insert("markdownDescription".into(), doc.into());
        }
    }
}

fn form(it: &Form) -> Json {
    let text = || json!({ "type": ["string", "number", "boolean"] });
    match it {
        Form::Text | Form::Reference(_) => text(),
        Form::Condition => json!({
            "type": ["string", "boolean"],
            "examples": ["profile.tier == \"gold\"", "in_segment(\"gold\")", "!accepted(\"offer\", \"30d\")"],
        }),
        Form::Made(make) => made(*make),
        Form::Word(spelling) | Form::Declared(spelling) => {
            json!({
                "type": "string",
                "pattern": pattern(*spelling),
                "patternErrorMessage": format!("write it like {}", example(*spelling)),
            })
        }
        Form::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Form::Bool | Form::Opposite => json!({ "type": "boolean" }),
        Form::BoolOr(word, doc) => json!({
            "anyOf": [{ "type": "boolean" }, { "const": word, "description": doc }],
        }),
        Form::Choice(words) => json!({
            "enum": words.iter().map(|it| it.0).collect::<Vec<_>>(),
            "enumDescriptions": words.iter().map(|it| it.1).collect::<Vec<_>>(),
        }),
        Form::Switch(no, yes) => json!({ "enum": [no, yes] }),
        Form::Value => {
            json!({ "type": ["string", "number", "boolean", "array"], "items": { "type": ["string", "integer"] } })
        }
        Form::Title => json!({ "anyOf": [text(), named(Spelling::Locale, &text())] }),
        Form::List(item) => json!({ "type": "array", "items": listed(item) }),
        Form::Many(item) => json!({ "type": "array", "items": listed(item), "minItems": 1 }),
        Form::OneOrMany(item) => {
            json!({ "anyOf": [form(item), { "type": "array", "items": form(item) }] })
        }
        Form::Record(shape) => record(shape),
        Form::Map(spelling, value) => named(*spelling, &form(value)),
        Form::NamedList(spelling, shape) => named(*spelling, &record(shape)),
        Form::Short(short, _, long) => json!({ "anyOf": [form(short), record(long)] }),
        Form::Default(_, _, long) => json!({ "anyOf": [{ "type": "boolean" }, record(long)] }),
        Form::Variants(variants) => {
            let known: Vec<Json> = variants.iter().filter(|it| !it.later).map(variant).collect();
            json!({ "oneOf": known })
        }
        Form::Score => {
            json!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1000 }, { "type": "string" }] })
        }
        Form::FieldKind => {
            json!({ "type": "string", "pattern": "^(string(\\([1-9][0-9]*\\))?|url|number|bool|list)$" })
        }
        Form::Interactions => json!({ "anyOf": [
            { "const": "standard" },
            { "type": "array", "items": { "type": "string", "pattern": pattern(Spelling::Snake) } },
            named(Spelling::Snake, &record(&super::SIGNAL)),
        ] }),
        Form::Event(_) | Form::Fallback => json!({ "type": "string" }),
        Form::Format => json!({ "const": 1 }),
    }
}

/// An item of a list; a record can be written in one go.
fn listed(item: &Form) -> Json {
    let mut schema = form(item);
    if let Form::Record(shape) = item {
        schema["defaultSnippets"] = snippet("new entry", shape);
    }
    schema
}

fn named(spelling: Spelling, value: &Json) -> Json {
    json!({ "type": "object", "propertyNames": { "pattern": pattern(spelling) }, "additionalProperties": value })
}

/// A name that is spelled so.
const fn example(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::Kebab => "web-store",
        Spelling::Snake => "add_to_cart",
        Spelling::Locale => "ja-JP",
        Spelling::Field => "headline",
        Spelling::Code => "TW0105",
        Spelling::Elsewhere => "gold",
    }
}

const fn pattern(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::Kebab => "^[a-z0-9]+(-[a-z0-9]+)*$",
        Spelling::Snake => "^[a-z][a-z0-9]*(_[a-z0-9]+)*$",
        Spelling::Locale => "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        Spelling::Field => "^[A-Za-z][A-Za-z0-9_-]*$",
        Spelling::Code => "^TW[0-9]{4}$",
        Spelling::Elsewhere => "^.+$",
    }
}

fn made(make: Make) -> Json {
    let pattern = match make {
        Make::Duration => "^[0-9]+(ms|s|m|h|d|w)$",
        Make::Moment => "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
        Make::Clock => "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        Make::Locale => pattern(Spelling::Locale),
        Make::Currency => "^[A-Z]{3}$",
        Make::Measure => "^(count|people|sum\\(.+\\)|rate\\(.+/.+\\))$",
        Make::Percent => "^[0-9]+(\\.[0-9]{1,2})?%$",
        Make::Rate => "^[0-9.]+/s$",
        Make::Secret => "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$",
        Make::ServerUrl => "^https?://",
        Make::Hook => "^(https?://|\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$)",
        Make::Zone | Make::Link | Make::PublicKey | Make::Path => {
            return json!({ "type": "string", "examples": examples(make) });
        }
    };
    json!({
        "type": "string",
        "pattern": pattern,
        "patternErrorMessage": format!("expected {}", make.words().as_str()),
        "examples": examples(make),
    })
}

/// What an editor proposes.
const fn examples(make: Make) -> &'static [&'static str] {
    match make {
        Make::Duration => &["30m", "12h", "7d", "30d"],
        Make::Moment => &["2027-01-31", "2027-01-31T09:00"],
        Make::Clock => &["21:00"],
        Make::Locale => &["en", "ja", "ja-JP"],
        Make::Zone => &["Asia/Tokyo", "Europe/Berlin", "UTC"],
        Make::Currency => &["JPY", "EUR", "USD"],
        Make::Measure => &["count", "people", "sum(amount)", "rate(web-store/visit)"],
        Make::Percent => &["5%", "50%"],
        Make::Rate => &["500/s"],
        Make::Secret => &["${TAIWA_STAGING_TOKEN}"],
        Make::ServerUrl => &["https://tokyo-1.contoso.example"],
        Make::Hook => &["${TAIWA_HOOK_URL}", "https://hooks.contoso.example/taiwa"],
        Make::Link => &["https://www.contoso.example/coffee"],
        Make::PublicKey => &["ssh-ed25519 AAAA… name@contoso.example"],
        Make::Path => &["environments/staging/profiles.csv"],
    }
}

/// What an editor writes for a whole record: the required fields, one stop of the cursor each.
fn snippet(label: &str, record: &Record) -> Json {
    let mut stops = 0;
    json!([{ "label": label, "description": record.doc, "body": body(record, &mut stops) }])
}

fn body(record: &Record, stops: &mut usize) -> Json {
    let required = record.fields.iter().filter(|it| it.required && !it.later);
    let fields = required.map(|it| (it.name.to_owned(), stop(&it.form, stops)));
    Json::Object(fields.collect())
}

fn stop(form: &Form, stops: &mut usize) -> Json {
    match form {
        Form::Record(inner) => body(inner, stops),
        Form::List(item) | Form::Many(item) => json!([stop(item, stops)]),
        Form::Format => json!(1),
        _ => {
            *stops += 1;
            // Braces would end the stop early.
            let words = form.words().as_str().replace(['{', '}', '$', '`'], "");
            json!(format!("${{{stops}:{words}}}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_schema_with_words() {
        for kind in FileKind::all().chain([FileKind::Marks]) {
            let schema = json_schema(kind);
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                assert!(
                    field["description"].as_str().is_some_and(|it| it.ends_with('.')),
                    "{kind:?} {name}"
                );
            }
        }
    }

    #[test]
    fn a_schema_says_what_is_required_and_allowed() {
        let schema = json_schema(FileKind::Component(taiwa_model::Kind::Strategy));
        let rule = &schema["properties"]["rules"]["items"];
        assert_eq!(rule["required"], json!(["zone", "segment", "offer", "score"]));
        assert_eq!(rule["additionalProperties"], false);
        let scenario = json_schema(FileKind::Component(taiwa_model::Kind::Scenario));
        let steps = scenario["properties"]["steps"]["items"]["oneOf"].as_array().map(Vec::len);
        assert_eq!(steps, Some(5), "what this version refuses is not offered");
    }
}
