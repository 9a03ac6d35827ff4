//! Rule TW0805, environment-mistake.
//! Long because an environment can be wrong in many ways, each said in two languages.

use std::collections::{BTreeMap, BTreeSet};
use taiwa_config::environment::{Environment, Need, NotifyFormat};
use taiwa_model::{EnvironmentName, RoleName};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, suggest};

rule! {
    /// ## What it does
    /// Checks that an environment can work: its origin exists, each approval can be given by enough different people,
    /// people, servers and runners are listed once, the anchor is one of the servers, gates can be proven by somebody, and
    /// webhooks are signed.
    ///
    /// ## Why it matters
    /// An approval that nobody can give stops every promotion; one that nobody must give stops none.
    ///
    /// ## Bad
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 2 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # environments/production/environment.yaml
    /// title: Production
    /// from: staging
    /// servers:
    ///   - { name: one, url: "https://one.contoso.example", token: "${TOKEN}" }
    /// approvals: [ { role: manager, count: 1 } ]
    /// people:
    ///   - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
    /// ```
    pub(crate) static ENVIRONMENT_MISTAKE = {
        code: "TW0805",
        name: "environment-mistake",
        level: Error,
        ja: r"## 何を調べるか
環境が正しく働くかを調べます。受け取り元の環境が実在し、それぞれの承認を十分な数の別々の人が行え、人、サーバー、
ランナーが重複せず、`anchor` がサーバーの 1 つであり、ゲートを証明できる者がいて、Webhook に署名されることを確かめます。

## なぜ大切か
誰にもできない承認はすべてのプロモーションを止め、誰もしなくてよい承認は何も止めません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, environment) in &cx.project.environments {
        let mut say = |path: &str, message: Text, help: Text| {
            findings.push(cx.at_environment(&ENVIRONMENT_MISTAKE, name, path, message).help(help));
        };
        origin(cx, name, environment, &mut say);
        needs(environment, &mut say);
        people(environment, &mut say);
        servers(environment, &mut say);
        runners(environment, &mut say);
        notify(environment, &mut say);
    }
}

type Say<'s> = &'s mut dyn FnMut(&str, Text, Text);

fn origin(cx: &Context<'_>, name: &EnvironmentName, environment: &Environment, say: Say<'_>) {
    let all = &cx.project.environment_documents;
    if let Some(from) = &environment.from {
        if from == name {
            say(
                "from",
                say!(
                    en: "`{name}` cannot take releases from itself",
                    ja: "`{name}` は自分自身からリリースを受け取れません",
                ),
                say!(en: "name another environment", ja: "別の環境を書いてください"),
            );
        } else if !all.contains_key(from) {
            let names = all.keys().filter(|it| *it != name).map(EnvironmentName::as_str);
            let help = suggest::help(
                from.as_str(),
                names,
                &say!(en: "name an environment that exists", ja: "実在する環境を書いてください"),
            );
            say(
                "from",
                say!(en: "there is no environment `{from}`", ja: "環境 `{from}` はありません"),
                help,
            );
        } else if returns(cx, name) {
            say(
                "from",
                say!(en: "releases for `{name}` go in a circle", ja: "`{name}` へのリリースが循環しています"),
                say!(
                    en: "let one environment have no `from`: it is where components are marked",
                    ja: "`from` のない環境を 1 つ作ってください。コンポーネントのマークはそこに付けます",
                ),
            );
        }
        if environment.approvals.is_empty() {
            say(
                "approvals",
                say!(
                    en: "nobody must approve what goes to `{name}`",
                    ja: "`{name}` への変更に承認が必要とされていません",
                ),
                say!(
                    en: "add for example `approvals: [ {{ role: manager, count: 1 }} ]`",
                    ja: "たとえば `approvals: [ {{ role: manager, count: 1 }} ]` を加えてください",
                ),
            );
        }
    } else if environment.gates.soak.is_some() {
        say(
            "gates/soak",
            say!(
                en: "a soak is the time on the environment before, and there is none",
                ja: "`soak` は前の環境で過ごす時間ですが、前の環境がありません",
            ),
            say!(en: "add `from`, or take it out", ja: "`from` を加えるか、これを削除してください"),
        );
    }
}

fn returns(cx: &Context<'_>, name: &EnvironmentName) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = name;
    while let Some(from) = cx.project.environments.get(at).and_then(|it| it.from.as_ref()) {
        if from == name {
            return true;
        }
        if !seen.insert(from) {
            return false;
        }
        at = from;
    }
    false
}

