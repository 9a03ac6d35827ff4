//! The help of the commands that marketers use, in Japanese: the words of each argument by its id.
//!
//! **Invariant.** Every argument of these commands, and every value that it takes by name, has its words here; a test
//! says which one has not. Deliberately absent: the help of the commands that move releases, and clap's own words about a
//! wrong question.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use taiwa_text::Language;

/// The commands whose help speaks Japanese.
const SPOKEN: [&str; 4] = ["validate", "explain", "schema", "init"];

const HEADING_ARGUMENTS: &str = "引数";
const HEADING_OPTIONS: &str = "オプション";

/// What a command is for: in one line, and then in full.
struct About {
    usage: &'static str,
    short: &'static str,
    more: &'static str,
}

/// What an argument is for, the name of its value, and the values that it takes by name.
struct Words {
    help: &'static str,
    value: Option<&'static str>,
    values: &'static [(&'static str, &'static str)],
}

impl Words {
    const fn flag(help: &'static str) -> Self {
        Self { help, value: None, values: &[] }
    }

    const fn value(value: &'static str, help: &'static str) -> Self {
        Self { help, value: Some(value), values: &[] }
    }

    const fn choice(
        value: &'static str,
        help: &'static str,
        values: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { help, value: Some(value), values }
    }
}

fn about(command: &str) -> Option<About> {
    Some(match command {
        "validate" => About {
            usage: "taiwa validate [オプション] [パス]...",
            short: "ワークスペースをすべてのルールで確かめる",
            more: "すべてのファイルの指摘を、それぞれの箇所を示しながらまとめて報告します。コミットの有無にかかわらず、\
                   今のファイルを読みます。サーバーもネットワークも秘密の値も要りません。",
        },
        "explain" => About {
            usage: "taiwa explain [オプション] [コード]",
            short: "ルールを説明する: 何を調べるか、なぜ大切か、悪い例と良い例",
            more: "コードを付けなければ、すべてのルールを一覧にします。",
        },
        "schema" => About {
            usage: "taiwa schema [オプション] [種類]",
            short: "ファイルの種類ごとの JSON Schema を、エディターや他のプログラムのために表示する",
            more: "種類を付けなければ、種類を一覧にします。",
        },
        "init" => About {
            usage: "taiwa init [オプション] [フォルダー]",
            short: "検証に通る新しいワークスペースを始める",
            more: "出発点となる Contoso Coffee のサンプル、プルリクエストを確かめるワークフロー、\
                   エディターでの補完と検査に必要な設定を書き込みます。スキーマを除いて、すでにあるファイルは上書きしません。",
        },
        _ => return None,
    })
}

/// The words of an argument; those that every command takes are looked for under every command.
fn words(command: &str, id: &str) -> Option<Words> {
    Some(match (command, id) {
        ("validate", "paths") => Words::value(
            "パス",
            "このファイルとフォルダーについてだけ報告します。読み込むのは常にワークスペース全体です",
        ),
        ("validate", "at") => Words::value(
            "時刻",
            "この時点のものとして確かめます: `2028-02-29`、`2028-02-29T10:00:00+09:00` (既定値: 今)",
        ),
        ("validate", "stage") => Words::choice(
            "段階",
            "どの段階として確かめるか。顧客に近いほど厳しくなります (既定値: `edit`)",
            &[
                ("edit", "書いているとき"),
                ("mark", "マークを付けるとき"),
                ("promote", "リリースを昇格させるとき"),
            ],
        ),
        ("validate", "strict") => Words::flag("警告があるときも失敗とします"),
        ("validate", "watch") => {
            Words::flag("ファイルが変わるたびに、Ctrl-C を押すまで確かめ直します")
        }
        ("validate", "against") => Words::value(
            "リビジョン|環境",
            "変更が何を壊すかも報告します。git のリビジョン、または環境で動いているものと比べます",
        ),
        ("validate", "no_cache") => {
            Words::flag("前回から変わっていないものも含めて、すべて読み直して確かめます")
        }
        ("validate", "fix") => Words::flag("意味が変わることのない修正を、ファイルに書き込みます"),
        ("validate", "unsafe_fixes") => Words::flag(
            "意味が変わるかもしれない修正も含めます。書き込まれた内容を人が確かめてください",
        ),
        ("validate", "diff") => Words::flag("修正を書き込まず、差分として表示します"),
        ("explain", "code") => {
            Words::value("コード", "指摘に表示されるルールのコード (たとえば `TW0101`)")
        }
        ("schema", "kind") => Words::value(
            "種類",
            "ファイルの種類: `channel`、`offer`、`segment` など。`report` は `taiwa validate --format json` の出力です",
        ),
        ("schema", "write") => Words::value(
            "フォルダー",
            "すべての種類のスキーマをこのフォルダーに書き込み、古いものを置き換えます",
        ),
        ("init", "dir") => {
            Words::value("フォルダー", "ワークスペースのフォルダー。なければ作ります (既定値: `.`)")
        }
        ("init", "dry_run") => Words::flag("書き込むものを表示するだけで、何も書き込みません"),
        ("init", "editor") => Words::flag(
            "すでにあるワークスペースに、エディターに必要なもの (この版のスキーマと足りない設定) だけを書き込みます",
        ),
        (_, id) => return words_of_every_command(id),
    })
}

