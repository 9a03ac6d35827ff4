//! Carrying a plan out: progress for people, signals, the words for every end, the ledger.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use taiwa_deployer::{Deployed, ExecuteError, Order, Stage, Watch, execute};
use taiwa_model::ServerId;
use taiwa_plan::{Bundle, Move, Plan, Seen, ledger::OutcomeWord, ledger::RecordKind};

use taiwa_config::environment::NotifyOn;

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::{self, Book, Entry},
        servers::{Group, call},
        signals,
    },
    notify::{self, Event},
    render::{Bars, Step, count, lasting},
};

/// What is carried: a plan with its proof, and the bytes of its release.
pub(crate) struct Cargo {
    /// The plan with what proves it.
    pub(crate) bundle: Bundle,
    /// The plan.
    pub(crate) plan: Plan,
    /// Which of its moves.
    pub(crate) step: Move,
    /// The group's generation before it.
    pub(crate) live: u64,
    /// The release's bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Nobody watches.
pub(crate) struct Quiet;

impl Watch for Quiet {
    fn saw(&self, _: &Stage) {}
}

/// A bar a phase on a terminal; and the knowledge whether the commit was asked for.
struct Phases {
    bars: Bars,
    servers: usize,
    committing: AtomicBool,
    busy: Mutex<BTreeSet<ServerId>>,
    step: Mutex<Option<(&'static str, Step)>>,
}

impl Phases {
    fn enter(&self, label: &'static str) {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        if step.as_ref().is_none_or(|it| it.0 != label) {
            *step = None;
            *step = Some((label, self.bars.step(label, self.servers, "server")));
        }
        if let Some((_, step)) = step.as_ref() {
            step.one();
        }
    }
}

impl Phases {
    /// Says once that a server is asked again.
    fn wait_for(&self, server: &ServerId) {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.insert(server.clone()) {
            self.bars.note(&format!("{server} is busy; it is asked again"));
        }
    }
}

impl Watch for Phases {
    fn saw(&self, stage: &Stage) {
        match stage {
            Stage::Busy(server) => self.wait_for(server),
            Stage::Stored(_) => self.enter("storing the release"),
            Stage::Prepared(_) => self.enter("preparing every server"),
            Stage::Committing => self.committing.store(true, Ordering::SeqCst),
            Stage::Committed | Stage::Activated(_) => self.enter("activating"),
            Stage::Verified(_) => self.enter("verifying"),
        }
    }
}

/// Files the intent, carries the plan out, files the outcome.
pub(crate) fn carry(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    cargo: &Cargo,
) -> Result<Deployed, Failure> {
    let plan = ledger::plan(&cargo.plan);
    let digest = plan.as_ref().map(|it| it.0);
    let intent = Entry {
        kind: RecordKind::Intent,
        environment: &group.name,
        plan: digest,
        objects: plan
            .into_iter()
            .chain(cargo.bundle.statements.iter().filter_map(ledger::statement))
            .collect(),
        text: format!("{} to release {}{}", cargo.word(), cargo.to(), cargo.reach()),
    };
    book.append(cx, &intent)?;
    let done = carry_out(cx, group, cargo);
    let (word, objects) = match &done {
        Ok(it) => {
            let receipts = std::iter::once(&it.committed).chain(it.states.values());
            (OutcomeWord::Done, receipts.filter_map(ledger::statement).collect())
        }
        Err(failure) if failure.reason == "partly-activated" => {
            (OutcomeWord::PartlyActivated, Vec::new())
        }
        Err(failure) if failure.reason == "outcome-unknown" => {
            (OutcomeWord::OutcomeUnknown, Vec::new())
        }
        Err(_) => (OutcomeWord::Aborted, Vec::new()),
    };
    let text = match &done {
        Ok(it) => {
            let (to, reach) = (cargo.to(), cargo.reach());
            format!("{}: release {to} is generation {}{reach}", word.word(), it.generation)
        }
        Err(failure) => format!("{}: {}", word.word(), failure.reason),
    };
    let outcome =
        Entry { kind: RecordKind::Outcome, environment: &group.name, plan: digest, objects, text };
    // The servers are right whatever becomes of the record: what cannot be filed is said, and the answer stays.
    if let Err(failure) = book.append(cx, &outcome) {
        cx.say(format!("ledger-pending: the outcome could not be recorded: {failure}"));
    }
    tell(cx, group, book, cargo, &done);
    done
}

/// Tells whom the environment names what came of it.
fn tell(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    cargo: &Cargo,
    done: &Result<Deployed, Failure>,
) {
    let goal = cargo.plan.goal(cargo.step, cargo.live);
    let event = match done {
        Ok(_) => {
            let part = goal.to.is_some_and(|to| super::partial::was_taken_back(group, book, &to));
            let back = matches!(cargo.word(), "rollback" | "parachute");
            let on = if part || back { NotifyOn::RolledBack } else { NotifyOn::Deployed };
            Event::moved(goal, (on, group.servers.len()), &book.by)
        }
        Err(failure) if failure.exit == Exit::No => {
            Event::refused(cargo.plan.end(cargo.step), failure)
        }
        Err(failure) if failure.reason == "partly-activated" => {
            Event::partly(goal, failure, &book.by)
        }
        // What nobody knows yet, or a person stopped, is none of these: the next command tells.
        Err(_) => return,
    };
    notify::tell(cx, group, &event);
}

impl Cargo {
    fn word(&self) -> &'static str {
        match (self.step, self.plan.kind) {
            (Move::Back, _) => "parachute",
            (Move::Ratify, _) => "ratify",
            (_, taiwa_plan::PlanKind::Emergency) => "emergency",
            (_, taiwa_plan::PlanKind::Rollback) => "rollback",
            _ => "change",
        }
    }