fn needs(environment: &Environment, say: Say<'_>) {
    let lists = [
        ("approvals", Some(&environment.approvals)),
        ("rollback", environment.rollback.as_ref()),
        ("policy", environment.policy.as_ref()),
    ];
    for (field, needs) in lists {
        for (index, need) in needs.into_iter().flatten().enumerate() {
            let path = format!("{field}/{index}");
            let people =
                environment.people.iter().filter(|it| it.roles.contains(&need.role)).count();
            if need.count == 0 {
                say(
                    &format!("{path}/count"),
                    say!(en: "an approval of nobody is none", ja: "0 人の承認は承認になりません"),
                    say!(
                        en: "write a count of at least 1, or take it out",
                        ja: "`count` を 1 以上にするか、削除してください",
                    ),
                );
            } else if people < need.count as usize {
                let message = say!(
                    en: "{} people with the role `{}` must approve, {people} have it",
                    ja: "{} 人の承認が必要ですが、役割 `{}` を持つ人は {people} 人です",
                    need.count,
                    need.role,
                );
                say(
                    &path,
                    message,
                    say!(
                        en: "add people with that role, or ask for fewer",
                        ja: "その役割の人を加えるか、人数を減らしてください",
                    ),
                );
            } else if needs
                .is_some_and(|it| it.iter().take(index).any(|other| other.role == need.role))
            {
                say(
                    &path,
                    say!(
                        en: "the role `{}` is asked for twice",
                        ja: "役割 `{}` の承認が 2 回求められています",
                        need.role,
                    ),
                    say!(en: "add the counts up in one entry", ja: "1 つの項目に人数をまとめてください"),
                );
            }
        }
        let all = needs.map(Vec::as_slice).unwrap_or_default();
        if every_role_has_enough(environment, all) && !can_be_given(environment, all) {
            let message = say!(
                en: "one person fills only one approval: there are too few different people",
                ja: "1 人が行える承認は 1 つだけです。人数が足りません",
            );
            say(
                field,
                message,
                say!(en: "add people, or ask for fewer", ja: "人を加えるか、人数を減らしてください"),
            );
        }
    }
}

fn every_role_has_enough(environment: &Environment, needs: &[Need]) -> bool {
    needs.iter().all(|need| {
        let has = environment.people.iter().filter(|it| it.roles.contains(&need.role)).count();
        has >= need.count as usize
    })
}

/// Whether different people can fill all approvals: a matching, found by augmenting paths.
fn can_be_given(environment: &Environment, needs: &[Need]) -> bool {
    let places: Vec<&RoleName> =
        needs.iter().flat_map(|it| std::iter::repeat_n(&it.role, it.count as usize)).collect();
    let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
    (0..places.len())
        .all(|place| fill(environment, &places, place, (&mut filled, &mut BTreeSet::new())))
}

fn fill(
    environment: &Environment,
    places: &[&RoleName],
    place: usize,
    (filled, tried): (&mut BTreeMap<usize, usize>, &mut BTreeSet<usize>),
) -> bool {
    for (person, it) in environment.people.iter().enumerate() {
        let fits = places.get(place).is_some_and(|role| it.roles.contains(*role));
        if !fits || !tried.insert(person) {
            continue;
        }
        let free = match filled.get(&person).copied() {
            None => true,
            Some(other) => fill(environment, places, other, (filled, tried)),
        };
        if free {
            filled.insert(person, place);
            return true;
        }
    }
    false
}

fn people(environment: &Environment, say: Say<'_>) {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (index, person) in environment.people.iter().enumerate() {
        let path = format!("people/{index}");
        let ids = [("id", "id".to_owned(), person.id.to_string())];
        let mails = person.email.iter().enumerate();
        let mails = mails.map(|(at, it)| ("address", format!("email/{at}"), it.to_lowercase()));
        let keys = person.key.iter().enumerate();
        let keys = keys.map(|(at, it)| ("key", format!("key/{at}"), bare_key(it)));
        for (what, field, value) in ids.into_iter().chain(mails).chain(keys) {
            if let Some(first) = seen.insert((what, value.clone()), index) {
                let whose = if first == index {
                    say!(en: "the same person", ja: "同じ人")
                } else {
                    Text::same(format!("people/{first}"))
                };
                let message = say!(
                    en: "the {} `{}` stands already at {}",
                    ja: "{} `{}` はすでに {} に書かれています",
                    what_words(what),
                    short(&value),
                    whose,
                );
                say(
                    &format!("{path}/{field}"),
                    message,
                    say!(
                        en: "one entry a person: take one of them out",
                        ja: "1 人につき項目は 1 つです。どちらか一方を削除してください",
                    ),
                );
            }
        }
    }
}

fn what_words(what: &str) -> Text {
    match what {
        "address" => say!(en: "address", ja: "メールアドレス"),
        "key" => say!(en: "key", ja: "鍵"),
        _ => say!(en: "id", ja: "ID"),
    }
}

