//! `taiwa mark`

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::marks::{Change, Marks, edit};
use taiwa_model::{BlobId, ComponentId, Digest, EnvironmentName, Kind};
use taiwa_validator::{Stage, closure};

use crate::{
    Cx, Exit, Failure,
    edge::{files, marked::Head, servers, workspace::environment},
    render::{count, table},
};

/// Mark the present content of components, and of all that they need, for an environment
///
/// Marks what is committed: a component with changes that are not committed is refused. What a component needs is taken
/// along; if it is marked already it stays at its marked content (listed as kept), unless --with-needed.
/// For an environment that takes its releases from another one, name the release, or the environment where it runs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Components (`channel/web-store`), paths with wildcards (`'channels/sms/**'`), or one release
    #[arg(required = true, value_name = "COMPONENT|RELEASE")]
    what: Vec<String>,
    /// The environment
    #[arg(long = "for", value_name = "ENV")]
    environment: EnvironmentName,
    /// Mark the present content of everything that is needed, too
    #[arg(long)]
    with_needed: bool,
    /// Say what would be marked, and write nothing
    #[arg(long)]
    dry_run: bool,
}

const ASKED: &str = "you asked for it";

/// What happened to the mark of one component.
struct Row {
    id: ComponentId,
    what: &'static str,
    why: String,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let origin = environment(&head.project, &args.environment)?.from.clone();
    match origin {
        Some(origin) => release(cx, &head, args, &origin),
        None => components(cx, &head, args),
    }
}

fn components(cx: &mut Cx<'_>, head: &Head, args: &Args) -> Result<Exit, Failure> {
    let asked = resolve(head, &args.what)?;
    let needed = closure(&head.project.components, &asked);
    let before = match head.marks_file(&args.environment)?.2 {
        Marks::Components(it) => it,
        Marks::Release(_) => {
            return Err(Failure::no(
                "findings",
                "the marks file holds a release, where components belong",
            ));
        }
    };
    let (mut marks, mut rows) = (before.clone(), Vec::new());
    let mut touched = Vec::new();
    for id in &asked {
        touched.push(id.clone());
        rows.push(place(head, &mut marks, id, ASKED.to_owned())?);
    }
    for it in needed {
        if before.contains_key(&it.id) && !args.with_needed {
            let same = before.get(&it.id) == head.blobs.get(&it.id);
            let why = if same {
                it.why
            } else {
                "changed since mark; --with-needed marks it as it is now".to_owned()
            };
            rows.push(Row { id: it.id, what: "kept", why });
        } else {
            touched.push(it.id.clone());
            rows.push(place(head, &mut marks, &it.id, it.why)?);
        }
    }
    committed(head, &touched)?;
    head.check(cx, &marks, Stage::Mark).map_err(|failure| {
        let missing = unmarked_channels(head, &asked, &marks);
        let failure = missing.into_iter().fold(failure, Failure::help);
        if args.with_needed || before.is_empty() {
            failure
        } else {
            failure.help("if it is about what was kept: mark again with --with-needed")
        }
    })?;
    let changes: Vec<Change> = marks
        .iter()
        .filter(|(id, blob)| before.get(*id) != Some(*blob))
        .map(|(id, blob)| Change::Mark(id.clone(), blob.clone()))
        .collect();
    write(head, args, &changes)?;
    report(cx, args, &rows, changes.len());
    Ok(Exit::Yes)
}

/// What lies in a channel's folder is served with that channel only: those that are not marked.
fn unmarked_channels(
    head: &Head,
    asked: &[ComponentId],
    marks: &BTreeMap<ComponentId, BlobId>,
) -> BTreeSet<String> {
    let of = |id: &ComponentId| {
        let (_, scope) = ComponentId::of_path(head.paths.get(id)?)?;
        let channel = ComponentId::new(Kind::Channel, scope.channel()?.as_str());
        (!marks.contains_key(&channel))
            .then(|| format!("{id} belongs to a channel that is not marked; mark {channel}, too"))
    };
    asked.iter().filter_map(of).collect()
}

