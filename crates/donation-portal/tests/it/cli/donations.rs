//! `donations list` and `donations show`.

use serde_json::json;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, home_on, record, uncertain_gift};
use crate::support::Result;
use crate::support::home::{On, TestHome};

transcripts! { "donations", on_each_store;
    home =>
        a_table_shows_money_and_times_as_people_write_them
        a_line_of_json_holds_to_its_contract
        csv_has_minor_units_and_decimals_and_nothing_to_quote
        a_period_is_that_of_the_time_zone
        a_list_can_be_narrowed_and_cut;
    refunded_invoice =>
        a_donation_is_shown_with_the_lines_of_its_amount
        the_lines_of_a_donation_are_data_with_a_contract
        a_donation_is_shown_by_every_id_that_belongs_to_it;
}

/// Returns a home with gifts in three currencies, one partly refunded, and a provisional one.
fn home(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let refund = json!({
        "id": "re_1", "object": "refund", "amount": 1000, "currency": "usd",
        "status": "succeeded", "payment_intent": "pi_usd", "charge": "ch_1",
    });
    home_on(
        on,
        &[
            gift("pi_jpy", 5000, "jpy", at),
            gift("pi_usd", 123_456, "usd", at - 1),
            gift("pi_kwd", 1_234_560, "kwd", at - 2),
            uncertain_gift("pi_maybe", 700, "jpy", at + 1),
            event_about("2024-06-20", "refund.created", at + 2, &refund),
        ],
    )
}

/// Returns a home with an invoice and its payment.
fn invoice(on: On) -> Result<TestHome> {
    let invoice = json!({
        "id": "in_1", "object": "invoice", "amount_paid": 2500, "amount_due": 2500,
        "currency": "usd", "status": "paid", "payment_intent": "pi_of_invoice",
        "subscription": "sub_1", "billing_reason": "subscription_cycle",
        "status_transitions": { "paid_at": MIDNIGHT_IN_TOKYO },
    });
    home_on(on, &[event_about("2024-06-20", "invoice.paid", MIDNIGHT_IN_TOKYO, &invoice)])
}

/// Returns a home with an invoice, its payment and a refund of that payment.
fn refunded_invoice(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let home = invoice(on)?;
    let refund = |id: &str, status: &str, amount: i64| {
        json!({
            "id": id, "object": "refund", "amount": amount, "currency": "usd", "created": at,
            "status": status, "payment_intent": "pi_of_invoice", "charge": "ch_1",
        })
    };
    let payment = json!({
        "id": "pi_of_invoice", "object": "payment_intent", "amount": 2500, "amount_received": 2500,
        "currency": "usd", "status": "succeeded", "invoice": "in_1",
    });
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 2500, "amount_captured": 2500, "captured": true,
        "currency": "usd", "status": "succeeded", "payment_intent": "pi_of_invoice",
    });
    let dispute = json!({
        "id": "du_1", "object": "dispute", "amount": 1500, "currency": "usd",
        "status": "needs_response", "payment_intent": "pi_of_invoice", "charge": "ch_1",
    });
    let session = json!({
        "id": "cs_1", "object": "checkout.session", "mode": "subscription", "status": "complete",
        "payment_status": "paid", "amount_total": 2500, "currency": "usd", "payment_intent": null,
        "invoice": "in_1", "subscription": "sub_1",
    });
    let events = [
        event_about("2024-06-20", "payment_intent.succeeded", at, &payment),
        event_about("2024-06-20", "charge.succeeded", at, &charge),
        event_about("2024-06-20", "refund.created", at + 1, &refund("re_1", "succeeded", 1000)),
        event_about("2024-06-20", "refund.failed", at + 2, &refund("re_2", "failed", 500)),
        event_about("2024-06-20", "charge.dispute.created", at + 3, &dispute),
        event_about("2024-06-20", "checkout.session.completed", at + 4, &session),
    ];
    record(&home, &events, at)?;
    Ok(home)
}
