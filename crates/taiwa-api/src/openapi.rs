//! The OpenAPI 3.1 document, assembled from the list of doors and the schemas of the wire types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{
    Code, Door, Problem, Scope,
    door::{Answer, Row},
};

/// The document.
pub fn openapi(version: &str) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|it| it.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>().to_value();
    let mut paths = Map::new();
    for door in Door::ALL {
        let row = door.row();
        let entry = paths.entry(row.path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            let operation = operation(*door, &row, &problem, &mut generator);
            methods.insert(row.method.as_str().to_owned(), operation);
        }
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "taiwa runtime server",
            "version": version,
            "description": "What do we say to this person, here, now? Errors are problem details (RFC 9457) with a stable code.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer",
                    "description": format!("A key with scopes: {}.", Scope::ALL.map(Scope::as_str).join(", ")) },
            },
        },
    })
}

fn operation(
    door: Door,
    row: &Row,
    problem: &Value,
    generator: &mut schemars::SchemaGenerator,
) -> Value {
    let mut operation = json!({
        "operationId": door.id(),
        "summary": row.summary,
        "responses": responses(door, row, problem, generator),
    });
    let mut parameters: Vec<Value> = names(row.path)
        .map(|it| json!({ "name": it, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    if let Some(query) = row.query {
        let schema = query(generator).to_value();
        parameters.extend(query_parameters(&schema, generator));
    }
    if door.takes_sandbox() {
        parameters.push(json!({ "name": "Taiwa-Sandbox", "in": "header", "required": false,
            "schema": { "type": "string" }, "description": "Act in this sandbox." }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = row.body {
        operation["requestBody"] = json!({ "required": true, "content": content(body, generator) });
    }
    if let Some(scope) = row.scope {
        operation["security"] = json!([{ "key": [scope.as_str()] }]);
    } else {
        operation["security"] = json!([]);
    }
    operation
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
}

fn query_parameters(schema: &Value, generator: &schemars::SchemaGenerator) -> Vec<Value> {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.rsplit('/').next());
    let resolved = name.and_then(|it| generator.definitions().get(it)).unwrap_or(schema);
    let required = resolved.get("required").and_then(Value::as_array);
    let fields = resolved.get("properties").and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let required = required.is_some_and(|it| it.contains(&name.as_str().into()));
            json!({ "name": name, "in": "query", "required": required, "schema": schema })
        })
        .collect()
}

fn content(answer: Answer, generator: &mut schemars::SchemaGenerator) -> Value {
    match answer {
        Answer::Json(schema) => {
            json!({ "application/json": { "schema": schema(generator).to_value() } })
        }
        Answer::AnyJson => json!({ "application/json": { "schema": {} } }),
        Answer::Bytes => json!({ "application/octet-stream": {} }),
        Answer::Text => json!({ "text/plain": { "schema": { "type": "string" } } }),
    }
}

fn responses(
    door: Door,
    row: &Row,
    problem: &Value,
    generator: &mut schemars::SchemaGenerator,
) -> Value {
    let mut responses = Map::new();
    let good = json!({ "description": row.summary, "content": content(row.answer, generator) });
    if matches!(door, Door::SessionEvent | Door::Event) {
        responses.insert(
            "202".to_owned(),
            json!({ "description": "Nobody declared the event: counted and proposed",
                "content": content(row.answer, generator) }),
        );
    }
    if door == Door::Readyz {
        responses.insert("503".to_owned(), good.clone());
    }
    responses.insert("200".to_owned(), good);
    let mut codes = row.codes.to_vec();
    codes.extend([Code::BadRequest, Code::Timeout, Code::Overloaded, Code::Bug, Code::StoreFailed]);
    if row.scope.is_some() {
        codes.extend([Code::Unauthorized, Code::ScopeMissing]);
    }
    if row.body.is_some() {
        codes.extend([
            Code::MalformedJson,
            Code::InvalidInput,
            Code::TooLarge,
            Code::UnsupportedMediaType,
        ]);
    }
    if row.query.is_some() {
        codes.push(Code::InvalidInput);
    }
    if door.takes_sandbox() {
        codes.push(Code::UnknownSandbox);
    }
    codes.sort_unstable();
    codes.dedup();
    for status in codes.iter().map(|it| it.status()) {
        let words: Vec<_> =
            codes.iter().filter(|it| it.status() == status).map(|it| it.as_str()).collect();
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({ "description": words.join(", "),
                "content": { "application/problem+json": { "schema": problem } } })
        });
    }
    responses.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_door_is_listed_and_nothing_else() {
        let document = openapi("0.0.0");
        let listed: usize = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|it| it.as_object().unwrap().len())
            .sum();
        assert_eq!(listed, Door::ALL.len());
        for door in Door::ALL {
            let operation = &document["paths"][door.path()][door.method().as_str()];
            assert_eq!(operation["operationId"], door.id());
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = openapi("0.0.0");
        let text = document.to_string();
        let mut found = 0;
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            found += 1;
        }
        assert!(found > 40, "{found}");
    }
}
