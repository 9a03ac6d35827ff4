//! Shapes as tables for the reference: one table a record, in the order in which they are met.

use super::{Field, Form, Record, Variant, shape_of};
use crate::FileKind;

/// The reference of a kind of file, as Markdown: what it is, and a table of entries for each record in it.
pub fn reference(kind: FileKind) -> String {
    let Some(shape) = shape_of(kind) else { return String::new() };
    let mut out = format!("{}\n", shape.doc);
    let fields: Vec<&Field> = shape.fields.iter().collect();
    let mut waiting = Vec::new();
    table(&mut out, &fields, "", &mut waiting);
    other(&mut out, shape, "", &mut waiting);
    let mut done: Vec<String> = Vec::new();
    while let Some((path, part)) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
        if done.contains(&path) {
            continue;
        }
        match part {
            Part::Record(record) => {
                out.push_str(&format!("\n### `{path}`\n\n{}\n", record.doc));
                let fields: Vec<&Field> = record.fields.iter().collect();
                table(&mut out, &fields, &path, &mut waiting);
                other(&mut out, record, &path, &mut waiting);
            }
            Part::Variants(variants) => {
                out.push_str(&format!("\n### `{path}`\n\nOne of these forms:\n"));
                for it in variants.iter().filter(|it| !it.later) {
                    let mut fields = vec![&it.first];
                    fields.extend(it.rest);
                    out.push_str(&format!("\n{}\n", it.first.doc));
                    table(&mut out, &fields, &path, &mut waiting);
                }
                let later: Vec<String> = variants
                    .iter()
                    .filter(|it| it.later)
                    .map(|it| format!("`{}`", it.first.name))
                    .collect();
                if !later.is_empty() {
                    out.push_str(&format!(
                        "\nNot supported by this version: {}.\n",
                        later.join(", ")
                    ));
                }
            }
        }
        done.push(path);
    }
    out
}

/// What has a table of its own.
enum Part {
    Record(&'static Record),
    Variants(&'static [Variant]),
}

fn table(out: &mut String, fields: &[&Field], path: &str, waiting: &mut Vec<(String, Part)>) {
    out.push_str("\n| entry | what | required | meaning |\n|---|---|---|---|\n");
    for it in fields {
        let required = if it.required { "yes" } else { "" };
        let what = it.form.words().replace('|', "\\|");
        out.push_str(&format!("| `{}` | {what} | {required} | {} |\n", it.name, it.doc));
        parts(&it.form, &below(path, it.name), waiting);
    }
}

fn other(out: &mut String, record: &Record, path: &str, waiting: &mut Vec<(String, Part)>) {
    if let Some(it) = record.other {
        out.push_str(&format!("| *{}* | {} | yes | {} |\n", it.label, it.form.words(), it.doc));
        parts(&it.form, &below(path, it.label), waiting);
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn parts(form: &Form, path: &str, waiting: &mut Vec<(String, Part)>) {
    match *form {
        Form::Record(record) | Form::Short(_, _, record) | Form::Default(_, _, record) => {
            waiting.push((path.to_owned(), Part::Record(record)));
        }
        Form::NamedList(_, record) => waiting.push((format!("{path}.NAME"), Part::Record(record))),
        Form::Map(_, value) => parts(value, &format!("{path}.NAME"), waiting),
        Form::List(item) | Form::OneOrMany(item) => parts(item, path, waiting),
        Form::Variants(variants) => waiting.push((path.to_owned(), Part::Variants(variants))),
        Form::Interactions => waiting.push((format!("{path}.NAME"), Part::Record(&super::SIGNAL))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_reference_with_every_entry() {
        for kind in FileKind::all() {
            let text = reference(kind);
            let shape = shape_of(kind).unwrap();
            assert!(text.starts_with(shape.doc));
            for field in shape.fields {
                assert!(text.contains(&format!("| `{}` |", field.name)), "{kind:?} {}", field.name);
            }
        }
        let scenario = reference(FileKind::Component(taiwa_model::Kind::Scenario));
        assert!(
            scenario.contains("### `steps.offers`")
                && scenario.contains("Not supported by this version: `interaction`.")
        );
    }
}
