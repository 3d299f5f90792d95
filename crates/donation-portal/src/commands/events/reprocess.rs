//! `donation-portal events retry`: reprocesses events page by page.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use portal_domain::ledger::lacking_fact;
use portal_domain::reprocess::{ReprocessOutcome, reprocess_page};
use portal_domain::{
    ActionVerb, OperatorAction, Selection, State, Store, StoreError, UnixSeconds, text,
};

use super::action::EventAction;
use crate::commands::actions::Acted;
use crate::commands::finish;
use crate::exit::{Exit, Failure};
use crate::output;

pub(super) struct Retry;

impl EventAction for Retry {
    const VERB: ActionVerb = ActionVerb::Reprocess;
    const DONE: &'static str = "retried";
    const POSSIBLE: &'static str =
        "only events that are processed, dead or ignored (by_operator) and match the selection";

    async fn count(store: &dyn Store, which: &Selection) -> Result<u64, StoreError> {
        store.count_for(OperatorAction::Reprocess, which).await
    }

    fn act(&self, store: &dyn Store, which: &Selection, now: UnixSeconds) -> Acted {
        let progress = ProgressBar::new_spinner().with_message("retried");
        let mut result = ReprocessTally::default();
        let mut last = None;
        loop {
            let page = reprocess_page(store, which, last.as_ref(), now);
            let page = finish(text!("reprocess events", "イベントを再処理できません"), page)?;
            progress.inc(page.outcomes.len() as u64);
            page.outcomes.iter().for_each(|it| result.add(it));
            if page.last.is_none() {
                break;
            }
            last = page.last;
        }
        progress.finish_and_clear();
        output::print(result.in_words())?;
        match result.failed {
            Some(error) => {
                let what = text!("reprocess every event", "再処理できないイベントがあります");
                Err(Failure::could_not(what, &error))
            }
            None if result.dead > 0 => Ok((Exit::FoundWrong, result.retried)),
            None => Ok((Exit::Done, result.retried)),
        }
    }
}

/// Counts the outcomes of reprocessing.
#[derive(Default)]
struct ReprocessTally {
    retried: u64,
    processed: u64,
    awaiting_object: u64,
    dead: u64,
    /// Dead events by reason, each with its count.
    reasons: BTreeMap<String, u64>,
    failed: Option<StoreError>,
}

impl ReprocessTally {
    fn add(&mut self, outcome: &ReprocessOutcome) {
        let event = match outcome {
            Ok(event) => event,
            Err(error) => {
                self.failed = Some(error.clone());
                return;
            }
        };
        self.retried += 1;
        match event.state {
            State::Processed => self.processed += 1,
            State::AwaitingObject { .. } => self.awaiting_object += 1,
            State::Dead(reason) => {
                self.dead += 1;
                let fact = lacking_fact(event).map(|it| format!(" ({it})")).unwrap_or_default();
                *self.reasons.entry(format!("{}{fact}", reason.name())).or_default() += 1;
            }
            State::Ignored(_) => {}
        }
    }

    /// Returns a summary such as `3 retried: 2 processed, 1 still dead: facts_missing (currency)`.
    fn in_words(&self) -> String {
        let mut parts = Vec::new();
        if self.processed > 0 {
            parts.push(format!("{} processed", self.processed));
        }
        if self.awaiting_object > 0 {
            parts.push(format!("{} awaiting their object", self.awaiting_object));
        }
        if self.dead > 0 {
            let reason = |(reason, count): (&String, &u64)| match self.reasons.len() {
                1 => reason.clone(),
                _ => format!("{count} {reason}"),
            };
            let reasons: Vec<_> = self.reasons.iter().map(reason).collect();
            parts.push(format!("{} still dead: {}", self.dead, reasons.join(", ")));
        }
        let parts =
            if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        format!("{} retried{parts}", self.retried)
    }
}
