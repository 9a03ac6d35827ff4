//! Layout is schema: which file is what, by its path.

use taiwa_model::{ChannelName, ComponentId, EnvironmentName, Kind, Scope};
use taiwa_text::{Text, say};

use crate::{lower::near, noun};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// A component of this kind.
    Component(Kind),
    /// `environments/NAME/environment.yaml`.
    Environment,
    /// `environments/NAME/marks.yaml`.
    Marks,
}

impl FileKind {
    /// Every kind that has a shape: components but journeys, and environments.
    pub fn all() -> impl Iterator<Item = Self> {
        let components = Kind::ALL.into_iter().filter(|it| *it != Kind::Journey);
        components.map(Self::Component).chain([Self::Environment])
    }

    /// The word for it: `offer`, `environment`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Component(kind) => kind.as_str(),
            Self::Environment => "environment",
            Self::Marks => "marks",
        }
    }
}

/// Where a file belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A component, and the folder that owns it.
    Component(ComponentId, Scope),
    /// The `environment.yaml` of an environment.
    Environment(EnvironmentName),
    /// The `marks.yaml` of an environment.
    Marks(EnvironmentName),
    /// No file of ours: ignored.
    Foreign,
    /// A YAML file at an unknown place: what is wrong, and how to mend it.
    Misplaced(Text, Option<Text>),
}

/// What the file at a path is.
pub fn place_of(path: &str) -> Place {
    let parts: Vec<&str> = path.split('/').collect();
    let Some((file, folders)) = parts.split_last() else { return Place::Foreign };
    if parts.iter().any(|it| it.starts_with('.') || it.is_empty()) {
        return Place::Foreign;
    }
    let Some((stem, ending)) = file.rsplit_once('.') else { return Place::Foreign };
    let yaml = ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml");
    let ours = match folders.first() {
        None => stem == "taiwa",
        Some(first) => ["channels", "environments"].contains(first),
    };
    if yaml && ours && ending != "yaml" {
        let message = say!(
            en: "`{file}` is not read: a file of taiwa ends in .yaml",
            ja: "`{file}` は読み込まれません。taiwa のファイルは `.yaml` で終わります",
        );
        return Place::Misplaced(
            message,
            Some(
                say!(en: "rename it to {stem}.yaml", ja: "ファイル名を `{stem}.yaml` に変えてください"),
            ),
        );
    }
    match folders {
        [] if *file == "taiwa.yaml" => {
            Place::Component(ComponentId::new(Kind::Workspace, "taiwa"), Scope::Shared)
        }
        ["channels", folders @ ..] if yaml => channel_file(path, folders, stem),
        ["environments", name] if *file == "environment.yaml" => Place::Environment((*name).into()),
        ["environments", name] if *file == "marks.yaml" => Place::Marks((*name).into()),
        ["environments", ..] if yaml => Place::Misplaced(
            say!(en: "`{file}` has no meaning here", ja: "`{file}` はここでは意味を持ちません"),
            Some(say!(
                en: "environments/NAME/ holds environment.yaml and marks.yaml",
                ja: "`environments/NAME/` に置けるのは `environment.yaml` と `marks.yaml` です",
            )),
        ),
        [first, ..] if yaml && !ours => foreign(first),
        _ => Place::Foreign,
    }
}

/// A YAML file elsewhere is foreign, unless its folder is `channels` or `environments` misspelled.
fn foreign(first: &str) -> Place {
    let meant = ["channels", "environments"].into_iter().find(|it| near(first, it));
    meant.map_or(Place::Foreign, |it| {
        Place::Misplaced(
            say!(en: "the folder `{first}` is not known", ja: "フォルダー `{first}` は使えません"),
            Some(say!(en: "did you mean `{it}`?", ja: "もしかして `{it}` ですか？")),
        )
    })
}

