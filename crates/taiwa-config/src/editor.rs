//! What an editor needs to help while somebody types: schemas, which file has which, and how files are laid out.
//!
//! Two ways lead an editor to a schema, because not every editor knows both: settings of VS Code, which name folders,
//! and a first line in a file, which every editor with yaml-language-server reads. Deliberately absent: writing files.

use serde_json::{Map, json};
use taiwa_model::{ComponentId, Kind};

use crate::{FileKind, FilePlace, place_of, shape::json_schema};

/// The folder of the schemas in a workspace that has them beside it.
pub const SCHEMAS: &str = ".taiwa/schemas";

const EDITORCONFIG: &str = "\
root = true

[*.yaml]
charset = utf-8
end_of_line = lf
indent_style = space
indent_size = 2
insert_final_newline = true
trim_trailing_whitespace = true
";

const GITATTRIBUTES: &str = "\
# A mark pins the bytes of a file: they are the same on every machine.
*.yaml text eol=lf
.taiwa/schemas/*.json linguist-generated
";

/// A schema for each kind of file: path and text.
pub fn schemas(folder: &str) -> Vec<(String, String)> {
    let kinds = FileKind::all().chain([FileKind::Marks]);
    kinds.map(|it| (format!("{folder}/{}.json", it.as_str()), pretty(&json_schema(it)))).collect()
}

/// Settings of VS Code: which file has which of the schemas in `folder`.
pub fn settings(folder: &str) -> String {
    let kinds = FileKind::all().chain([FileKind::Marks]);
    let schemas: Map<_, _> =
        kinds.map(|it| (format!("./{folder}/{}.json", it.as_str()), json!(glob(it)))).collect();
    pretty(&json!({
        "yaml.schemas": schemas,
        "[yaml]": {
            "editor.insertSpaces": true,
            "editor.tabSize": 2,
            "editor.quickSuggestions": { "other": true, "comments": false, "strings": true },
        },
    }))
}

/// The other files of a workspace that editors and git read, with their paths.
pub fn layout() -> [(&'static str, &'static str); 3] {
    [
        (".editorconfig", EDITORCONFIG),
        (".gitattributes", GITATTRIBUTES),
        (".vscode/extensions.json", "{\n  \"recommendations\": [\"redhat.vscode-yaml\"]\n}\n"),
    ]
}

/// The first line by which an editor finds the schema of the file at `path`, with its line break; none for a file that
/// has no schema.
pub fn modeline(path: &str, folder: &str) -> Option<String> {
    let kind = match place_of(path) {
        FilePlace::Component(ComponentId { kind, .. }, _) => FileKind::Component(kind),
        FilePlace::Environment(_) => FileKind::Environment,
        FilePlace::Marks(_) => FileKind::Marks,
        FilePlace::Foreign | FilePlace::Misplaced(..) => return None,
    };
    let up = "../".repeat(path.matches('/').count());
    Some(format!("# yaml-language-server: $schema={up}{folder}/{}.json\n", kind.as_str()))
}

/// The files of a kind.
fn glob(kind: FileKind) -> String {
    match kind {
        FileKind::Environment => "environments/*/environment.yaml".into(),
        FileKind::Marks => "environments/*/marks.yaml".into(),
        FileKind::Component(Kind::Workspace) => "taiwa.yaml".into(),
        FileKind::Component(Kind::Audience) => "channels/shared/audience.yaml".into(),
        FileKind::Component(kind) => match kind.folder() {
            Some(folder) => format!("channels/*/{folder}/*.yaml"),
            None => format!("channels/*/{}.yaml", kind.as_str()),
        },
    }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expect: Option<&str>) {
        let expect = expect.map(|it| format!("# yaml-language-server: $schema={it}\n"));
        assert_eq!(modeline(path, SCHEMAS), expect, "{path}");
    }

    #[test]
    fn a_file_leads_to_its_schema() {
        check("taiwa.yaml", Some(".taiwa/schemas/workspace.json"));
        check("channels/a/offers/b.yaml", Some("../../../.taiwa/schemas/offer.json"));
        check("channels/a/strategy.yaml", Some("../../.taiwa/schemas/strategy.json"));
        check("environments/a/marks.yaml", Some("../../.taiwa/schemas/marks.json"));
        check("environments/a/profiles.csv", None);
        check("channels/a/offer/b.yaml", None);
    }

    #[test]
    fn every_schema_has_its_files() {
        let settings = settings(SCHEMAS);
        for (path, text) in schemas(SCHEMAS) {
            assert!(settings.contains(&format!("\"./{path}\": \"")), "{path}");
            assert!(text.ends_with("}\n"));
        }
        assert!(settings.contains(r#""./.taiwa/schemas/offer.json": "channels/*/offers/*.yaml""#));
    }
}
