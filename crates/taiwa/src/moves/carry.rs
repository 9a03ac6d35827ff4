//! Carrying a plan out: progress for people, signals, the ledger. The words for every end are in `came`.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use taiwa_deployer::{Deployed, Order, Stage, Watch, execute};
use taiwa_model::ServerId;
use taiwa_plan::{Bundle, Envelope, Move, Plan, ledger::RecordKind};
use tokio::time::timeout;

use taiwa_config::environment::NotifyOn;

use super::came::{Came, given_up, interrupted};
use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::{self, Book, Entry},
        servers::Group,
        signals,
    },
    notify::{self, Event},
    render::{Bars, Step, count, lasting},
};

/// How long what was begun may go on after a signal, once the anchor was told to commit.
const LAST: Duration = Duration::from_secs(3);

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
    committed: Mutex<Option<Envelope>>,
    busy: Mutex<BTreeSet<ServerId>>,
    waiting: Mutex<BTreeSet<ServerId>>,
    step: Mutex<Option<(&'static str, Step)>>,
}

/// What is behind a lock, whoever gave up while holding it.
fn locked<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Phases {
    fn new(bars: Bars, servers: usize) -> Self {
        Self {
            bars,
            servers,
            committing: AtomicBool::new(false),
            committed: Mutex::default(),
            busy: Mutex::default(),
            waiting: Mutex::default(),
            step: Mutex::new(None),
        }
    }

    fn enter(&self, label: &'static str) {
        let mut step = locked(&self.step);
        if step.as_ref().is_none_or(|it| it.0 != label) {
            locked(&self.waiting).clear();
            *step = None;
            *step = Some((label, self.bars.step(label, self.servers, "server")));
        }
        if let Some((_, step)) = step.as_ref() {
            step.one();
        }
    }

    /// Says once that a server is asked again.
    fn asks_again(&self, server: &ServerId) {
        if locked(&self.busy).insert(server.clone()) {
            self.bars.note(&format!("{server} is busy; it is asked again"));
        }
    }

    /// Says, once a phase, that a server is waited for.
    fn waits_for(&self, server: &ServerId) {
        if locked(&self.waiting).insert(server.clone()) {
            self.bars.note(&format!("waiting for {server}, which has not answered yet"));
            if let Some((_, step)) = locked(&self.step).as_ref() {
                step.waits_for(server.as_str());
            }
        }
    }
}

impl Watch for Phases {
    fn saw(&self, stage: &Stage) {
        match stage {
            Stage::Busy(server) => self.asks_again(server),
            Stage::Waiting(server) => self.waits_for(server),
            Stage::Stored(_) => self.enter("storing the release"),
            Stage::Prepared(_) => self.enter("preparing every server"),
            Stage::Committing => self.committing.store(true, Ordering::SeqCst),
            Stage::Committed | Stage::Activated(_) => self.enter("activating"),
            Stage::Verified(_) => self.enter("verifying"),
        }
    }

    fn committed(&self, receipt: &Envelope) {
        *locked(&self.committed) = Some(receipt.clone());
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
    book.append(cx, &intent).map_err(|it| unfiled(group, it))?;
    let came = carry_out(cx, group, cargo);
    let objects = came.receipts.iter().filter_map(ledger::statement).collect();
    let text = format!("{}: {}", came.word.word(), came.text);
    let outcome =
        Entry { kind: RecordKind::Outcome, environment: &group.name, plan: digest, objects, text };
    // The servers are right whatever becomes of the record: what cannot be filed is said, and the answer stays.
    if let Err(failure) = book.append(cx, &outcome) {
        cx.say(format!("ledger-pending: the outcome could not be recorded: {failure}"));
    }
    tell(cx, group, book, cargo, &came.said);
    came.said
}

/// What is not in the ledger is not carried out.
fn unfiled(group: &Group, failure: Failure) -> Failure {
    let name = &group.name;
    let message = format!("{}; nothing was changed on any server of {name}", failure.message);
    let failure = Failure { message, ..failure };
    if failure.reason != "ledger" {
        return failure;
    }
    failure
        .help("nothing moves that the ledger of this clone cannot tell of: see that its disk has room, and that you may write there")
        .help("then the same command again")
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

    /// Whether nothing of its plan is left to be done after it.
    pub(super) fn is_last(&self) -> bool {
        !matches!(self.step, Move::Step(number) if number < self.plan.last_step())
    }

    /// What is true once it is committed, for the ledger.
    pub(super) fn is_live(&self) -> String {
        let generation = self.plan.goal(self.step, self.live).target;
        format!("release {} is generation {generation}{}", self.to(), self.reach())
    }

    /// The short name of the release that it ends at.
    fn to(&self) -> String {
        self.plan.end(self.step).map_or_else(|| "nothing".to_owned(), |it| it.short())
    }
}

/// Carries the plan out, with progress; a signal ends it in a known state.
pub(crate) fn carry_out(cx: &mut Cx<'_>, group: &Group, cargo: &Cargo) -> Came {
    let phases = Phases::new(Bars::new(cx), group.servers.len());
    let order = Order {
        bundle: &cargo.bundle,
        plan: &cargo.plan,
        step: cargo.step,
        live: cargo.live,
        policy: &group.policy,
        servers: &group.servers,
        bytes: &cargo.bytes,
    };
    let runtime = match signals::runtime() {
        Ok(runtime) => runtime,
        Err(failure) => return Came::aborted(failure),
    };
    let came = runtime.block_on(async {
        let work = execute(&order, &phases);
        tokio::pin!(work);
        tokio::select! {
            done = &mut work => Came::of(group, cargo, done),
            signal = signals::next() => {
                if !phases.committing.load(Ordering::SeqCst) {
                    phases.bars.note("stopped by you; ending what was begun");
                    return given_up(signal, group).await;
                }
                // It is committed, or about to be: what was begun may finish, but nobody who wants to leave waits for long.
                phases.bars.note("stopped by you after the commit was begun; seeing how far it comes");
                let done = timeout(LAST, &mut work).await.ok();
                let committed = locked(&phases.committed).take();
                interrupted(signal, group, cargo, (done, committed))
            }
        }
    });
    drop(phases);
    if let Ok(done) = &came.said {
        cx.tell(told(group, cargo, done));
    }
    came
}

/// What runs now, for people.
fn told(group: &Group, cargo: &Cargo, done: &Deployed) -> String {
    let servers = count(group.servers.len(), "server");
    let goal = cargo.plan.goal(cargo.step, cargo.live);
    let what = if goal.share_bp < taiwa_plan::Step::ALL.share_bp {
        let share = super::share(goal.share_bp);
        format!("{share} of the visitors of {} get release {}", group.name, cargo.to())
    } else {
        format!("{} runs release {}", group.name, cargo.to())
    };
    format!(
        "{what} (generation {}) on {servers}; it took {}, servers differed for {}",
        done.generation,
        lasting(i64::try_from(done.total_ms).unwrap_or(i64::MAX)),
        lasting(i64::try_from(done.mixed_window_ms).unwrap_or(i64::MAX)),
    )
}
