//! The ledger as the commands see it: read as a whole, appended to by record.

use std::{convert::Infallible, time::Duration};

use taiwa_git::{
    AppendError, Author, NewRecord, Program, Published, Repository, Settings, pause_ms,
};
use taiwa_model::{Digest, EnvironmentName};
use taiwa_plan::{
    Envelope, Plan,
    ledger::{
        Draft, Ledger as Story, OutcomeWord, Problem, Record, RecordKind, object_path, record_path,
    },
};

use super::marked::Head;
use crate::{Cx, Failure};

/// The ledger of the workspace's repository.
pub(crate) struct Book<'a> {
    git: taiwa_git::Ledger<'a>,
    /// Who writes it, as git names them.
    pub(crate) by: String,
    email: String,
    /// What is in it.
    pub(crate) story: Story,
    /// What could not be read of it.
    pub(crate) problems: Vec<Problem>,
    /// Where the shared ledger no longer holds what this clone has seen of it, if somebody cut or rewrote it.
    pub(crate) rewritten: Option<Problem>,
    /// What somebody did to the ledger of this clone, if it can go nowhere.
    pub(crate) damaged: Option<String>,
}

/// The release that an environment runs, as far as this clone knows the ledger; nothing is fetched, nobody is asked.
pub(crate) fn known_release(
    cx: &Cx<'_>,
    repository: &Repository,
    name: &EnvironmentName,
) -> Result<Option<Digest>, Failure> {
    let settings = Settings {
        remote: repository.remote(),
        author: Author::new("unknown", "unknown@localhost"),
        at: cx.now(),
        program: Program::default(),
    };
    let (story, _) = read(&taiwa_git::Ledger::new(repository, settings))?;
    let done = |it: &Record| {
        matches!(it.outcome(), Some(OutcomeWord::Done | OutcomeWord::PartlyActivated))
    };
    let mut moves = story.records.iter().rev().map(|it| &it.0);
    let last = moves.find(|it| it.environment == *name && done(it));
    Ok(last.and_then(|it| story.plan(&it.plan?)).map(|it| it.to))
}

/// What a command adds.
pub(crate) struct Entry<'a> {
    /// What sort of record.
    pub(crate) kind: RecordKind,
    /// The environment it is about.
    pub(crate) environment: &'a EnvironmentName,
    /// The plan it is about.
    pub(crate) plan: Option<Digest>,
    /// The objects that it files.
    pub(crate) objects: Vec<(Digest, Vec<u8>)>,
    /// For people; no secrets.
    pub(crate) text: String,
}

/// A statement as an object of the ledger.
pub(crate) fn statement(envelope: &Envelope) -> Option<(Digest, Vec<u8>)> {
    Some((envelope.digest(), envelope.to_bytes().ok()?))
}

/// A plan as an object of the ledger.
pub(crate) fn plan(plan: &Plan) -> Option<(Digest, Vec<u8>)> {
    let bytes = plan.to_bytes().ok()?;
    Some((Plan::digest_of(&bytes), bytes))
}

impl<'a> Book<'a> {
    /// Reads the ledger; what the remote has is fetched first, and a remote that cannot be asked is said.
    pub(crate) fn open(cx: &mut Cx<'_>, head: &'a Head) -> Result<Self, Failure> {
        let book = Self::as_seen(cx, head)?;
        match (&book.rewritten, &book.damaged) {
            (None, None) => Ok(book),
            (Some(problem), _) => Err(rewritten(problem)),
            (None, Some(what)) => Err(damaged(what)),
        }
    }

    /// The same for whoever looks, stops or goes back: a shared ledger that somebody rewrote keeps nobody from that. It is
    /// said, and what is filed waits in this clone.
    pub(crate) fn even_so(cx: &mut Cx<'_>, head: &'a Head) -> Result<Self, Failure> {
        let book = Self::as_seen(cx, head)?;
        if let Some(what) = &book.damaged {
            return Err(damaged(what));
        }
        if let Some(problem) = &book.rewritten {
            cx.say(format!(
                "ledger-rewritten: somebody cut or rewrote the shared ledger: {problem}; going on with what this clone has \
                 seen; look at it: taiwa history --verify"
            ));
        }
        Ok(book)
    }

