//! A store that fails under an act: it is told, with what to do, and nothing is half done.

use http::StatusCode;
use portal_contract::{Call, an_event, at, block_on, text};
use portal_domain::{DeadReason, Event, State, StoreError, requested_run};

use crate::support::{Console, NOW, Result};

/// Acts: the address, the form, and the number of operations of the store. The last one writes what came
/// of it into the trail, which takes nothing back.
const ACTS: [(&str, &str, usize); 6] = [
    ("/ops/events/ignore", "id=evt_1&expect=1", 3),
    ("/ops/events/acknowledge", "id=evt_1&expect=1", 3),
    ("/ops/events/reprocess", "id=evt_1&expect=1", 4),
    ("/ops/alerts/event_dead/silence", "hours=4", 4),
    ("/ops/alerts/event_dead/acknowledge", "", 4),
    ("/ops/alerts/test", "", 4),
];

const SETTINGS: [(&str, &str); 2] = [
    ("STRIPE_SECRET_KEY", "rk_test_0123456789abcdef"),
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T00000000/B00000000/0123456789abcdef"),
];

/// A console whose store fails at that operation of the next request, and has a dead event.
fn failing_at(operation: usize) -> Result<Console> {
    let console = Console::new(&SETTINGS)?;
    let state = State::Dead(DeadReason::LedgerFailed);
    console.record([Event { state, received_at: at(NOW), ..an_event("evt_1") }])?;
    (0..operation).for_each(|_| console.faults.plan(Call::Works));
    console.faults.plan(Call::Fails(StoreError::Busy));
    Ok(console)
}

/// Returns what acts change: the event's state and its acknowledgement, the alerts' and their number.
fn changed(console: &Console) -> Result<String> {
    let event = block_on(console.store.event(&text("evt_1")))?;
    let seen = block_on(console.store.acknowledgement(&text("evt_1")))?;
    let alerts = block_on(console.store.alerts(portal_domain::AlertFilter::All, 9))?;
    Ok(format!("{event:?} {seen:?} {alerts:?}"))
}

#[test]
fn an_act_that_the_store_fails_changes_nothing_and_says_so() -> Result {
    for (path, form, operations) in ACTS {
        for operation in 0..operations - 1 {
            let console = failing_at(operation)?;
            let before = changed(&console)?;
            let answer = console.form(path).send(form)?;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path} {operation}");
            assert!(answer.says("<title>") && answer.header("retry-after") == "5", "{path}");
            assert_eq!(changed(&console)?, before, "{path} {operation}");
            // The store works again, and so does the form.
            let answer = console.form(path).send(form)?;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
            assert_ne!(changed(&console)?, before, "{path} {operation}");
        }
    }
    Ok(())
}

#[test]
fn an_act_is_done_though_the_end_of_its_entry_cannot_be_written() -> Result {
    for (path, form, operations) in ACTS {
        let console = failing_at(operations - 1)?;
        let before = changed(&console)?;
        let answer = console.form(path).send(form)?;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
        assert_ne!(changed(&console)?, before, "{path}");
        assert!(console.get("/ops/actions").answer()?.says("… not finished"), "{path}");
    }
    Ok(())
}

#[test]
fn a_comparison_that_could_not_be_written_down_is_not_under_way() -> Result {
    for operation in 0..7 {
        let console = failing_at(operation)?;
        let answer = console.form("/ops/reports/compare").send("")?;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{operation}");
        assert_eq!(block_on(requested_run::under_way(&*console.store, false))?, None);
        // The lease of the one that failed ends.
        console.clock.set(NOW + 31);
        let answer = console.form("/ops/reports/compare").send("")?;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{operation}: {}", answer.body);
    }
    Ok(())
}
