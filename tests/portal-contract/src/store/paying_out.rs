//! Payouts: the sample sets in `samples/payouts`, and what a store must keep of them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a sample that cannot be read is a mistake in the test"
)]

use std::sync::Arc;

use bytes::Bytes;
use portal_domain::payouts::{
    BalanceLine, BalanceReading, LineSource, Part, StatementJson, StatementState, lookup,
    read_window,
};
use portal_domain::stripe::page;
use portal_domain::{
    Entry, Event, Facts, FactsKind, Fetched, ObjectId, PayoutFilter, ReadError, Recorded, Store,
    UnixSeconds, Window,
};
use serde_json::{Value, json};

use crate::fixtures::later;
use crate::samples::{an_event, at, facts, record_new, text};
use crate::store::itemizing::a_payment_of_two_invoices;

/// One folder of samples: Stripe's answers, the donations that are known, and what must come out.
struct Sample {
    ledger: &'static str,
    expected: &'static str,
    payouts: &'static str,
    /// The pages of the lines of each payout.
    lists: &'static [&'static [&'static str]],
    /// The lines of a time, and the balance at its end.
    account: Option<[&'static str; 2]>,
}

macro_rules! file {
    ($folder:literal, $file:literal) => {
        include_str!(concat!("../../../../samples/payouts/", $folder, "/", $file, ".json"))
    };
}

macro_rules! sample {
    ($folder:literal, [$([$($page:literal),*]),*] $(, $account:expr)?) => {
        Sample {
            ledger: file!($folder, "ledger"),
            expected: file!($folder, "expected"),
            payouts: file!($folder, "api/v1_payouts"),
            lists: &[$(&[$(file!($folder, $page)),*]),*],
            account: None $(.or(Some($account)))?,
        }
    };
}

/// A month of donations in yen with their monthly payout.
const MONTH: Sample = sample!(
    "01-jpy-month",
    [["api/v1_balance_transactions.page1", "api/v1_balance_transactions.page2"]]
);

/// Makes a store know a month of donations with their payout, `po_1WBPThIOYRtgmeLNMJBgmnnEO` of 30,641
/// yen, as of 30 October 2026.
pub async fn know_a_month(store: &dyn Store) {
    comes_out(store, &MONTH).await;
}

pub(crate) async fn a_month_of_donations_is_explained(store: &dyn Store) {
    comes_out(store, &MONTH).await;
}

pub(crate) async fn donations_in_several_currencies_are_explained(store: &dyn Store) {
    comes_out(store, &sample!("02-multi-currency", [["api/v1_balance_transactions.page1"]])).await;
}

pub(crate) async fn a_payout_by_hand_is_explained_by_the_account(store: &dyn Store) {
    let account = [
        file!("03-manual", "api/v1_balance_transactions.created"),
        file!("03-manual", "api/v1_balance"),
    ];
    comes_out(store, &sample!("03-manual", [], account)).await;
}

pub(crate) async fn a_payout_that_failed_is_paid_out_with_the_next(store: &dyn Store) {
    let lists = sample!(
        "04-failed",
        [["api/v1_balance_transactions.first"], ["api/v1_balance_transactions.second"]]
    );
    comes_out(store, &lists).await;
}

pub(crate) async fn a_line_that_is_missing_is_named(store: &dyn Store) {
    comes_out(
        store,
        &sample!("06-differs/a-line-is-missing", [["api/v1_balance_transactions.page1"]]),
    )
    .await;
}

pub(crate) async fn a_donation_that_the_ledger_lacks_is_named(store: &dyn Store) {
    comes_out(
        store,
        &sample!("06-differs/a-donation-is-unknown", [["api/v1_balance_transactions.page1"]]),
    )
    .await;
}

pub(crate) async fn an_amount_that_is_another_in_the_ledger_is_named(store: &dyn Store) {
    comes_out(
        store,
        &sample!("06-differs/an-amount-differs", [["api/v1_balance_transactions.page1"]]),
    )
    .await;
}

pub(crate) async fn a_line_that_does_not_add_up_is_named(store: &dyn Store) {
    comes_out(
        store,
        &sample!("06-differs/net-is-not-amount-less-fee", [["api/v1_balance_transactions.page1"]]),
    )
    .await;
}

/// Nothing is said of a payout before its last page, and what was read of it is kept.
pub(crate) async fn a_payout_is_read_with_its_last_page(store: &dyn Store) {
    know(store, &MONTH).await;
    // A key has read the balance.
    let read_window = Window { since: at(0), until: at(0) };
    read_window::extend(store, true, read_window, later(0)).await.expect("the position");
    let id = payouts(store).await.remove(0);
    assert_eq!(due(store, 0).await, std::slice::from_ref(&id));
    let [first, second] = [0, 1].map(|page| read(MONTH.lists[0][page]));
    store.add_lines(&lines(&first), Some(&id), later(0)).await.expect("lines");
    assert_eq!(state(store, &id).await, StatementState::Waiting);

    // The second page cannot be read now; an hour later both can.
    store.finish_reading(&id, Some(ReadError::TooMany), later(0), later(1)).await.expect("kept");
    assert_eq!(state(store, &id).await, StatementState::Unreadable(ReadError::TooMany));
    assert_eq!(due(store, 0).await, []);
    assert_eq!(due(store, 5).await, std::slice::from_ref(&id));
    for page in [&first, &second, &first] {
        record_sources(store, page).await;
        store.add_lines(&lines(page), Some(&id), later(10)).await.expect("lines");
    }
    store.finish_reading(&id, None, later(10), later(11)).await.expect("kept");
    assert_eq!(state(store, &id).await, StatementState::Explained);
    assert_eq!(due(store, 1000).await, []);
}

/// A line that Stripe no longer lists for a payout leaves it.
pub(crate) async fn a_line_that_left_a_payout_is_not_summed(store: &dyn Store) {
    let missing = sample!("06-differs/a-line-is-missing", []);
    know(store, &missing).await;
    let id = payouts(store).await.remove(0);
    let page = read(file!("06-differs/a-line-is-missing", "api/v1_balance_transactions.page1"));
    let stray = lines(&read(file!("04-failed", "api/v1_balance_transactions.second")));
    store.add_lines(&stray, Some(&id), later(0)).await.expect("lines");
    store.add_lines(&lines(&page), Some(&id), later(10)).await.expect("lines");
    store.finish_reading(&id, None, later(10), later(11)).await.expect("kept");
    let listed = store.payout_lines(&id).await.expect("lines");
    assert_eq!(listed.len(), page.items.len());
}

/// The same line in two lists is named in both.
pub(crate) async fn a_line_in_two_payouts_is_named_in_both(store: &dyn Store) {
    let failed = sample!("04-failed", []);
    know(store, &failed).await;
    let both = payouts(store).await;
    let page = read(file!("04-failed", "api/v1_balance_transactions.first"));
    for id in &both {
        store.add_lines(&lines(&page), Some(id), later(0)).await.expect("lines");
        store.finish_reading(id, None, later(0), later(1)).await.expect("kept");
    }
    for (id, other) in [(0, 1), (1, 0)] {
        let lines = store.payout_lines(&both[id]).await.expect("lines");
        assert!(lines.iter().all(|it| it.also_in.as_ref() == Some(&both[other])), "{id}");
    }
}

/// Lines and readings at the bounds read back equal, and sums of them are exact.
pub(crate) async fn lines_at_the_bounds_add_up(store: &dyn Store) {
    let page = read(file!("02-multi-currency", "api/v1_balance_transactions.page1"));
    let line = lines(&page).remove(0);
    const MAX: i64 = 999_999_999_999;
    let lines: Vec<_> = (0..4)
        .map(|n| BalanceLine {
            id: text(&format!("txn_{n}")),
            amount: -MAX,
            fee: MAX,
            fee_tax: MAX,
            net: -MAX,
            balance: None,
            source: None,
            created: at(n),
            ..line.clone()
        })
        .collect();
    store.add_lines(&lines, None, later(0)).await.expect("lines");
    store.add_lines(&lines, None, later(0)).await.expect("the same lines");
    let window = Window { since: at(1), until: at(3) };
    let sums = store.line_sums(true, window).await.expect("sums");
    let [(_, sum)] = &*sums else { panic!("{sums:?}") };
    let found = (sum.lines, sum.amount, sum.fee, sum.fee_tax, sum.net);
    assert_eq!(found, (2, -2 * MAX, 2 * MAX, 2 * MAX, -2 * MAX));
    assert_eq!(store.line_sums(false, window).await, Ok(Vec::new()));
}

/// A payment of two invoices, and a refund of it: each invoice has its part of every sum.
pub(crate) async fn a_fee_of_two_invoices_is_divided_among_them(store: &dyn Store) {
    record_new(store, &a_payment_of_two_invoices()).await;
    let page = read(MONTH.lists[0][0]);
    let line = lines(&page).into_iter().find(|it| it.part() == Some(Part::Donations));
    let line = line.expect("a payment's line");
    let of_payment = |id: &str, category: &str, amount, fee| {
        let source = line.source.clone().map(|it| LineSource { payment: Some(text("pi_1")), ..it });
        let net = amount - fee;
        let (kind, category) = (text(category), text(category));
        let sums = BalanceLine { amount, fee, fee_tax: 0, net, ..line.clone() };
        BalanceLine { id: text(id), kind, category, source, ..sums }
    };
    let both = [of_payment("txn_1", "charge", 1000, 37), of_payment("txn_2", "refund", -50, -1)];
    store.add_lines(&both, None, later(0)).await.expect("lines");
    let mut found = Vec::new();
    for id in ["in_1", "in_2"] {
        let donation = store.donation(&text(id)).await.expect("a donation").expect("the donation");
        let money = lookup::money_of_one(store, &donation, later(0)).await.expect("its money");
        found.push(
            [money.balance_amount, money.fee, money.balance_net].map(Option::unwrap_or_default),
        );
    }
    assert_eq!(found, [[400, 14, 366], [600, 22, 548]]);
}

/// The last reading of each currency counts; a second one of the same moment changes nothing.
pub(crate) async fn the_last_reading_of_a_balance_counts(store: &dyn Store) {
    let reading = |currency: &str, second, available| BalanceReading {
        currency: text(currency),
        livemode: true,
        at: at(second),
        available,
        pending: -1,
    };
    let [first, second, usd] = [("jpy", 1, 5), ("jpy", 2, -7), ("usd", 1, 9)]
        .map(|(currency, second, available)| reading(currency, second, available));
    store.keep_balance(&[first.clone(), usd.clone()]).await.expect("kept");
    store.keep_balance(&[second.clone(), reading("usd", 1, 10)]).await.expect("kept");
    assert_eq!(store.last_balance(true, at(0)).await, Ok(Vec::new()));
    assert_eq!(store.last_balance(true, at(1)).await, Ok(vec![first, usd.clone()]));
    assert_eq!(store.last_balance(true, at(9)).await, Ok(vec![second, usd]));
    assert_eq!(store.last_balance(false, at(9)).await, Ok(Vec::new()));
}

/// Tells the store all of a sample, and compares what comes out of it.
async fn comes_out(store: &dyn Store, sample: &Sample) {
    know(store, sample).await;
    let expected: Value = serde_json::from_str(sample.expected).expect("JSON");
    for pages in sample.lists {
        let pages: Vec<_> = pages.iter().map(|it| read(it)).collect();
        let own = pages.iter().flat_map(lines).find(|it| it.kind.as_str() == "payout");
        let id = own.and_then(|it| Some(it.source?.id)).expect("the payout's own line");
        for page in &pages {
            if !sample.expected.contains("donation_unknown") {
                record_sources(store, page).await;
            }
            store.add_lines(&lines(page), Some(&id), later(0)).await.expect("lines");
        }
        store.finish_reading(&id, None, later(0), later(1)).await.expect("kept");
    }
    let window = account(store, sample, &expected).await;
    read_window::extend(store, true, window, later(2)).await.expect("the position");
    for due in expected["statements"].as_array().expect("statements") {
        let id: ObjectId = text(due["payout"].as_str().expect("an id"));
        let row = store.payouts_of(&[id]).await.expect("a payout").remove(0);
        let statement = lookup::statement(store, &row).await.expect("a statement");
        is_as_due(due, &json!(StatementJson::of(&row, &statement)));
    }
    let now = window.until.after(jiff::SignedDuration::from_hours(24));
    for due in expected["donations"].as_array().into_iter().flatten() {
        let id: ObjectId = text(due["id"].as_str().expect("an id"));
        let donation = store.donation(&id).await.expect("a donation").expect("the donation");
        let money = lookup::money_of(store, &[donation], now).await.expect("its money");
        is_as_due(due, &json!(money[0]));
    }
    if let Some(due) = expected.get("account") {
        let accounts = lookup::accounts(store, true, window).await.expect("the account");
        is_as_due(due, &json!(accounts.expect("all lines")[0]));
    }
}

/// Compares each value that is due.
fn is_as_due(due: &Value, found: &Value) {
    for (name, value) in due.as_object().expect("an object") {
        if !matches!(name.as_str(), "id" | "remark") {
            assert_eq!(found.get(name), Some(value), "{name} of {found}");
        }
    }
}

/// Records the donations and the payouts of a sample.
async fn know(store: &dyn Store, sample: &Sample) {
    let donations: Vec<Value> = serde_json::from_str(sample.ledger).expect("JSON");
    let mut objects = Vec::new();
    for it in &donations {
        let (id, sum, currency) = (&it["id"], &it["amount"], &it["currency"]);
        for payment in it["payments"].as_array().expect("payments") {
            let paid = json!({ "id": payment, "status": "succeeded", "amount": sum,
                "amount_received": sum, "currency": currency });
            objects.push((FactsKind::PaymentIntent, paid, &it["paid_at"]));
            if it["kind"] != "one_time" {
                let link = json!({ "id": format!("inpay_{}", objects.len()), "invoice": id,
                    "payment": { "type": "payment_intent", "payment_intent": payment },
                    "status": "paid", "amount_paid": sum, "currency": currency });
                objects.push((FactsKind::InvoicePayment, link, &it["paid_at"]));
            }
        }
        if it["kind"] != "one_time" {
            let invoice = json!({ "id": id, "status": "paid", "amount_paid": sum,
                "currency": currency, "billing_reason": "subscription_cycle" });
            objects.push((FactsKind::Invoice, invoice, &it["paid_at"]));
        }
    }
    let list: Value = serde_json::from_str(sample.payouts).expect("JSON");
    for it in list["data"].as_array().expect("payouts") {
        objects.push((FactsKind::Payout, it.clone(), &it["created"]));
    }
    for (kind, object, created) in objects {
        let facts = facts(kind, &object.to_string());
        record(store, facts, at_second(created)).await;
    }
}

async fn record_sources(store: &dyn Store, page: &Page) {
    for (line, source) in &page.items {
        if let Some(source @ (Facts::Refund(_) | Facts::Dispute(_))) = source {
            record(store, source.clone(), line.created).await;
        }
    }
}

async fn record(store: &dyn Store, facts: Facts, created: UnixSeconds) {
    let object = facts.object_id().cloned().expect("an id");
    let (kind, livemode) = (facts.kind().object_name(), true);
    let id = text(&format!("{object}-{kind}").replace('.', "_"));
    let event_type = text(&format!("{kind}.sampled"));
    let event =
        Event { id, event_type, created, livemode, facts: Some(facts), ..an_event("evt_1") };
    let entry = Arc::new(Entry::decide(Event { object_id: Some(object), ..event }));
    let recorded = store.record(&[entry], later(0)).await.expect("recorded");
    assert!(recorded.iter().all(|it| matches!(it, Recorded::New(_) | Recorded::Duplicate)));
}

/// Adds the lines of a time and the balances at both ends of it, and returns that time.
async fn account(store: &dyn Store, sample: &Sample, expected: &Value) -> Window {
    let Some([created, balance]) = sample.account else {
        let all: Vec<_> = sample.lists.iter().flat_map(|it| it.iter()).map(|it| read(it)).collect();
        let times: Vec<_> = all.iter().flat_map(lines).map(|it| it.created).collect();
        let until = times.iter().max().copied().unwrap_or_default();
        let since = times.iter().min().copied().unwrap_or_default();
        return Window { since, until: until.after(jiff::SignedDuration::from_hours(1)) };
    };
    store.add_lines(&lines(&read(created)), None, later(0)).await.expect("lines");
    let due = &expected["account"];
    let (since, until) = (at_second(&due["since"]), at_second(&due["until"]));
    let opening = due["opening"].as_i64().expect("a sum");
    let fetched = Fetched { body: Bytes::from_static(balance.as_bytes()), at: until };
    let mut readings = page::balance(&fetched, true).expect("the balance");
    let first = BalanceReading { at: since, available: opening, pending: 0, ..readings[0].clone() };
    readings.push(first);
    store.keep_balance(&readings).await.expect("kept");
    Window { since, until }
}

type Page = page::Page<(BalanceLine, Option<Facts>), ObjectId>;

fn read(file: &'static str) -> Page {
    let fetched = Fetched { body: Bytes::from_static(file.as_bytes()), at: at(0) };
    let page = page::balance_lines(&fetched, true).expect("a page");
    assert_eq!(page.unreadable, 0);
    page
}

fn lines(page: &Page) -> Vec<BalanceLine> {
    page.items.iter().map(|it| it.0.clone()).collect()
}

fn at_second(it: &Value) -> UnixSeconds {
    at(it.as_i64().expect("a second"))
}

async fn payouts(store: &dyn Store) -> Vec<ObjectId> {
    let rows = store.payouts(&PayoutFilter::default(), None, 10).await.expect("payouts");
    rows.into_iter().map(|it| it.payout.id).collect()
}

async fn due(store: &dyn Store, second: i64) -> Vec<ObjectId> {
    store.payouts_to_read(true, later(second), 10).await.expect("payouts")
}

async fn state(store: &dyn Store, id: &ObjectId) -> StatementState {
    let row = store.payouts_of(std::slice::from_ref(id)).await.expect("a payout").remove(0);
    lookup::statement(store, &row).await.expect("a statement").state
}
