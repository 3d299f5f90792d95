//! Reading donations by their ids and confirming them, for the comparison with Stripe.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::{DonationFilter, ObjectId, Store};

use crate::fixtures::{a_gift, later, told_of};
use crate::samples::{record_new, text};
use crate::stripe::{new, new_invoice, old, old_invoice, payment};

fn ids(ids: &[&str]) -> Vec<ObjectId> {
    ids.iter().map(|it| text(it)).collect()
}

/// Returns the ids of the donations found, in the order of the question.
async fn of(store: &dyn Store, asked: &[ObjectId]) -> Vec<Option<String>> {
    let found = store.donations_of(asked).await.expect("donations");
    found.into_iter().map(|it| it.map(|it| it.id.to_string())).collect()
}

async fn listed(store: &dyn Store, confirmed: Option<bool>) -> Vec<String> {
    let filter = DonationFilter { confirmed, ..DonationFilter::default() };
    let listed = store.donations(&filter, None, 100).await.expect("donations");
    listed.into_iter().map(|it| it.id.to_string()).collect()
}

/// Donations are found by their own ids and those of their payments, in any order, also repeatedly.
pub(crate) async fn each_donation_is_answered_in_its_place(store: &dyn Store) {
    let renewal = old_invoice("in_1", "paid", "pi_1");
    record_new(store, &[a_gift("2"), a_gift("3"), told_of("1", old(1, "invoice.paid", renewal))])
        .await;
    let asked = ["pi_3", "pi_9", "pi_1", "pi_2", "in_1", "in_9", "pi_3", "PI_3", "pi_"];
    let due = [Some("pi_3"), None, Some("in_1"), Some("pi_2"), Some("in_1"), None, Some("pi_3")];
    let mut due: Vec<_> = due.into_iter().map(|it| it.map(str::to_owned)).collect();
    due.extend([None, None]);
    assert_eq!(of(store, &ids(&asked)).await, due);
    assert_eq!(of(store, &[]).await, []);
    let whole = store.donations_of(&ids(&["pi_2"])).await.expect("donations");
    let listed = store.donations(&DonationFilter::default(), None, 10).await.expect("donations");
    assert_eq!(whole, [listed.into_iter().find(|it| it.id.as_str() == "pi_2")]);
}

/// A payment that only hints at an invoice of another sum is a donation of its own.
pub(crate) async fn the_id_of_a_donation_comes_before_that_of_its_payment(store: &dyn Store) {
    let hint = serde_json::json!({"order_reference": "in_1"});
    let alone = payment("pi_1", "succeeded").with("amount_received", 400);
    let alone = alone.with("payment_details", hint);
    let other = new_invoice("in_1", "paid");
    record_new(
        store,
        &[
            told_of("1", new(1, "payment_intent.succeeded", alone)),
            told_of("2", new(1, "invoice.paid", other)),
        ],
    )
    .await;
    let due = ["pi_1", "in_1"].map(|it| Some(it.to_owned()));
    assert_eq!(of(store, &ids(&["pi_1", "in_1"])).await, due);
}

/// A page of Stripe's lists has 100 objects, and the store accepts more.
pub(crate) async fn hundreds_of_donations_are_answered_at_once(store: &dyn Store) {
    const ASKED: usize = 400;
    let gifts: Vec<_> = (0..ASKED).step_by(3).map(|n| a_gift(&n.to_string())).collect();
    record_new(store, &gifts).await;
    let asked: Vec<ObjectId> = (0..ASKED).rev().map(|n| text(&format!("pi_{n}"))).collect();
    let due = asked.iter().zip((0..ASKED).rev());
    let due: Vec<_> = due.map(|(id, n)| (n % 3 == 0).then(|| id.to_string())).collect();
    assert_eq!(of(store, &asked).await, due);
}

/// Lists and totals can be filtered by it.
pub(crate) async fn what_is_confirmed_is_reported_from_what_is_not(store: &dyn Store) {
    record_new(store, &[a_gift("a"), a_gift("b"), a_gift("c")]).await;
    assert_eq!(listed(store, Some(true)).await, [""; 0]);
    assert_eq!(store.confirm(&ids(&["pi_b", "pi_c"]), later(1)).await, Ok(()));
    assert_eq!(listed(store, Some(true)).await, ["pi_c", "pi_b"]);
    assert_eq!(listed(store, Some(false)).await, ["pi_a"]);
    assert_eq!(listed(store, None).await, ["pi_c", "pi_b", "pi_a"]);
    for (confirmed, count) in [(Some(true), 2), (Some(false), 1), (None, 3)] {
        let filter = DonationFilter { confirmed, ..DonationFilter::default() };
        let totals = store.totals(&filter).await.expect("totals");
        assert_eq!(totals.iter().map(|it| it.count).collect::<Vec<_>>(), [count]);
    }
}

/// A confirmation is never revoked.
pub(crate) async fn what_was_confirmed_stays_so(store: &dyn Store) {
    record_new(store, &[a_gift("a")]).await;
    assert_eq!(store.confirm(&ids(&["pi_a", "pi_a"]), later(1)).await, Ok(()));
    assert_eq!(store.confirm(&ids(&["pi_a", "pi_x"]), later(2)).await, Ok(()));
    assert_eq!(store.confirm(&[], later(3)).await, Ok(()));
    assert_eq!(listed(store, Some(true)).await, ["pi_a"]);
    // Stripe had the donation before the ledger did.
    record_new(store, &[a_gift("x")]).await;
    assert_eq!(listed(store, Some(true)).await, ["pi_x", "pi_a"]);
}

/// Pages stay consistent while donations are confirmed.
pub(crate) async fn pages_of_the_unconfirmed_go_on_while_they_are_confirmed(store: &dyn Store) {
    record_new(store, &["a", "b", "c", "d"].map(a_gift)).await;
    let filter = DonationFilter { confirmed: Some(false), ..DonationFilter::default() };
    let mut seen: Vec<String> = vec![];
    let mut last = None;
    loop {
        let after = last.as_ref().map(|(at, id)| (*at, id));
        let page = store.donations(&filter, after, 1).await.expect("a page");
        let Some(donation) = page.into_iter().next() else { break };
        assert_eq!(store.confirm(std::slice::from_ref(&donation.id), later(1)).await, Ok(()));
        seen.push(donation.id.to_string());
        last = Some((donation.at, donation.id));
    }
    assert_eq!(seen, ["pi_d", "pi_c", "pi_b", "pi_a"]);
}