    /// The same where nothing is to be appended: a shared ledger that was rewritten is part of what is told.
    pub(crate) fn as_seen(cx: &mut Cx<'_>, head: &'a Head) -> Result<Self, Failure> {
        let author =
            head.repository.author().unwrap_or_else(|| Author::new("unknown", "unknown@localhost"));
        let by = format!("{} <{}>", author.name, author.email);
        let email = author.email.clone();
        let settings = Settings {
            remote: head.repository.remote(),
            author,
            at: cx.now(),
            program: Program::default(),
        };
        let git = taiwa_git::Ledger::new(&head.repository, settings);
        let refreshed = git.refresh(&mut wait);
        let rewritten = match &refreshed {
            Err(AppendError::Rewritten { remote }) => Some(difference(&git, remote)?),
            _ => None,
        };
        let damaged = match &refreshed {
            Err(AppendError::Damaged { what }) => Some(what.clone()),
            _ => None,
        };
        let refreshed = match refreshed {
            Err(AppendError::Rewritten { .. } | AppendError::Damaged { .. }) => {
                taiwa_git::Refreshed::default()
            }
            other => other.map_err(|it| broken(&it))?,
        };
        if let Some(trouble) = refreshed.trouble {
            cx.say(format!("ledger-pending: the shared ledger cannot be reached ({trouble}); going on with this clone's"));
        }
        let (story, problems) = read(&git)?;
        Ok(Self { git, by, email, story, problems, rewritten, damaged })
    }

    /// Appends a record and reads it back into the story. One that cannot be published yet is kept and said.
    pub(crate) fn append(&mut self, cx: &mut Cx<'_>, entry: &Entry<'_>) -> Result<(), Failure> {
        let mut draft = Draft {
            time: cx.now().whole_second(),
            kind: entry.kind,
            environment: entry.environment.clone(),
            plan: entry.plan,
            objects: entry.objects.iter().map(|it| it.0).collect(),
            by: self.by.clone(),
            text: entry.text.clone(),
        };
        draft.objects.sort();
        let mut make = |head: taiwa_git::Head| -> Result<NewRecord, Infallible> {
            let before = head.prev.map(|digest| (head.seq - 1, digest));
            let record = draft.clone().after(before).to_bytes().unwrap_or_default();
            Ok(NewRecord { record, objects: entry.objects.clone(), summary: summary(entry) })
        };
        let appended = match &self.rewritten {
            Some(_) => {
                self.git.append_waiting(&mut make, &mut wait, "the shared ledger was rewritten")
            }
            None => self.git.append(&mut make, &mut wait),
        };
        let appended = appended.map_err(|it| broken(&it))?;
        if let Published::Pending { why } = &appended.published {
            cx.say(format!("ledger-pending: the record is kept in this clone and goes along with the next ({why})"));
        }
        (self.story, self.problems) = read(&self.git)?;
        Ok(())
    }

    /// The address of whoever uses this clone, as git knows it.
    pub(crate) fn email(&self) -> &str {
        &self.email
    }

    /// The digest that a plan names as the head it saw.
    pub(crate) fn head(&self) -> Option<Digest> {
        self.story.head().map(|it| it.1)
    }

    /// What each commit of the branch did that a sound one does not do.
    pub(crate) fn unsound(&self) -> Result<Vec<Problem>, Failure> {
        let facts = self.git.facts().map_err(|it| Failure::world("git", it.to_string()))?;
        let mut problems = Vec::new();
        for (index, it) in facts.iter().enumerate() {
            let parents = usize::from(index > 0);
            if it.parents != parents || it.records.len() != 1 || !it.altered.is_empty() {
                let some: Vec<&str> = it.altered.iter().take(3).map(String::as_str).collect();
                let which =
                    if some.is_empty() { String::new() } else { format!(": {}", some.join(", ")) };
                let what = format!(
                    "the commit has {} parents, {} records and altered {} files{which}",
                    it.parents,
                    it.records.len(),
                    it.altered.len(),
                );
                problems.push(Problem::new(it.commit.to_string(), what));
            }
        }
        Ok(problems)
    }
}

