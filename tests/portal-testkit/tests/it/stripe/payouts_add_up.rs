//! Whatever is told, the lines are the payouts and the balance, and each gift is at one place.

use std::collections::BTreeMap;

use portal_testkit::stripe::{Account, CLOVER, Place, Release, Schedule, Verdict};
use serde_json::Value;

use crate::stripe::client::{Client, NOW};

const DAY: i64 = 86_400;

/// The days of one account.
const DAYS: i64 = 100;

/// Draws numbers that are the same for the same seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % end
    }
}

fn begin() -> i64 {
    NOW - DAYS * DAY
}

/// Tells the story of one gift.
fn give(account: &mut Account, draws: &mut Draws) {
    let at = begin() + draws.below((DAYS - 20) * DAY);
    let (amount, later) = (100 + draws.below(20_000), at + DAY + draws.below(10 * DAY));
    let currency = ["jpy", "jpy", "usd", "eur"][usize::try_from(draws.below(4)).unwrap()];
    let payment = match draws.below(6) {
        0 => account.one_time_by_jcb(at, amount),
        1 => account.konbini(at, Some(at + 3600), amount),
        2 => account.subscription_payment(at, amount, currency).payment_intent,
        3 => {
            let held = account.hold(at, amount, currency);
            let release = if amount % 2 == 0 { Release::Refund } else { Release::Charge };
            account.capture(&held, at + 60, amount / 2, release);
            held
        }
        4 => {
            let [first, second] = [1, 2].map(|_| account.open_invoice(at, amount, currency));
            account.pay_invoices(at + 60, &[(&first, amount / 3), (&second, amount)])
        }
        _ => account.one_time(at, amount, currency),
    };
    match draws.below(8) {
        0 => {
            account.refund(&payment, later, amount / 4);
        }
        1 => {
            let refund = account.refund(&payment, later, amount / 4);
            account.fail_refund(&refund, later + DAY);
        }
        2 => {
            let dispute = account.dispute(&payment, later);
            account.close_dispute(&dispute, later + DAY, Verdict::Won);
        }
        3 => {
            let dispute = account.dispute(&payment, later);
            account.close_dispute(&dispute, later + DAY, Verdict::Lost);
        }
        _ => {}
    }
}

/// Returns an account of a hundred days with payouts of every kind.
fn an_account(seed: u64) -> Account {
    let mut draws = Draws(seed);
    let mut account = Account::live(CLOVER);
    account.balance.opening = draws.below(2) * 12_345;
    account.balance.minimum = draws.below(2) * 3000;
    account.balance.debits_bank = draws.below(2) == 0;
    account.balance.lines_after = Some(41).filter(|_| seed.is_multiple_of(2));
    account.balance.currencies = if draws.below(2) == 0 { &["jpy"] } else { &["jpy", "usd"] };
    for _ in 0..40 {
        give(&mut account, &mut draws);
    }
    for month in 0..3 {
        account.stripe_fee(begin() + month * 30 * DAY, 420, 42);
    }
    account.reserve(begin() + 30 * DAY, 2000);
    account.release_reserve(begin() + 60 * DAY, 1500);
    account.out_of_band(begin(), 1000, "jpy");
    let by_hand_until = begin() + draws.below(2) * 30 * DAY;
    for day in (0..by_hand_until - begin()).step_by(10 * 86_400) {
        let at = begin() + day;
        let (available, _) = account.balance_at("jpy", at);
        if available > 1000 {
            let half = account.pay_out_by_hand(at, available / 2, "jpy");
            account.pay_out_at_once(at, available / 4, "jpy");
            if draws.below(3) == 0 {
                account.cancel_payout(&half, at + 60);
            }
        }
    }
    let schedule = if draws.below(2) == 0 { Schedule::Weekly } else { Schedule::Monthly };
    let middle = begin() + 60 * DAY;
    for payout in account.pay_out_on(schedule, by_hand_until, middle) {
        if draws.below(3) == 0 {
            account.fail_payout(&payout, middle, "account_closed");
        }
    }
    account.pay_out_on(schedule, middle, NOW);
    account
}

/// Returns all lines that the server lists, page by page.
fn listed(client: &Client, query: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all.last().map(|it| format!("&starting_after={}", it["id"].as_str().unwrap()));
        let path =
            format!("/v1/balance_transactions?limit=100{query}{}", after.unwrap_or_default());
        let page = client.get_in(CLOVER, &path);
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

fn net(lines: &[Value], currency: &str) -> i64 {
    let own = lines.iter().filter(|it| it["currency"] == currency);
    own.map(|it| it["net"].as_i64().unwrap()).sum()
}

#[test]
fn the_lines_are_the_payouts_and_the_balance() {
    let mut seen = BTreeMap::new();
    for seed in 0..24 {
        let account = an_account(seed);
        let statements = account.statements(NOW);
        let mut due = BTreeMap::new();
        for currency in account.balance.currencies.iter().copied() {
            let period = account.period(currency, begin() - 31 * DAY, NOW + 1);
            let sum = period.opening + period.parts.values().sum::<i64>() + period.payouts;
            assert_eq!(sum, period.closing, "seed {seed}, {currency}");
            due.insert(currency, period.closing - period.opening);
        }
        let client = Client::of(account);
        let all = listed(&client, "");
        for (currency, change) in due {
            assert_eq!(net(&all, currency), change, "seed {seed}, {currency}");
        }
        for statement in statements {
            *seen.entry((statement.state, statement.status)).or_insert(0) += 1;
            let Some(parts) = statement.parts else { continue };
            let sum: i64 = parts.values().sum();
            assert_eq!(sum, statement.amount, "seed {seed}: {}", statement.payout);
            let lines = listed(&client, &format!("&payout={}", statement.payout));
            assert_eq!(lines.len(), statement.lines + 1, "seed {seed}: {}", statement.payout);
            assert_eq!(net(&lines, statement.currency), 0, "seed {seed}: {}", statement.payout);
        }
    }
    let due = [
        ("explained", "paid"),
        ("explained", "failed"),
        ("manual", "paid"),
        ("manual", "canceled"),
    ];
    assert!(due.iter().all(|it| seen.contains_key(it)), "{seen:?}");
}

#[test]
fn each_paid_gift_is_at_one_place_and_brings_what_its_lines_say() {
    let mut seen = BTreeMap::new();
    for seed in 0..24 {
        let account = an_account(seed);
        let paid = account.donations(NOW).into_iter().filter(|it| it.paid_at.is_some());
        let here = account.whereabouts(NOW);
        assert!(paid.map(|it| it.id).eq(here.iter().map(|it| it.id.clone())), "seed {seed}");
        for currency in account.balance.currencies.iter().copied() {
            let parts = account.period(currency, begin() - 31 * DAY, NOW + 1).parts;
            let own = here.iter().filter(|it| it.currency == Some(currency));
            let (amount, gone) = (parts["donations"], parts["refunds"] + parts["disputes"]);
            assert_eq!(own.clone().map(|it| it.amount).sum::<i64>(), amount, "seed {seed}");
            let fees: i64 = own.clone().map(|it| it.fee).sum();
            assert_eq!(own.map(|it| it.net).sum::<i64>(), amount - fees + gone, "seed {seed}");
        }
        for it in here {
            assert_eq!(it.payout.is_some(), it.place == Place::InPayout, "seed {seed}");
            *seen.entry(format!("{:?}", it.place)).or_insert(0) += 1;
        }
    }
    let due = ["InPayout", "InBalance", "InAccount", "Outside"];
    assert!(due.iter().all(|it| seen.contains_key(*it)), "{seen:?}");
}