fn servers(environment: &Environment, say: Say<'_>) {
    if environment.servers.is_empty() {
        say(
            "servers",
            say!(en: "there is no server", ja: "サーバーがありません"),
            say!(
                en: "add for example `- {{ name: one, url: \"https://…\", token: \"${{TOKEN}}\" }}`",
                ja: "たとえば `- {{ name: one, url: \"https://…\", token: \"${{TOKEN}}\" }}` を加えてください",
            ),
        );
    }
    for (index, server) in environment.servers.iter().enumerate() {
        let earlier = || environment.servers.iter().take(index);
        let path = format!("servers/{index}");
        if earlier().any(|it| it.name == server.name) {
            say(
                &format!("{path}/name"),
                say!(en: "there are two servers `{}`", ja: "サーバー `{}` が 2 つあります", server.name),
                say!(en: "give each a name of its own", ja: "それぞれ別の名前にしてください"),
            );
        }
        if earlier().any(|it| it.url == server.url) {
            say(
                &format!("{path}/url"),
                say!(en: "two servers have the same address", ja: "2 つのサーバーのアドレスが同じです"),
                say!(en: "list each server once", ja: "サーバーは 1 回ずつ書いてください"),
            );
        }
        if let Some(message) = address(&server.url) {
            say(
                &format!("{path}/url"),
                message,
                say!(
                    en: "write `https://…`; `http://` is for this machine only",
                    ja: "`https://…` と書いてください。`http://` が使えるのはこのコンピューターだけです",
                ),
            );
        }
    }
    if let Some(anchor) = environment
        .anchor
        .as_ref()
        .filter(|anchor| !environment.servers.iter().any(|it| it.name == **anchor))
    {
        let names = environment.servers.iter().map(|it| it.name.as_str());
        let help = suggest::help(
            anchor.as_str(),
            names,
            &say!(en: "name one of the servers", ja: "サーバーの名前を書いてください"),
        );
        say(
            "anchor",
            say!(en: "there is no server `{anchor}`", ja: "サーバー `{anchor}` はありません"),
            help,
        );
    }
}

fn address(url: &str) -> Option<Text> {
    if url.contains("${") || url.starts_with("https://") {
        return None;
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return Some(
            say!(en: "this is no address of a server", ja: "これはサーバーのアドレスではありません"),
        );
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |it| it.0);
    let loopback = matches!(name, "localhost" | "[::1]")
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_loopback());
    (!loopback).then_some(say!(
        en: "tokens and offers would travel in clear",
        ja: "トークンとオファーが暗号化されずに送られます",
    ))
}

fn runners(environment: &Environment, say: Say<'_>) {
    for (index, runner) in environment.runners.iter().enumerate() {
        let path = format!("runners/{index}");
        if environment.runners.iter().take(index).any(|it| it.id == runner.id) {
            say(
                &format!("{path}/id"),
                say!(en: "there are two runners `{}`", ja: "ランナー `{}` が 2 つあります", runner.id),
                say!(en: "give each an id of its own", ja: "それぞれ別の ID にしてください"),
            );
        }
        let key = runner.key.as_deref().map(bare_key);
        if environment.people.iter().any(|it| it.key.iter().any(|it| Some(bare_key(it)) == key)) {
            say(
                &format!("{path}/key"),
                say!(en: "this is the key of a person", ja: "これは人の鍵です"),
                say!(
                    en: "a runner has a key of its own, which only continuous integration holds",
                    ja: "ランナーには、CI だけが持つ専用の鍵が必要です",
                ),
            );
        }
    }
    unproven(environment, say);
}

/// A webhook that nobody could verify is never sent: that should be known before something happens.
fn notify(environment: &Environment, say: Say<'_>) {
    let webhooks = environment.notify.iter().enumerate();
    for (index, _) in
        webhooks.filter(|it| it.1.format == NotifyFormat::Webhook && it.1.secret.is_none())
    {
        say(
            &format!("notify/{index}"),
            say!(
                en: "a webhook needs a `secret`: without one nothing is sent",
                ja: "Webhook には `secret` が必要です。ないと何も送信されません",
            ),
            say!(
                en: "add `secret: \"${{HOOK_SECRET}}\"`, or `format: slack`",
                ja: "`secret: \"${{HOOK_SECRET}}\"` を加えるか、`format: slack` と書いてください",
            ),
        );
    }
}

/// Gates that no runner may speak of. An environment without any runner is being set up, and has no policy yet.
fn unproven(environment: &Environment, say: Say<'_>) {
    let gates = &environment.gates;
    let decisions = gates.soak.as_ref().is_some_and(|it| it.decisions.is_some());
    let asked = [
        ("scenarios", "gates/scenarios", gates.scenarios.is_some()),
        ("load", "gates/load", gates.load.is_some()),
        ("exposure", "gates/soak", decisions),
    ];
    let runners = &environment.runners;
    for (gate, path, _) in asked.into_iter().filter(|it| it.2) {
        if runners.is_empty() || runners.iter().any(|it| it.gates.iter().any(|name| name == gate)) {
            continue;
        }
        say(
            path,
            say!(
                en: "no runner may prove the gate `{gate}`",
                ja: "ゲート `{gate}` を証明できるランナーがありません",
            ),
            say!(
                en: "add `gates: [{gate}]` to a runner",
                ja: "ランナーに `gates: [{gate}]` を加えてください",
            ),
        );
    }
}

/// A public key without its comment.
fn bare_key(key: &str) -> String {
    let words: Vec<&str> = key.split_whitespace().take(2).collect();
    words.join(" ")
}

fn short(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(MOST).collect::<String>())
    }
}
