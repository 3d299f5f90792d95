//! Steps that read.

use portal_contract::{an_event, at, block_on, text};
use portal_domain::{
    AlertFilter, Alerts as _, Backlog, Event, EventFilter, Inbox as _, Jobs as _, Ledger as _,
    OperatorAction, Reports as _, Selection,
};

use crate::plans::measure::Step;
use crate::plans::some;

/// The steps that read, each with the number of rows that it is about.
pub(crate) const STEPS: &[Step] = &[
    ("events to reprocess by id", 2, |store, n| {
        let some = some(n);
        let found = store.events_for(OperatorAction::Reprocess, &some, None, 10);
        assert_eq!(block_on(found).unwrap().len(), 2);
        assert_eq!(block_on(store.count_for(OperatorAction::Reprocess, &some)), Ok(2));
    }),
    ("event", 1, |store, n| {
        let id = text(&format!("evt_{}", 90_000 + n));
        assert!(block_on(store.event(&id)).unwrap().is_some());
    }),
    ("latest events", 20, |store, _| {
        let latest = EventFilter::latest(20);
        assert_eq!(block_on(store.events(&latest)).unwrap().len(), 20);
    }),
    // The events are found by object, by payment and by invoice.
    ("events of an object", 5, |store, n| {
        let invoice = format!("in_{}", 10_002 + 2 * n);
        let (charge, payment) = (format!("ch_{}", 90_001 + n), format!("pi_{}", 90_002 + 2 * n));
        for (object, events) in [(&*charge, 1), (&payment, 2), (&invoice, 2)] {
            let of_it = EventFilter::last(20, Selection::about(&text(object)));
            assert_eq!(block_on(store.events(&of_it)).unwrap().len(), events, "{object}");
        }
    }),
    // The first hours have been pruned by then.
    ("hours of deliveries", 48, |store, n| {
        let span = |hour: i64| [hour, hour + 24].map(|it| at(3600 * (it + n.cast_signed() % 1000)));
        let hours = block_on(store.delivery_hours(&[100, 268].map(span))).unwrap();
        assert_eq!(hours.len(), 48);
    }),
    ("backlog", Backlog::COUNTED_MAX + 6, |store, _| {
        let due = Backlog { dead: Backlog::COUNTED_MAX, awaiting_object: 6, acknowledged: 0 };
        assert_eq!(block_on(store.backlog()), Ok(due));
    }),
    ("awaiting their object", 5, |store, n| {
        assert_eq!(block_on(store.awaiting_object(5, at(0))).unwrap().len(), 5, "{n}");
    }),
    ("told thin", 3, |store, _| {
        let event = |id: &str| Event { object_id: Some(text(id)), ..an_event(id) };
        let asked = ["pi_120300", "pi_120301", "pi_120700"].map(|id| event(id).into());
        assert_eq!(block_on(store.has_thin_event(&asked)), Ok(vec![true, false, true]));
    }),
    ("donation by payment", 1, |store, n| {
        let found = block_on(store.donation(&text(&format!("pi_{}", 5000 + n))));
        assert_eq!(found.unwrap().unwrap().id, text(&format!("in_{}", 5000 + n)));
    }),
    // The rows are the invoice, its payment, their link, a refund and a dispute.
    ("rows of a donation", 5, |store, n| {
        let found = block_on(store.donation_rows(&text(&format!("in_{}", 6000 + n))));
        let rows = found.unwrap().unwrap().ledger;
        let counts = [rows.payments.len(), rows.refunds.len(), rows.disputes.len()];
        assert!(rows.invoice.is_some() && counts == [1, 1, 1], "{rows:?}");
    }),
    ("payments of a refund and a dispute", 2, |store, n| {
        for kind in ["re", "du"] {
            let found = block_on(store.parents_of(&text(&format!("{kind}_{}", 7000 + n))));
            assert_eq!(found, Ok(vec![text(&format!("pi_{}", 7000 + n))]));
        }
    }),
    // Donations are found by their own ids and by those of their payments.
    ("donations of", 10, |store, n| {
        let both = |n| [text(&format!("in_{n}")), text(&format!("pi_{}", 1000 + n))];
        let ids: Vec<_> = (n + 1..=n + 5).flat_map(both).collect();
        let found = block_on(store.donations_of(&ids)).unwrap();
        assert!(found.iter().all(Option::is_some), "{found:?}");
    }),
    ("alerts", 3, |store, _| {
        assert!(!block_on(store.alerts(AlertFilter::All, 10)).unwrap().is_empty());
    }),
];
