//! `donation-portal alerts list`

use std::net::SocketAddr;
use std::time::Duration;

use portal_domain::{AlertFilter, AlertRow, FailedNotification, UnixSeconds, text};
use portal_service::json::AlertLine;
use portal_service::period::in_zone;
use portal_service::settings::Settings as _;

use crate::commands::finish;
use crate::config::{DatabaseBesideServer, Given};
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};
use crate::server_answer;

/// The time to wait for the server's answer; the list needs none.
const SERVER_DEADLINE: Duration = Duration::from_secs(3);

/// Arguments of `alerts list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal alerts list --open")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<DatabaseBesideServer>,

    /// Only alerts whose problem goes on
    #[arg(long)]
    open: bool,

    /// Maximum number of alerts
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let (zone, server) = (args.settings.time_zone()?, args.settings.listen_addr()?);
    let filter = if args.open { AlertFilter::Open } else { AlertFilter::All };
    let page = ListPage::read(args.limit, |limit| {
        finish(text!("read the alerts", "アラートを読み取れません"), store.alerts(filter, limit))
    })?;
    let csv = Columns {
        heads: &heads("changed_at"),
        amounts: &[],
        spare: &[],
        of: &|alert| columns(alert, " ", |at| at.get().to_string(), |it| it.channel.clone()),
    };
    let people = Columns {
        heads: &heads("changed"),
        amounts: &[4],
        spare: &[1, 4, 5, 7, 2],
        of: &|alert| {
            let time = |at| in_zone(at, &zone);
            let failed = |it: &FailedNotification| {
                format!("{}: {}, again {}", it.channel, it.why, time(it.again_at))
            };
            columns(alert, ", ", time, failed)
        },
    };
    output::print_list(args.format, &page.items, AlertLine::of, &csv, &people)?;
    let empty = if args.open { "no alert is open" } else { "there is no alert" };
    page.note(args.format, "list only those that go on with --open", empty);
    note_outage(server);
    Ok(Exit::Done)
}

/// Says on standard error where the server cannot store: then the list lacks what it has noticed since.
fn note_outage(server: SocketAddr) {
    let answer = server_answer::ask(server, SERVER_DEADLINE);
    if let Some(reason) = answer.reason().filter(|it| it.starts_with("store: ")) {
        output::note(format_args!(
            "the server at {server} is not ready ({reason}), so newer alerts may be missing here: see `donation-portal status`"
        ));
    }
}

fn heads(changed: &'static str) -> [&'static str; 9] {
    ["key", "kind", "severity", "state", "count", "since", changed, "notified", "failed"]
}

fn columns(
    alert: &AlertRow,
    between: &str,
    time: impl Fn(UnixSeconds) -> String,
    failed: impl Fn(&FailedNotification) -> String,
) -> Vec<String> {
    vec![
        alert.key.clone(),
        alert.alert.kind().to_owned(),
        alert.alert.severity().name().to_owned(),
        alert.state().name().to_owned(),
        alert.count.to_string(),
        time(alert.since),
        time(alert.changed_at),
        alert.notified.join(between),
        alert.failed.iter().map(failed).collect::<Vec<_>>().join(between),
    ]
}
