//! Each event is recorded once, however often it is delivered.

use std::sync::Barrier;

use crate::host::Failure;
use crate::host::Host;
use crate::host::answer::assert_received;
use portal_testkit::events::{event, payment};

/// The number of simultaneous deliveries of one event.
const AT_ONCE: usize = 32;

/// Stripe gets the same answer as the first time; the log tells both apart.
pub(crate) fn a_repeat_is_received_as_well_and_is_the_same_event(
    host: &Host,
) -> Result<(), Failure> {
    let id = host.fresh_id();
    let lines = host.lines_of(|| {
        for _ in 0..3 {
            assert_received(&host.deliver(payment(&id))?);
        }
        Ok(())
    })?;
    if let Some(lines) = lines {
        let outcomes: Vec<_> = lines.iter().map(|line| line["outcome"].clone()).collect();
        assert_eq!(outcomes, ["recorded", "duplicate", "duplicate"]);
    }
    host.assert_recorded(&[&id], &[&id])
}

/// The id alone identifies an event.
pub(crate) fn a_repeat_whose_body_has_changed_is_still_the_same_event(
    host: &Host,
) -> Result<(), Failure> {
    let id = host.fresh_id();
    assert_received(&host.deliver(payment(&id))?);
    assert_received(&host.deliver(event(&id, "charge.failed"))?);
    host.assert_recorded(&[&id], &[&id])
}

/// Exactly one delivery is the first; any of them may be.
pub(crate) fn an_event_delivered_32_times_at_once_is_one_event(host: &Host) -> Result<(), Failure> {
    let id = host.fresh_id();
    let body = payment(&id);
    let signature = host.signature(&body);
    let all_ready = Barrier::new(AT_ONCE);
    let deliver = || {
        all_ready.wait();
        host.post(&body, &[&signature])
    };
    let lines = host.lines_of(|| {
        std::thread::scope(|scope| {
            let senders: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(deliver)).collect();
            for sender in senders {
                assert_received(&sender.join().map_err(|_| "a sender panicked")??);
            }
            Ok(())
        })
    })?;
    if let Some(lines) = lines {
        let outcome = |outcome: &str| lines.iter().filter(|it| it["outcome"] == outcome).count();
        assert_eq!((outcome("recorded"), outcome("duplicate")), (1, AT_ONCE - 1));
        assert_eq!(lines.len(), AT_ONCE);
    }
    host.assert_recorded(&[&id], &[&id])
}
