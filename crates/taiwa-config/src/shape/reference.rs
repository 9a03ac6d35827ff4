//! Shapes as tables for the reference: one table a record, in the order in which they are met.

use super::{Field, Form, Record, Variant, shape_of};
use crate::FileKind;

/// The reference of a kind of file, as Markdown: what it is, and a table of entries for each record in it.
pub fn reference(kind: FileKind) -> String {
    let Some(shape) = shape_of(kind) else { return String::new() };
    let mut page = Page { lines: vec![shape.doc.to_owned()], waiting: Vec::new() };
    page.record(shape, "");
    let mut done: Vec<String> = Vec::new();
    while !page.waiting.is_empty() {
        let (path, part) = page.waiting.remove(0);
        if done.contains(&path) {
            continue;
        }
        page.lines.extend([String::new(), format!("### `{path}`"), String::new()]);
        match part {
            Part::Record(record) => {
                page.lines.push(record.doc.to_owned());
                page.record(record, &path);
            }
            Part::Variants(variants) => page.variants(variants, &path),
        }
        done.push(path);
    }
    page.lines.push(String::new());
    page.lines.join("\n")
}

/// What has a table of its own.
enum Part {
    Record(&'static Record),
    Variants(&'static [Variant]),
}

struct Page {
    lines: Vec<String>,
    /// Parts that still need their table, by where they stand.
    waiting: Vec<(String, Part)>,
}

impl Page {
    fn record(&mut self, record: &Record, path: &str) {
        let fields: Vec<&Field> = record.fields.iter().collect();
        self.table(&fields, path);
        if let Some(it) = record.other {
            self.lines.push(format!(
                "| *{}* | {} | yes | {} |",
                it.label,
                &*it.form.words(),
                it.doc
            ));
            parts(&it.form, &below(path, it.label), &mut self.waiting);
        }
    }

    fn variants(&mut self, variants: &[Variant], path: &str) {
        self.lines.push("One of these forms:".into());
        for it in variants.iter().filter(|it| !it.later) {
            self.lines.extend([String::new(), it.first.doc.to_owned()]);
            let mut fields = vec![&it.first];
            fields.extend(it.rest);
            self.table(&fields, path);
        }
        let later = variants.iter().filter(|it| it.later);
        let later: Vec<String> = later.map(|it| format!("`{}`", it.first.name)).collect();
        if !later.is_empty() {
            let words = format!("Not supported by this version: {}.", later.join(", "));
            self.lines.extend([String::new(), words]);
        }
    }

    fn table(&mut self, fields: &[&Field], path: &str) {
        let head = ["", "| entry | what | required | meaning |", "|---|---|---|---|"];
        self.lines.extend(head.map(str::to_owned));
        for it in fields.iter().filter(|it| !it.later) {
            let required = if it.required { "yes" } else { "" };
            let what = it.form.words().replace('|', "\\|");
            self.lines.push(format!("| `{}` | {what} | {required} | {} |", it.name, it.doc));
            parts(&it.form, &below(path, it.name), &mut self.waiting);
        }
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
        Form::List(item) | Form::Many(item) | Form::OneOrMany(item) => parts(item, path, waiting),
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
