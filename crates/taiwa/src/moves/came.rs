//! What a move came to: what is true on the servers afterwards, in the ledger's word, and what the command says of it.
//!
//! **Invariants.** What is filed says no less than what the servers have promised: a move that was committed is filed with
//! the anchor's receipt, whoever stopped the command.

use std::time::Duration;

use taiwa_deployer::{CallError, Deployed, ExecuteError};
use taiwa_model::ServerId;
use taiwa_plan::{Envelope, Reason, Seen, ledger::OutcomeWord};
use tokio::time::timeout;

use super::Cargo;
use crate::{
    Failure,
    edge::{
        servers::{Group, call},
        signals::Signal,
    },
};

/// How long the anchor may take to say where it is, and to end an attempt: each, once somebody wants to leave.
const LEAVING: Duration = Duration::from_millis(1500);

/// What a move came to.
pub(crate) struct Came {
    /// What is true, in the ledger's word.
    pub(super) word: OutcomeWord,
    /// The same in a person's words, without that one.
    pub(super) text: String,
    /// What the servers signed of it.
    pub(super) receipts: Vec<Envelope>,
    /// How the command ends.
    pub(super) said: Result<Deployed, Failure>,
}

impl Came {
    /// What carrying it out came to.
    pub(super) fn of(group: &Group, cargo: &Cargo, done: Result<Deployed, ExecuteError>) -> Self {
        let name = &group.name;
        let error = match done {
            Ok(done) => return Self::done(cargo, done),
            Err(error) => error,
        };
        let message = error.to_string();
        match error {
            ExecuteError::NothingChanged { cause } => Self::aborted(unchanged(group, &cause)),
            ExecuteError::NoAddress { server: _ } => {
                Self::aborted(Failure::no("policy-differs", message))
            }
            ExecuteError::OutcomeUnknown { cause } => {
                let failure = Failure::world("outcome-unknown", message).help(cause.to_string());
                Self::unknown(failure.help(format!(
                    "when the server answers again: taiwa deploy --to {name} --resume"
                )))
            }
            ExecuteError::PartlyActivated { behind, committed } => {
                let failure = Failure::world("partly-activated", message).help(format!("every server answers from a whole release; bring the rest along: taiwa deploy --to {name} --resume"));
                Self::partly(cargo, *committed, &behind, failure)
            }
        }
    }

    fn done(cargo: &Cargo, done: Deployed) -> Self {
        let receipts = std::iter::once(&done.committed).chain(done.states.values());
        Self {
            word: OutcomeWord::Done,
            text: cargo.is_live(),
            receipts: receipts.cloned().collect(),
            said: Ok(done),
        }
    }

    /// Nothing was changed.
    pub(super) fn aborted(failure: Failure) -> Self {
        Self {
            word: OutcomeWord::Aborted,
            text: failure.reason.to_owned(),
            receipts: Vec::new(),
            said: Err(failure),
        }
    }

    fn unknown(failure: Failure) -> Self {
        Self {
            word: OutcomeWord::OutcomeUnknown,
            text: "the anchor has not said whether it committed".to_owned(),
            receipts: Vec::new(),
            said: Err(failure),
        }
    }

    /// Committed, and these have not followed; nobody is named where nobody was waited for.
    fn partly(cargo: &Cargo, committed: Envelope, behind: &[ServerId], failure: Failure) -> Self {
        let names: Vec<&str> = behind.iter().map(ServerId::as_str).collect();
        let whom = if names.is_empty() {
            "every server as far as is known".to_owned()
        } else {
            names.join(", ")
        };
        Self {
            word: OutcomeWord::PartlyActivated,
            text: format!("{}, but not yet on {whom}", cargo.is_live()),
            receipts: vec![committed],
            said: Err(failure),
        }
    }
}

/// Refused, or not reached, before the commit.
fn unchanged(group: &Group, cause: &CallError) -> Failure {
    let name = &group.name;
    let failure = call(cause);
    let unchanged = format!("nothing was changed on any server of {name} by this command");
    // It fitted the servers a moment ago.
    let overtaken = [Reason::StalePlan, Reason::Conflict].map(Reason::word);
    if failure.conditions.first().is_some_and(|it| overtaken.contains(it)) {
        let message =
            format!("{unchanged}: somebody else moved {name} meanwhile ({})", failure.message);
        return Failure { reason: "conflict", message, ..failure }
            .help(format!("see what runs there now: taiwa status {name}"))
            .help("if this is still to be done: the same command again");
    }
    Failure { message: format!("{unchanged}: {}", failure.message), ..failure }
        .help("once that is mended: the same command again")
}

/// Stopped after the anchor was told to commit: as far as it came until then.
pub(super) fn interrupted(
    signal: Signal,
    group: &Group,
    cargo: &Cargo,
    (done, committed): (Option<Result<Deployed, ExecuteError>>, Option<Envelope>),
) -> Came {
    let name = &group.name;
    let nothing = || signal.failure("stopped by you");
    let came = match (done, committed) {
        (Some(done), _) => Came::of(group, cargo, done),
        (None, Some(committed)) => Came::partly(cargo, committed, &[], nothing()),
        (None, None) => Came::unknown(nothing()),
    };
    let resume = format!("taiwa deploy --to {name} --resume");
    let failure = match came.word {
        OutcomeWord::Done => signal.failure(&format!(
            "stopped by you; the release was committed already and runs on every server of {name}"
        )),
        OutcomeWord::PartlyActivated => signal
            .failure(&format!(
                "stopped by you after the commit; not every server of {name} has followed yet"
            ))
            .help(resume),
        OutcomeWord::OutcomeUnknown => signal
            .failure(&format!(
                "stopped by you while the anchor of {name} was told to commit; it has not said whether it did"
            ))
            .help(format!("to see: taiwa status {name}"))
            .help(format!("to bring it to its end: {resume}")),
        OutcomeWord::Aborted => signal.failure(&format!(
            "stopped by you; nothing was changed on any server of {name} by this command"
        )),
    };
    Came { said: Err(failure), ..came }
}

/// Stopped before the commit: the attempt is ended at the anchor, so that it can never commit. Who does not answer at
/// once is not waited for: without this command nobody tells the anchor to commit.
pub(super) async fn given_up(signal: Signal, group: &Group) -> Came {
    let anchor = group.anchor();
    let asked = timeout(LEAVING, taiwa_deployer::state(&group.policy, anchor)).await;
    let over = match asked.map(|it| it.0) {
        Ok(Seen::State(it)) if it.plan.is_some() => {
            let ended = timeout(LEAVING, anchor.abort(&it.epoch.to_string())).await;
            matches!(ended, Ok(Ok(_)))
        }
        Ok(Seen::State(_)) => true,
        _ => false,
    };
    let name = &group.name;
    Came::aborted(if over {
        signal.failure(&format!(
            "stopped by you; nothing was changed on any server of {name} by this command"
        ))
    } else {
        signal
            .failure(&format!(
                "stopped by you; the servers of {name} still answer from the release they had"
            ))
            .help(format!("the attempt ends by itself; to see: taiwa status {name}"))
    })
}
