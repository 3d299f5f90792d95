//! The donations of rarer stories, and the objects that show them.

use portal_testkit::stripe::{
    ACACIA, Account, CLOVER, Donation, Kind, Payload, Release, State, Verdict,
};
use serde_json::{Value, json};

use crate::stripe::client::{Client, NOW};
use crate::stripe::versions::parsed;

/// Returns state, amount and refunded amount.
fn of(account: &Account, id: &str, now: i64) -> Option<(State, i64, i64)> {
    let found = account.donations(now).into_iter().find(|it| it.id == id);
    found.map(|it| (it.state, it.amount, it.refunded))
}

fn types_since(account: &Account, at: i64) -> Vec<&'static str> {
    account.events().filter(|it| it.created >= at).map(|it| it.event_type).collect()
}

/// Returns the objects of that type's events, the oldest first.
fn bodies(account: &Account, version: &'static str, event_type: &str) -> Vec<Value> {
    let all = account.deliveries(Payload::Snapshot(version));
    let of_type = all.filter(|it| it.event_type == event_type);
    of_type.map(|it| parsed(&it)["data"]["object"].clone()).collect()
}

fn fields(object: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| object[*name].clone()).collect()
}

#[test]
fn a_captured_amount_is_given_and_a_released_one_is_no_refund() {
    let mut account = Account::live(CLOVER);
    let payment = account.hold(NOW, 1000, "jpy");
    account.capture(&payment, NOW + 10, 800, Release::Charge);
    account.refund(&payment, NOW + 20, 100);
    assert_eq!(of(&account, &payment, NOW), Some((State::Pending, 1000, 0)));
    assert_eq!(of(&account, &payment, NOW + 10), Some((State::Paid, 800, 0)));
    assert_eq!(of(&account, &payment, NOW + 20), Some((State::Paid, 800, 100)));
    let names = ["amount", "amount_captured", "amount_refunded", "captured", "refunded"];
    let charge = |event_type| fields(&bodies(&account, CLOVER, event_type)[0], &names);
    assert_eq!(
        charge("charge.succeeded"),
        [json!(1000), json!(0), json!(0), json!(false), json!(false)]
    );
    assert_eq!(
        charge("charge.captured"),
        [json!(1000), json!(800), json!(200), json!(true), json!(false)]
    );
    assert_eq!(
        charge("charge.refunded"),
        [json!(1000), json!(800), json!(300), json!(true), json!(false)]
    );
    let names = ["status", "amount", "amount_capturable", "amount_received", "capture_method"];
    let of_type = |event_type| fields(&bodies(&account, CLOVER, event_type)[0], &names);
    let held = [json!("requires_capture"), json!(1000), json!(1000), json!(0), json!("manual")];
    assert_eq!(of_type("payment_intent.amount_capturable_updated"), held);
    let paid = [json!("succeeded"), json!(1000), json!(0), json!(800), json!("manual")];
    assert_eq!(of_type("payment_intent.succeeded"), paid);
}

#[test]
fn a_release_may_be_shown_as_a_refund_and_is_none() {
    let mut account = Account::live(CLOVER);
    let payment = account.hold(NOW - 10, 1000, "jpy");
    account.capture(&payment, NOW, 800, Release::Refund);
    assert_eq!(of(&account, &payment, NOW), Some((State::Paid, 800, 0)));
    assert_eq!(bodies(&account, CLOVER, "refund.created")[0]["amount"], 200);
    assert_eq!(Client::of(account).page("/v1/refunds").0.len(), 1);
}

#[test]
fn an_authorisation_without_capture_is_not_given() {
    let mut account = Account::live(CLOVER);
    let payment = account.hold(NOW, 1000, "jpy");
    account.release(&payment, NOW + 10);
    assert_eq!(of(&account, &payment, NOW + 10), Some((State::Failed, 1000, 0)));
    assert_eq!(types_since(&account, NOW + 10), ["charge.refunded", "payment_intent.canceled"]);
    let charge = &bodies(&account, CLOVER, "charge.refunded")[0];
    let shown = fields(charge, &["amount_captured", "amount_refunded", "captured", "refunded"]);
    assert_eq!(shown, [json!(0), json!(1000), json!(false), json!(true)]);
}

