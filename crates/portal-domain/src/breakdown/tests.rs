use serde_json::{Value, json};

use super::{CountsIn, DonationRows, LineKind, breakdown, sum};
use crate::donation::{Donation, DonationState, Kind};
use crate::ids::{Currency, ObjectId};
use crate::time::UnixSeconds;

/// A donation of 1000 JPY with these rows; columns that are left out are empty.
fn rows(id: &str, [refunded, lost]: [i64; 2], ledger: &Value) -> DonationRows {
    let mut ledger = ledger.clone();
    let all = ledger.as_object_mut().unwrap();
    for kind in ["payments", "refunds", "charge_totals", "credit_notes", "disputes", "links"] {
        all.entry(kind).or_insert(json!([]));
    }
    DonationRows {
        donation: Donation {
            id: ObjectId::new(id).unwrap(),
            kind: if id.starts_with("in_") { Kind::Invoice } else { Kind::OneTime },
            state: DonationState::Paid,
            currency: Currency::new("jpy").unwrap(),
            amount: 1000,
            refunded,
            lost,
            net: 1000 - refunded - lost,
            dispute: None,
            provisional: false,
            out_of_band: false,
            livemode: true,
            paid_at: Some(UnixSeconds::default()),
            at: UnixSeconds::default(),
        },
        ledger: serde_json::from_value(ledger).unwrap(),
    }
}

fn payment(refunded: i64, lost: i64, lost_in: &str) -> Value {
    json!({
        "id": "pi_1", "progress": "paid", "amount": 1000, "currency": "jpy", "at": 1,
        "refunded": refunded, "lost": lost, "lost_in": lost_in, "evidence": null, "event": "evt_1",
    })
}

fn refund(id: &str, progress: &str, amount: i64, at: i64) -> Value {
    json!({
        "id": id, "payment": "pi_1", "charge": "ch_1", "progress": progress, "amount": amount,
        "currency": "jpy", "made_at": 2, "at": at, "event": "evt_2",
    })
}

fn charge_total(amount: i64, released: i64, at: i64) -> Value {
    json!({
        "charge": "ch_1", "payment": "pi_1", "amount": amount, "released": released,
        "currency": "jpy", "at": at, "event": "evt_3",
    })
}

fn dispute(id: &str, currency: &str, amount: i64) -> Value {
    json!({
        "id": id, "payment": "pi_1", "state": "lost", "amount": amount, "currency": currency,
        "event": "evt_4",
    })
}

/// Returns the counted part and the reason of each line.
fn counted(rows: &DonationRows) -> Vec<String> {
    let lines = breakdown(rows).lines;
    let due = [rows.donation.amount, -rows.donation.refunded, -rows.donation.lost];
    let sums = [CountsIn::Amount, CountsIn::Refunded, CountsIn::Lost].map(|it| sum(&lines, it));
    assert_eq!(sums, due, "{lines:?}");
    let one = |it: &super::DonationLine| match it.reason {
        Some(reason) => format!("{} {:?} {} {reason:?}", it.id, it.kind, it.counted),
        None => format!("{} {:?} {}", it.id, it.kind, it.counted),
    };
    lines.iter().map(one).collect()
}

#[test]
fn no_more_goes_back_than_was_given() {
    let told = json!({
        "payments": [payment(1700, 500, "jpy")],
        "refunds": [refund("re_1", "paid", 700, 2), refund("re_2", "paid", 1000, 3)],
        "disputes": [dispute("du_1", "jpy", 500)],
    });
    let due = [
        "pi_1 Payment 1000",
        "re_1 Refund -700",
        "re_2 Refund -300 AtMostGiven",
        "du_1 Dispute 0 AtMostGiven",
    ];
    assert_eq!(counted(&rows("pi_1", [1000, 0], &told)), due);
}

