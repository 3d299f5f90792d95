//! The donations of each story.

use portal_testkit::stripe::{ACACIA, Account, CLOVER, Donation, Kind, State, Verdict};

use crate::stripe::client::NOW;

const DAY: i64 = 86_400;

fn due(id: &str, kind: Kind, state: State) -> Donation {
    Donation {
        id: id.to_owned(),
        kind,
        state,
        amount: 1000,
        currency: "jpy",
        refunded: 0,
        lost: 0,
        out_of_band: false,
        livemode: true,
        paid_at: (state == State::Paid).then_some(NOW),
    }
}

fn types(account: &Account) -> Vec<&'static str> {
    account.events().map(|it| it.event_type).collect()
}

#[test]
fn a_gift_by_card_is_a_donation_once_it_is_paid() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW, 1000, "jpy");
    assert_eq!(account.donations(NOW - 1), []);
    assert_eq!(account.donations(NOW), [due(&payment, Kind::OneTime, State::Paid)]);
    let told = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ];
    assert_eq!(types(&account), told);
}

#[test]
fn a_gift_without_a_session_is_the_same_donation() {
    let mut account = Account::in_test_mode(CLOVER);
    let payment = account.one_time_without_session(NOW, 1000, "jpy");
    let test = Donation { livemode: false, ..due(&payment, Kind::OneTime, State::Paid) };
    assert_eq!(account.donations(NOW), [test]);
    assert!(!types(&account).contains(&"checkout.session.completed"));
}

#[test]
fn a_renewal_is_the_donation_of_its_invoice_and_not_of_its_payment() {
    let mut account = Account::live(CLOVER);
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    assert_eq!(account.donations(NOW), [due(&renewal.invoice, Kind::Recurring, State::Paid)]);
    for told in ["invoice.paid", "payment_intent.succeeded", "invoice_payment.paid"] {
        assert_eq!(types(&account).iter().filter(|it| **it == told).count(), 1, "{told}");
    }
}

#[test]
fn before_may_2025_no_event_links_a_payment_to_its_invoice() {
    let mut account = Account::live(ACACIA);
    account.subscription_payment(NOW, 1000, "jpy");
    assert!(!types(&account).contains(&"invoice_payment.paid"));
}

#[test]
fn konbini_is_pending_until_it_is_paid() {
    let mut account = Account::live(CLOVER);
    let payment = account.konbini(NOW - DAY, Some(NOW), 1000);
    assert_eq!(account.donations(NOW - 1), [due(&payment, Kind::OneTime, State::Pending)]);
    assert_eq!(account.donations(NOW), [due(&payment, Kind::OneTime, State::Paid)]);
}

#[test]
fn konbini_that_is_not_paid_fails_after_three_days() {
    let mut account = Account::live(CLOVER);
    let payment = account.konbini(NOW - 3 * DAY, None, 1000);
    assert_eq!(account.donations(NOW - 1), [due(&payment, Kind::OneTime, State::Pending)]);
    assert_eq!(account.donations(NOW), [due(&payment, Kind::OneTime, State::Failed)]);
}

#[test]
fn a_renewal_that_fails_may_be_collected_later() {
    let mut account = Account::live(CLOVER);
    let lost = account.failed_renewal(NOW - DAY, None, 1000, "jpy");
    let later = account.failed_renewal(NOW - DAY, Some(NOW), 1000, "jpy");
    let states = |now| {
        let of = |id: &str| account.donations(now).into_iter().find(|it| it.id == id).unwrap();
        (of(&lost.invoice).state, of(&later.invoice).state)
    };
    assert_eq!(states(NOW - DAY), (State::Failed, State::Failed));
    assert_eq!(states(NOW), (State::Failed, State::Paid));
}

#[test]
fn an_out_of_band_payment_is_a_donation_and_a_free_month_is_none() {
    let mut account = Account::live(CLOVER);
    let cash = account.out_of_band(NOW, 1000, "jpy");
    account.zero_invoice(NOW, "jpy");
    assert_eq!(account.donations(NOW - 1), [due(&cash, Kind::Invoice, State::Pending)]);
    let paid = Donation { out_of_band: true, ..due(&cash, Kind::Invoice, State::Paid) };
    assert_eq!(account.donations(NOW), [paid]);
}

#[test]
fn a_refund_is_subtracted_from_its_time_on() {
    let mut account = Account::live(CLOVER);
    let renewal = account.subscription_payment(NOW, 1000, "jpy");
    account.refund(&renewal.payment_intent, NOW + 1, 300);
    account.refund(&renewal.payment_intent, NOW + 2, 200);
    let refunded = |now| account.donations(now)[0].refunded;
    assert_eq!([NOW, NOW + 1, NOW + 2].map(refunded), [0, 300, 500]);
}

#[test]
fn a_lost_dispute_takes_what_is_left_and_a_won_one_nothing() {
    let mut account = Account::live(CLOVER);
    let [won, lost] = [1, 2].map(|_| account.one_time(NOW, 1000, "jpy"));
    account.refund(&lost, NOW + 1, 300);
    for (payment, verdict) in [(&won, Verdict::Won), (&lost, Verdict::Lost)] {
        let dispute = account.dispute(payment, NOW + 2);
        account.close_dispute(&dispute, NOW + 3, verdict);
    }
    let lost_of = |now, id: &str| {
        account.donations(now).into_iter().find(|it| it.id == id).map(|it| (it.refunded, it.lost))
    };
    assert_eq!(lost_of(NOW + 2, &lost), Some((300, 0)));
    assert_eq!(lost_of(NOW + 3, &lost), Some((300, 700)));
    assert_eq!(lost_of(NOW + 3, &won), Some((0, 0)));
}

#[test]
fn an_event_that_was_never_made_changes_nothing_in_the_truth() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW, 1000, "jpy");
    let before = account.donations(NOW);
    let event = account.event("payment_intent.succeeded", &payment).unwrap().id.clone();
    account.never_made(&event);
    assert_eq!(account.donations(NOW), before);
}
