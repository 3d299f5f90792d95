use std::sync::Arc;

use portal_domain::{Record as _, Recorded, Store, StoreError, Unavailable};
use portal_http::Clock;
use portal_sqlite::SqliteStore;
use portal_store_suite::{Call, Lossy, an_event};

use super::{DEADLINE, PROOF_DEADLINE, Writer};
use crate::clock::SystemClock;
use crate::serve::{Bell, Serving, Settles, shard};

#[test]
fn a_store_that_does_not_prove_itself_is_given_up_before_deliveries_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("portal.db")).unwrap());
    let lossy = Lossy::new(store as Arc<dyn Store>);
    lossy.plan(Call::Hangs); // the proof
    let settles = Settles::Beside(Arc::new(Bell::default()));
    let serving = Serving { store: Arc::new(lossy), settles };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (writer, mut seats) = Writer::start(&serving, &clock, 1).unwrap();
    let (inbox, relay) = seats.pop().unwrap();
    shard::runtime().unwrap().block_on(async {
        tokio::spawn(relay.run());
        let asked_at = clock.monotonic();
        let timed_out = Err(Unavailable::Store(StoreError::TimedOut));
        assert_eq!(inbox.ready().await, timed_out);
        let taken = clock.monotonic().saturating_sub(asked_at);
        assert!(taken >= PROOF_DEADLINE && taken < DEADLINE, "{taken:?}");
        // Said again for a while, without another proof.
        assert_eq!(inbox.ready().await, timed_out);
        assert_eq!(inbox.record(Arc::new(an_event("evt_1"))).await, Ok(Recorded::New));
        writer.close().await;
    });
}
