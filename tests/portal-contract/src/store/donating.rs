//! The list of donations and their totals.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::time::Day;
use portal_domain::{
    DisputeState, Donation, DonationFilter, DonationState, Event, Kind, ObjectId, Store, Total,
    UnixSeconds,
};

use crate::fixtures::{donations, given_ids, told_of, totals_of};
use crate::samples::{at, record_new, text};
use crate::stripe::{BEGIN, Object, dispute, new, new_invoice, old, old_invoice, payment, refund};

/// Returns the event of a payment of `amount`, made `second` seconds after the beginning.
fn paid(name: &str, second: i64, amount: i64, currency: &str) -> Event {
    let paid = payment(&format!("pi_{name}"), "succeeded");
    let paid = paid.with("amount_received", amount).with("currency", currency);
    told_of(name, old(second, "payment_intent.succeeded", paid))
}

/// Returns the position after a page.
fn place(last: &Donation) -> (UnixSeconds, &ObjectId) {
    (last.at, &last.id)
}

async fn filtered(store: &dyn Store, filter: DonationFilter) -> Vec<String> {
    let found = store.donations(&filter, None, 100).await.expect("donations");
    found.iter().map(|it| it.id.to_string()).collect()
}

/// Records one donation of each kind: one-time, pending, failed, recurring, invoiced, provisional, in
/// dollars, in test mode.
async fn one_of_each(store: &dyn Store) {
    let pending = payment("pi_2", "requires_action");
    let declined = payment("pi_3", "canceled").with("cancellation_reason", "abandoned");
    let books = old_invoice("in_5", "paid", "pi_5").with("subscription", serde_json::Value::Null);
    record_new(
        store,
        &[
            paid("1", 1, 1000, "jpy"),
            told_of("2", old(2, "payment_intent.requires_action", pending)),
            told_of("3", old(3, "payment_intent.canceled", declined)),
            told_of("4", old(4, "invoice.paid", old_invoice("in_4", "paid", "pi_4"))),
            told_of("5", old(5, "invoice.paid", books)),
            told_of("6", new(6, "payment_intent.succeeded", payment("pi_6", "succeeded"))),
            paid("7", 7, 250, "usd"),
            told_of(
                "8",
                old(8, "payment_intent.succeeded", payment("pi_8", "succeeded")).in_test_mode(),
            ),
        ],
    )
    .await;
}

/// The order is by time of payment, latest first, then by id, greatest first.
pub(crate) async fn donations_come_newest_first(store: &dyn Store) {
    record_new(store, &[paid("b", 5, 1, "jpy"), paid("c", 9, 1, "jpy")]).await;
    record_new(store, &[paid("d", 5, 1, "jpy"), paid("a", 7, 1, "jpy")]).await;
    assert_eq!(given_ids(store).await, ["pi_c", "pi_a", "pi_d", "pi_b"]);
}

