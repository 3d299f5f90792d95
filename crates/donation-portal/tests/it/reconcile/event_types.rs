//! The table of event types has each type that the stand-in for Stripe makes.

use std::collections::BTreeSet;
use std::fs;

use portal_domain::event_types::{EVENT_TYPES, EventTypeRow};
use portal_testkit::stripe::{Account, CLOVER, Payload, Release, Verdict};
use serde_json::Value;

use crate::reconcile::world::{BEGIN, DAY};
use crate::support::Result;

/// The folders of the stand-in's stories.
const STORIES: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/portal-testkit/src/stripe/account"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/portal-testkit/src/stripe/money"),
];

/// Plays each story of the stand-in in one account.
fn every_story() -> Account {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(BEGIN, 5000, "jpy");
    account.konbini(BEGIN, Some(BEGIN + DAY), 300);
    account.konbini(BEGIN, None, 300);
    account.subscription_payment(BEGIN, 2500, "usd");
    account.failed_renewal(BEGIN, Some(BEGIN + DAY), 2500, "usd");
    let cash = account.out_of_band(BEGIN, 2500, "usd");
    account.zero_invoice(BEGIN, "usd");
    account.one_time_with_receipt(BEGIN, 60, 5000, "jpy");
    let held = account.hold(BEGIN, 5000, "jpy");
    account.capture(&held, BEGIN + DAY, 4000, Release::Refund);
    let [void, written_off, overpaid] = [1, 2, 3].map(|_| account.open_invoice(BEGIN, 300, "jpy"));
    account.void_invoice(&void, BEGIN + DAY);
    account.write_off_invoice(&written_off, BEGIN + DAY);
    account.pay_invoices(BEGIN + DAY, &[(&overpaid, 400)]);
    let note = account.credit_out_of_band(&cash, BEGIN + DAY, 100);
    account.void_credit_note(&note, BEGIN + 2 * DAY);
    let refund = account.refund(&payment, BEGIN + DAY, 1000);
    account.end_in_cash_balance(&refund, BEGIN + 2 * DAY);
    let dispute = account.dispute(&payment, BEGIN + DAY);
    account.close_dispute(&dispute, BEGIN + 2 * DAY, Verdict::Won);
    let refund = account.refund(&payment, BEGIN + 3 * DAY, 1000);
    account.fail_refund(&refund, BEGIN + 4 * DAY);
    let payout = account.pay_out(BEGIN + 20 * DAY, "jpy");
    if let Some(payout) = payout {
        account.fail_payout(&payout, BEGIN + 24 * DAY, "account_closed");
    }
    let by_hand = account.pay_out_by_hand(BEGIN + 25 * DAY, 300, "jpy");
    account.cancel_payout(&by_hand, BEGIN + 25 * DAY + 60);
    account
}

/// Plays a payout that arrives, in an account that tells of lines.
fn a_payout() -> Account {
    let mut account = Account::live(CLOVER);
    account.balance.lines_after = Some(41);
    account.one_time(BEGIN, 5000, "jpy");
    account.pay_out(BEGIN + 20 * DAY, "jpy");
    account
}

/// Reads the event types in the source of the stories.
fn written_types() -> Result<BTreeSet<String>> {
    let mut types = BTreeSet::new();
    for entry in STORIES.map(fs::read_dir).into_iter().flatten().flatten() {
        let source = fs::read_to_string(entry?.path())?;
        let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let is_type = |text: &&str| {
            text.contains('.')
                && text.bytes().all(|it| it.is_ascii_lowercase() || b"._".contains(&it))
        };
        types.extend(texts.filter(is_type).map(str::to_owned));
    }
    Ok(types)
}

fn listed(event_type: &str) -> Option<&'static EventTypeRow> {
    EVENT_TYPES.iter().find(|row| row.name == event_type)
}

#[test]
fn each_type_that_the_stand_in_makes_is_listed_with_the_kind_of_its_object() -> Result {
    let mut made = BTreeSet::new();
    let accounts = [every_story(), a_payout()];
    for delivery in accounts.iter().flat_map(|it| it.deliveries(Payload::Snapshot(CLOVER))) {
        let event: Value = serde_json::from_slice(&delivery.body)?;
        let row = listed(&delivery.event_type);
        let row = row.ok_or_else(|| format!("{} is not listed", delivery.event_type))?;
        assert_eq!(event["data"]["object"]["object"], row.kind.object_name(), "{}", row.name);
        made.insert(delivery.event_type);
    }
    let missing: Vec<_> = written_types()?.difference(&made).cloned().collect();
    assert!(missing.is_empty(), "no story here makes {missing:?}");
    Ok(())
}
