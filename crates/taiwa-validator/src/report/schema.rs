//! The JSON Schema of the report for programs, made from the types that write it.

use serde_json::{Value, json};

use super::JsonReport;

/// JSON Schema (2020-12) of what `taiwa validate --format json` answers: the report, and beside it, where the answer is
/// a no, what every command says of itself then.
pub fn report_schema() -> Value {
    let mut schema = schemars::schema_for!(JsonReport).to_value();
    schema["title"] = json!("taiwa: report");
    schema["properties"]["version"] = json!({ "const": 1, "description": "Of this form." });
    let ends = [
        ("command", json!("string"), "The command that answered."),
        ("ok", json!("boolean"), "Whether the answer is yes."),
        ("exit", json!("integer"), "The exit code."),
        ("reason", json!("string"), "The stable word for the no: `findings`."),
        ("help", json!("array"), "What to do next."),
        ("message", json!("string"), "The no in words."),
    ];
    for (name, kind, doc) in ends {
        schema["properties"][name] = json!({ "type": kind, "description": doc });
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_described() {
        let schema = report_schema();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let mut all = vec![&schema];
        all.extend(schema["$defs"].as_object().unwrap().values());
        assert!(all.len() > 6, "{}", all.len());
        for one in all {
            for (name, field) in one["properties"].as_object().unwrap() {
                assert!(field["description"].is_string(), "{name} of {one}");
            }
        }
        assert_eq!(schema["additionalProperties"], false);
    }
}
