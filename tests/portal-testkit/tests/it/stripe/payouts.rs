//! The money after its stories: lines, payouts, statements, and the account that adds up.

use std::collections::BTreeMap;

use portal_testkit::stripe::{
    Account, CLOVER, Fault, Payload, Place, Release, Resource, Schedule, Statement, Verdict,
};
use serde_json::{Value, json};

use crate::stripe::client::{Client, NOW};

const DAY: i64 = 86_400;

/// A version whose lines say in which balance they are.
const ENDIVE: &str = "2026-10-28.endive";

/// Returns the parts that are not 0.
fn parts(statement: &Statement) -> BTreeMap<&'static str, i64> {
    let all = statement.parts.clone().unwrap_or_default();
    all.into_iter().filter(|(_, amount)| *amount != 0).collect()
}

/// Returns the lines on the page of that target in the newest version.
fn lines(client: &Client, query: &str) -> Vec<Value> {
    let body = client.get_in(ENDIVE, &format!("/v1/balance_transactions?limit=100{query}"));
    body["data"].as_array().unwrap().clone()
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|it| it["id"].as_str()).collect()
}

fn types(account: &Account, object: &str) -> Vec<&'static str> {
    account.events().filter(|it| it.object == object).map(|it| it.event_type).collect()
}

#[test]
fn a_week_is_paid_out_and_the_statement_explains_it() {
    let mut account = Account::live(CLOVER);
    let card = account.one_time(NOW - 20 * DAY, 5000, "jpy");
    account.one_time_by_jcb(NOW - 20 * DAY, 10_000);
    account.konbini(NOW - 21 * DAY, Some(NOW - 20 * DAY), 3000);
    account.refund(&card, NOW - 18 * DAY, 1000);
    account.stripe_fee(NOW - 17 * DAY, 42, 4);
    let made = account.pay_out_on(Schedule::Weekly, NOW - 20 * DAY, NOW);
    assert_eq!(made.len(), 1, "nothing is left for the next weeks");
    let [statement] = &account.statements(NOW)[..] else { panic!("one statement") };
    assert_eq!((statement.state, statement.status, statement.lines), ("explained", "paid", 6));
    let due = [
        ("donations", 18_000),
        ("refunds", -1000),
        ("fees", -180 - 360 - 120),
        ("fee_taxes", -36 - 12),
        ("stripe_fees", -42),
        ("taxes", -4),
    ];
    assert_eq!(parts(statement), due.into());
    assert_eq!(statement.amount, due.iter().map(|it| it.1).sum::<i64>());
    assert_eq!(account.balance_at("jpy", NOW), (0, 0));

    let client = Client::of(account);
    let payout = &client.get("/v1/payouts").body["data"][0];
    assert_eq!(payout["amount"], statement.amount);
    assert_eq!(*payout, client.get(&format!("/v1/payouts/{}", made[0])).body);
    let listed = lines(&client, &format!("&payout={}", made[0]));
    assert_eq!(listed[0]["type"], "payout", "its own line is the first");
    assert_eq!(listed[0]["amount"], -statement.amount);
    let net = listed[1..].iter().map(|it| it["net"].as_i64().unwrap());
    assert_eq!(net.sum::<i64>(), statement.amount);
}

#[test]
fn the_lines_of_a_payout_can_be_asked_for_after_it_says_so() {
    let mut account = Account::live(CLOVER);
    account.one_time(NOW - 9 * DAY, 5000, "jpy");
    let payout = account.pay_out(NOW, "jpy").unwrap();
    let state = |account: &Account, now| {
        let [it] = &account.statements(now)[..] else { panic!("one statement") };
        (it.state, it.status, it.lines)
    };
    assert_eq!(state(&account, NOW), ("waiting", "in_transit", 0));
    assert_eq!(state(&account, NOW + 5400), ("explained", "in_transit", 1));
    assert_eq!(state(&account, NOW + 9 * DAY), ("explained", "paid", 1));
    let told = ["payout.created", "payout.reconciliation_completed", "payout.paid"];
    assert_eq!(types(&account, &payout), told);
    let client = Client::of(account);
    let status = client.get(&format!("/v1/payouts/{payout}")).body["reconciliation_status"].clone();
    assert_eq!(status, "in_progress");
}

#[test]
fn a_payout_may_be_late_in_every_way() {
    let mut account = Account::live(CLOVER);
    account.balance.reconciled_after = 4 * DAY;
    account.balance.late = 20 * DAY;
    account.one_time(NOW - 9 * DAY, 5000, "jpy");
    account.pay_out(NOW, "jpy");
    let state = |now| account.statements(now).pop().map(|it| (it.state, it.status));
    assert_eq!(state(NOW + 3 * DAY), Some(("waiting", "in_transit")));
    assert_eq!(state(NOW + 20 * DAY), Some(("explained", "in_transit")));
    assert_eq!(state(NOW + 30 * DAY), Some(("explained", "paid")));
}

