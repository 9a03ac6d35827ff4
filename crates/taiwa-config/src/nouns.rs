//! What the things of a workspace are called in sentences.
//!
//! **Invariant.** Every kind of component and everything that a reference of a shape leads to has a noun here.

use taiwa_text::{Text, say};

/// The noun for a kind of component or a part of one, by its English word; an unknown word is left as it is.
pub fn noun(word: &str) -> Text {
    match word {
        "workspace" => say!(en: "workspace", ja: "ワークスペース"),
        "audience" => say!(en: "audience", ja: "オーディエンス"),
        "channel" => say!(en: "channel", ja: "チャネル"),
        "strategy" => say!(en: "strategy", ja: "ストラテジー"),
        "touchpoint" => say!(en: "touchpoint", ja: "タッチポイント"),
        "goal" => say!(en: "goal", ja: "目標"),
        "segment" => say!(en: "segment", ja: "セグメント"),
        "flowchart" => say!(en: "flowchart", ja: "フローチャート"),
        "offer" => say!(en: "offer", ja: "オファー"),
        "message" => say!(en: "message", ja: "メッセージ"),
        "policy" => say!(en: "policy", ja: "コンタクトポリシー"),
        "scenario" => say!(en: "scenario", ja: "シナリオ"),
        "journey" => say!(en: "journey", ja: "ジャーニー"),
        "attribute" => say!(en: "attribute", ja: "属性"),
        "category" => say!(en: "category", ja: "カテゴリー"),
        "environment" => say!(en: "environment", ja: "環境"),
        "event" => say!(en: "event", ja: "イベント"),
        "interaction point" => say!(en: "interaction point", ja: "インタラクションポイント"),
        "level" => say!(en: "level", ja: "レベル"),
        "node" => say!(en: "node", ja: "ノード"),
        "property" => say!(en: "property", ja: "プロパティ"),
        "purpose" => say!(en: "purpose", ja: "目的"),
        "server" => say!(en: "server", ja: "サーバー"),
        "person" => say!(en: "person", ja: "人"),
        "signal" => say!(en: "signal", ja: "シグナル"),
        "zone" => say!(en: "zone", ja: "ゾーン"),
        other => Text::same(other),
    }
}

#[cfg(test)]
mod tests {
    use taiwa_model::Kind;

    use super::*;
    use crate::shape::{Form, Record, shape_of};

    fn references(record: &Record, found: &mut Vec<&'static str>) {
        for field in record.fields {
            form(&field.form, found);
        }
        if let Some(other) = &record.other {
            form(&other.form, found);
        }
    }

    fn form(of: &Form, found: &mut Vec<&'static str>) {
        match of {
            Form::Reference(word) => found.push(word),
            Form::List(it) | Form::Many(it) | Form::OneOrMany(it) | Form::Map(_, it) => {
                form(it, found);
            }
            Form::Record(it) | Form::NamedList(_, it) | Form::Default(_, _, it) => {
                references(it, found);
            }
            Form::Short(short, _, long) => {
                form(short, found);
                references(long, found);
            }
            Form::Variants(all) => {
                for variant in *all {
                    form(&variant.first.form, found);
                    variant.rest.iter().for_each(|it| form(&it.form, found));
                }
            }
            _ => {}
        }
    }

    #[test]
    fn everything_has_a_noun_in_both_languages() {
        let mut words: Vec<&str> = Kind::ALL.into_iter().map(Kind::as_str).collect();
        let kinds = words.len();
        for kind in Kind::ALL {
            if let Some(shape) = shape_of(crate::FileKind::Component(kind)) {
                references(shape, &mut words);
            }
        }
        references(shape_of(crate::FileKind::Environment).unwrap(), &mut words);
        assert!(words.len() > kinds + 20);
        for word in words {
            let text = noun(word);
            assert!(text == word && text.speaks_japanese(), "{word}");
        }
    }
}
