//! The breakdown of a donation's amounts, and the ids by which it is found.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::breakdown::{CountsIn, DonationLine, LineKind, breakdown, sum};
use portal_domain::lookup::find_donations;
use portal_domain::{Breakdown, Donation, Event, Store};

use crate::fixtures::{a_gift, a_gift_without_currency, donations, later, told_of};
use crate::samples::{record_new, text};
use crate::stripe::{
    charge, credit_note, dispute, invoice, invoice_payment, new, new_invoice, old, payment, refund,
    session, subscription,
};

/// Returns the breakdown of this donation.
async fn itemized(store: &dyn Store, id: &str) -> Breakdown {
    let rows = store.donation_rows(&text(id)).await.expect("an answer");
    breakdown(&rows.expect("a donation"))
}

/// Returns all donations with their breakdowns, in the order of the list.
///
/// # Panics
/// If the lines do not add up to the amounts of their donation.
pub(crate) async fn itemized_donations(store: &dyn Store) -> Vec<Breakdown> {
    let mut all = Vec::new();
    for donation in donations(store).await {
        let itemized = itemized(store, donation.id.as_str()).await;
        assert_eq!(itemized.donation, donation);
        adds_up(&itemized);
        all.push(itemized);
    }
    all
}

fn adds_up(Breakdown { donation, lines, .. }: &Breakdown) {
    let Donation { amount, refunded, lost, .. } = *donation;
    let come_to = [CountsIn::Amount, CountsIn::Refunded, CountsIn::Lost].map(|it| sum(lines, it));
    assert_eq!(come_to, [amount, -refunded, -lost], "{donation:?}: {lines:?}");
    assert!(lines.iter().all(|it| it.kind != LineKind::Difference), "{lines:?}");
    for it in lines.iter().filter(|it| it.counted != 0) {
        assert!(it.event.is_some(), "{it:?}");
    }
    for it in lines {
        let counts_whole = it.counted.abs() == it.amount && it.currency == donation.currency;
        let says_why = it.reason.is_some();
        assert!(counts_whole != says_why || it.amount == 0, "{it:?}");
    }
}

/// Formats lines: kind and id, state, amount, counted amount with its reason, event.
fn short(lines: &[DonationLine]) -> Vec<String> {
    let one = |it: &DonationLine| {
        let reason = it.reason.map(|it| format!(" ({it:?})")).unwrap_or_default();
        let event = it.event.as_ref().map_or("-", |it| it.as_str());
        let state = it.state.unwrap_or("-");
        format!("{:?} {} {state} {} {}{reason} {event}", it.kind, it.id, it.amount, it.counted)
    };
    lines.iter().map(one).collect()
}

/// Returns the events of one payment of two invoices, of which 300 were refunded in two refunds; a
/// third refund failed, and 10 dollars are lost.
pub(crate) fn a_payment_of_two_invoices() -> Vec<Event> {
    let share = |invoice: &str, id: &str, share: i64| {
        invoice_payment(invoice, "pi_1").with("amount_paid", share).with("id", id)
    };
    let back = |id: &str, status: &str, amount| refund(id, "pi_1", status, amount);
    let total = charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 250);
    let of = |id: &str, amount: i64| invoice(id, "paid").with("amount_paid", amount);
    [
        ("paid", new(1, "payment_intent.succeeded", payment("pi_1", "succeeded"))),
        ("to_1", new(2, "invoice_payment.paid", share("in_1", "inpay_1", 400))),
        ("to_2", new(2, "invoice_payment.paid", share("in_2", "inpay_2", 600))),
        ("in_1", new(3, "invoice.paid", of("in_1", 400))),
        ("in_2", new(3, "invoice.paid", of("in_2", 700))),
        ("back_a", new(4, "refund.created", back("re_a", "succeeded", 100))),
        ("back_b", new(5, "refund.created", back("re_b", "pending", 200))),
        ("back_c", new(6, "refund.failed", back("re_c", "failed", 50))),
        ("total", new(7, "charge.refunded", total)),
        ("won", new(8, "charge.dispute.closed", dispute("pi_1", "won").with("id", "du_2"))),
    ]
    .into_iter()
    .map(|(name, told)| told_of(name, told))
    .collect()
}

