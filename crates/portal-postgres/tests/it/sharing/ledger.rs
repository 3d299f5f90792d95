//! Several stores record events about the same payments, invoices, refunds and disputes.

use portal_contract::stripe::{
    BEGIN, Told, charge, dispute, invoice_payment, new, new_invoice, old, old_invoice, payment,
    refund,
};
use portal_contract::{at, batch, block_on, text};
use portal_domain::Recorded::New;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::{
    AlertFilter, Alerts as _, DeadReason, Donation, Event, Inbox as _, Ledger as _, State, Total,
};

use crate::home::TestHome;
use crate::sharing::at_once;

#[test]
fn two_stores_with_the_same_events_in_opposite_order_count_all_once_without_a_deadlock() {
    come_to_what_one_of_them_comes_to(2, 200);
}

#[test]
fn four_stores_with_the_same_events_in_all_orders_count_all_once_without_a_deadlock() {
    come_to_what_one_of_them_comes_to(4, 100);
}

/// Asserts that several stores come to the same ledger as one. In each round they record events of
/// their own about the same objects, and then those of all stores.
fn come_to_what_one_of_them_comes_to(stores: usize, rounds: usize) {
    let news = |round| (0..stores).flat_map(move |which| news(round, which));
    let alone = TestHome::new();
    let mut events = 0;
    for round in 0..rounds {
        let news = batch(news(round));
        events += block_on(alone.store.record(&news, at(BEGIN))).unwrap().len();
    }
    let home = TestHome::new();
    let new = at_once(&home, stores, rounds, |which, round, store| {
        let mut own = self::news(round, which);
        if which % 2 == 1 {
            own.reverse();
        }
        let batches = [own, news(round).collect()].map(batch);
        let recorded = batches.map(|it| block_on(store.record(&it, at(BEGIN))).unwrap());
        recorded.iter().flatten().filter(|it| matches!(it, New(_))).count()
    });
    assert_eq!(new.iter().flatten().sum::<usize>(), events);
    assert_eq!(seen(&home), seen(&alone));
    assert_eq!(block_on(home.store.check_ledger(10)), Ok(vec![]));
    assert_eq!(home.other_program.ask(DEAD_ALERT), (stores * rounds).to_string());
}

/// Reads how often the alert about dead events was raised.
const DEAD_ALERT: &str = "select count from alert where key = 'event_dead' and open";

/// The state that does not depend on the order of arrival.
#[derive(Debug, PartialEq)]
struct Seen {
    events: String,
    ledger: [String; 5],
    donations: Vec<Donation>,
    totals: Vec<Total>,
    disputes: Vec<String>,
}

fn seen(home: &TestHome) -> Seen {
    let rows = |table: &str| {
        home.other_program.ask(&format!("select it::text from {table} it order by it::text"))
    };
    let donations = block_on(home.store.donations(&Default::default(), None, 1000)).unwrap();
    assert!(!donations.is_empty());
    let alerts = block_on(home.store.alerts(AlertFilter::All, 1000)).unwrap().into_iter();
    let open = alerts.filter(|it| it.open && !it.key.starts_with("refund_failed:"));
    let mut open: Vec<_> = open.map(|it| it.key).collect();
    open.sort_unstable();
    assert_eq!(open.last().map(String::as_str), Some(EVENT_DEAD), "{open:?}");
    Seen {
        events: home.other_program.ask("select id || state from event order by id"),
        ledger: ["payment", "link", "invoice", "refund", "dispute"].map(rows),
        donations,
        totals: block_on(home.store.totals(&Default::default())).unwrap(),
        disputes: open,
    }
}

/// Returns the events of a store in a round: mostly about many objects of one kind, so that only these
/// are locked.
fn news(round: usize, which: usize) -> Vec<Event> {
    let second = i64::try_from(round).unwrap();
    let told: Vec<Told> = match round % 5 {
        0 => of_every_kind(second),
        1 => (0..100).map(|n| a_payment(second, n)).collect(),
        2 => (0..100).map(|n| an_invoice(second, n)).collect(),
        3 => (0..20).map(|n| a_refund(second, n, "failed")).collect(),
        _ => (0..20).map(|n| a_dispute(second, n, "needs_response")).collect(),
    };
    let known = |(n, told): (usize, Told)| told.known_as(&format!("evt_{round}_{n:02}_{which}"));
    let mut all: Vec<_> = told.into_iter().enumerate().map(|it| known(it).event()).collect();
    let id = text(&format!("evt_{round}_dead_{which}"));
    let state = State::Dead(DeadReason::FactsMissing);
    all.push(Event { id, state, ..all.last().unwrap().clone() });
    all
}

fn a_payment(second: i64, n: i64) -> Told {
    old(second, "payment_intent.updated", payment(&format!("pi_{n:02}"), "succeeded"))
}

fn an_invoice(second: i64, n: i64) -> Told {
    new(second, "invoice.updated", new_invoice(&format!("in_{n:02}"), "open"))
}

fn a_refund(second: i64, n: i64, status: &str) -> Told {
    let back = refund(&format!("re_{n:02}"), &format!("pi_{n:02}"), status, 100 + n);
    new(second, "refund.updated", back)
}

fn a_dispute(second: i64, n: i64, status: &str) -> Told {
    let contested = dispute(&format!("pi_{n:02}"), status).with("id", format!("du_{n:02}"));
    new(second, "charge.dispute.updated", contested)
}

/// Returns payments with and without invoices, with refunds and disputes.
fn of_every_kind(second: i64) -> Vec<Told> {
    let mut all = vec![];
    for n in 0..3 {
        let (pi, ch, id) = (format!("pi_{n:02}"), format!("ch_{n}"), format!("in_{n:02}"));
        let given = format!("pi_of_{n}");
        all.push(new(second, "payment_intent.updated", payment(&pi, "requires_action")));
        all.push(a_payment(second, n));
        let seen = charge(&ch, &pi, "succeeded").with("amount_refunded", second);
        all.push(new(second, "charge.updated", seen));
        all.push(old(second, "invoice.updated", old_invoice(&id, "open", &given)));
        all.push(new(second, "invoice.updated", new_invoice(&id, "paid")));
        all.push(new(second, "invoice_payment.paid", invoice_payment(&id, &given)));
        all.push(new(second, "payment_intent.updated", payment(&given, "succeeded")));
        let back = refund(&format!("re_of_{n}"), &given, "succeeded", second);
        all.push(new(second, "refund.updated", back));
        all.extend(["pending", "failed"].map(|it| a_refund(second, n, it)));
        let contested = ["warning_needs_response", "needs_response"];
        all.extend(contested.map(|it| a_dispute(second, n, it)));
    }
    all
}