/// The words of what every command takes.
fn words_of_every_command(id: &str) -> Option<Words> {
    Some(match id {
        "directory" => Words::value("フォルダー", "このフォルダーで始めたものとして動きます"),
        "color" => Words::choice(
            "いつ",
            "色を付けるとき (既定値: `auto`)。`NO_COLOR` にも従います",
            &[("auto", "端末に表示するとき"), ("always", "常に付ける"), ("never", "付けない")],
        ),
        "format" => Words::choice(
            "形式",
            "結果の形式 (既定値: `human`)。コマンドによっては使えない形式があります",
            &[
                ("human", "人が読むための形式"),
                ("json", "プログラムのための形式。標準出力は 1 つの JSON 文書だけになります"),
                ("sarif", "静的解析の結果 (コードホスティングやビューアー用)"),
                ("github", "GitHub のワークフローの注釈"),
                ("gitlab", "GitLab のコード品質レポート"),
                ("junit", "XML のテスト結果"),
                ("markdown", "プルリクエストのコメント用"),
            ],
        ),
        "lang" => Words::choice(
            "言語",
            "指摘、ルール、それらのヘルプの言語 (既定値: `LC_ALL` か `LANG` の言語)",
            &[("en", "英語"), ("ja", "日本語")],
        ),
        _ => return None,
    })
}

/// The command line with Japanese help, where Japanese help is asked for and there is one.
pub(crate) fn spoken(line: Command, args: &[OsString], locale: Language) -> Command {
    let wanted = language(args).unwrap_or(locale);
    match command(args) {
        Some(word) if wanted == Language::Ja => in_japanese(line, word),
        _ => line,
    }
}