#[test]
fn an_invoice_that_is_paid_in_parts_is_given_as_far_as_it_is_paid() {
    let mut account = Account::live(CLOVER);
    let invoice = account.open_invoice(NOW, 1000, "jpy");
    account.pay_invoices(NOW + 10, &[(&invoice, 300)]);
    account.pay_invoices(NOW + 20, &[(&invoice, 700)]);
    assert_eq!(of(&account, &invoice, NOW), Some((State::Pending, 1000, 0)));
    assert_eq!(of(&account, &invoice, NOW + 10), Some((State::Paid, 300, 0)));
    assert_eq!(of(&account, &invoice, NOW + 20), Some((State::Paid, 1000, 0)));
    let told = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "payment_intent.canceled",
        "invoice.updated",
        "invoice.paid",
    ];
    assert_eq!(types_since(&account, NOW + 20), told);
    let names = ["status", "amount_due", "amount_paid", "amount_remaining"];
    for version in [ACACIA, CLOVER] {
        let updated = bodies(&account, version, "invoice.updated");
        let shown: Vec<_> = updated.iter().map(|it| fields(it, &names)).collect();
        assert_eq!(shown[0], [json!("open"), json!(1000), json!(300), json!(700)], "{version}");
        assert_eq!(shown[1], [json!("paid"), json!(1000), json!(1000), json!(0)], "{version}");
    }
    let links = bodies(&account, CLOVER, "invoice_payment.paid");
    let shown: Vec<_> = links.iter().map(|it| fields(it, &["amount_paid", "is_default"])).collect();
    assert_eq!(shown, [[json!(300), json!(false)], [json!(700), json!(false)]]);
}

#[test]
fn the_paid_part_of_an_invoice_stays_given_after_it_is_voided_or_written_off() {
    for (write_off, event_type) in
        [(false, "invoice.voided"), (true, "invoice.marked_uncollectible")]
    {
        let mut account = Account::live(CLOVER);
        let [unpaid, in_part] = [1, 2].map(|_| account.open_invoice(NOW, 1000, "jpy"));
        account.pay_invoices(NOW + 10, &[(&in_part, 300)]);
        for invoice in [&unpaid, &in_part] {
            if write_off {
                account.write_off_invoice(invoice, NOW + 20);
            } else {
                account.void_invoice(invoice, NOW + 20);
            }
        }
        assert_eq!(of(&account, &unpaid, NOW + 20), None, "{event_type}");
        assert_eq!(of(&account, &in_part, NOW + 20), Some((State::Paid, 300, 0)), "{event_type}");
        assert_eq!(bodies(&account, CLOVER, event_type)[1]["amount_paid"], 300);
    }
}

#[test]
fn a_payment_of_two_invoices_is_divided_to_the_last_unit() {
    let mut account = Account::live(CLOVER);
    let mut invoices = [1, 2].map(|_| account.open_invoice(NOW, 1000, "jpy"));
    invoices.sort();
    let [first, second] = &invoices;
    let payment = account.pay_invoices(NOW, &[(second, 667), (first, 333)]);
    account.refund(&payment, NOW + 1, 100);
    account.refund(&payment, NOW + 2, 1);
    // 33.3 and 33.633 of the first one are rounded down, and the other one has the rest.
    assert_eq!(of(&account, first, NOW + 1), Some((State::Paid, 333, 33)));
    assert_eq!(of(&account, second, NOW + 1), Some((State::Paid, 667, 67)));
    assert_eq!(of(&account, first, NOW + 2), Some((State::Paid, 333, 33)));
    assert_eq!(of(&account, second, NOW + 2), Some((State::Paid, 667, 68)));
    account.refund(&payment, NOW + 3, 899);
    assert_eq!(of(&account, first, NOW + 3), Some((State::Paid, 333, 333)));
    assert_eq!(of(&account, second, NOW + 3), Some((State::Paid, 667, 667)));
}

#[test]
fn of_a_part_of_a_payment_no_more_is_gone_than_it_was() {
    let mut account = Account::live(CLOVER);
    let invoices = [1, 2].map(|_| account.open_invoice(NOW, 5, "jpy"));
    let payment = account.pay_invoices(NOW, &[(&invoices[0], 5), (&invoices[1], 5)]);
    account.refund(&payment, NOW + 1, 3);
    let dispute = account.dispute(&payment, NOW + 2);
    account.close_dispute(&dispute, NOW + 3, Verdict::Lost);
    let gone: Vec<_> = account.donations(NOW + 3).iter().map(|it| (it.refunded, it.lost)).collect();
    assert_eq!(gone, [(1, 4), (2, 3)]);
}

#[test]
fn the_links_of_a_payment_to_its_invoices_can_be_looked_up() {
    let mut account = Account::live(CLOVER);
    let [first, second] = [1, 2].map(|_| account.open_invoice(NOW, 1000, "jpy"));
    let payment = account.pay_invoices(NOW, &[(&first, 400), (&second, 600)]);
    let client = Client::of(account);
    let by = "payment[type]=payment_intent&payment[payment_intent]";
    let links = client.get(&format!("/v1/invoice_payments?{by}={payment}")).body["data"].clone();
    let shown: Vec<_> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|it| fields(it, &["invoice", "amount_paid"]))
        .collect();
    assert_eq!(shown, [[json!(second), json!(600)], [json!(first), json!(400)]]);
    let old = client.get_in(ACACIA, &format!("/v1/payment_intents/{payment}"));
    assert_eq!(old["invoice"], Value::Null);
}

