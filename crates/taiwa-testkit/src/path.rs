//! The way of a release from staging to production, as people go it: each step a command.

use crate::{Answer, World, until};

/// How long a soak may take, in seconds.
const SOAK_S: u64 = 30;

impl World {
    /// The scenarios are run on staging, and the runner signs what came of them.
    #[track_caller]
    pub fn prove(&self) -> Answer {
        self.signed_by_runner(&["test", "--on", "staging"])
    }

    /// A command with the runner's key.
    #[track_caller]
    pub fn signed_by_runner(&self, words: &[&str]) -> Answer {
        self.taiwa(&[words, &["--key", &self.cast.runner.file]].concat())
    }

    /// What is marked for staging is marked for production, and committed.
    #[track_caller]
    pub fn mark_for_production(&self) {
        self.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
        self.commit("Mark for production");
    }

    /// Both roles approve the open plan of production; `more` is said to the command besides.
    #[track_caller]
    pub fn approve(&self, more: &[&str]) {
        let (manager, other) = (&self.cast.manager, &self.cast.touchpoint_manager);
        for (role, key) in [("manager", manager), ("touchpoint-manager", other)] {
            let words =
                ["approve", "--to", "production", "--as", role, "--key", &key.file, "--yes"];
            self.taiwa(&[&words[..], more].concat()).exits(0);
        }
    }

    /// Until the release has run on staging for long enough.
    #[track_caller]
    pub fn soak(&self) {
        until("the soak is over", SOAK_S, || {
            let unmet = self.taiwa(&["why-not", "--to", "production"]);
            let said = format!("{}{}", unmet.out, unmet.err);
            (!said.contains("soak-missing")).then_some(())
        });
    }

    /// What is marked for staging is deployed and proven there, marked for production, approved by both and soaked: all
    /// that is left to do is to promote it. `more` is said when it is approved.
    #[track_caller]
    pub fn ready_to_promote(&self, more: &[&str]) {
        self.deploy();
        self.prove().exits(0);
        self.mark_for_production();
        self.approve(more);
        self.soak();
    }
}
