//! What an environment is to run: the release of its marks, or the marked one as it runs on the environment before.

use taiwa_config::marks::Marks;
use taiwa_deployer::States;
use taiwa_model::{Digest, EnvironmentName};
use taiwa_release::Release;

use crate::{
    Cx, Exit, Failure,
    edge::{marked::Head, servers::Group, signals},
};

/// What is to run, and where it comes from.
pub(crate) struct Target {
    /// The release.
    pub(crate) release: Release,
    /// The group that ran it before, with its state now; none where it is built for this environment.
    pub(crate) origin: Option<(Group, States)>,
}

impl Target {
    /// The group that ran it before.
    pub(crate) fn origin(&self) -> Option<(&Group, &States)> {
        self.origin.as_ref().map(|it| (&it.0, &it.1))
    }
}

/// What is to run on a group; `word` is the release that a person named, if one did.
pub(crate) fn target(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    word: Option<&str>,
) -> Result<Target, Failure> {
    let Some(from) = &group.environment.from else {
        let release = head.release(cx, &group.name)?;
        named(cx, head, (&group.name, release.digest()), word)?;
        return Ok(Target { release, origin: None });
    };
    let digest = marked(cx, head, &group.name, from)?;
    named(cx, head, (&group.name, digest), word)?;
    let origin = Group::of(cx, head, from)?;
    let (states, bytes) = signals::block_on(async {
        let states = origin.states().await;
        let bytes = origin.release(&digest).await?;
        Ok((states, bytes))
    })?;
    Ok(Target { release: super::read(&bytes)?, origin: Some((origin, states)) })
}

/// What is to run as far as it can be told while servers are away: the release itself only if somebody gives its bytes.
pub(crate) struct Aim {
    /// The digest of the release.
    pub(crate) to: Digest,
    /// The release, if it can be had.
    pub(crate) release: Option<Release>,
    /// The group that it comes from, with its state now.
    pub(crate) origin: Option<(Group, States)>,
}

/// The same as [`target`], where servers are away.
pub(crate) fn aim(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    word: Option<&str>,
) -> Result<Aim, Failure> {
    let Some(from) = &group.environment.from else {
        let Target { release, origin } = target(cx, head, group, word)?;
        return Ok(Aim { to: release.digest(), release: Some(release), origin });
    };
    let to = marked(cx, head, &group.name, from)?;
    named(cx, head, (&group.name, to), word)?;
    let origin = Group::of(cx, head, from)?;
    let (states, bytes) =
        signals::block_on(async { Ok((origin.states().await, origin.release(&to).await)) })?;
    let release = match bytes {
        Ok(bytes) => Some(super::read(&bytes)?),
        Err(failure) if failure.exit == Exit::World => None,
        Err(failure) => return Err(failure),
    };
    Ok(Aim { to, release, origin: Some((origin, states)) })
}

/// The release that is marked for an environment which takes whole releases.
fn marked(
    cx: &mut Cx<'_>,
    head: &Head,
    name: &EnvironmentName,
    from: &EnvironmentName,
) -> Result<Digest, Failure> {
    match head.marks(cx, name)? {
        Marks::Release(digest) => Ok(digest),
        Marks::Components(_) => {
            Err(Failure::no("nothing-marked", format!("no release is marked for {name}")).help(
                format!("mark what runs on {from}: taiwa mark {from} --for {name}, then commit"),
            ))
        }
    }
}

/// Whether every environment's anchor was asked, and none has such a release.
fn nowhere(cx: &Cx<'_>, head: &Head, is: impl Fn(&Digest) -> bool) -> Result<bool, Failure> {
    for name in head.project.environments.keys() {
        let Ok(group) = Group::of(cx, head, name) else { continue };
        let asked = signals::block_on(async { Ok(group.anchor().status().await) })?;
        match asked {
            Ok(status) if !status.stored.iter().any(&is) => {}
            // There, or nobody can tell.
            Ok(_) | Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// What a person named must be what is marked, and is told apart from what there is nowhere.
fn named(
    cx: &Cx<'_>,
    head: &Head,
    (name, digest): (&EnvironmentName, Digest),
    word: Option<&str>,
) -> Result<(), Failure> {
    let Some(word) = word else { return Ok(()) };
    let is = |it: &Digest| it.hex().starts_with(word) || it.to_string().starts_with(word);
    if is(&digest) {
        return Ok(());
    }
    let known = head.project.environments.contains_key(&EnvironmentName::new(word));
    if !known && nowhere(cx, head, is)? {
        let what =
            format!("no server has a release `{word}`; {} is marked for {name}", digest.short());
        return Err(Failure::no("unknown-release", what).help("see what there is: taiwa history"));
    }
    let what = format!("the release `{word}` is not marked for {name}; {} is", digest.short());
    Err(Failure::no("not-marked", what)
        .help(format!("taiwa mark {word} --for {name}, then commit")))
}
