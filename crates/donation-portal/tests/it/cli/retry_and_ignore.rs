//! `events retry`, `events ignore` and `events acknowledge`.

use portal_contract::stripe::{OLD, Object, payment};
use serde_json::{Value, json};

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, record, record_without_changes};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "retry_and_ignore", on_each_store;
    home =>
        an_event_given_by_id_is_retried_at_once_and_the_result_is_printed
        a_selection_is_counted_first_and_acted_upon_with_yes
        a_selection_may_go_by_time
        what_cannot_be_retried_is_named_and_found_wrong
        what_was_ignored_can_be_taken_back
        what_is_acknowledged_stays_dead_and_is_counted_no_more;
    more_dead =>
        events_that_stay_dead_are_counted_by_what_they_lack;
    many_dead =>
        a_selection_of_several_pages_is_retried_to_the_last;
}

/// Returns a home with an event of each state. Two are dead: one lacks its currency, the changes of
/// the other, received an hour later, failed.
fn home(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let at = MIDNIGHT_IN_TOKYO;
    let thin = json!({
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.payment_intent.succeeded",
        "created": "2026-11-21T15:00:00.000Z", "livemode": true,
        "related_object": { "id": "pi_thin", "type": "payment_intent", "url": "/v1/x/pi_thin" },
    });
    let bodies = [
        gift("pi_done", 5000, "jpy", at),
        without("currency", "pi_dead"),
        event_about(OLD, "x.created", at, Object::of("x", "x_1")),
        thin.to_string(),
    ];
    record(&home, &bodies, at)?;
    record_without_changes(&home, &[gift("pi_failed", 700, "jpy", at)], at + 3600)?;
    Ok(home)
}

/// Returns the event of a payment that lacks a fact.
fn without(fact: &str, id: &str) -> String {
    let payment = payment(id, "succeeded").with(fact, Value::Null);
    event_about(OLD, "payment_intent.succeeded", MIDNIGHT_IN_TOKYO, payment)
}

fn more_dead(on: On) -> Result<TestHome> {
    let home = home(on)?;
    let more = [without("status", "pi_nothing"), without("currency", "pi_nowhere")];
    record(&home, &more, MIDNIGHT_IN_TOKYO)?;
    Ok(home)
}

fn many_dead(on: On) -> Result<TestHome> {
    let (home, at) = (TestHome::on(on)?, MIDNIGHT_IN_TOKYO);
    let gifts: Vec<_> = (0..450).map(|it| gift(&format!("pi_{it}"), 1, "jpy", at)).collect();
    record_without_changes(&home, &gifts, at)?;
    Ok(home)
}
