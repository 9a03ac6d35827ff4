//! Progress: bars on a terminal for anything over half a second, a plain line a phase elsewhere.

use std::{
    cell::Cell,
    io::{self, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{Cx, render::count};

/// Draws the progress of one command.
#[derive(Clone, Copy)]
pub(crate) struct Bars {
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Bars,
    Lines,
    Nothing,
}

/// One piece of work under way.
pub(crate) struct Step {
    bar: ProgressBar,
    label: String,
    /// What a plain line says: the work, and what its parts are.
    line: Option<(String, String)>,
    done: Cell<usize>,
}

impl Bars {
    /// For this command's terminal, if it has one; a program that reads JSON wants neither bars nor lines.
    pub(crate) fn new(cx: &Cx<'_>) -> Self {
        let way = match (cx.json(), cx.draws_progress()) {
            (true, _) => Way::Nothing,
            (false, true) => Way::Bars,
            (false, false) => Way::Lines,
        };
        Self { way }
    }

    /// A line of talk while something is under way.
    pub(crate) fn note(self, line: &str) {
        match self.way {
            Way::Bars => writeln!(io::stderr(), "\r  {line}").ok(),
            Way::Lines => writeln!(io::stdout(), "  {line}").ok(),
            Way::Nothing => None,
        };
    }

    /// Begins a piece of work of so many parts; 0 where nobody knows. `noun` is what a part is.
    pub(crate) fn step(self, label: &str, parts: usize, noun: &str) -> Step {
        let target = if self.way == Way::Bars {
            ProgressDrawTarget::stderr_with_hz(12)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target((parts > 0).then_some(parts as u64), target);
        let template = if parts > 0 { "  {msg} {bar:24} {pos}/{len}" } else { "  {msg} {spinner}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_message(format!("{label:22}"));
        bar.enable_steady_tick(Duration::from_millis(500));
        let line = (self.way == Way::Lines).then(|| (label.to_owned(), noun.to_owned()));
        Step { bar, label: label.to_owned(), line, done: Cell::new(0) }
    }
}

impl Step {
    /// One part more is done.
    pub(crate) fn one(&self) {
        self.done.set(self.done.get() + 1);
        self.bar.inc(1);
    }

    /// Says beside the bar for whom it waits.
    pub(crate) fn waits_for(&self, whom: &str) {
        self.bar.set_message(format!("{:22} waiting for {whom}", self.label));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if let Some((label, noun)) = &self.line {
            // Beside the answer: on stderr the word of a no comes first. A reader that has gone away is its own choice.
            writeln!(io::stdout(), "  {label}: {}", count(self.done.get(), noun)).ok();
        }
    }
}