/// A row that does not count has a line with the reason.
pub(crate) async fn each_row_of_the_ledger_has_its_line(store: &dyn Store) {
    record_new(store, &a_payment_of_two_invoices()).await;
    let all = itemized_donations(store).await;
    assert_eq!(all.len(), 2);
    let first = itemized(store, "in_1").await;
    assert_eq!(
        short(&first.lines),
        [
            "Payment pi_1 paid 1000 400 (Share) evt_paid",
            "Invoice in_1 paid 400 0 (InPayments) evt_in_1",
            "Refund re_a succeeded 100 -40 (Share) evt_back_a",
            "Refund re_b pending 200 -80 (Share) evt_back_b",
            "Refund re_c failed 50 0 (State) evt_back_c",
            "ChargeTotal ch_1 - 250 0 (InRefunds) evt_total",
            "Dispute du_2 won 1000 0 (State) evt_won",
        ]
    );
    let linked: Vec<_> = first.lines.iter().filter_map(|it| it.linked_by).collect();
    assert_eq!((linked, first.shared_with), (vec!["invoice_payment"], vec![text("in_2")]));
    let second = itemized(store, "in_2").await;
    let due = [
        "Payment pi_1 paid 1000 600 (Share) evt_paid",
        "Invoice in_2 paid 700 100 (BeyondPayments) evt_in_2",
        "Refund re_a succeeded 100 -60 (Share) evt_back_a",
        "Refund re_b pending 200 -120 (Share) evt_back_b",
    ];
    assert_eq!(short(&second.lines).get(..4), Some(due.map(Into::into).as_slice()));
}

/// The running total of a charge counts if single refunds add up to less, and a dispute in another
/// currency counts for the whole amount.
pub(crate) async fn the_line_that_decides_counts(store: &dyn Store) {
    let total = charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 900);
    let total = total.with("amount", 1200);
    let events = [
        told_of("paid", old(1, "payment_intent.succeeded", payment("pi_1", "succeeded"))),
        told_of("part", old(2, "refund.created", refund("re_1", "pi_1", "succeeded", 300))),
        told_of("total", old(3, "charge.refunded", total)),
        told_of(
            "lost",
            old(4, "charge.dispute.closed", dispute("pi_1", "lost").with("currency", "usd")),
        ),
    ];
    record_new(store, &events).await;
    let all = itemized_donations(store).await;
    let lines: Vec<_> = all.iter().flat_map(|it| short(&it.lines)).collect();
    assert_eq!(
        lines,
        [
            "Payment pi_1 paid 1000 1000 evt_paid",
            "Refund re_1 succeeded 300 0 (InChargeTotal) evt_part",
            "ChargeTotal ch_1 - 700 -700 evt_total",
            "Released ch_1 - 200 0 (NotInChargeTotal) evt_total",
            "Dispute du_1 lost 1000 -300 (AtMostGiven) evt_lost",
        ]
    );
}

/// Only other objects name the payment, or it is not paid yet.
pub(crate) async fn what_is_not_reported_or_not_paid_has_its_line(store: &dyn Store) {
    let partly = new_invoice("in_3", "open").with("amount_paid", 400);
    let events = [
        told_of(
            "link",
            new(
                1,
                "invoice_payment.created",
                invoice_payment("in_1", "pi_1").with("status", "open"),
            ),
        ),
        told_of("open", new(1, "invoice.finalized", new_invoice("in_1", "open"))),
        told_of("back", new(2, "refund.created", refund("re_1", "pi_1", "succeeded", 300))),
        told_of("to_2", new(3, "invoice_payment.paid", invoice_payment("in_2", "pi_2"))),
        told_of("partly", new(4, "invoice.updated", partly)),
    ];
    record_new(store, &events).await;
    itemized_donations(store).await;
    for (id, due) in [
        (
            "in_1",
            &[
                "Payment pi_1 - 0 0 (NotReceived) -",
                "Invoice in_1 failed 1000 1000 evt_open",
                "Refund re_1 succeeded 300 0 (DonationNotPaid) evt_back",
            ][..],
        ),
        ("in_2", &["Payment pi_2 paid 1000 1000 evt_to_2", "Invoice in_2 - 0 0 (NotReceived) -"]),
        ("in_3", &["Invoice in_3 failed 400 400 evt_partly"]),
    ] {
        assert_eq!(short(&itemized(store, id).await.lines), due, "{id}");
    }
}