#[test]
fn the_released_part_of_an_authorisation_is_subtracted_from_single_refunds() {
    let told = json!({
        "payments": [payment(700, 0, "")],
        "refunds": [refund("re_1", "paid", 900, 2)],
        "charge_totals": [charge_total(100, 200, 3)],
    });
    let due = [
        "pi_1 Payment 1000",
        "re_1 Refund -900",
        "ch_1 ChargeTotal 0 InRefunds",
        "ch_1 Released 200",
    ];
    assert_eq!(counted(&rows("pi_1", [700, 0], &told)), due);
}

#[test]
fn a_released_amount_leaves_room_for_refunds_beyond_the_given_amount() {
    let told = json!({
        "payments": [payment(1300, 0, "")],
        "refunds": [refund("re_1", "paid", 900, 2), refund("re_2", "paid", 600, 3)],
        "charge_totals": [charge_total(100, 200, 3)],
    });
    let due = [
        "pi_1 Payment 1000",
        "re_1 Refund -900",
        "re_2 Refund -300 AtMostGiven",
        "ch_1 ChargeTotal 0 InRefunds",
        "ch_1 Released 200",
    ];
    assert_eq!(counted(&rows("pi_1", [1000, 0], &told)), due);
}

#[test]
fn a_refund_that_failed_after_the_total_of_a_charge_came_back() {
    let told = json!({
        "payments": [payment(600, 0, "")],
        "refunds": [refund("re_1", "failed", 300, 5)],
        "charge_totals": [charge_total(900, 0, 3)],
    });
    let due = ["pi_1 Payment 1000", "re_1 Refund 0 State", "ch_1 ChargeTotal -600 CameBack"];
    assert_eq!(counted(&rows("pi_1", [600, 0], &told)), due);
}

#[test]
fn a_loss_in_another_currency_takes_the_whole_payment() {
    let told = json!({
        "payments": [payment(0, 30, "")],
        "disputes": [dispute("du_1", "jpy", 20), dispute("du_2", "usd", 10)],
    });
    let due = ["pi_1 Payment 1000", "du_1 Dispute 0 AlreadyLost", "du_2 Dispute -1000 AllIsLost"];
    assert_eq!(counted(&rows("pi_1", [0, 1000], &told)), due);
}

#[test]
fn payments_in_another_currency_than_the_invoice_do_not_count() {
    let invoice = |paid: i64| json!({ "progress": "paid", "amount": paid, "paid": paid, "currency": "jpy", "event": "evt_5" });
    let mut foreign = payment(0, 0, "");
    foreign["currency"] = json!("usd");
    let told = json!({ "invoice": invoice(1000), "payments": [foreign] });
    let due = ["pi_1 Payment 0 OtherCurrency", "in_1 Invoice 1000"];
    assert_eq!(counted(&rows("in_1", [0, 0], &told)), due);
}

#[test]
fn of_an_unpaid_invoice_and_its_payments_the_largest_counts() {
    let mut pending = payment(0, 0, "");
    pending["progress"] = json!("pending");
    let mut smaller = pending.clone();
    (smaller["id"], smaller["amount"]) = (json!("pi_2"), json!(400));
    let told = json!({
        "invoice": {
            "progress": "pending", "amount": 600, "paid": 0, "currency": "jpy", "event": "evt_5",
        },
        "payments": [smaller, pending],
    });
    let mut rows = rows("in_1", [0, 0], &told);
    rows.donation.state = DonationState::Pending;
    let due = ["pi_2 Payment 0 LargerCounts", "pi_1 Payment 1000", "in_1 Invoice 0 LargerCounts"];
    assert_eq!(counted(&rows), due);
}

#[test]
fn an_amount_that_follows_from_no_row_has_a_line() {
    let told =
        json!({ "payments": [payment(300, 0, "")], "refunds": [refund("re_1", "paid", 200, 2)] });
    let rows = rows("pi_1", [300, 0], &told);
    assert_eq!(counted(&rows), ["pi_1 Payment 1000", "re_1 Refund -200", "pi_1 Difference -100"]);
    let last = breakdown(&rows).lines.pop().unwrap();
    assert_eq!((last.kind, last.amount), (LineKind::Difference, 100));
}
