//! Words of Stripe's that the ledger does not know.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use portal_domain::Event;
use portal_domain::ledger::unknown_words;
use portal_domain::log_names::LogOutcome;

/// So many fields and versions are remembered; beyond that nothing more is logged. Stripe has a few
/// versions a year.
const LOGGED_MAX: usize = 100;

/// The fields and API versions that this process has logged.
static LOGGED: Mutex<BTreeSet<(&str, &str, String)>> = Mutex::new(BTreeSet::new());

/// Logs the field of each word that the ledger does not know, once for each API version. The word is
/// not logged: it could be anything.
pub(super) fn log(event: &Event) {
    let Some(facts) = &event.facts else { return };
    let object = facts.kind().object_name();
    for field in unknown_words(facts) {
        let api_version = event.api_version.as_ref().map_or("", |it| it.as_str());
        if is_first(object, field, api_version) {
            tracing::warn!(
                event_id = event.id.as_str(),
                event_type = event.event_type.as_str(),
                livemode = event.livemode,
                outcome = LogOutcome::UnknownWord.name(),
                object,
                field,
                api_version,
                "the ledger does not know a word of Stripe's"
            );
        }
    }
}

fn is_first(object: &'static str, field: &'static str, version: &str) -> bool {
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    logged.len() < LOGGED_MAX && logged.insert((object, field, version.to_owned()))
}
