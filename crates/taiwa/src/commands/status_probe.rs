//! `taiwa status --probe`: what a server says it runs is a word; whether it decides like it is asked.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use taiwa_decide::Compiled;
use taiwa_deployer::{CallError, Probed, probe};
use taiwa_model::{Digest, ServerId};
use taiwa_plan::Seen;
use tokio::task::JoinSet;

use super::status::Row;
use crate::{
    Cx, Failure,
    edge::{servers::Group, signals},
    moves,
    render::{count, safe},
};

/// Differences of one server that are shown.
const SHOWN: usize = 3;

/// What each server was asked and answered.
pub(super) struct Answers(BTreeMap<ServerId, Result<Probed, CallError>>);

/// Asks every server that runs a release, all at once.
pub(super) fn ask(cx: &Cx<'_>, group: &Group, rows: &[Row]) -> Result<Answers, Failure> {
    let clock = cx.clock();
    signals::block_on(async {
        let mut releases: BTreeMap<Digest, Arc<Compiled>> = BTreeMap::new();
        let mut asked = JoinSet::new();
        for row in rows {
            let Seen::State(state) = &row.seen else { continue };
            let Some(digest) = state.release else { continue };
            let server = group.servers.iter().find(|it| it.id == row.server).cloned();
            let Some(server) = server else { continue };
            let compiled = match releases.get(&digest) {
                Some(known) => known.clone(),
                None => Arc::new(compiled(group, &digest).await?),
            };
            releases.insert(digest, compiled.clone());
            let now = clock();
            asked.spawn(async move {
                let probed = probe(&server, &compiled, now).await;
                (server.id, probed)
            });
        }
        Ok(Answers(asked.join_all().await.into_iter().collect()))
    })
}

/// The release itself, known by its bytes, whoever has them.
async fn compiled(group: &Group, digest: &Digest) -> Result<Compiled, Failure> {
    let release = moves::read(&group.release(digest).await?)?;
    if release.digest() != *digest {
        let text = format!("no server has the bytes of release {}", digest.short());
        return Err(Failure::world("untrusted", text));
    }
    Compiled::new(*digest, release.components())
        .map_err(|it| Failure::world("untrusted", it.to_string()))
}

impl Answers {
    /// Whether some server decides otherwise than its release.
    pub(super) fn differ(&self) -> bool {
        self.0.values().flatten().any(|it| !it.differ.is_empty())
    }

    /// Whether some server could not be asked.
    pub(super) fn silent(&self) -> bool {
        self.0.values().any(Result::is_err)
    }

    pub(super) fn tell(&self, cx: &mut Cx<'_>) {
        for (server, answer) in &self.0 {
            match answer {
                Err(error) => cx.tell(format!("  {server}: cannot be asked: {error}")),
                Ok(it) if it.differ.is_empty() => {
                    let asked = count(it.asked, "question");
                    cx.tell(format!("  {server}: {asked} decided as its release decides"));
                }
                Ok(it) => {
                    let (wrong, asked) = (it.differ.len(), count(it.asked, "question"));
                    cx.tell(format!("  {server}: DECIDES OTHERWISE, {wrong} of {asked}"));
                    for one in it.differ.iter().take(SHOWN) {
                        cx.tell(format!("    {}", safe(&one.question)));
                        cx.tell(format!("      its release: {}", safe(&one.expected.to_string())));
                        cx.tell(format!("      it answered: {}", safe(&one.answered.to_string())));
                    }
                }
            }
        }
        cx.tell("");
    }

    pub(super) fn as_json(&self) -> Value {
        let one = |it: &Result<Probed, CallError>| match it {
            Err(error) => json!({ "error": error.to_string() }),
            Ok(it) => {
                let differ = it.differ.iter().map(|it| {
                    json!({ "question": it.question, "expected": it.expected, "answered": it.answered })
                });
                json!({ "asked": it.asked, "differ": differ.collect::<Vec<_>>() })
            }
        };
        let all: BTreeMap<&str, Value> =
            self.0.iter().map(|it| (it.0.as_str(), one(it.1))).collect();
        json!(all)
    }
}