/// Each condition selects the matching donations.
pub(crate) async fn each_filter_lets_through_what_fits_it(store: &dyn Store) {
    one_of_each(store).await;
    let all = DonationFilter::default;
    let state = |state| DonationFilter { state: Some(state), ..all() };
    let kind = |kind| DonationFilter { kind: Some(kind), ..all() };
    let livemode = |livemode| DonationFilter { livemode: Some(livemode), ..all() };
    let provisional = |it| DonationFilter { provisional: Some(it), ..all() };
    let usd = DonationFilter { currency: Some(text("usd")), ..all() };
    let since = DonationFilter { since: Some(at(BEGIN + 7)), ..all() };
    let until = DonationFilter { until: Some(at(BEGIN + 2)), ..all() };
    for (filter, due) in [
        (all(), vec!["pi_8", "pi_7", "pi_6", "in_5", "in_4", "pi_3", "pi_2", "pi_1"]),
        (state(DonationState::Pending), vec!["pi_2"]),
        (state(DonationState::Failed), vec!["pi_3"]),
        (state(DonationState::Paid), vec!["pi_8", "pi_7", "pi_6", "in_5", "in_4", "pi_1"]),
        (kind(Kind::Recurring), vec!["in_4"]),
        (kind(Kind::Invoice), vec!["in_5"]),
        (kind(Kind::OneTime), vec!["pi_8", "pi_7", "pi_6", "pi_3", "pi_2", "pi_1"]),
        (livemode(false), vec!["pi_8"]),
        (livemode(true), vec!["pi_7", "pi_6", "in_5", "in_4", "pi_3", "pi_2", "pi_1"]),
        (provisional(true), vec!["pi_6"]),
        (provisional(false), vec!["pi_8", "pi_7", "in_5", "in_4", "pi_3", "pi_2", "pi_1"]),
        (usd, vec!["pi_7"]),
        (since.clone(), vec!["pi_8", "pi_7"]),
        (until, vec!["pi_1"]),
        (DonationFilter { livemode: Some(true), ..since }, vec!["pi_7"]),
        (DonationFilter { currency: Some(text("eur")), ..all() }, vec![]),
        (DonationFilter { amount_to: Some(250), ..all() }, vec!["pi_7"]),
        (DonationFilter { amount_to: Some(249), ..all() }, vec![]),
        (DonationFilter { amount_from: Some(1001), ..all() }, vec![]),
        (DonationFilter { amount_from: Some(250), amount_to: Some(999), ..all() }, vec!["pi_7"]),
        (DonationFilter { dispute: Some(DisputeState::Open), ..all() }, vec![]),
    ] {
        assert_eq!(filtered(store, filter.clone()).await, due, "{filter:?}");
    }
}

/// Every donation is on one page, also several of one second.
pub(crate) async fn pages_have_no_gap_and_no_overlap(store: &dyn Store) {
    let gifts: Vec<_> = (10..33).map(|n| paid(&n.to_string(), n / 7, 1000, "jpy")).collect();
    record_new(store, &gifts).await;
    let all = donations(store).await;
    assert_eq!(all.len(), gifts.len());
    for limit in [1, 2, 5, 22, 23, 24] {
        let mut paged: Vec<Donation> = vec![];
        // The loop allows one more page, which is empty.
        for _ in 0..=all.len() {
            let filter = DonationFilter::default();
            let page = store.donations(&filter, paged.last().map(place), limit).await;
            paged.extend(page.expect("a page"));
        }
        assert_eq!(paged, all, "{limit}");
    }
    let nothing = store.donations(&DonationFilter::default(), None, 0).await;
    assert_eq!(nothing, Ok(vec![]));
}

/// The next page continues within the filter.
pub(crate) async fn pages_of_a_filter_stay_within_it(store: &dyn Store) {
    record_new(store, &[paid("a", 1, 1, "jpy"), paid("b", 2, 1, "usd"), paid("c", 3, 1, "jpy")])
        .await;
    let jpy = DonationFilter { currency: Some(text("jpy")), ..DonationFilter::default() };
    let first = store.donations(&jpy, None, 1).await.unwrap_or_default();
    let next = store.donations(&jpy, first.last().map(place), 10).await.unwrap_or_default();
    assert_eq!(next.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["pi_a"]);
}

/// Places are those of the list, from the first one or from a place on.
pub(crate) async fn a_search_of_donations_ends_at_its_place(store: &dyn Store) {
    let gifts: Vec<_> = (10..20).map(|n| paid(&n.to_string(), n / 7, 1000, "jpy")).collect();
    record_new(store, &gifts).await;
    one_of_each(store).await;
    let all = donations(store).await;
    let filter = DonationFilter::default();
    for start in [None, Some(0), Some(4)] {
        let after = start.and_then(|it: usize| all.get(it)).map(place);
        let rest = all.iter().skip(start.map_or(0, |it| it + 1));
        let due: Vec<_> = rest.map(|it| Some((it.at, it.id.clone()))).chain([None, None]).collect();
        for (at, due) in due.into_iter().enumerate() {
            let found = store.donation_at(&filter, after, u32::try_from(at).expect("few")).await;
            assert_eq!(found, Ok(due), "{at} after {start:?}");
        }
    }
}

