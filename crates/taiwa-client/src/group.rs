//! The signed state of every server of a group, each over a challenge of its own.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use taiwa_model::ServerId;
use taiwa_plan::{Envelope, GroupState, Policy, Seen, read_state};
use tokio::{task::JoinSet, time::timeout};

use crate::{CallError, Server};

/// What a group says: judged, and as it was signed.
#[derive(Debug, Default)]
pub struct States {
    /// What is known of each server.
    pub group: GroupState,
    /// The envelope of each state that was believed, for the ledger.
    pub envelopes: BTreeMap<ServerId, Envelope>,
}

/// A text that no answer can have known before: 32 hex digits of randomness.
///
/// # Errors
/// When the system gives no randomness.
pub fn challenge() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    }))
}

/// Asks every server at once. A server that does not answer, or not as the policy's key, is part of the answer.
pub async fn states(policy: &Policy, servers: &[Server]) -> States {
    states_within(policy, servers, Duration::MAX).await
}

/// The same, where no server is waited for longer than so long.
pub async fn states_within(policy: &Policy, servers: &[Server], limit: Duration) -> States {
    let mut asked = JoinSet::new();
    for server in servers {
        let (server, policy) = (server.clone(), policy.clone());
        asked.spawn(async move {
            let answer = timeout(limit, state(&policy, &server)).await;
            let (seen, envelope) = answer.unwrap_or_else(|_| {
                (Seen::Unreachable(format!("no answer in {} s", limit.as_secs())), None)
            });
            (server.id, seen, envelope)
        });
    }
    let mut states = States::default();
    while let Some(answer) = asked.join_next().await {
        let Ok((id, seen, envelope)) = answer else { continue };
        if let Some(envelope) = envelope {
            states.envelopes.insert(id.clone(), envelope);
        }
        states.group.servers.insert(id, seen);
    }
    states
}

/// The state of one server.
pub async fn state(policy: &Policy, server: &Server) -> (Seen, Option<Envelope>) {
    let Ok(challenge) = challenge() else {
        return (Seen::Unreachable("this machine gives no randomness".to_owned()), None);
    };
    let answer = match server.group(&challenge).await {
        Ok(answer) => server.envelope(&answer.state),
        Err(error) => Err(error),
    };
    match answer {
        Ok(envelope) => {
            let seen = read_state(policy, &server.id, &envelope, &challenge);
            let believed = matches!(seen, Seen::State(_)).then_some(envelope);
            (seen, believed)
        }
        Err(CallError::Unreachable { what, url, server: _ }) => {
            (Seen::Unreachable(format!("{url}: {what}")), None)
        }
        Err(error) => (Seen::Untrusted(error.to_string()), None),
    }
}
