//! The table of event types: the kind of object of each, and its polling schedule.
//!
//! A new type is one line in [`EVENT_TYPES`]. The lists of events at Stripe and the check of the
//! webhook endpoint are made of the table; tests compare it with both runbooks, the samples and the
//! stand-in for Stripe.

use EventGroup::{Daily, Money, Unlisted};
use FactsKind::{
    Charge, CheckoutSession, CreditNote, Dispute, Invoice, InvoicePayment, PaymentIntent, Payout,
    Refund, Subscription,
};

use crate::facts::FactsKind;
use crate::ids::EventType;

/// The most event types that one list may be restricted to (<https://docs.stripe.com/api/events/list>).
pub const TYPES_IN_LIST_MAX: usize = 20;

/// One type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTypeRow {
    /// The type as a snapshot event has it, without the prefix `v1.` of thin events.
    pub name: &'static str,
    pub kind: FactsKind,
    pub group: EventGroup,
}

/// The schedule on which Stripe is asked for the events of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventGroup {
    /// Every few minutes, because money depends on them; the webhook endpoint must subscribe to
    /// them.
    Money,
    /// Once a day, because they are rare or other events report the same later.
    Daily,
    /// Never. An event that is delivered is still read.
    Unlisted,
}

/// All types that are known by name, those of one kind together.
pub const EVENT_TYPES: &[EventTypeRow] = &[
    row("payment_intent.succeeded", PaymentIntent, Money),
    row("payment_intent.processing", PaymentIntent, Money),
    row("payment_intent.canceled", PaymentIntent, Money),
    // Anybody can make payments fail by the thousand, and no money depends on it.
    row("payment_intent.payment_failed", PaymentIntent, Daily),
    row("payment_intent.requires_action", PaymentIntent, Daily),
    row("payment_intent.created", PaymentIntent, Unlisted),
    row("payment_intent.amount_capturable_updated", PaymentIntent, Unlisted),
    row("charge.refunded", Charge, Money),
    row("charge.succeeded", Charge, Daily),
    row("charge.failed", Charge, Daily),
    row("charge.pending", Charge, Unlisted),
    row("charge.captured", Charge, Unlisted),
    // Its line in the balance is known; the lines themselves are listed.
    row("charge.updated", Charge, Unlisted),
    row("invoice.paid", Invoice, Money),
    row("invoice.payment_failed", Invoice, Money),
    row("invoice.voided", Invoice, Money),
    row("invoice.marked_uncollectible", Invoice, Money),
    row("invoice.deleted", Invoice, Daily),
    row("invoice.finalized", Invoice, Daily),
    row("invoice.created", Invoice, Unlisted),
    row("invoice.updated", Invoice, Unlisted),
    row("invoice.payment_succeeded", Invoice, Unlisted),
    row("invoice.overpaid", Invoice, Unlisted),
    row("invoice_payment.paid", InvoicePayment, Money),
    row("checkout.session.completed", CheckoutSession, Money),
    row("checkout.session.async_payment_succeeded", CheckoutSession, Money),
    row("checkout.session.async_payment_failed", CheckoutSession, Money),
    row("credit_note.created", CreditNote, Daily),
    row("credit_note.updated", CreditNote, Daily),
    row("credit_note.voided", CreditNote, Daily),
    row("refund.created", Refund, Money),
    row("refund.updated", Refund, Money),
    row("refund.failed", Refund, Money),
    row("charge.refund.updated", Refund, Daily),
    row("charge.dispute.created", Dispute, Money),
    row("charge.dispute.updated", Dispute, Money),
    row("charge.dispute.closed", Dispute, Money),
    row("charge.dispute.funds_withdrawn", Dispute, Money),
    row("charge.dispute.funds_reinstated", Dispute, Money),
    row("customer.subscription.deleted", Subscription, Daily),
    row("customer.subscription.updated", Subscription, Unlisted),
    // No donation depends on them, and the daily list of payouts shows the same.
    row("payout.created", Payout, Daily),
    row("payout.updated", Payout, Daily),
    row("payout.paid", Payout, Daily),
    row("payout.failed", Payout, Daily),
    row("payout.canceled", Payout, Daily),
    row("payout.reconciliation_completed", Payout, Daily),
];

/// The types that money depends on, which are polled every few minutes.
pub const MONEY_TYPES: [&str; count(Money)] = names(Money);

/// The types that are polled once a day.
pub const DAILY_TYPES: [&str; count(Daily)] = names(Daily);

const _: () = assert!(MONEY_TYPES.len() <= TYPES_IN_LIST_MAX, "Stripe lists no more types at once");
const _: () = assert!(DAILY_TYPES.len() <= TYPES_IN_LIST_MAX, "Stripe lists no more types at once");

/// The kinds of the types that the table lacks, by prefix; a longer prefix stands before a shorter
/// one. Stripe adds types, and a new one is about the same object as its neighbours.
const KINDS_BY_BEGINNING: [(&str, Option<FactsKind>); 12] = [
    ("payment_intent.", Some(PaymentIntent)),
    ("charge.dispute.", Some(Dispute)),
    ("charge.refund.", Some(Refund)),
    ("charge.", Some(Charge)),
    // A preview of an invoice that does not exist yet and so has no id.
    ("invoice.upcoming", None),
    ("invoice.", Some(Invoice)),
    ("invoice_payment.", Some(InvoicePayment)),
    ("checkout.session.", Some(CheckoutSession)),
    ("credit_note.", Some(CreditNote)),
    ("refund.", Some(Refund)),
    ("customer.subscription.", Some(Subscription)),
    ("payout.", Some(Payout)),
];

impl FactsKind {
    /// Returns the kind of object that events of this type are about; `None` if the portal has no
    /// use for the type.
    #[must_use]
    pub fn of(event_type: &EventType) -> Option<Self> {
        let name = event_type.of_snapshot();
        let begins = |(beginning, _): &&(&str, _)| name.starts_with(beginning);
        match EVENT_TYPES.iter().find(|row| row.name == name) {
            Some(row) => Some(row.kind),
            None => KINDS_BY_BEGINNING.iter().find(begins).and_then(|(_, kind)| *kind),
        }
    }
}

const fn row(name: &'static str, kind: FactsKind, group: EventGroup) -> EventTypeRow {
    EventTypeRow { name, kind, group }
}

const fn count(group: EventGroup) -> usize {
    let (mut count, mut rows) = (0, EVENT_TYPES);
    while let [row, others @ ..] = rows {
        rows = others;
        if row.group as u8 == group as u8 {
            count += 1;
        }
    }
    count
}

/// Returns the names of a group in the table's order; `N` is its [`count`].
const fn names<const N: usize>(group: EventGroup) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut unset, mut rows) = (names.as_mut_slice(), EVENT_TYPES);
    while let [row, others @ ..] = rows {
        rows = others;
        if row.group as u8 == group as u8
            && let [name, unset_others @ ..] = unset
        {
            *name = row.name;
            unset = unset_others;
        }
    }
    names
}
