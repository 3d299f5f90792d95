//! The progress bar of a reconciliation.

use indicatif::{ProgressBar, ProgressStyle};
use portal_domain::payouts::PayoutsRun;
use portal_domain::reconcile::Run;

use crate::output::counted;

/// A bar on standard error, shown on a terminal only.
pub(super) struct RunProgressBar {
    bar: ProgressBar,
}

impl RunProgressBar {
    pub(super) fn start() -> Self {
        Self { bar: ProgressBar::new(1000).with_style(style()) }
    }

    pub(super) fn show(&self, run: &Run, payouts: &PayoutsRun) {
        let (looking, thousandths) =
            if run.has_ended() { (payouts.progress(), None) } else { run.progress() };
        self.bar.set_prefix(looking);
        self.bar.set_position(thousandths.unwrap_or_default());
        let report = &run.report;
        let found = report.events_recorded + report.repaired;
        self.bar.set_message(format!(
            "{} seen, {found} recorded or repaired",
            counted(report.shown, "donation")
        ));
    }

    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix} {bar:40} {percent}% {msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
