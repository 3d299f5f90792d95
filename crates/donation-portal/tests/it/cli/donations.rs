//! `donations list` and `donations show`.

use portal_contract::stripe::{
    OLD, charge, dispute, old_invoice, payment, refund, subscribing_session,
};
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
    let refund = refund("re_1", "pi_usd", "succeeded", 1000).with("currency", "usd");
    home_on(
        on,
        &[
            gift("pi_jpy", 5000, "jpy", at),
            gift("pi_usd", 123_456, "usd", at - 1),
            gift("pi_kwd", 1_234_560, "kwd", at - 2),
            uncertain_gift("pi_maybe", 700, "jpy", at + 1),
            event_about(OLD, "refund.created", at + 2, refund),
        ],
    )
}

/// Returns a home with an invoice and its payment.
fn invoice(on: On) -> Result<TestHome> {
    let invoice = old_invoice("in_1", "paid", "pi_of_invoice")
        .of_money(2500, "usd")
        .with("billing_reason", "subscription_cycle")
        .with("status_transitions", json!({ "paid_at": MIDNIGHT_IN_TOKYO }));
    home_on(on, &[event_about(OLD, "invoice.paid", MIDNIGHT_IN_TOKYO, invoice)])
}

/// Returns a home with an invoice, its payment and a refund of that payment.
fn refunded_invoice(on: On) -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let home = invoice(on)?;
    let refund = |id, status, amount| {
        refund(id, "pi_of_invoice", status, amount).with("currency", "usd").with("created", at)
    };
    let payment = payment("pi_of_invoice", "succeeded").with("invoice", "in_1");
    let charge = charge("ch_1", "pi_of_invoice", "succeeded").of_money(2500, "usd");
    let dispute = dispute("pi_of_invoice", "needs_response").of_money(1500, "usd");
    let session = subscribing_session("in_1").of_money(2500, "usd");
    let events = [
        event_about(OLD, "payment_intent.succeeded", at, payment.of_money(2500, "usd")),
        event_about(OLD, "charge.succeeded", at, charge),
        event_about(OLD, "refund.created", at + 1, refund("re_1", "succeeded", 1000)),
        event_about(OLD, "refund.failed", at + 2, refund("re_2", "failed", 500)),
        event_about(OLD, "charge.dispute.created", at + 3, dispute),
        event_about(OLD, "checkout.session.completed", at + 4, session),
    ];
    record(&home, &events, at)?;
    Ok(home)
}