fn channel_file(path: &str, folders: &[&str], stem: &str) -> Place {
    let misplaced = |message: Text, help: Text| Place::Misplaced(message, Some(help));
    match folders {
        [] => misplaced(
            say!(
                en: "`{stem}.yaml` lies in no channel's folder",
                ja: "`{stem}.yaml` はどのチャネルのフォルダーにも入っていません",
            ),
            say!(
                en: "channels/{stem}/channel.yaml for a channel, channels/shared/KIND/{stem}.yaml for what several use",
                ja: "チャネルであれば `channels/{stem}/channel.yaml`、複数のチャネルで使うものであれば `channels/shared/KIND/{stem}.yaml` に置いてください",
            ),
        ),
        [folder] => match (ComponentId::of_path(path), *folder, stem) {
            (Some((id, scope)), ..) => Place::Component(id, scope),
            (None, "shared", "channel" | "strategy") => misplaced(
                say!(
                    en: "`{stem}.yaml` belongs to one channel",
                    ja: "`{stem}.yaml` は 1 つのチャネルに属するものです",
                ),
                say!(en: "move it to channels/CHANNEL/", ja: "`channels/CHANNEL/` に移してください"),
            ),
            (None, _, "audience") => misplaced(
                say!(en: "a workspace has one audience", ja: "ワークスペースのオーディエンスは 1 つだけです"),
                say!(
                    en: "it is channels/shared/audience.yaml",
                    ja: "`channels/shared/audience.yaml` がそれです",
                ),
            ),
            _ => single(folder, stem),
        },
        [folder, kind] => kind_folder(path, folder, kind, stem),
        _ => misplaced(
            say!(en: "`{path}` lies too deep", ja: "`{path}` はフォルダーの階層が深すぎます"),
            say!(
                en: "channels/CHANNEL/KIND/NAME.yaml: folders within a kind are not known",
                ja: "`channels/CHANNEL/KIND/NAME.yaml` の形にしてください。種類のフォルダーの中にフォルダーは作れません",
            ),
        ),
    }
}

/// A file directly in a channel's folder that is none of the fixed ones.
fn single(folder: &str, stem: &str) -> Place {
    let fixed = ["audience", "channel", "strategy"].into_iter().find(|it| near(stem, it));
    let help = match fixed {
        Some(meant) => {
            say!(en: "did you mean `{meant}.yaml`?", ja: "もしかして `{meant}.yaml` ですか？")
        }
        None => {
            say!(
                en: "put it into a folder that says its kind, such as channels/{folder}/offers/{stem}.yaml",
                ja: "`channels/{folder}/offers/{stem}.yaml` のように、種類のフォルダーに入れてください",
            )
        }
    };
    Place::Misplaced(
        say!(en: "`{stem}.yaml` does not say what it is", ja: "`{stem}.yaml` が何のファイルかわかりません"),
        Some(help),
    )
}

fn kind_folder(path: &str, folder: &str, kind: &str, stem: &str) -> Place {
    let own = [Kind::Touchpoint, Kind::Scenario];
    let known = || Kind::ALL.into_iter().filter_map(Kind::folder);
    match ComponentId::of_path(path) {
        Some((id, Scope::Shared)) if own.contains(&id.kind) => Place::Misplaced(
            say!(
                en: "a {} belongs to one channel",
                ja: "{} は 1 つのチャネルに属するものです",
                noun(id.kind.as_str()),
            ),
            Some(say!(
                en: "move it to channels/CHANNEL/{kind}/{stem}.yaml",
                ja: "`channels/CHANNEL/{kind}/{stem}.yaml` に移してください",
            )),
        ),
        Some((id, scope)) => Place::Component(id, scope),
        None => {
            let meant = known().find(|it| near(kind, it));
            let help = meant.map_or_else(
                || {
                    say!(
                        en: "known are {}",
                        ja: "使えるのは {} です",
                        Text::row(&known().collect::<Vec<_>>()),
                    )
                },
                |it| {
                    say!(
                        en: "did you mean channels/{folder}/{it}/?",
                        ja: "もしかして `channels/{folder}/{it}/` ですか？",
                    )
                },
            );
            Place::Misplaced(
                say!(
                    en: "the folder `{kind}` is no kind of component",
                    ja: "フォルダー `{kind}` はコンポーネントの種類ではありません",
                ),
                Some(help),
            )
        }
    }
}