/// The components that the words mean.
fn resolve(head: &Head, what: &[String]) -> Result<Vec<ComponentId>, Failure> {
    let mut found = BTreeSet::new();
    for word in what {
        if let Some(id) = ComponentId::parse(word).filter(|it| head.blobs.contains_key(it)) {
            found.insert(id);
            continue;
        }
        let pattern = word.contains('*');
        let matching: Vec<&ComponentId> = head
            .paths
            .iter()
            .filter(|(_, path)| *path == word || (pattern && matches(word, path)))
            .map(|it| it.0)
            .collect();
        if matching.is_empty() {
            return Err(unknown(head, word));
        }
        found.extend(matching.into_iter().cloned());
    }
    Ok(found.into_iter().collect())
}

fn unknown(head: &Head, word: &str) -> Failure {
    let failure = Failure::wrong(
        "unknown-component",
        format!("`{word}` is no component of the commit {}", head.commit.id.short()),
    );
    let near = head
        .blobs
        .keys()
        .map(ToString::to_string)
        .min_by_key(|it| strsim::damerau_levenshtein(it, word));
    let failure = match near {
        Some(near) if strsim::damerau_levenshtein(&near, word) <= 3 => {
            failure.help(format!("did you mean {near}?"))
        }
        _ => failure
            .help("components are named kind/name: channel/web-store, offer/espresso-starter"),
    };
    failure.help("a new file counts once it is committed")
}

/// `*` within a name, `**` over folders.
fn matches(pattern: &str, path: &str) -> bool {
    fn go(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern.split_first(), path.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => {
                (0..=path.len()).any(|it| go(rest, path.get(it..).unwrap_or_default()))
            }
            (Some((head, rest)), Some((name, others))) => part(head, name) && go(rest, others),
            _ => false,
        }
    }
    fn part(pattern: &str, name: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == name,
            Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
                rest.char_indices()
                    .map(|it| it.0)
                    .chain([rest.len()])
                    .any(|at| part(after, rest.get(at..).unwrap_or_default()))
            }),
        }
    }
    go(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>())
}

fn place(
    head: &Head,
    marks: &mut BTreeMap<ComponentId, BlobId>,
    id: &ComponentId,
    why: String,
) -> Result<Row, Failure> {
    let blob = head.blobs.get(id).ok_or_else(|| unknown(head, &id.to_string()))?;
    let what = match marks.insert(id.clone(), blob.clone()) {
        None => "marked",
        Some(old) if old == *blob => "unchanged",
        Some(_) => "updated",
    };
    Ok(Row { id: id.clone(), what, why })
}

/// Refuses what is not committed as it is, with the command that commits it.
fn committed(head: &Head, ids: &[ComponentId]) -> Result<(), Failure> {
    let paths: Vec<&str> =
        ids.iter().filter_map(|it| head.paths.get(it)).map(String::as_str).collect();
    let dirty =
        head.repository.dirty(&paths).map_err(|it| Failure::world("git", it.to_string()))?;
    if dirty.is_empty() {
        return Ok(());
    }
    let names: Vec<String> =
        dirty.iter().map(|it| format!("{} ({})", it.path, it.state.as_str())).collect();
    let paths: Vec<&str> = dirty.iter().map(|it| it.path.as_str()).collect();
    Err(Failure::no("not-committed", format!("not committed as it is: {}", names.join(", ")))
        .help("a mark pins committed content; commit first:")
        .help(format!("git add {0} && git commit {0}", paths.join(" "))))
}

fn write(head: &Head, args: &Args, changes: &[Change]) -> Result<(), Failure> {
    if args.dry_run || changes.is_empty() {
        return Ok(());
    }
    let (path, text, _) = head.marks_file(&args.environment)?;
    let text = edit(&text, changes).map_err(|it| {
        Failure::no("findings", it.to_string()).help(format!("mend {}", path.display()))
    })?;
    files::write_file(&path, text.as_bytes())
}

fn report(cx: &mut Cx<'_>, args: &Args, rows: &[Row], changed: usize) {
    if cx.json() {
        let rows: Vec<_> = rows
            .iter()
            .map(|it| serde_json::json!({ "component": it.id, "mark": it.what, "why": it.why }))
            .collect();
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": args.environment, "changed": changed, "dry_run": args.dry_run, "components": rows,
        }));
        return;
    }
    cx.tell(table(["mark", "component", "why"], shown(rows)));
    let environment = &args.environment;
    cx.tell(format!(
        "\n{} for {environment}",
        match changed {
            0 => "nothing new to mark".to_owned(),
            it if args.dry_run => format!("{} would change", count(it, "mark")),
            it => format!("{} written to environments/{environment}/marks.yaml", count(it, "mark")),
        }
    ));
    if changed > 0 && !args.dry_run {
        cx.say(format!(
            "next: git commit -m \"Mark for {environment}\" environments/{environment}/marks.yaml"
        ));
        cx.say(format!("then: taiwa plan --to {environment}"));
    }
}

