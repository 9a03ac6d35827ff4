//! Progress: bars on a terminal for anything over half a second, plain lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Cx;

/// Draws the progress of one command.
#[derive(Clone)]
pub(crate) struct Bars {
    draws: bool,
}

/// One piece of work under way.
pub(crate) struct Step {
    bar: ProgressBar,
}

impl Bars {
    /// For this command's terminal, if it has one.
    pub(crate) fn new(cx: &Cx<'_>) -> Self {
        Self { draws: cx.draws_progress() && !cx.json() }
    }

    /// Begins a piece of work of so many parts; 0 where nobody knows.
    pub(crate) fn step(&self, label: &str, parts: usize) -> Step {
        let target = if self.draws {
            ProgressDrawTarget::stderr_with_hz(12)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target((parts > 0).then_some(parts as u64), target);
        let template = if parts > 0 { "  {msg} {bar:24} {pos}/{len}" } else { "  {msg} {spinner}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_message(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(500));
        Step { bar }
    }
}

impl Step {
    /// One part more is done.
    pub(crate) fn one(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
