//! `taiwa rollback --only`

use std::path::PathBuf;

use taiwa_config::marks::{Change, Marks, edit};
use taiwa_decide::{Compiled, scenario};
use taiwa_deployer::States;
use taiwa_model::{ComponentId, Digest, EnvironmentName};
use taiwa_plan::{Move, PlanKind};
use taiwa_release::{Release, diff};

use super::rollback::{Args, Past, past, whole};
use crate::{
    Cx, Exit, Failure,
    edge::{
        files,
        ledger::Book,
        marked::Head,
        servers::{Group, refused},
        signals,
        workspace::environment,
    },
    moves::{self, Cargo, Part, Planned, Promotion},
};

/// Some components as they were, everything else as it is.
pub(super) fn run(
    cx: &mut Cx<'_>,
    args: &Args,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    states: &States,
) -> Result<Exit, Failure> {
    let wanted = named(&args.only)?;
    let (live, _) = states
        .group
        .settled_without(&group.policy, &args.without.absent().unwrap_or_default())
        .map_err(|it| refused(&format!("{} is not in step", group.name), &it))?;
    let Some(live) = live else {
        return Err(Failure::no("never-ran", format!("no release has run on {} yet", group.name)));
    };
    let earlier = earlier((group, book), args.to.as_deref(), &live, &wanted)?;
    let part = moves::part(cx, head, (&live, &earlier), &wanted)?;
    if part.release.digest() == earlier {
        return as_a_whole(cx, args, head, (group, book), (states, &live, &part));
    }
    show(cx, group, &part, (&live, &earlier))?;
    let document = group.policy.document();
    if group.environment.from.is_some() || document.protected {
        return filed(cx, args, head, (group, book), (&live, &part));
    }
    at_once(cx, args, head, (group, book), (states, &live, &part))
}

fn named(words: &[String]) -> Result<Vec<ComponentId>, Failure> {
    let read = |word: &String| {
        ComponentId::parse(word.trim()).ok_or_else(|| {
            Failure::wrong("unknown-component", format!("`{word}` is no name of a component"))
                .help("components are named kind/name: channel/web-store, offer/espresso-starter")
        })
    };
    words.iter().map(read).collect()
}

