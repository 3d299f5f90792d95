//! The schema: its migrations, and the query plans of lists in a large database.

use std::fs;

use crate::noting::{NotingStore, statements_of};
use portal_contract::{an_event, at, batch, block_on, text, those};
use portal_domain::{
    DonationFilter, DonationState, EventFilter, Inbox as _, Jobs as _, Kind, Ledger as _,
    OperatorAction, Recorded, Reports as _, Selection, State, StoreError,
};
use portal_sqlite::SqliteStore;
use portal_sqlite::sql::{MIGRATIONS, SCHEMA_VERSION};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

#[test]
fn a_new_database_has_the_application_id_and_the_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("donations.db");
    drop(SqliteStore::open(&path).unwrap());
    let marks = "select * from pragma_application_id, pragma_user_version";
    let (owner, version): (u32, u32) = Connection::open(&path)
        .unwrap()
        .query_row(marks, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(&owner.to_be_bytes(), b"DONA");
    assert_eq!(version, SCHEMA_VERSION);
}

#[test]
fn opening_a_database_of_the_current_version_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("donations.db");
    let store = SqliteStore::open(&path).unwrap();
    let recorded = block_on(store.record(&batch([an_event("evt_1")]), at(0)));
    assert_eq!(recorded, Ok(vec![Recorded::New(State::Processed)]));
    drop(store);
    let before = fs::read(&path).unwrap();
    drop(SqliteStore::open(&path).unwrap());
    assert!(fs::read(&path).unwrap() == before);
}

/// Databases in use have run the released migrations: a change needs a new migration, whose digest is
/// added here when it is released. None is released yet.
#[test]
fn a_released_migration_never_changes() {
    let released: [&str; 0] = [];
    assert!(released.len() <= MIGRATIONS.len());
    for (sql, released) in MIGRATIONS.iter().zip(released) {
        assert_eq!(hex::encode(Sha256::digest(sql)), released);
    }
}

/// The plan is the same for two rows and for millions: rows are read in the order of their key until
/// the limit is reached.
#[test]
fn no_list_is_sorted_however_it_is_filtered() {
    for filtered in 0..16_u8 {
        let filter = filter(filtered);
        let plan = plan_of(async |store| store.events(&filter).await);
        assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
    }
}

/// Returns one of the sixteen combinations of the filters by type, state, times and place.
fn filter(filtered: u8) -> EventFilter {
    let which = Selection {
        event_type: (filtered & 1 > 0).then(|| text("charge.failed")),
        state: (filtered & 2 > 0).then_some("processed"),
        since: (filtered & 4 > 0).then(|| at(0)),
        until: (filtered & 4 > 0).then(|| at(9)),
        from: (filtered & 4 > 0).then(|| text("evt_1")),
        ..Selection::default()
    };
    EventFilter {
        after: (filtered & 8 > 0).then(|| text("evt_1")),
        before: (filtered & 8 > 0).then(|| (at(9), text("evt_9"))),
        ..those(which)
    }
}