#[test]
fn a_payout_by_hand_has_no_list_and_the_account_adds_up_around_it() {
    let mut account = Account::live(CLOVER);
    account.balance.opening = 12_345;
    account.one_time(NOW - 9 * DAY, 15_000, "jpy");
    account.one_time(NOW, 6000, "jpy");
    let by_hand = account.pay_out_by_hand(NOW - DAY, 20_000, "jpy");
    let at_once = account.pay_out_at_once(NOW, 1000, "jpy");
    let [statement, _] = &account.statements(NOW)[..] else { panic!("two statements") };
    assert_eq!((statement.state, statement.lines, &statement.parts), ("manual", 0, &None));
    let period = account.period("jpy", NOW - 10 * DAY, NOW + 1);
    assert_eq!((period.opening, period.payouts), (12_345, -21_000));
    assert_eq!((period.available, period.pending), (12_345 + 14_460 - 21_010, 5784));
    let sum = period.opening + period.parts.values().sum::<i64>() + period.payouts;
    assert_eq!(period.closing, sum);
    assert_eq!(types(&account, &by_hand), ["payout.created", "payout.updated", "payout.paid"]);
    let places: Vec<_> = account.whereabouts(NOW).iter().map(|it| it.place).collect();
    assert_eq!(places, [Place::InAccount; 2]);

    let client = Client::of(account);
    for payout in [by_hand, at_once] {
        let refused = client.get(&format!("/v1/balance_transactions?payout={payout}"));
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../samples/payouts/03-manual/api/error.400.payout_filter.json"
        );
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!((refused.status, refused.body), (400, recorded));
    }
    let balance = client.get("/v1/balance").body;
    assert_eq!(balance["available"][0]["amount"], period.available);
    assert_eq!(balance["pending"][0]["amount"], period.pending);
}

#[test]
fn a_failed_payout_is_returned_in_a_later_list_and_its_gifts_move_on() {
    let mut account = Account::live(CLOVER);
    let gift = account.one_time(NOW - 30 * DAY, 10_000, "jpy");
    let first = account.pay_out(NOW - 20 * DAY, "jpy").unwrap();
    account.fail_payout(&first, NOW - 10 * DAY, "no_account");
    let place = |account: &Account, now| {
        let [it] = &account.whereabouts(now)[..] else { panic!("one gift") };
        (it.place, it.payout.clone())
    };
    assert_eq!(place(&account, NOW - 15 * DAY), (Place::InPayout, Some(first.clone())));
    assert_eq!(place(&account, NOW), (Place::InBalance, None));
    account.one_time(NOW - 9 * DAY, 2000, "jpy");
    let second = account.pay_out(NOW, "jpy").unwrap();
    let statements = account.statements(NOW + DAY);
    assert_eq!((statements[0].status, statements[0].state), ("failed", "explained"));
    assert_eq!(statements[0].returned_by, Some(second.clone()));
    assert_eq!(parts(&statements[1])["returned_payouts"], 9640);
    assert_eq!(statements[1].amount, 11_568);
    let moved = account.whereabouts(NOW + DAY).into_iter().find(|it| it.id == gift).unwrap();
    assert_eq!((moved.place, moved.payout), (Place::InPayout, Some(second)));
    let told = [
        "payout.created",
        "payout.reconciliation_completed",
        "payout.paid",
        "payout.failed",
        "payout.updated",
    ];
    assert_eq!(types(&account, &first), told);
}

#[test]
fn a_canceled_payout_is_never_paid() {
    let mut account = Account::live(CLOVER);
    account.balance.opening = 5000;
    let payout = account.pay_out_by_hand(NOW, 5000, "jpy");
    account.cancel_payout(&payout, NOW + 60);
    assert_eq!(account.balance_at("jpy", NOW), (0, 0));
    assert_eq!(account.balance_at("jpy", NOW + 60), (5000, 0));
    assert_eq!(account.statements(NOW + 9 * DAY)[0].status, "canceled");
    let posted: Vec<_> = account.deliveries(Payload::Thin).map(|it| it.event_type).collect();
    assert_eq!(posted, ["v1.payout.created", "v1.payout.canceled", "v1.payout.updated"]);
}

#[test]
fn a_debt_is_taken_from_the_bank_account_if_the_account_says_so() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 40 * DAY, 10_000, "jpy");
    account.pay_out(NOW - 30 * DAY, "jpy");
    account.refund(&payment, NOW - DAY, 10_000);
    assert_eq!(account.pay_out(NOW, "jpy"), None);
    account.balance.debits_bank = true;
    let payout = account.pay_out(NOW, "jpy").unwrap();
    let statement = account.statements(NOW + DAY).pop().unwrap();
    assert_eq!((statement.amount, parts(&statement)["refunds"]), (-10_000, -10_000));
    let client = Client::of(account);
    assert_eq!(lines(&client, &format!("&payout={payout}"))[0]["amount"], 10_000);
}

