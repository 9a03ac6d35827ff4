//! The JSON Schemas accept what the reader accepts: every file of the sample, read by another YAML reader; and the tree of
//! this one says the same as that reader.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the sample")]

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use taiwa_config::{FileKind, FilePlace, place_of, shape::json_schema};
use taiwa_syntax::{Limits, NodeId, NodeKind, Tree, parse};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(path);
        }
    }
}

fn sample() -> Vec<(String, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut found = vec![root.join("taiwa.yaml")];
    files(&root.join("channels"), &mut found);
    files(&root.join("environments"), &mut found);
    let relative =
        |it: &PathBuf| it.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    found.iter().map(|it| (relative(it), std::fs::read_to_string(it).unwrap())).collect()
}

/// As much of JSON Schema as the schemas use, patterns aside.
fn accepts(schema: &Json, json: &Json) -> Result<(), String> {
    let fits = |of: &str| {
        schema[of].as_array().map(|all| all.iter().filter(|it| accepts(it, json).is_ok()).count())
    };
    if fits("oneOf").is_some_and(|it| it != 1) || fits("anyOf") == Some(0) {
        return Err(format!("{json} fits none, or several, of {schema}"));
    }
    if schema.get("const").is_some_and(|it| it != json)
        || schema["enum"].as_array().is_some_and(|it| !it.contains(json))
    {
        return Err(format!("{json} is not {schema}"));
    }
    let of_type = |name: &Json| match name.as_str().unwrap() {
        "object" => json.is_object(),
        "array" => json.is_array(),
        "string" => json.is_string(),
        "boolean" => json.is_boolean(),
        "number" => json.is_number(),
        "integer" => json.is_i64(),
        "null" => json.is_null(),
        other => panic!("{other}"),
    };
    let typed = match &schema["type"] {
        Json::Null => true,
        Json::Array(all) => all.iter().any(of_type),
        one => of_type(one),
    };
    if !typed {
        return Err(format!("{json} is not of {}", schema["type"]));
    }
    for item in json.as_array().into_iter().flatten() {
        schema.get("items").map_or(Ok(()), |it| accepts(it, item))?;
    }
    let Some(object) = json.as_object() else { return Ok(()) };
    for name in schema["required"].as_array().into_iter().flatten() {
        object.get(name.as_str().unwrap()).ok_or_else(|| format!("{name} is missing in {json}"))?;
    }
    for (name, value) in object {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(it), _) => accepts(it, value).map_err(|it| format!("{name}: {it}"))?,
            (None, Json::Bool(false)) => return Err(format!("{name} is not known")),
            (None, Json::Null | Json::Bool(true)) => {}
            (None, it) => accepts(it, value).map_err(|it| format!("{name}: {it}"))?,
        }
    }
    Ok(())
}

#[test]
fn the_sample_fits_its_schemas() {
    let sample = sample();
    assert!(sample.len() > 30);
    for (path, text) in sample {
        let json: Json = serde_yaml::from_str(&text).unwrap_or_else(|it| panic!("{path}: {it}"));
        let kind = match place_of(&path) {
            FilePlace::Component(id, _) => FileKind::Component(id.kind),
            FilePlace::Environment(_) => FileKind::Environment,
            FilePlace::Marks(_) => FileKind::Marks,
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(accepts(&json_schema(kind), &json), Ok(()), "{path}");
    }
}

#[test]
fn a_schema_refuses_what_the_reader_refuses() {
    let strategy = json_schema(FileKind::Component(taiwa_model::Kind::Strategy));
    for bad in [
        "{}",
        r#"{"rules":[{"zone":"z","segment":"s","offer":"o"}]}"#,
        r#"{"rules":[{"zone":"z","segment":"s","offer":"o","score":1,"x":1}]}"#,
        r#"{"rules":{},"arbitration":{}}"#,
        r#"{"rules":[],"arbitration":{"z":"luck"}}"#,
    ] {
        assert!(accepts(&strategy, &serde_json::from_str(bad).unwrap()).is_err(), "{bad}");
    }
}

/// Structure and texts; what a plain scalar means is not the tree's to say.
fn same(tree: &Tree, id: NodeId, other: &Json) -> bool {
    match (&tree.node(id).kind, other) {
        (NodeKind::Scalar { text, .. }, Json::String(it)) => text == it,
        (NodeKind::Scalar { text, .. }, Json::Null) => {
            text.is_empty() || text == "~" || text == "null"
        }
        (NodeKind::Scalar { text, .. }, it) => {
            text.parse::<f64>().ok() == it.as_f64() && it.is_number()
                || it.as_bool().is_some_and(|it| text.parse() == Ok(it))
        }
        (NodeKind::List { items, .. }, Json::Array(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| same(tree, *a, b))
        }
        (NodeKind::Map { entries, .. }, Json::Object(others)) => {
            let found = |(key, value): &(NodeId, NodeId)| {
                tree.scalar(*key)
                    .and_then(|it| others.get(it))
                    .is_some_and(|it| same(tree, *value, it))
            };
            entries.len() == others.len() && entries.iter().all(found)
        }
        _ => false,
    }
}

#[test]
fn another_reader_reads_the_same() {
    for (path, text) in sample() {
        let (tree, remarks) = parse(&text, &Limits::FILE);
        assert_eq!(remarks, [], "{path}");
        let other: Json = serde_yaml::from_str(&text).unwrap();
        match tree.root() {
            Some(root) => assert!(same(&tree, root, &other), "{path}"),
            None => assert_eq!(other, Json::Null, "{path}"),
        }
    }
}
