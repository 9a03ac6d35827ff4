//! The remote: what it has, and giving it more.

use git2::Oid;

use super::{LEDGER_REF, Ledger};
use crate::{
    GitError,
    program::{ProgramError, Said, Ssh},
};

/// What came of fetching.
pub(super) enum Fetched {
    /// The remote's head, or none where it has no ledger.
    Head(Option<Oid>),
    /// Another process of this clone is at it.
    Busy(String),
    /// No answer.
    Unreachable(String),
    /// The remote's ledger does not hold what was seen in it.
    Rewritten,
}

/// What came of publishing.
pub(super) enum Push {
    /// It is the head now.
    Done,
    /// Somebody was first, or holds a lock.
    Busy(String),
    /// No answer, or a refusal for good; it may have arrived all the same.
    Failed(String),
}

impl Ledger<'_> {
    fn run(&self, args: &[&str]) -> Result<Said, ProgramError> {
        let configured =
            self.git().config().and_then(|it| it.get_string("core.sshCommand").map(|_| ())).is_ok();
        let ssh = if configured { Ssh::Configured } else { Ssh::Plain };
        self.settings.program.run(self.git().path(), ssh, args)
    }

    /// Asks the remote for its ledger.
    pub(super) fn fetch(&self, remote: &str, seen: &str) -> Result<Fetched, GitError> {
        let refspec = format!("{LEDGER_REF}:{seen}");
        // Not quiet: only then does it say why a ref was not moved.
        let alone = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
        let args = [&["fetch"], &alone[..], &["--no-auto-maintenance", "--", remote, &refspec]];
        let said = match self.run(&args.concat()) {
            Ok(said) => said,
            Err(error) => return Ok(Fetched::Unreachable(error.to_string())),
        };
        if said.ok {
            return Ok(Fetched::Head(self.tip(seen)?));
        }
        if said.err.contains("couldn't find remote ref") {
            // Where one was seen before, pushing on top of it brings it back.
            return Ok(Fetched::Head(self.tip(seen)?));
        }
        Ok(if said.err.contains("non-fast-forward") {
            Fetched::Rewritten
        } else if said.err.contains("cannot lock ref") || said.err.contains(".lock") {
            Fetched::Busy(said.why())
        } else {
            Fetched::Unreachable(said.why())
        })
    }

    /// What the remote has now, beside what was seen there.
    pub(super) fn fetch_anew(&self, remote: &str) -> Result<Option<Oid>, GitError> {
        let place = format!("refs/taiwa/rewritten/{remote}");
        let refspec = format!("+{LEDGER_REF}:{place}");
        let alone = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
        let args = [&["fetch"], &alone[..], &["--no-auto-maintenance", "--", remote, &refspec]];
        match self.run(&args.concat()) {
            Ok(said) if said.ok => self.tip(&place),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// Gives the remote this commit as its head, if it only adds to what it has.
    pub(super) fn push(&self, remote: &str, commit: Oid) -> Push {
        let refspec = format!("{commit}:{LEDGER_REF}");
        let args = ["push", "--quiet", "--porcelain", "--no-verify", "--", remote, &refspec];
        let said = match self.run(&args) {
            Ok(said) => said,
            Err(error) => return Push::Failed(error.to_string()),
        };
        let refused =
            said.out.lines().find(|it| it.starts_with('!')).map(|it| it.replace('\t', " "));
        match refused {
            _ if said.ok => Push::Done,
            Some(line) if line.contains("declined") || line.contains("protected") => {
                Push::Failed(line)
            }
            Some(line) if line.contains("rejected]") => Push::Busy(line),
            _ => Push::Failed(said.why()),
        }
    }
}