/// The channel that a folder below `channels/` names.
pub(crate) fn channel_of(path: &str) -> Option<ChannelName> {
    let folder = path.strip_prefix("channels/")?.split_once('/')?.0;
    (folder != "shared").then(|| folder.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expect: &str) {
        let found = match place_of(path) {
            Place::Component(id, scope) => {
                format!("{id} of {}", scope.channel().map_or("shared", ChannelName::as_str))
            }
            Place::Environment(name) => format!("environment {name}"),
            Place::Marks(name) => format!("marks {name}"),
            Place::Foreign => "foreign".into(),
            Place::Misplaced(message, help) => {
                format!("{} | {}", &*message, &*help.unwrap_or_default())
            }
        };
        assert_eq!(found, expect, "{path}");
    }

    #[test]
    fn the_folder_says_the_kind() {
        check("taiwa.yaml", "workspace/taiwa of shared");
        check("channels/shared/audience.yaml", "audience/shared of shared");
        check("channels/web-store/channel.yaml", "channel/web-store of web-store");
        check("channels/web-store/offers/a.yaml", "offer/a of web-store");
        check("channels/shared/journeys/j.yaml", "journey/j of shared");
        check("environments/staging/environment.yaml", "environment staging");
        check("environments/staging/marks.yaml", "marks staging");
        for path in [
            "README.md",
            "environments/staging/policy.json",
            "environments/staging/profiles.csv",
            ".github/workflows/ci.yaml",
            "docs/a.yaml",
            "mkdocs.yml",
            "channels/web-store/notes.md",
            "channels/web-store/.hidden.yaml",
            "",
            "a",
            "channels",
        ] {
            check(path, "foreign");
        }
    }

    #[test]
    fn a_file_at_a_wrong_place_is_told_where_it_belongs() {
        check(
            "taiwa.yml",
            "`taiwa.yml` is not read: a file of taiwa ends in .yaml | rename it to taiwa.yaml",
        );
        check(
            "channels/a/offers/x.yml",
            "`x.yml` is not read: a file of taiwa ends in .yaml | rename it to x.yaml",
        );
        check(
            "channels/a/segment/x.yaml",
            "the folder `segment` is no kind of component | did you mean channels/a/segments/?",
        );
        check(
            "channels/a/Offers/x.yaml",
            "the folder `Offers` is no kind of component | did you mean channels/a/offers/?",
        );
        check(
            "channels/a/chanel.yaml",
            "`chanel.yaml` does not say what it is | did you mean `channel.yaml`?",
        );
        check(
            "channels/a/x.yaml",
            "`x.yaml` does not say what it is | put it into a folder that says its kind, such as channels/a/offers/x.yaml",
        );
        check(
            "channels/a/offers/b/x.yaml",
            "`channels/a/offers/b/x.yaml` lies too deep | channels/CHANNEL/KIND/NAME.yaml: folders within a kind are not known",
        );
        check(
            "channels/shared/scenarios/x.yaml",
            "a scenario belongs to one channel | move it to channels/CHANNEL/scenarios/x.yaml",
        );
        check(
            "channels/shared/strategy.yaml",
            "`strategy.yaml` belongs to one channel | move it to channels/CHANNEL/",
        );
        check(
            "channels/a/audience.yaml",
            "a workspace has one audience | it is channels/shared/audience.yaml",
        );
        check(
            "channel/a/offers/x.yaml",
            "the folder `channel` is not known | did you mean `channels`?",
        );
        check(
            "environments/staging/servers.yaml",
            "`servers.yaml` has no meaning here | environments/NAME/ holds environment.yaml and marks.yaml",
        );
        check(
            "channels/x.yaml",
            "`x.yaml` lies in no channel's folder | channels/x/channel.yaml for a channel, channels/shared/KIND/x.yaml for what several use",
        );
    }
}
