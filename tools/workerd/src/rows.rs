//! Rows that D1 reads and writes: of each kind of delivery, and of a day on which nothing comes. Its
//! plans count them, so the document says what they are.

mod console;
mod metered;
mod queries;
mod rest;
mod table;

use std::collections::HashSet;
use std::path::Path;

use portal_domain::event_types::MONEY_TYPES;
use portal_harness::delivery::{Deliveries, now_seconds};
use portal_harness::worker::Local;
use portal_testkit::stripe::{Account, CLOVER, Delivery, Payload};
use serde_json::json;
use xtask::run::Failure;

use self::metered::{Cost, Metered};
use self::table::{Measured, compare};

pub(crate) use self::console::of_console;
pub(crate) use self::queries::of_runbook;
pub(crate) use self::rest::at_rest;

/// The most rows that the delivery of a payment may write. What follows one writes also what is kept of
/// the payment; what an operator is told of is an alert and its index besides.
const WRITTEN_MAX: u64 = 7;
const WRITTEN_FOR_KEPT: u64 = 1;
const WRITTEN_FOR_ALERT: u64 = 2;

/// A type of events that the service has no use for.
const IGNORED: &str = "product.created";

/// Delivers gifts and what may follow them, as an endpoint gets them that is made by the runbook (§3).
pub(crate) fn of_deliveries(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    let (metered, sender) = (Metered::start(receiver, folder, &[])?, Deliveries::new()?);
    let deliver = |body: &[u8]| metered.cost_of(&sender.signed(std::str::from_utf8(body)?), 200);
    let mut measured = Measured::new();
    let now = i64::try_from(now_seconds())?;
    let mut account = Account::in_test_mode(CLOVER);
    let (mut payment, mut delivered) = (String::new(), HashSet::new());
    for part in ["one-time", "renewal", "afterwards"] {
        match part {
            "one-time" => payment = account.one_time(now - 900, 5000, "jpy"),
            "renewal" => drop(account.subscription_payment(now - 600, 2500, "usd")),
            _ => {
                account.refund(&payment, now - 300, 1000);
                account.dispute(&payment, now - 200);
            }
        }
        let new = snapshots(&account).filter(|it| is_chosen(&it.event_type));
        let new: Vec<_> = new.filter(|it| delivered.insert(it.id.clone())).collect();
        let mut sum = Cost::default();
        for it in &new {
            let cost = deliver(&it.body)?;
            sum += cost;
            measured.push((format!("{part}: `{}`", it.event_type), cost));
        }
        if part != "afterwards" {
            measured.push((format!("**{part}, all of these**"), sum));
        }
    }
    let last = snapshots(&account).last().ok_or("no delivery")?;
    measured.push(("the last of these once more".into(), deliver(&last.body)?));
    measured.push((format!("of no use: `{IGNORED}`"), deliver(&of_no_use(now))?));
    let thin = account.deliveries(Payload::Thin).last().ok_or("no thin event")?;
    measured.push(("thin, without a key".into(), deliver(&thin.body)?));
    let limits = check_limits(&measured);
    let ready = format!("GET /health/ready HTTP/1.1\r\nHost: {}\r\n\r\n", receiver.address);
    measured.push(("a look at `/health/ready`".into(), metered.cost_of(ready.as_bytes(), 200)?));
    metered.stop()?;
    compare(&measured).and(limits)
}

fn snapshots(account: &Account) -> impl Iterator<Item = Delivery> {
    account.deliveries(Payload::Snapshot(CLOVER))
}

/// Returns true if the runbook has the endpoint choose that type: of invoices' types only those that
/// money depends on, of all others each.
fn is_chosen(event_type: &str) -> bool {
    !event_type.starts_with("invoice.") || MONEY_TYPES.contains(&event_type)
}

fn of_no_use(now: i64) -> Vec<u8> {
    let event = json!({
        "id": "evt_1OfNoUse", "object": "event", "type": IGNORED, "created": now,
        "livemode": false, "api_version": CLOVER,
        "data": { "object": { "id": "prod_1", "object": "product" } },
    });
    event.to_string().into_bytes()
}

/// Each delivery is one batch, and writes few rows.
fn check_limits(measured: &Measured) -> Result<(), Failure> {
    for (name, cost) in measured.iter().filter(|(name, _)| !name.starts_with("**")) {
        let alert = if name.contains("dispute.created") { WRITTEN_FOR_ALERT } else { 0 };
        let kept = if name.starts_with("afterwards") { WRITTEN_FOR_KEPT } else { 0 };
        if cost.batches != 1 || cost.rows_written > WRITTEN_MAX + kept + alert {
            let Cost { batches, rows_written, .. } = cost;
            return Err(format!("{name}: {batches} batches, {rows_written} rows written").into());
        }
    }
    Ok(())
}
