//! Rule TW0542, draft-text.

use taiwa_model::Value;
use taiwa_text::{Finding, say};

use crate::{Check, Context, treatments::treatments};

rule! {
    /// ## What it does
    /// Finds texts of treatments that say of themselves that they are not ready: `TODO`, `TBD`, `FIXME`, `lorem ipsum`,
    /// `ダミー`, `仮テキスト`.
    ///
    /// ## Why it matters
    /// Everybody has seen one on a live page. While people edit it is a reminder; production does not take it.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: TODO ask Hanako } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static DRAFT_TEXT = {
        code: "TW0542",
        name: "draft-text",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
`TODO`、`TBD`、`FIXME`、`lorem ipsum`、`ダミー`、`仮テキスト` など、未完成であることを示すトリートメントの文を見つけます。

## なぜ大切か
公開中のページで見たことのある人は多いはずです。編集中は注意にとどまり、本番環境には通りません。
",
        check: Check::Project(check),
    }
}

const WORDS: [&str; 4] = ["TODO", "TBD", "FIXME", "XXX"];
const PHRASES: [&str; 6] =
    ["lorem ipsum", "ダミーテキスト", "ダミー文", "仮テキスト", "仮文言", "（仮）"];

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in treatments(cx.components) {
        for (locale, content) in it.treatment {
            for (field, value) in content {
                let Value::Text(text) = value else { continue };
                let Some(word) = draft(text) else { continue };
                let path = format!("{}/{locale}/{field}", it.path);
                let message = say!(
                    en: "this text is a draft: it says `{word}`",
                    ja: "この文は下書きです（`{word}` とあります）",
                );
                findings.push(cx.at(&DRAFT_TEXT, &it.id, &path, message).help(say!(
                    en: "write what customers should read",
                    ja: "顧客に読んでもらう文に書き換えてください",
                )));
            }
        }
    }
}

/// The word by which a text says that it is not ready.
fn draft(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let lower = text.to_lowercase();
    let phrase = || PHRASES.into_iter().find(|it| lower.contains(it));
    words.find_map(|word| WORDS.into_iter().find(|it| *it == word)).or_else(phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_whole_word() {
        assert_eq!(draft("TODO: ask"), Some("TODO"));
        assert_eq!(draft("Todos los cafés"), None);
        assert_eq!(draft("Lorem Ipsum dolor"), Some("lorem ipsum"));
        assert_eq!(draft("見出し（仮）"), Some("（仮）"));
    }
}