#[test]
fn an_invoice_that_is_paid_too_much_is_given_with_all_that_came() {
    let mut account = Account::live(CLOVER);
    let invoice = account.open_invoice(NOW, 1000, "jpy");
    account.pay_invoices(NOW + 10, &[(&invoice, 1000)]);
    account.pay_invoices(NOW + 20, &[(&invoice, 1500)]);
    assert_eq!(of(&account, &invoice, NOW + 20), Some((State::Paid, 2500, 0)));
    let overpaid = &bodies(&account, CLOVER, "invoice.overpaid")[0];
    let shown = fields(overpaid, &["amount_due", "amount_paid", "amount_overpaid"]);
    assert_eq!(shown, [json!(1000), json!(1000), json!(1500)]);
    assert_eq!(
        types_since(&account, NOW + 20).iter().filter(|it| **it == "invoice.paid").count(),
        0
    );
}

#[test]
fn the_link_of_an_overpaid_invoice_may_show_the_amount_due_alone() {
    let mut account = Account::live(CLOVER);
    let invoice = account.open_invoice(NOW, 1000, "jpy");
    account.overpay_invoice(NOW, &invoice, 500);
    assert_eq!(of(&account, &invoice, NOW), Some((State::Paid, 1500, 0)));
    assert_eq!(bodies(&account, CLOVER, "invoice_payment.paid")[0]["amount_paid"], 1000);
    assert_eq!(bodies(&account, CLOVER, "payment_intent.succeeded")[0]["amount_received"], 1500);
    assert_eq!(bodies(&account, CLOVER, "invoice.overpaid")[0]["amount_overpaid"], 500);
}

#[test]
fn a_gift_with_a_receipt_is_the_donation_of_its_invoice_alone() {
    let mut account = Account::live(CLOVER);
    let receipt = account.one_time_with_receipt(NOW - 60, 60, 1000, "jpy");
    account.refund(&receipt.payment_intent, NOW, 100);
    let due = Donation {
        id: receipt.invoice.clone(),
        kind: Kind::Invoice,
        state: State::Paid,
        amount: 1000,
        currency: "jpy",
        refunded: 100,
        lost: 0,
        out_of_band: false,
        livemode: true,
        paid_at: Some(NOW - 60),
    };
    assert_eq!(account.donations(NOW), [due]);
    let session = &bodies(&account, CLOVER, "checkout.session.completed")[0];
    assert_eq!(session["invoice"], Value::Null);
    assert_eq!(session["invoice_creation"]["enabled"], true);
    let paid = &bodies(&account, ACACIA, "invoice.paid")[0];
    let shown = fields(paid, &["payment_intent", "paid_out_of_band", "amount_paid"]);
    assert_eq!(shown, [json!(receipt.payment_intent), json!(false), json!(1000)]);
    let id = session["id"].as_str().unwrap().to_owned();
    let now = Client::of(account).get(&format!("/v1/checkout/sessions/{id}")).body;
    assert_eq!(now["invoice"], receipt.invoice.as_str());
}

#[test]
fn cash_that_is_given_back_is_taken_off_until_the_credit_note_is_void() {
    let mut account = Account::live(CLOVER);
    let cash = account.out_of_band(NOW - 20, 1000, "jpy");
    let note = account.credit_out_of_band(&cash, NOW - 10, 300);
    account.void_credit_note(&note, NOW);
    assert_eq!(of(&account, &cash, NOW - 10), Some((State::Paid, 1000, 300)));
    assert_eq!(of(&account, &cash, NOW), Some((State::Paid, 1000, 0)));
    let created = &bodies(&account, CLOVER, "credit_note.created")[0];
    let shown = fields(created, &["invoice", "out_of_band_amount", "status"]);
    assert_eq!(shown, [json!(cash), json!(300), json!("issued")]);
    assert_eq!(bodies(&account, CLOVER, "credit_note.voided")[0]["status"], "void");
    let client = Client::of(account);
    assert_eq!(client.get(&format!("/v1/credit_notes/{note}")).body["status"], "void");
}

#[test]
fn a_refund_from_a_cash_balance_is_no_payment_and_one_into_it_counts() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW, 1000, "jpy");
    account.refund_cash_balance(NOW, 500, "jpy");
    account.refund_to_cash_balance(&payment, NOW + 1, 300);
    let not_taken = account.refund(&payment, NOW + 1, 100);
    account.end_in_cash_balance(&not_taken, NOW + 2);
    assert_eq!(of(&account, &payment, NOW), Some((State::Paid, 1000, 0)));
    assert_eq!(of(&account, &payment, NOW + 1), Some((State::Paid, 1000, 400)));
    assert_eq!(of(&account, &payment, NOW + 2), Some((State::Paid, 1000, 400)));
    let updated = &bodies(&account, CLOVER, "refund.updated")[0];
    assert_eq!(updated["status"], "canceled");
    assert_eq!(updated["destination_details"]["type"], "customer_cash_balance");
    let refunds = bodies(&account, CLOVER, "refund.created");
    assert_eq!(fields(&refunds[0], &["charge", "payment_intent"]), [Value::Null, Value::Null]);
    assert_eq!(refunds[1]["destination_details"]["type"], "customer_cash_balance");
    assert_eq!(refunds[1]["payment_intent"], payment.as_str());
}