/// The release that was named, or the latest in which something of what is wanted was different.
fn earlier(
    (group, book): (&Group, &Book<'_>),
    word: Option<&str>,
    live: &Digest,
    wanted: &[ComponentId],
) -> Result<Digest, Failure> {
    if word.is_some() {
        return super::rollback::target(group, book, word);
    }
    let Past { ran, left, .. } = past(group, book)?;
    signals::block_on(async {
        let now = moves::read(&group.release(live).await?)?;
        let taken = moves::taken_back(group, book).await?;
        let (mut known, mut back) = (now.components().ids(), false);
        for digest in &ran {
            // A release that no server has any more is no way back.
            let Ok(bytes) = group.release(digest).await else { continue };
            let then = moves::read(&bytes)?;
            known.extend(then.components().ids());
            let differs = diff(Some(then.components()), now.components());
            let ids = || {
                let ids = differs.changes.iter().map(|it| &it.component);
                ids.filter(|it| wanted.contains(it))
            };
            if ids().next().is_none() {
                continue;
            }
            // What was taken back once is no way back.
            let stale = |id: &ComponentId| taken.iter().any(|it| it.is(book, (digest, &then), id));
            if !left.contains(digest) && !ids().any(stale) {
                return Ok(*digest);
            }
            back = true;
        }
        if let Some(odd) = wanted.iter().find(|it| !known.contains(it)) {
            let text = format!("{odd} is in no release that ran on {}", group.name);
            return Err(Failure::wrong("unknown-component", text));
        }
        let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let (names, name) = (names.join(", "), &group.name);
        if back {
            let text = format!("every other {names} that ran on {name} was taken back there");
            return Err(Failure::no("nothing-to-do", text)
                .help("to have it all the same as it was in some release: --to RELEASE"));
        }
        let text =
            format!("{names} never was any different on {name}, as far as its releases tell");
        Err(Failure::no("nothing-to-do", text))
    })
}

/// What goes back, why it is that much, and what its scenarios say.
fn show(
    cx: &mut Cx<'_>,
    group: &Group,
    part: &Part,
    (live, earlier): (&Digest, &Digest),
) -> Result<(), Failure> {
    let names: Vec<String> = part.taken.iter().map(ToString::to_string).collect();
    cx.tell(format!(
        "{}: {} as in release {}, everything else as it runs; a new release {}",
        group.name,
        names.join(", "),
        earlier.short(),
        part.release.digest().short()
    ));
    for it in &part.forced {
        cx.tell(format!("  {}", it.why));
    }
    let change = signals::block_on(moves::between(group, Some(*live), &part.release))?;
    moves::tell(cx, &change);
    let failing = failing(&part.release);
    if !failing.is_empty() {
        let only = part.taken.iter().map(ToString::to_string).chain(failing.iter().cloned());
        cx.say(format!(
            "note: with it {} would fail; if they tell of what is taken back: --only {}",
            failing.join(", "),
            only.collect::<Vec<_>>().join(",")
        ));
    }
    Ok(())
}

/// The scenarios of a release that do not hold.
fn failing(release: &Release) -> Vec<String> {
    let components = release.components();
    let Ok(compiled) = Compiled::new(release.digest(), components) else { return Vec::new() };
    let run = components.scenarios.iter();
    let run = run.map(|(name, it)| scenario::run(&compiled, name, &it.content));
    run.filter(|it| !it.passed).map(|it| format!("scenario/{}", it.name)).collect()
}

/// What goes back comes to a whole release that ran here: by the approvals of a rollback, with the memory and the marks of
/// a part.
fn as_a_whole(
    cx: &mut Cx<'_>,
    args: &Args,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    (states, live, part): (&States, &Digest, &Part),
) -> Result<Exit, Failure> {
    let to = part.release.digest();
    cx.tell(format!("with these, release {} is back as a whole", to.short()));
    let taken = Some((live, part));
    let Some(mut done) = whole(cx, args, (group, book), (states, to), taken)? else {
        return Ok(Exit::Yes);
    };
    // Where releases come from another environment, its marks say what is to run there, and stay.
    let marks = match group.environment.from {
        None => marked(cx, head, group, part),
        Some(_) => None,
    };
    if cx.json() {
        done["taken"] = serde_json::json!(part.taken);
        done["forced"] = forced(part);
        done["marks"] = serde_json::json!(marks);
        cx.print_json(&done);
    }
    Ok(Exit::Yes)
}

/// Nobody has to approve it: a plan like any other, carried out now.
fn at_once(
    cx: &mut Cx<'_>,
    args: &Args,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    (states, live, part): (&States, &Digest, &Part),
) -> Result<Exit, Failure> {
    let to = part.release.digest();
    let (absent, why) = (args.without.absent(), args.without.why.clone());
    let ordinary = Promotion::new(PlanKind::Change, to, Some(true));
    let wish = Promotion { at_once: true, absent, why, ..ordinary };
    let plan = match moves::planned(cx, group, states, book, &wish)? {
        Planned::Plan(plan) => *plan,
        Planned::NothingToDo(what) => return Err(Failure::no("nothing-to-do", what)),
    };
    let proof = moves::unmet(cx, group, book, &plan, None)?;
    if !proof.refusals.is_empty() {
        let failure = refused(&format!("{} does not take this yet", group.name), &proof.refusals);
        let of = (plan.to, Some(&plan));
        return Err(moves::denied(cx, (group, args.dry_run), book, of, failure));
    }
    if args.dry_run {
        told(cx, args, part, (live, false), None);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("take this back on {}?", group.name))?;
    moves::remember(cx, group, book, (live, part))?;
    let bytes = part.release.bytes().to_vec();
    let cargo = Cargo { bundle: proof.bundle, live: plan.base, plan, step: Move::FIRST, bytes };
    moves::carry(cx, group, book, &cargo)?;
    let marks = marked(cx, head, group, part);
    told(cx, args, part, (live, true), marks.as_deref());
    Ok(Exit::Yes)
}

/// Of the marks only what went back: what others have marked meanwhile stays marked. Gives the file that was written.
fn marked(cx: &mut Cx<'_>, head: &Head, group: &Group, part: &Part) -> Option<String> {
    let changes: Vec<Change> = part.all().map(|id| change(part, id)).collect();
    let name = &group.name;
    match write(head, name, &changes) {
        Ok(path) => {
            cx.say(format!("the marks for {name} say the same now; commit them: git commit -m \"Take back\" environments/{name}/marks.yaml"));
            Some(path.display().to_string())
        }
        Err(failure) => {
            cx.say(format!("the marks could not be written, so the next deployment would bring it again: {failure}"));
            None
        }
    }
}

/// A change like any other for a protected environment: it runs first where releases come from, and is approved.
fn filed(
    cx: &mut Cx<'_>,
    args: &Args,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    (live, part): (&Digest, &Part),
) -> Result<Exit, Failure> {
    let way = line(head, &group.name)?;
    let root = way.last().unwrap_or(&group.name).clone();
    let before = match head.marks_file(&root)?.2 {
        Marks::Components(it) => it,
        Marks::Release(_) => {
            let text = format!("the marks file of {root} holds a release, where components belong");
            return Err(Failure::no("findings", text));
        }
    };
    let ids = before.keys().chain(part.marks.keys()).collect::<std::collections::BTreeSet<_>>();
    let differing = ids.into_iter().filter(|it| before.get(*it) != part.marks.get(*it));
    let changes: Vec<Change> = differing.map(|id| change(part, id)).collect();
    let others = changes.iter().filter(|it| !part.all().any(|id| about(it) == Some(id))).count();
    if others > 0 && root != group.name {
        cx.say(format!(
            "note: {root} is ahead of {}: {others} more of its marks go back to what runs there, until they are marked again",
            group.name
        ));
    }
    let next = commands(head, &group.name, &way);
    if args.dry_run {
        told(cx, args, part, (live, false), None);
        cx.tell("this was a dry run; nothing was changed");
        return Ok(Exit::Yes);
    }
    moves::confirm(cx, args.yes, &format!("mark this for {root}?"))?;
    moves::remember(cx, group, book, (live, part))?;
    let path = write(head, &root, &changes)?;
    stored(cx, head, &root, &part.release);
    told(cx, args, part, (live, false), Some(&path.display().to_string()));
    let word = if root == group.name { "approval-missing" } else { "origin-missing" };
    let text = format!(
        "release {} is marked for {root}; nothing was changed on any server of {} yet",
        part.release.digest().short(),
        group.name
    );
    Err(next.into_iter().fold(Failure::no(word, text), Failure::help))
}

fn about(change: &Change) -> Option<&ComponentId> {
    match change {
        Change::Mark(id, _) | Change::Unmark(id) => Some(id),
        Change::Release(_) => None,
    }
}

fn change(part: &Part, id: &ComponentId) -> Change {
    match part.marks.get(id) {
        Some(blob) => Change::Mark(id.clone(), blob.clone()),
        None => Change::Unmark(id.clone()),
    }
}

/// The environment, the one that it takes its releases from, and so on, to the one that takes components.
fn line(head: &Head, name: &EnvironmentName) -> Result<Vec<EnvironmentName>, Failure> {
    let mut line = vec![name.clone()];
    while let Some(last) = line.last() {
        match environment(&head.project, last)?.from.clone() {
            Some(from) if !line.contains(&from) => line.push(from),
            _ => break,
        }
    }
    Ok(line)
}

/// What comes next, command by command.
fn commands(head: &Head, name: &EnvironmentName, line: &[EnvironmentName]) -> Vec<String> {
    let root = line.last().unwrap_or(name);
    let commit =
        |it: &EnvironmentName| format!("git commit -m \"Take back\" environments/{it}/marks.yaml");
    let mut all = vec!["next, in this order:".to_owned(), commit(root)];
    let approvals = |it: &EnvironmentName| -> Vec<String> {
        let asked = environment(&head.project, it).map(|it| it.approvals.clone());
        let one = |role| format!("taiwa approve --to {it} --as {role}");
        asked.unwrap_or_default().into_iter().map(|it| one(it.role)).collect()
    };
    for (place, it) in line.iter().enumerate().rev() {
        if it == root {
            all.extend(approvals(it));
            all.push(format!("taiwa deploy --to {it}"));
        } else {
            all.push(format!("taiwa mark {} --for {it}", line[place + 1]));
            all.push(commit(it));
            all.extend(approvals(it));
            all.push(format!("taiwa promote --to {it}"));
        }
        if place > 0 {
            all.push(format!("taiwa test --on {it} --key FILE"));
        }
    }
    all
}

fn write(head: &Head, name: &EnvironmentName, changes: &[Change]) -> Result<PathBuf, Failure> {
    let (path, text, _) = head.marks_file(name)?;
    let text = edit(&text, changes).map_err(|it| {
        Failure::no("findings", it.to_string()).help(format!("mend {}", path.display()))
    })?;
    files::write_file(&path, text.as_bytes())?;
    Ok(path)
}

/// The bytes lie where they will run, so that whoever is to approve can look at them already.
fn stored(cx: &mut Cx<'_>, head: &Head, root: &EnvironmentName, release: &Release) {
    let Ok(origin) = Group::of(cx, head, root) else { return };
    let digest = release.digest();
    let sent = signals::block_on(async {
        for server in &origin.servers {
            server
                .store(&digest, release.bytes().to_vec())
                .await
                .map_err(|it| crate::edge::servers::call(&it))?;
        }
        Ok(())
    });
    match sent {
        Ok(()) => cx.say(format!("to look at it: taiwa show {}", digest.short())),
        Err(failure) => cx.say(format!("{root} has not got its bytes yet: {failure}")),
    }
}

fn told(
    cx: &mut Cx<'_>,
    args: &Args,
    part: &Part,
    (live, changed): (&Digest, bool),
    marks: Option<&str>,
) {
    if !cx.json() {
        return;
    }
    cx.print_json(&serde_json::json!({
        "version": 1, "environment": args.on, "changed": changed, "dry_run": args.dry_run, "from": live,
        "release": part.release.digest(), "taken": part.taken, "forced": forced(part), "marks": marks,
    }));
}

/// What has to come along, for a program.
fn forced(part: &Part) -> serde_json::Value {
    let all = part.forced.iter();
    all.map(|it| serde_json::json!({ "component": it.id, "why": it.why })).collect()
}
