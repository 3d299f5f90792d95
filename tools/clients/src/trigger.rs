//! `stripe trigger` makes a payment in localstripe, which signs and posts what came of it.

use std::path::Path;
use std::time::Duration;

use portal_harness::delivery::{SAMPLE_TYPE, SECRET};
use portal_harness::http;
use serde_json::Value;
use xtask::run::{Background, Failure, command, wait_for};

use crate::listen::{API_KEY, at_home_in};
use crate::localstripe::{Localstripe, bearer};
use crate::{id_and_type, install};

const LIMIT: Duration = Duration::from_secs(30);

/// Runs both; `inbox`, which tells each event's id and type, sorted, must then hold what localstripe
/// says it sent to `webhook_url`.
pub(crate) fn trigger(
    webhook_url: &str,
    inbox: impl Fn() -> Result<Vec<(String, String)>, Failure>,
    folder: &Path,
) -> Result<(), Failure> {
    let localstripe = Localstripe::start(folder)?;
    let address = localstripe.address;
    let webhook = format!("url={webhook_url}&secret={SECRET}");
    localstripe.post("/_config/webhooks/portal", &webhook)?;

    let mut trigger = command(install::stripe()?, &["trigger", SAMPLE_TYPE]);
    // localstripe knows no shipping, and takes no description.
    trigger.args(["--remove", "payment_intent:description"]);
    trigger.args(["--remove", "payment_intent:shipping"]);
    trigger.args(["--api-key", API_KEY, "--api-base", &format!("http://{address}")]);
    at_home_in(&mut trigger, folder);
    Background::start(&mut trigger)?.finish(LIMIT)?;

    wait_for("the payment's event", LIMIT, || {
        let arrived = inbox()?.iter().any(|(_, event_type)| event_type == SAMPLE_TYPE);
        Ok(arrived.then_some(()))
    })?;
    let sent = events(&http::ask(address, "GET /v1/events", &bearer(), "")?.body)?;
    let arrived = inbox()?;
    println!("sent: {sent:?}");
    if arrived == sent { Ok(()) } else { Err(format!("the inbox holds {arrived:?}").into()) }
}

/// Each event of a list from Stripe's API, as id and type, sorted.
fn events(list: &str) -> Result<Vec<(String, String)>, Failure> {
    let list: Value = serde_json::from_str(list)?;
    let events = list.get("data").and_then(Value::as_array).ok_or("no list of events")?;
    let mut events = events.iter().map(id_and_type).collect::<Result<Vec<_>, _>>()?;
    events.sort();
    Ok(events)
}