#[test]
fn a_minimum_is_held_by_one_payout_and_released_into_the_next() {
    let mut account = Account::live(CLOVER);
    account.balance.minimum = 1000;
    account.one_time(NOW - 30 * DAY, 10_000, "jpy");
    account.one_time(NOW - 10 * DAY, 10_000, "jpy");
    account.pay_out(NOW - 20 * DAY, "jpy");
    account.pay_out(NOW, "jpy");
    let [first, second] = &account.statements(NOW + DAY)[..] else { panic!("two statements") };
    assert_eq!((first.amount, parts(first)["minimum_balance"]), (8640, -1000));
    assert_eq!((second.amount, second.lines), (9640, 3), "a gift, a release and a hold");
    assert_eq!(parts(second).get("minimum_balance"), None);
    assert_eq!(account.balance_at("jpy", NOW), (1000, 0));
    account.balance.debits_bank = true;
    assert_eq!(account.pay_out(NOW + DAY, "jpy"), None, "less than the minimum is no debt");
}

#[test]
fn a_reserve_has_a_mirror_that_no_sum_counts() {
    let mut account = Account::live(CLOVER);
    account.one_time(NOW - 30 * DAY, 10_000, "jpy");
    let [held, mirror] = account.reserve(NOW - 20 * DAY, 4000);
    let payout = account.pay_out(NOW - 10 * DAY, "jpy").unwrap();
    let statement = account.statements(NOW).pop().unwrap();
    assert_eq!((statement.amount, parts(&statement)["reserves"]), (5640, -4000));
    let client = Client::of(account);
    let all = lines(&client, "");
    let of = |id: &str| all.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(
        (&of(&held)["balance_type"], &of(&held)["net"]),
        (&json!("payments"), &json!(-4000))
    );
    assert_eq!(of(&mirror)["balance_type"], "risk_reserved");
    assert_eq!(of(&mirror)["net"], 4000);
    assert!(!ids(&lines(&client, &format!("&payout={payout}"))).contains(&mirror.as_str()));
}

#[test]
fn money_of_another_currency_is_converted_and_goes_back_at_another_rate() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 9 * DAY, 5000, "usd");
    account.refund(&payment, NOW - DAY, 5000);
    let [gift] = &account.whereabouts(NOW)[..] else { panic!("one gift") };
    assert_eq!(gift.currency, Some("jpy"));
    assert_ne!(gift.net, -gift.fee, "the rate of another day");
    account.balance.currencies = &["jpy", "usd"];
    let own = account.one_time(NOW - 9 * DAY, 5000, "usd");
    account.pay_out_on(Schedule::Monthly, NOW - 9 * DAY, NOW + 30 * DAY);
    let by_currency: Vec<_> =
        account.statements(NOW + 30 * DAY).iter().map(|it| (it.currency, it.amount)).collect();
    assert_eq!(by_currency, [("usd", 4820)]);
    let client = Client::of(account);
    let all = lines(&client, "&expand[]=data.source");
    let came = all.iter().find(|it| it["source"]["payment_intent"] == payment.as_str());
    let came = came.unwrap();
    assert!(came["exchange_rate"].is_f64());
    assert_eq!((&came["currency"], &came["source"]["currency"]), (&json!("jpy"), &json!("usd")));
    assert!(all.iter().any(|it| it["source"]["payment_intent"] == own.as_str()));
}

#[test]
fn a_dispute_takes_its_fee_and_gives_it_back_once_it_is_won() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 30 * DAY, 8000, "jpy");
    let dispute = account.dispute(&payment, NOW - 20 * DAY);
    let net = |account: &Account, now| account.whereabouts(now)[0].net;
    assert_eq!(net(&account, NOW - 20 * DAY), 7712 - 9300);
    account.close_dispute(&dispute, NOW - 10 * DAY, Verdict::Won);
    assert_eq!(net(&account, NOW), 7712);
    let client = Client::of(account);
    let won = lines(&client, "").remove(0);
    assert_eq!(
        (&won["reporting_category"], &won["fee"]),
        (&json!("dispute_reversal"), &json!(-1300))
    );
}

#[test]
fn a_failed_refund_comes_back_and_the_gift_is_whole_again() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 30 * DAY, 8000, "jpy");
    let refund = account.refund(&payment, NOW - 20 * DAY, 1000);
    account.fail_refund(&refund, NOW - 10 * DAY);
    assert_eq!(account.whereabouts(NOW)[0].net, 7712);
    assert_eq!(account.donations(NOW)[0].refunded, 0);
    let client = Client::of(account);
    let back = client.get(&format!("/v1/refunds/{refund}")).body;
    assert_eq!(back["status"], "failed");
    assert!(
        ids(&lines(&client, "")).contains(&back["failure_balance_transaction"].as_str().unwrap())
    );
}