/// The id is its own, or that of a payment that belongs to it.
pub(crate) async fn a_donation_is_found_by_its_id_and_by_that_of_its_payment(store: &dyn Store) {
    one_of_each(store).await;
    for (id, due) in [
        ("pi_1", Some("pi_1")),
        ("in_4", Some("in_4")),
        ("pi_4", Some("in_4")),
        ("pi_9", None),
        ("in_9", None),
        ("pi_", None),
    ] {
        let found = store.donation(&text(id)).await.expect("a donation or none");
        assert_eq!(found.as_ref().map(|it| it.id.as_str()), due, "{id}");
    }
}

/// Unpaid sessions and empty invoices are no donations.
pub(crate) async fn what_is_no_donation_is_not_found(store: &dyn Store) {
    let free = new_invoice("in_1", "paid").with("amount_paid", 0).with("amount_due", 0);
    let begun = payment("pi_2", "requires_payment_method");
    record_new(
        store,
        &[
            told_of("1", new(1, "invoice.paid", free)),
            told_of("2", new(1, "payment_intent.created", begun)),
            told_of("3", new(1, "invoice.voided", new_invoice("in_3", "void"))),
        ],
    )
    .await;
    assert_eq!(given_ids(store).await, [""; 0]);
    for id in ["in_1", "pi_2", "in_3"] {
        assert_eq!(store.donation(&text(id)).await, Ok(None), "{id}");
    }
}

/// Pending, failed and provisional donations are in no total.
pub(crate) async fn totals_are_of_what_is_paid_and_certain(store: &dyn Store) {
    one_of_each(store).await;
    let total = |currency, kind, livemode, gross| Total {
        currency: text(currency),
        kind,
        livemode,
        count: 1,
        gross,
        refunded: 0,
        lost: 0,
        net: gross,
    };
    let due = [
        total("jpy", Kind::Invoice, true, 1000),
        total("jpy", Kind::OneTime, false, 1000),
        total("jpy", Kind::OneTime, true, 1000),
        total("jpy", Kind::Recurring, true, 1000),
        total("usd", Kind::OneTime, true, 250),
    ];
    assert_eq!(store.totals(&DonationFilter::default()).await, Ok(due.to_vec()));
    let only = DonationFilter { livemode: Some(false), ..DonationFilter::default() };
    assert_eq!(store.totals(&only).await, Ok(due.get(1..2).unwrap_or_default().to_vec()));
    let failed = DonationFilter { state: Some(DonationState::Failed), ..DonationFilter::default() };
    assert_eq!(store.totals(&failed).await, Ok(vec![]));
    let uncertain = DonationFilter { provisional: Some(true), ..DonationFilter::default() };
    let due = total("jpy", Kind::OneTime, true, 1000);
    assert_eq!(store.totals(&uncertain).await, Ok(vec![due]), "in no other total");
    let recent = DonationFilter { since: Some(at(BEGIN + 7)), ..DonationFilter::default() };
    let recent = store.totals(&recent).await.unwrap_or_default();
    assert_eq!(recent.iter().map(|it| it.gross).collect::<Vec<_>>(), [1000, 250]);
}

/// Refunds and losses are subtracted, and no net amount is negative.
pub(crate) async fn totals_add_up_what_went_back(store: &dyn Store) {
    let back = |name: &str, amount| {
        let sent: Object =
            refund(&format!("re_{name}"), &format!("pi_{name}"), "succeeded", amount);
        told_of(&format!("back_{name}"), old(9, "refund.created", sent))
    };
    record_new(
        store,
        &[paid("a", 1, 1000, "jpy"), paid("b", 2, 500, "jpy"), paid("c", 3, 1, "jpy")],
    )
    .await;
    record_new(store, &[back("a", 300), back("b", 900)]).await;
    let due = Total {
        currency: text("jpy"),
        kind: Kind::OneTime,
        livemode: true,
        count: 3,
        gross: 1501,
        refunded: 800,
        lost: 0,
        net: 701,
    };
    assert_eq!(store.totals(&DonationFilter::default()).await, Ok(vec![due]));
}