/// The line has the amount refunded outside Stripe, which is 0 for a void note.
pub(crate) async fn a_credit_note_has_its_line_and_leads_to_its_invoice(store: &dyn Store) {
    let note = |id: &str, status: &str, amount| credit_note(id, "in_1", status, amount);
    let events = [
        told_of("paid", new(1, "invoice.paid", invoice("in_1", "paid"))),
        told_of("back", new(2, "credit_note.created", note("cn_1", "issued", 300))),
        told_of("void", new(3, "credit_note.voided", note("cn_2", "void", 400))),
    ];
    record_new(store, &events).await;
    itemized_donations(store).await;
    assert_eq!(
        short(&itemized(store, "in_1").await.lines),
        [
            "Invoice in_1 paid 1000 1000 evt_paid",
            "CreditNote cn_1 issued 300 -300 evt_back",
            "CreditNote cn_2 void 0 0 (State) evt_void",
        ]
    );
    assert_eq!(store.prune(later(1_000_000), 100).await, Ok(3));
    for id in ["cn_1", "cn_2"] {
        assert_eq!(found(store, id).await, ["in_1"], "{id}");
    }
}

/// A payment that belongs to an invoice has no breakdown of its own either.
pub(crate) async fn what_is_no_donation_has_no_lines(store: &dyn Store) {
    record_new(store, &a_payment_of_two_invoices()).await;
    for id in ["pi_1", "pi_9", "re_a", "evt_paid", "in_"] {
        assert_eq!(store.donation_rows(&text(id)).await, Ok(None), "{id}");
    }
}

/// Returns the ids of the donations that an id belongs to.
async fn found(store: &dyn Store, id: &str) -> Vec<String> {
    let found = find_donations(store, &text(id)).await.expect("an answer");
    found.iter().map(|it| it.id.to_string()).collect()
}

/// Operators copy ids of every kind from Stripe's Dashboard and from log lines.
pub(crate) async fn a_donation_is_found_by_every_id_that_belongs_to_it(store: &dyn Store) {
    let refunded = charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 400);
    let events = [
        told_of("session", new(0, "checkout.session.completed", session("pi_1", "paid"))),
        told_of("payment", new(1, "payment_intent.succeeded", payment("pi_1", "succeeded"))),
        told_of("charge", new(2, "charge.succeeded", charge("ch_1", "pi_1", "succeeded"))),
        told_of("invoice", new(3, "invoice.paid", invoice("in_1", "paid"))),
        told_of("link", new(4, "invoice_payment.paid", invoice_payment("in_1", "pi_1"))),
        told_of("refund", new(5, "refund.created", refund("re_1", "pi_1", "succeeded", 400))),
        told_of("dispute", new(6, "charge.dispute.created", dispute("pi_1", "won"))),
        told_of("total", new(6, "charge.refunded", refunded)),
        a_gift("2"),
        Event { id: text("evt_dead"), ..a_gift_without_currency("3") },
        told_of("other", new(7, "customer.subscription.created", subscription("active"))),
    ];
    record_new(store, &events).await;
    let of_events = ["session", "payment", "charge", "invoice", "link", "refund", "dispute"];
    let of_events = of_events.map(|it| format!("evt_{it}"));
    let in_the_ledger = ["in_1", "pi_1", "re_1", "du_1", "ch_1"];
    let in_the_inbox = of_events.iter().map(String::as_str).chain(["cs_1", "inpay_1"]);
    for id in in_the_inbox.clone().chain(in_the_ledger) {
        assert_eq!(found(store, id).await, ["in_1"], "{id}");
    }
    assert_eq!(found(store, "evt_2").await, ["pi_2"]);
    for id in ["evt_dead", "pi_3", "evt_other", "sub_1", "re_9", "evt_9", "evt", "IN_1"] {
        assert_eq!(found(store, id).await, [""; 0], "{id}");
    }
    // After pruning only the ledger is left to find donations.
    assert_eq!(store.prune(later(1_000_000), 100).await, Ok(10));
    for id in in_the_inbox {
        assert_eq!(found(store, id).await, [""; 0], "{id}");
    }
    for id in in_the_ledger {
        assert_eq!(found(store, id).await, ["in_1"], "{id}");
    }
}

/// An event names one of a payment's invoices; a refund does not.
pub(crate) async fn of_several_invoices_the_one_that_an_event_names_is_found(store: &dyn Store) {
    record_new(store, &a_payment_of_two_invoices()).await;
    for (id, due) in [
        ("evt_to_1", "in_1"),
        ("evt_to_2", "in_2"),
        ("inpay_2", "in_2"),
        ("evt_in_2", "in_2"),
        ("re_a", "in_1"),
        ("ch_1", "in_1"),
        ("du_2", "in_1"),
        ("evt_paid", "in_1"),
    ] {
        assert_eq!(found(store, id).await, [due], "{id}");
    }
}