#[test]
fn a_part_that_is_captured_is_the_gift_with_and_without_a_line_of_the_rest() {
    for (release, count) in [(Release::Refund, 2), (Release::Charge, 1)] {
        let mut account = Account::live(CLOVER);
        let held = account.hold(NOW - 30 * DAY, 1000, "jpy");
        account.capture(&held, NOW - 29 * DAY, 800, release);
        account.pay_out(NOW, "jpy");
        let statement = account.statements(NOW + DAY).pop().unwrap();
        assert_eq!((statement.lines, parts(&statement)["donations"]), (count, 800));
    }
}

#[test]
fn a_charge_may_have_its_line_later_and_an_event_says_so() {
    let mut account = Account::live(CLOVER);
    account.balance.lines_after = Some(41);
    account.one_time(NOW, 1000, "jpy");
    let shown = |event_type: &str| {
        let all = account.deliveries(Payload::Snapshot(CLOVER));
        let event = all.filter(|it| it.event_type == event_type).last().unwrap();
        let event: Value = serde_json::from_slice(&event.body).unwrap();
        event["data"]["object"]["balance_transaction"].clone()
    };
    assert_eq!(shown("charge.succeeded"), Value::Null);
    let line = shown("charge.updated");
    assert_eq!(account.whereabouts(NOW)[0].place, Place::NotSeenYet);
    let client = Client::of(account);
    assert!(lines(&client, "").is_empty());
    client.clock.store(NOW + 41, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(ids(&lines(&client, "")), [line.as_str().unwrap()]);
}

#[test]
fn lines_are_lost_repeated_altered_and_kept_back_on_request() {
    let mut account = Account::live(CLOVER);
    let gifts: Vec<_> = (0..5).map(|n| account.one_time(NOW - 9 * DAY + n, 1000, "jpy")).collect();
    let line = |n: usize| account.line_about(&gifts[n]).unwrap().to_owned();
    let [kept, lost, twice, altered, right] = [0, 1, 2, 3, 4].map(line);
    account.lose_line(&lost);
    account.repeat_line(&twice);
    account.alter_line(&altered, json!({"amount": 12.5}));
    account.keep_back(&kept);
    let payout = account.pay_out(NOW, "jpy").unwrap();
    assert_eq!(account.statements(NOW + DAY)[0].lines, 4, "the truth is not harmed");
    let places: BTreeMap<_, _> =
        account.whereabouts(NOW).into_iter().map(|it| (it.id, it.place)).collect();
    assert_eq!((places[&gifts[0]], places[&gifts[1]]), (Place::InBalance, Place::NotSeen));
    account.one_time(NOW - 9 * DAY, 1000, "jpy");
    account.pay_out(NOW + DAY, "jpy");
    let left = account.whereabouts(NOW + 2 * DAY).into_iter().find(|it| it.id == gifts[0]);
    assert_eq!(left.map(|it| it.place), Some(Place::LeftBehind));
    account.balance.page_max = 2;
    let own = account.line_about(&payout).unwrap().to_owned();
    let client = Client::of(account);
    let first = lines(&client, &format!("&payout={payout}"));
    assert_eq!(ids(&first), [own.as_str(), right.as_str()]);
    let second = lines(&client, &format!("&payout={payout}&starting_after={right}"));
    assert_eq!(ids(&second), [altered.as_str(), twice.as_str(), twice.as_str()]);
    assert_eq!(second[0]["amount"], 12.5);
    client.server.always(Resource::BalanceTransactions, Fault::NotAllowed);
    let refused = client.get("/v1/balance_transactions");
    let message = refused.body["error"]["message"].as_str().unwrap().to_owned();
    assert!(refused.status == 403 && message.contains("balance_transaction_source_read"));
}

#[test]
fn a_repeated_line_at_the_end_of_a_page_begins_the_next_one() {
    let mut account = Account::live(CLOVER);
    let gifts: Vec<_> = (0..3).map(|n| account.one_time(NOW - 10 + n, 1000, "jpy")).collect();
    let line = |n: usize| account.line_about(&gifts[n]).unwrap().to_owned();
    let [oldest, middle, newest] = [0, 1, 2].map(line);
    account.repeat_line(&middle);
    account.balance.page_max = 2;
    let client = Client::of(account);
    assert_eq!(ids(&lines(&client, "")), [newest.as_str(), middle.as_str()]);
    let second = lines(&client, &format!("&starting_after={middle}"));
    assert_eq!(ids(&second), [middle.as_str(), oldest.as_str()]);
}
