//! Whatever is told, the lines are the payouts and the balance, and each gift is at one place.

use std::collections::BTreeMap;

use portal_testkit::stripe::{CLOVER, PAYOUT_STORY_DAYS, Place, payout_story};
use serde_json::Value;

use crate::stripe::client::{Client, NOW};

const DAY: i64 = 86_400;

/// The beginning of the stories.
const BEGIN: i64 = NOW - PAYOUT_STORY_DAYS * DAY;

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
        let account = payout_story(seed, NOW);
        let statements = account.statements(NOW);
        let mut due = BTreeMap::new();
        for currency in account.balance.currencies.iter().copied() {
            let period = account.period(currency, BEGIN - 31 * DAY, NOW + 1);
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
        let account = payout_story(seed, NOW);
        let paid = account.donations(NOW).into_iter().filter(|it| it.paid_at.is_some());
        let here = account.whereabouts(NOW);
        assert!(paid.map(|it| it.id).eq(here.iter().map(|it| it.id.clone())), "seed {seed}");
        for currency in account.balance.currencies.iter().copied() {
            let parts = account.period(currency, BEGIN - 31 * DAY, NOW + 1).parts;
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