/// A dispute of each state is found by it, of a payment and of an invoice.
pub(crate) async fn donations_are_found_by_their_dispute(store: &dyn Store) {
    let disputed = |name: &str, status| {
        let contested = dispute(&format!("pi_{name}"), status).with("id", format!("du_{name}"));
        told_of(&format!("du_{name}"), old(9, "charge.dispute.updated", contested))
    };
    one_of_each(store).await;
    let disputes = [disputed("1", "won"), disputed("4", "needs_response"), disputed("7", "lost")];
    record_new(store, &disputes).await;
    for (state, due) in [
        (DisputeState::Won, vec!["pi_1"]),
        (DisputeState::Open, vec!["in_4"]),
        (DisputeState::Lost, vec!["pi_7"]),
        (DisputeState::Inquiry, vec![]),
    ] {
        let filter = DonationFilter { dispute: Some(state), ..DonationFilter::default() };
        assert_eq!(filtered(store, filter).await, due, "{state:?}");
    }
}

/// For any filter, of the certain ones and of the provisional ones.
pub(crate) async fn totals_are_the_sums_of_what_is_listed(store: &dyn Store) {
    one_of_each(store).await;
    let back = refund("re_1", "pi_1", "succeeded", 300);
    let contested = dispute("pi_4", "lost").with("id", "du_4");
    let changes = [
        told_of("back", old(9, "refund.created", back)),
        told_of("lost", old(9, "charge.dispute.closed", contested)),
    ];
    record_new(store, &changes).await;
    let all = DonationFilter::default;
    for filter in [
        all(),
        DonationFilter { livemode: Some(true), ..all() },
        DonationFilter { kind: Some(Kind::OneTime), ..all() },
        DonationFilter { since: Some(at(BEGIN + 4)), until: Some(at(BEGIN + 8)), ..all() },
        DonationFilter { currency: Some(text("jpy")), amount_from: Some(1000), ..all() },
        DonationFilter { dispute: Some(DisputeState::Lost), ..all() },
        DonationFilter { state: Some(DonationState::Pending), ..all() },
    ] {
        for provisional in [None, Some(false), Some(true)] {
            let filter = DonationFilter { provisional, ..filter.clone() };
            let listed = store.donations(&filter, None, 100).await.expect("donations");
            let counted = |it: &Donation| it.provisional == (provisional == Some(true));
            let due = totals_of(listed.iter().filter(|it| counted(it)));
            assert_eq!(store.totals(&filter).await, Ok(due), "{filter:?}");
        }
    }
}

/// Days need not follow one another; one without donations has no total.
pub(crate) async fn totals_of_days_are_the_totals_of_each_day(store: &dyn Store) {
    one_of_each(store).await;
    let back = refund("re_1", "pi_1", "succeeded", 300);
    record_new(store, &[told_of("back", old(9, "refund.created", back))]).await;
    let date = jiff::civil::date(2026, 11, 21);
    let day = |since, until| Day { date, since: at(BEGIN + since), until: at(BEGIN + until) };
    let days = [day(0, 2), day(-100, 0), day(2, 5), day(5, 9), day(6, 7), day(7, 9), day(9, 100)];
    let mut due = vec![];
    for (place, day) in days.iter().enumerate() {
        let (since, until) = (Some(day.since), Some(day.until));
        let filter = DonationFilter { since, until, ..DonationFilter::default() };
        let totals = store.totals(&filter).await.expect("totals");
        due.extend(totals.into_iter().map(|it| (place, it)));
    }
    assert_eq!(due.len(), 7);
    assert_eq!(store.totals_of_days(&days).await, Ok(due));
    assert_eq!(store.totals_of_days(&[]).await, Ok(vec![]));
}

/// No sum uses a floating-point number, which is exact up to 2^53 only.
pub(crate) async fn the_largest_amounts_add_up_exactly(store: &dyn Store) {
    const LARGEST: i64 = 999_999_999_999;
    let gifts: Vec<_> = (0..40).map(|n| paid(&n.to_string(), 1, LARGEST - n, "idr")).collect();
    record_new(store, &gifts).await;
    let totals = store.totals(&DonationFilter::default()).await.unwrap_or_default();
    let due = (0..40).map(|n| LARGEST - n).sum::<i64>();
    assert_eq!(totals.iter().map(|it| (it.gross, it.net)).collect::<Vec<_>>(), [(due, due)]);
}
