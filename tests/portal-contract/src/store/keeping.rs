//! The derived values of donations follow from the ledger.

use portal_domain::Store;

use crate::fixtures::{donations, told_of};
use crate::samples::{record_new, text};
use crate::stripe::{dispute, invoice_payment, new, new_invoice, payment, refund};

/// Records a partly refunded and disputed renewal, in reverse order.
async fn a_renewal_reported_backwards(store: &dyn Store) {
    let events = [
        told_of("5", new(5, "charge.dispute.created", dispute("pi_1", "needs_response"))),
        told_of("4", new(4, "refund.created", refund("re_1", "pi_1", "succeeded", 400))),
        told_of("3", new(3, "invoice_payment.paid", invoice_payment("in_1", "pi_1"))),
        told_of("2", new(2, "invoice.paid", new_invoice("in_1", "paid"))),
        told_of("1", new(1, "payment_intent.succeeded", payment("pi_1", "succeeded"))),
    ];
    for event in events {
        record_new(store, &[event]).await;
        assert_eq!(store.check_ledger(10).await, Ok(vec![]));
    }
}

/// The check passes after each step.
pub(crate) async fn what_is_kept_follows_from_the_ledger(store: &dyn Store) {
    assert_eq!(store.check_ledger(10).await, Ok(vec![]));
    a_renewal_reported_backwards(store).await;
    let given = donations(store).await;
    let given: Vec<_> = given.iter().map(|it| (it.id.as_str(), it.refunded)).collect();
    assert_eq!(given, [("in_1", 400)]);
}

/// An id of another object is ignored.
pub(crate) async fn repairing_what_is_right_changes_nothing(store: &dyn Store) {
    a_renewal_reported_backwards(store).await;
    let before = donations(store).await;
    let ids = ["pi_1", "in_1", "re_1", "pi_9"].map(text);
    assert_eq!(store.repair_ledger(&ids).await, Ok(()));
    assert_eq!((donations(store).await, store.check_ledger(10).await), (before, Ok(vec![])));
    assert_eq!(store.donation(&text("pi_9")).await, Ok(None));
}
