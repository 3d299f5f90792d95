//! Cases on a broken store: its ledger refuses the payment [`BROKEN`], or has wrong derived values.

use portal_domain::Recorded::{New, WithoutChanges};
use portal_domain::alert::EVENT_DEAD;
use portal_domain::record::{record_all, reprocess_all};
use portal_domain::{DeadReason, Recorded, Selection, State, Store, StoreError};

use crate::fixtures::{
    DEAD, a_dead_gift, a_gift, alerts, decided_again, donations, given_ids, later, open, state,
    told_of,
};
use crate::samples::{batch, everything, listed, record_new, text};
use crate::stripe::{invoice_payment, new, new_invoice};

/// The payment that the ledger refuses.
pub const BROKEN: &str = "pi_broken";

const NAMES: [&str; 3] = ["a", "broken", "c"];
const STATES: [State; 3] =
    [State::Processed, State::Dead(DeadReason::LedgerFailed), State::Processed];

/// Neither events, nor changes, nor alerts are written.
pub async fn a_batch_whose_changes_fail_leaves_nothing(store: &dyn Store) {
    let failed = store.record(&batch(NAMES.map(a_gift)), later(0)).await;
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!(listed(store, &everything()).await, [""; 0]);
    assert_eq!((given_ids(store).await.len(), alerts(store).await), (0, vec![]));
}

/// The event is recorded, and the changes of the other events are written.
pub async fn an_event_whose_changes_fail_is_recorded_dead_between_its_neighbours(
    store: &dyn Store,
) {
    let recorded = record_all(store, &batch(NAMES.map(a_gift)), later(0)).await;
    let without = |it: &Result<Recorded, _>| matches!(it, Ok(WithoutChanges(_)));
    let processed = |it: &Result<Recorded, _>| *it == Ok(New(State::Processed));
    assert!(recorded.get(1).is_some_and(without), "{recorded:?}");
    assert_eq!(recorded.iter().filter(|it| processed(it)).count(), 2, "{recorded:?}");
    assert_eq!(state(store, "broken").await, STATES[1]);
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
    assert_eq!(open(store).await, [EVENT_DEAD]);
}

/// A failed step changes nothing; one by one, all events except the broken one are processed.
pub async fn an_event_whose_changes_fail_stays_dead_between_its_neighbours(store: &dyn Store) {
    record_new(store, &NAMES.map(a_dead_gift)).await;
    let steps = decided_again(store, &Selection::default()).await;
    let failed = store.reprocess(&steps, later(1)).await;
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!((state(store, "a").await, given_ids(store).await.len()), (DEAD, 0));
    let states = reprocess_all(store, &steps, later(2)).await;
    assert_eq!(states, STATES.map(|it| Ok(Some(it))));
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a"]);
    assert_eq!(open(store).await, [EVENT_DEAD]);
}

/// SQL that damages derived columns, with the ids of the rows that differ then.
const DAMAGES: [(&str, &[&str]); 4] = [
    ("update payment set refunded = 7, dispute = 4 where id = 'pi_a'", &["pi_a"]),
    ("update payment set link = 100, invoice = '' where id = 'pi_1'", &["pi_1"]),
    ("update invoice set payments_paid = 1, payments_at = null where id = 'in_1'", &["in_1"]),
    ("delete from payment where id = 'pi_1'", &["in_1", "pi_1"]),
];

/// The check names every differing row, and the repair derives its values again.
pub async fn what_is_kept_wrongly_is_found_and_repaired(store: &dyn Store, run: impl Fn(&str)) {
    let link =
        new(1, "invoice_payment.paid", invoice_payment("in_1", "pi_1").with("status", "open"));
    let invoice = told_of("i", new(2, "invoice.paid", new_invoice("in_1", "paid")));
    record_new(store, &[a_gift("a"), told_of("1", link), invoice]).await;
    let before = donations(store).await;
    for (damage, differ) in DAMAGES {
        run(damage);
        let differ: Vec<_> = differ.iter().map(|it| text(it)).collect();
        assert_eq!(store.check_ledger(10).await.as_ref(), Ok(&differ), "{damage}");
        assert_eq!(store.repair_ledger(&differ).await, Ok(()));
        assert_eq!(store.check_ledger(10).await, Ok(vec![]), "{damage}");
        assert_eq!(donations(store).await, before, "{damage}");
    }
}