/// A row a component; where many are taken along, one a kind.
fn shown(rows: &[Row]) -> Vec<[String; 3]> {
    const MANY: usize = 20;
    const NAMES: usize = 5;
    let full = |it: &Row| [it.what.to_owned(), it.id.to_string(), it.why.clone()];
    if rows.len() <= MANY {
        return rows.iter().map(full).collect();
    }
    let mut kinds: BTreeMap<(&str, Kind), Vec<&str>> = BTreeMap::new();
    let mut shown = Vec::new();
    for row in rows {
        if row.why == ASKED {
            shown.push(full(row));
        } else {
            kinds.entry((row.what, row.id.kind)).or_default().push(&row.id.name);
        }
    }
    shown.extend(kinds.into_iter().map(|((what, kind), names)| {
        let number = if names.len() == 1 {
            kind.to_string()
        } else {
            format!("{} of kind {kind}", names.len())
        };
        let more = names.len().saturating_sub(NAMES);
        let tail = if more == 0 { String::new() } else { format!(" and {more} more") };
        let first = names.get(..NAMES).unwrap_or(&names).join(", ");
        [what.to_owned(), number, format!("needed: {first}{tail}")]
    }));
    shown
}

/// Marks a whole release, as it runs on the environment that it comes from.
fn release(
    cx: &mut Cx<'_>,
    head: &Head,
    args: &Args,
    origin: &EnvironmentName,
) -> Result<Exit, Failure> {
    let [word] = args.what.as_slice() else {
        return Err(Failure::usage(format!(
            "{} takes one whole release, as it ran on {origin}",
            args.environment
        ))
        .help(format!("taiwa mark {origin} --for {}", args.environment)));
    };
    let live = servers::live(cx, head, origin)?;
    let named = word == origin.as_str()
        || live.to_string().starts_with(word)
        || live.hex().starts_with(word);
    if !named {
        let failure = Failure::no(
            "not-running",
            format!("{origin} does not run `{word}`; it runs {}", live.short()),
        )
        .help(format!("mark what runs there: taiwa mark {origin} --for {}", args.environment));
        return Err(if Digest::parse(word).is_err() && ComponentId::parse(word).is_some() {
            failure.help(format!(
                "part of a release gets to {} by marking that part for {origin} first",
                args.environment
            ))
        } else {
            failure
        });
    }
    let same = head.marks_file(&args.environment)?.2 == Marks::Release(live);
    let changes = if same { Vec::new() } else { vec![Change::Release(live)] };
    write(head, args, &changes)?;
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": args.environment, "release": live, "changed": changes.len(), "dry_run": args.dry_run,
        }));
        return Ok(Exit::Yes);
    }
    let environment = &args.environment;
    let verb = if same {
        "is marked already"
    } else if args.dry_run {
        "would be marked"
    } else {
        "is marked"
    };
    cx.tell(format!("release {} {verb} for {environment}, as it runs on {origin}", live.short()));
    if !same && !args.dry_run {
        cx.say(format!(
            "next: git commit -m \"Mark for {environment}\" environments/{environment}/marks.yaml"
        ));
        cx.say(format!("then: taiwa approve --to {environment} --as ROLE"));
    }
    Ok(Exit::Yes)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[track_caller]
    fn check(pattern: &str, path: &str, expect: bool) {
        assert_eq!(matches(pattern, path), expect, "{pattern} {path}");
    }

    #[test]
    fn wildcards() {
        check("channels/sms/**", "channels/sms/offers/a.yaml", true);
        check("channels/sms/**", "channels/smsx/offers/a.yaml", false);
        check("channels/*/offers/*.yaml", "channels/web/offers/a.yaml", true);
        check("channels/*/offers/*.yaml", "channels/web/x/offers/a.yaml", false);
        check("**/a*.yaml", "channels/web/offers/abc.yaml", true);
        check("**", "taiwa.yaml", true);
        check("channels/日*", "channels/日本", true);
    }
}
