//! The pages of the console, at a portal that has seen much.

use std::path::Path;

use portal_harness::worker::Local;
use xtask::run::Failure;

use super::metered::Metered;
use super::rest::{BEGIN, fill};
use super::table::{Measured, compare};

const TOKEN: &str = "canary-0123456789abcdef0123456789abcdef";

/// The first page, which is asked for most.
const OVERVIEW: &str = "/ops/";

/// The pages, each with a name for readers. No event has the type, the reason or the origin that are
/// asked for.
const PAGES: [(&str, &str); 14] = [
    ("the first page", OVERVIEW),
    ("donations", "/ops/donations"),
    ("donations of a day", "/ops/donations?period=2026-09-15"),
    ("donations in test mode", "/ops/donations?mode=test"),
    ("one donation", "/ops/donations/pi_6"),
    ("the statement of a month", "/ops/statement?period=2026-09"),
    ("events", "/ops/events"),
    ("events by type", "/ops/events?type=charge.failed"),
    ("events by reason", "/ops/events?reason=unknown_type"),
    ("events by origin", "/ops/events?origin=reconciled"),
    ("one event", "/ops/events/evt_6"),
    ("alerts", "/ops/alerts"),
    ("completeness", "/ops/reports"),
    ("actions", "/ops/actions"),
];

/// The most rows that the first page may read.
const OVERVIEW_READ_MAX: u64 = 2_000;

/// Opens each page once.
pub(crate) fn of_console(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    fill(receiver)?;
    let operators = format!("treasurer:read:{TOKEN}");
    let metered = Metered::start(receiver, folder, &[("OPERATOR_TOKENS", &operators)])?;
    // Of the first minute most is rolling up the events, as on a day at rest.
    metered.minutes(BEGIN - 3600, 2)?;
    let mut measured = Measured::new();
    let mut overview = None;
    for (name, path) in PAGES {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Connection: close\r\n\r\n",
            receiver.address
        );
        let cost = metered.cost_of(request.as_bytes(), 200)?;
        if path == OVERVIEW {
            overview = Some(cost.rows_read);
        }
        measured.push((format!("{name}: `{path}`"), cost));
    }
    metered.stop()?;
    let within = match overview {
        Some(read) if read <= OVERVIEW_READ_MAX => Ok(()),
        read => Err(format!("the first page reads {read:?} rows").into()),
    };
    compare(&measured).and(within)
}
