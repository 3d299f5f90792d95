use std::sync::Arc;

use portal_domain::{Record as _, Recorded, Store, StoreError, Unavailable};
use portal_http::Clock;
use portal_sqlite::SqliteStore;
use portal_store_suite::{Call, Lossy, an_event};

use super::{DEADLINE, Inbox, PROOF_DEADLINE, Writer};
use crate::clock::SystemClock;
use crate::serve::{Bell, Serving, Settles, shard};

#[test]
fn a_write_that_failed_says_for_a_while_that_the_service_is_not_ready() {
    on_a_writer(&[Call::Fails(StoreError::Full)], async |inbox, _| {
        let full = Unavailable::Store(StoreError::Full);
        assert_eq!(inbox.record(Arc::new(an_event("evt_1"))).await, Err(full.clone()));
        // The store would work again, and is not asked.
        assert_eq!(inbox.ready().await, Err(full));
    });
}

#[test]
fn a_store_that_does_not_prove_itself_is_given_up_before_deliveries_are() {
    let the_proof = [Call::Hangs];
    on_a_writer(&the_proof, async |inbox, clock| {
        let asked_at = clock.monotonic();
        let timed_out = Err(Unavailable::Store(StoreError::TimedOut));
        assert_eq!(inbox.ready().await, timed_out);
        let taken = clock.monotonic().saturating_sub(asked_at);
        assert!(taken >= PROOF_DEADLINE && taken < DEADLINE, "{taken:?}");
        // Said again for a while, without another proof.
        assert_eq!(inbox.ready().await, timed_out);
        assert_eq!(inbox.record(Arc::new(an_event("evt_1"))).await, Ok(Recorded::New));
    });
}

/// Runs `case` on a writer whose store does what is planned, and then works.
fn on_a_writer(planned: &[Call], case: impl AsyncFnOnce(&Inbox, &dyn Clock)) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("portal.db")).unwrap());
    let lossy = Lossy::new(store as Arc<dyn Store>);
    planned.iter().for_each(|call| lossy.plan(call.clone()));
    let settles = Settles::Beside(Arc::new(Bell::default()));
    let serving = Serving { store: Arc::new(lossy), settles };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (writer, mut seats) = Writer::start(&serving, &clock, 1).unwrap();
    let (inbox, relay) = seats.pop().unwrap();
    shard::runtime().unwrap().block_on(async {
        tokio::spawn(relay.run());
        case(&inbox, &*clock).await;
        writer.close().await;
    });
}