    /// Which step of how many, and whom it reaches; nothing where it is the only one.
    fn reach(&self) -> String {
        if self.step == Move::Back || self.plan.last_step() < 2 {
            return String::new();
        }
        let share = super::share(self.plan.goal(self.step, self.live).share_bp);
        format!(", {} of {}: {share} of visitors", self.step, self.plan.last_step())
    }

    /// The short name of the release that it ends at.
    fn to(&self) -> String {
        self.plan.end(self.step).map_or_else(|| "nothing".to_owned(), |it| it.short())
    }
}

/// Carries the plan out, with progress; a signal ends it in a known state.
pub(crate) fn carry_out(
    cx: &mut Cx<'_>,
    group: &Group,
    cargo: &Cargo,
) -> Result<Deployed, Failure> {
    let phases = Phases {
        bars: Bars::new(cx),
        servers: group.servers.len(),
        committing: AtomicBool::new(false),
        busy: Mutex::default(),
        step: Mutex::new(None),
    };
    let order = Order {
        bundle: &cargo.bundle,
        plan: &cargo.plan,
        step: cargo.step,
        live: cargo.live,
        policy: &group.policy,
        servers: &group.servers,
        bytes: &cargo.bytes,
    };
    let ended = signals::runtime()?.block_on(async {
        let work = execute(&order, &phases);
        tokio::pin!(work);
        tokio::select! {
            done = &mut work => done.map_err(|error| failed(group, &error)),
            signal = signals::next() => {
                if phases.committing.load(Ordering::SeqCst) {
                    // It is committed, or about to be: what was begun is finished, and then said.
                    let done = work.await;
                    return Err(interrupted(signal, group, done.is_ok()));
                }
                Err(given_up(signal, group).await)
            }
        }
    });
    drop(phases);
    let done = ended?;
    let servers = count(group.servers.len(), "server");
    let goal = cargo.plan.goal(cargo.step, cargo.live);
    let what = if goal.share_bp < taiwa_plan::Step::ALL.share_bp {
        let share = super::share(goal.share_bp);
        format!("{share} of the visitors of {} get release {}", group.name, cargo.to())
    } else {
        format!("{} runs release {}", group.name, cargo.to())
    };
    cx.tell(format!(
        "{what} (generation {}) on {servers}; it took {}, servers differed for {}",
        done.generation,
        lasting(i64::try_from(done.total_ms).unwrap_or(i64::MAX)),
        lasting(i64::try_from(done.mixed_window_ms).unwrap_or(i64::MAX)),
    ));
    Ok(done)
}

fn failed(group: &Group, error: &ExecuteError) -> Failure {
    let name = &group.name;
    match error {
        ExecuteError::NothingChanged { cause } => {
            let inner = call(cause);
            Failure { message: format!("nothing was changed on any server of {name}: {}", inner.message), ..inner }
        }
        ExecuteError::OutcomeUnknown { cause } => Failure::world("outcome-unknown", error.to_string())
            .help(cause.to_string())
            .help(format!("when the server answers again: taiwa deploy --to {name} --resume")),
        ExecuteError::PartlyActivated { behind: _, committed: _ } => Failure::world("partly-activated", error.to_string())
            .help(format!("every server answers from a whole release; bring the rest along: taiwa deploy --to {name} --resume")),
        ExecuteError::NoAddress { server: _ } => Failure::no("policy-differs", error.to_string()),
    }
}

fn interrupted(signal: signals::Signal, group: &Group, whole: bool) -> Failure {
    let name = &group.name;
    if whole {
        signal.failure(&format!(
            "stopped by you; the release was committed already and runs on every server of {name}"
        ))
    } else {
        signal
            .failure(&format!(
                "stopped by you after the commit; not every server of {name} has followed yet"
            ))
            .help(format!("taiwa deploy --to {name} --resume"))
    }
}

/// Stopped before the commit: the attempt is ended at the anchor, so that it can never commit.
async fn given_up(signal: signals::Signal, group: &Group) -> Failure {
    let states = group.states().await;
    let anchor = group.anchor();
    let over = match states.group.servers.get(&anchor.id) {
        Some(Seen::State(it)) if it.plan.is_some() => {
            anchor.abort(&it.epoch.to_string()).await.is_ok()
        }
        Some(Seen::State(_)) => true,
        _ => false,
    };
    let name = &group.name;
    if over {
        signal.failure(&format!("stopped by you; nothing was changed on any server of {name}"))
    } else {
        signal
            .failure(&format!(
                "stopped by you; the servers of {name} still answer from the release they had"
            ))
            .help(format!("the attempt ends by itself; to see: taiwa status {name}"))
    }
}