/// Where the shared ledger and what this clone has seen of it part.
fn difference(git: &taiwa_git::Ledger<'_>, remote: &str) -> Result<Problem, Failure> {
    let fail = |it: taiwa_git::GitError| Failure::world("git", it.to_string());
    let seen = git.read().map_err(fail)?;
    let Some(now) = git.read_anew().map_err(fail)? else {
        let what = format!("was rewritten, and {remote} does not say what it has now");
        return Ok(Problem::new("the shared ledger", what));
    };
    let last = now.last().map_or(0, |it| it.seq);
    let other = seen.iter().find(|it| !now.contains(it));
    Ok(match other {
        Some(it) if it.seq > last => {
            let known = seen.last().map_or(0, |it| it.seq);
            let what = format!(
                "was cut away: the ledger at {remote} ends at record {last}, this clone has seen {known}"
            );
            Problem::new(record_path(it.seq), what)
        }
        Some(it) => {
            let what = format!("is another one at {remote} than this clone has seen there");
            Problem::new(record_path(it.seq), what)
        }
        None => {
            let what = format!(
                "at {remote} has the same records in other commits than this clone has seen"
            );
            Problem::new("the shared ledger", what)
        }
    })
}

/// Nothing is appended to a ledger that was rewritten.
pub(crate) fn rewritten(problem: &Problem) -> Failure {
    Failure::no("ledger-rewritten", format!("somebody cut or rewrote the shared ledger: {problem}"))
        .help("nothing is deployed or promoted until people have looked: taiwa history --verify")
        .help("what this clone has seen: git log --oneline refs/taiwa/seen/REMOTE; what is there now: git log --oneline refs/taiwa/rewritten/REMOTE")
        .help("to put back what was seen: git push --force REMOTE refs/taiwa/seen/REMOTE:refs/heads/taiwa/ledger")
}

fn damaged(what: &str) -> Failure {
    Failure::no("ledger-unsound", what.to_owned())
        .help("nothing goes on until people have looked: taiwa history --verify")
}

fn summary(entry: &Entry<'_>) -> String {
    let kind = serde_json::to_value(entry.kind).unwrap_or_default();
    let text: String = entry.text.lines().next().unwrap_or_default().chars().take(80).collect();
    format!("{} {}: {text}", kind.as_str().unwrap_or("record"), entry.environment)
}

fn read(git: &taiwa_git::Ledger<'_>) -> Result<(Story, Vec<Problem>), Failure> {
    let fail = |it: taiwa_git::GitError| Failure::world("git", it.to_string());
    // What waits in this clone is part of its story: whoever signed here can go on here.
    let mut raw = git.read().map_err(fail)?;
    raw.extend(git.waiting_records().map_err(|it| broken(&it))?);
    let records: Vec<(String, Vec<u8>)> =
        raw.into_iter().map(|it| (record_path(it.seq), it.bytes)).collect();
    let (named, _) = Story::read(records.clone(), []);
    let mut digests: Vec<Digest> =
        named.records.iter().flat_map(|it| it.0.objects.clone()).collect();
    digests.sort();
    digests.dedup();
    let mut objects = Vec::with_capacity(digests.len());
    for digest in digests {
        if let Some(bytes) = git.object(&digest).map_err(fail)? {
            objects.push((object_path(&digest), bytes));
        }
    }
    Ok(Story::read(records, objects))
}

/// Waits before another try against other writers; what is random is only how long.
fn wait(attempt: u32) {
    let mut bytes = [0; 8];
    let random = getrandom::fill(&mut bytes).map_or(0, |()| u64::from_le_bytes(bytes));
    std::thread::sleep(Duration::from_millis(pause_ms(attempt, random)));
}

fn broken<E: std::error::Error>(error: &AppendError<E>) -> Failure {
    match error {
        AppendError::Rewritten { remote } => {
            let what = format!("at {remote} no longer holds what was seen there");
            rewritten(&Problem::new("the shared ledger", what))
        }
        _ => Failure::world("ledger", error.to_string()),
    }
}