/// The dead and the awaiting events are listed and counted without reading any other.
#[test]
fn events_of_a_rare_state_are_found_by_its_index() {
    for state in ["dead", "awaiting_object"] {
        let which = Selection { state: Some(state), ..Selection::default() };
        let before = Some((at(9), text("evt_9")));
        let page = EventFilter { before, ..those(which.clone()) };
        for plan in [
            plan_of(async |store| store.events(&page).await),
            plan_of(async |store| store.count_events(&which, 9).await),
            plan_of(async |store| store.count_for(OperatorAction::Ignore, &which).await),
        ] {
            assert!(plan.contains(&format!("INDEX event_{state}")), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}

#[test]
fn an_event_is_found_by_an_index() {
    let id = text("evt_1");
    let plan = plan_of(async |store| store.event(&id).await);
    assert!(plan.contains("USING INDEX"), "{plan}");
}

/// With any filter, only events of the object are read.
#[test]
fn the_events_of_an_object_are_found_by_indexes() {
    for filtered in 0..16_u8 {
        let mut filter = filter(filtered);
        filter.which.object = Some(text("pi_1"));
        let plan = plan_of(async |store| store.events(&filter).await);
        assert!(plan.contains("SEARCH event USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
        for index in ["event_object (object_id=?)", "event_payment (payment=?)"] {
            assert!(plan.contains(&format!("SEARCH event USING COVERING INDEX {index}")), "{plan}");
        }
        assert!(plan.contains("COVERING INDEX event_invoice (invoice=?)"), "{plan}");
        assert!(plan.contains("SEARCH link USING COVERING INDEX link_invoice"), "{plan}");
        assert!(!plan.contains("SCAN event") && !plan.contains("SCAN link"), "{plan}");
    }
}

#[test]
fn a_later_page_of_donations_walks_through_no_earlier_one() {
    let all = DonationFilter::default();
    let bounded = DonationFilter { until: Some(at(9)), ..all.clone() };
    let id = text("pi_1");
    let sql = |filter: &_, begin| {
        statements_of(async |store| store.donations(filter, Some((at(begin), &id)), 1).await)
    };
    assert_eq!(sql(&bounded, 8), sql(&all, 8), "the place of the page is the narrower bound");
    assert_ne!(sql(&bounded, 9), sql(&all, 9), "the end of the period is the narrower bound");
}

#[test]
fn no_page_of_events_is_sorted() {
    let (id, which) = (text("evt_1"), Selection::default());
    for action in [OperatorAction::Reprocess, OperatorAction::Ignore] {
        let plan = plan_of(async |store| store.events_for(action, &which, Some(&id), 1).await);
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn only_what_awaits_its_object_is_looked_at_to_find_it() {
    let plan = plan_of(async |store| store.awaiting_object(1, at(0)).await);
    assert!(plan.contains("USING INDEX event_awaiting_object"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn only_the_backlog_is_looked_at_to_count_it() {
    let plan = plan_of(async |store| store.backlog().await);
    assert!(plan.contains("INDEX event_dead") && plan.contains("INDEX event_awaiting_object"));
    assert!(!plan.contains("SCAN event;"), "{plan}");
}

#[test]
fn only_dead_events_are_read_to_end_their_alert() {
    let which = Selection::default();
    let statements = statements_of(async |store| store.ignore(&which, at(0)).await);
    let [_, _, resolve] = &*statements else { panic!("{statements:?}") };
    let plan = plan(resolve);
    assert!(plan.contains("INDEX event_dead") && plan.contains("INDEX event_was_dead"), "{plan}");
}

#[test]
fn a_thin_event_is_found_by_its_object() {
    let plan = plan_of(async |store| store.has_thin_event(&[]).await);
    assert!(plan.contains("USING INDEX event_object (object_id=?)"), "{plan}");
}

#[test]
fn of_payments_that_are_not_asked_for_none_is_looked_at() {
    let plan = plan_of(async |store| store.donations_of(&[]).await);
    assert!(!plan.contains("SCAN p;"), "{plan}");
    assert!(plan.contains("SEARCH p USING PRIMARY KEY"), "{plan}");
}

#[test]
fn of_a_donation_only_its_own_rows_are_looked_at() {
    let id = text("in_1");
    for plan in [
        plan_of(async |store| store.donation_rows(&id).await),
        plan_of(async |store| store.parents_of(&id).await),
    ] {
        for table in ["payment", "p", "invoice", "i", "refund", "r", "t", "f", "dispute", "d", "l"]
        {
            assert!(!plan.contains(&format!("SCAN {table};")), "{plan}");
            assert!(!plan.contains(&format!("SCAN {table} ")), "{plan}");
        }
    }
}

#[test]
fn no_page_of_donations_reads_more_than_its_part_of_an_index() {
    let all = DonationFilter::default;
    for filter in [
        all(),
        DonationFilter { state: Some(DonationState::Pending), ..all() },
        DonationFilter { provisional: Some(true), since: Some(at(1)), ..all() },
        DonationFilter { kind: Some(Kind::Recurring), until: Some(at(9)), ..all() },
    ] {
        let last = text("pi_1");
        let plan = plan_of(async |store| store.donations(&filter, Some((at(5), &last)), 100).await);
        assert!(!plan.contains("SCAN p;") && !plan.contains("SCAN i;"), "{plan}");
        assert!(plan.contains("_given (given=?"), "{plan}");
    }
}

/// If a payment has several invoices, only its own links are read.
#[test]
fn what_is_kept_of_one_row_is_derived_from_the_rows_about_it() {
    for sql in statements_of(async |store| store.repair_ledger(&[text("pi_1")]).await) {
        let plan = plan(&sql);
        for table in ["link", "l", "k", "o", "payment", "p", "invoice", "refund", "r", "dispute"] {
            assert!(!plan.contains(&format!("SCAN {table};")), "{table}: {plan}");
        }
    }
}

#[test]
fn totals_of_a_period_read_its_part_of_an_index_and_those_of_all_the_tables() {
    let all = DonationFilter::default;
    for (filter, by_index) in [
        (all(), false),
        (DonationFilter { livemode: Some(true), ..all() }, false),
        (DonationFilter { provisional: Some(true), since: Some(at(1)), ..all() }, true),
        (DonationFilter { kind: Some(Kind::Recurring), until: Some(at(9)), ..all() }, true),
    ] {
        let plan = plan_of(async |store| store.totals(&filter).await);
        assert_eq!(plan.contains("_given (given=?"), by_index, "{plan}");
        assert_eq!(plan.contains("SCAN p;") || plan.contains("SCAN i;"), !by_index, "{plan}");
    }
}

#[test]
fn totals_of_days_read_the_donations_of_these_days() {
    let plan = plan_of(async |store| store.totals_of_days(&[]).await);
    assert!(plan.contains("payment_given (given=? AND provisional=? AND at>? AND at<?)"), "{plan}");
    assert!(plan.contains("invoice_given (given=? AND given_at>? AND given_at<?)"), "{plan}");
}

/// Returns the plan of an operation of one statement.
fn plan_of<T>(operation: impl AsyncFnOnce(&NotingStore<'_>) -> Result<T, StoreError>) -> String {
    let statements = statements_of(operation);
    assert_eq!(statements.len(), 1, "{statements:?}");
    plan(&statements.concat())
}

fn plan(statement: &str) -> String {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(&MIGRATIONS.concat()).unwrap();
    let mut plan = database.prepare(&format!("explain query plan {statement}")).unwrap();
    let mut steps = plan.raw_query();
    let mut text = String::new();
    while let Some(step) = steps.next().unwrap() {
        text += &step.get::<_, String>("detail").unwrap();
        text += "; ";
    }
    text
}