/// What `--lang` says; clap prints help before anybody could ask it.
fn language(args: &[OsString]) -> Option<Language> {
    let texts: Vec<&str> = args.iter().filter_map(|it| it.to_str()).collect();
    let apart = texts.windows(2).find(|it| it[0] == "--lang").map(|it| it[1]);
    let joined = || texts.iter().find_map(|it| it.strip_prefix("--lang="));
    match apart.or_else(joined)? {
        "ja" => Some(Language::Ja),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// The command, if its help speaks Japanese: the first word that is no option and no value of one.
fn command(args: &[OsString]) -> Option<&'static str> {
    let mut words = args.iter().skip(1).filter_map(|it| it.to_str());
    while let Some(word) = words.next() {
        match word {
            "-C" | "--directory" | "--color" | "--format" | "--lang" => {
                words.next();
            }
            "help" => {}
            option if option.starts_with('-') => {}
            other => return SPOKEN.into_iter().find(|it| *it == other),
        }
    }
    None
}

fn in_japanese(line: Command, word: &'static str) -> Command {
    let line = line.mut_args(|it| argument(word, it));
    let Some(About { usage, short, more }) = about(word) else { return line };
    line.mut_subcommand(word, |it| {
        it.about(short)
            .long_about(format!("{short}\n\n{more}"))
            .override_usage(usage)
            .help_template("{about-with-newline}\n使い方: {usage}\n\n{all-args}")
            .mut_args(|it| argument(word, it))
            .disable_help_flag(true)
            .arg(
                Arg::new("help")
                    .short('h')
                    .long("help")
                    .action(ArgAction::Help)
                    .help_heading(HEADING_OPTIONS)
                    .help("ヘルプを表示します (`-h` は短い説明)"),
            )
    })
}

fn argument(command: &str, arg: Arg) -> Arg {
    let Some(Words { help, value, values }) = words(command, arg.get_id().as_str()) else {
        return arg;
    };
    let heading = if arg.is_positional() { HEADING_ARGUMENTS } else { HEADING_OPTIONS };
    let names: Vec<&str> = values.iter().map(|it| it.0).collect();
    let (short, long) = if values.is_empty() {
        (help.to_owned(), help.to_owned())
    } else {
        let lines = values.iter().map(|(name, meaning)| format!("\n- {name}: {meaning}"));
        (format!("{help} [{}]", names.join("、")), format!("{help}\n{}", lines.collect::<String>()))
    };
    let arg = arg.help(short).long_help(long).help_heading(heading);
    match value {
        Some(it) => arg.value_name(it).hide_possible_values(true).hide_default_value(true),
        None => arg,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::commands::Cli;

    fn args(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn every_argument_and_every_value_has_japanese_words() {
        let line = Cli::command();
        let mut missing = Vec::new();
        for word in SPOKEN {
            let command = line.find_subcommand(word).unwrap();
            assert!(about(word).is_some(), "{word}");
            for arg in command.get_arguments().chain(line.get_arguments()) {
                let id = arg.get_id().as_str();
                let Some(words) = words(word, id) else {
                    missing.push(format!("{word} {id}"));
                    continue;
                };
                let japanese = taiwa_text::Text::new("", words.help);
                assert!(japanese.speaks_japanese(), "{word} {id}");
                let takes = !matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count);
                assert_eq!(takes, words.value.is_some(), "{word} {id}: the name of its value");
                if !takes {
                    continue;
                }
                let told: Vec<&str> = words.values.iter().map(|it| it.0).collect();
                let values = arg.get_possible_values();
                let known: Vec<&str> =
                    values.iter().map(clap::builder::PossibleValue::get_name).collect();
                assert_eq!(told, known, "{word} {id}");
            }
        }
        assert!(missing.is_empty(), "no words in `japanese.rs` for {missing:?}");
    }

    #[test]
    fn the_help_is_japanese_where_it_is_asked_for() {
        let help = |line: &str, locale| {
            let args = args(line);
            let found = spoken(Cli::command(), &args, locale).try_get_matches_from(&args);
            found.unwrap_err().render().to_string()
        };
        for word in SPOKEN {
            for flag in ["--help", "-h"] {
                let text = help(&format!("taiwa --lang ja {word} {flag}"), Language::En);
                for part in ["使い方: taiwa ", "オプション:", "ヘルプを表示"] {
                    assert!(text.contains(part), "{part}: {text}");
                }
                for part in
                    ["Usage", "Options:", "Arguments:", "ossible values", "default:", "Print help"]
                {
                    assert!(!text.contains(part), "{part}: {text}");
                }
            }
            assert!(help(&format!("taiwa help {word}"), Language::Ja).contains("使い方:"));
            assert!(help(&format!("taiwa {word} --lang=en -h"), Language::Ja).contains("Usage:"));
        }
        assert!(help("taiwa plan --lang ja --help", Language::En).contains("Usage:"));
        assert!(help("taiwa --help", Language::Ja).contains("Usage:"));
    }

    #[test]
    fn which_command_is_asked_for() {
        let check = |line: &str, expect| assert_eq!(command(&args(line)), expect, "{line}");
        check("taiwa validate", Some("validate"));
        check("taiwa -C init --format json explain", Some("explain"));
        check("taiwa help schema", Some("schema"));
        check("taiwa plan validate", None);
        check("taiwa", None);
    }
}
