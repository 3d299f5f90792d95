//! `donation-portal status`

mod json;
mod text;

use std::time::Duration;

use portal_domain::{Clock as _, Store, UnixSeconds, text};
use portal_outbound::Locale;
use portal_service::settings::Settings as _;
use portal_service::status::StoreStatus;

use crate::clock::SystemClock;
use crate::commands::{finish, reading_status, waiting};
use crate::config::{Given, Overview};
use crate::database::{DatabaseUrl, free_bytes};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};
use crate::serve::Signals;
use crate::server_answer::{self, ServerAnswer};

/// The interval of `--watch`: the server repeats its answer for as long.
const WATCH_INTERVAL: Duration = Duration::from_secs(5);

/// The time to wait for the server's answer. A database that does not answer keeps the server longer;
/// then it is not ready either.
const SERVER_DEADLINE: Duration = Duration::from_secs(3);

/// Moves to the first line of a terminal and clears what is below.
const REDRAW: &str = "\x1b[H\x1b[J";

/// Arguments of `status`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal status --watch")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Overview>,

    /// Show it again every 5 seconds, until Ctrl-C
    #[arg(long)]
    watch: bool,

    /// Output format; as JSON, one object a line
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// All that `status` shows, as of `now`.
struct Overall {
    now: UnixSeconds,
    server: ServerAnswer,
    /// The findings in the database, or the error of reading it.
    store: Result<StoreStatus, Failure>,
    /// The error of a channel's address: then no channel is shown.
    channels: Result<(), Failure>,
    read_budget: u64,
    place: DatabasePlace,
}

/// The findings that depend on the place of the database.
enum DatabasePlace {
    File {
        /// The free space beside it; `None` if it cannot be read.
        free_bytes: Option<u64>,
        /// The database and its log; `None` if it is not there.
        size_bytes: Option<u64>,
    },
    Server {
        /// By how many seconds this machine's clock is ahead of the server's; `None` if it was not asked.
        clock_ahead_seconds: Option<i64>,
    },
}

impl Overall {
    fn is_well(&self) -> bool {
        self.server == ServerAnswer::Ready
            && self.channels.is_ok()
            && self.store.as_ref().is_ok_and(StoreStatus::has_nothing_open)
    }

    fn exit(&self) -> Exit {
        if self.is_well() { Exit::Done } else { Exit::FoundWrong }
    }
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let locale =
        Locale { language: args.settings.cli_language()?, zone: args.settings.time_zone()? };
    if args.watch {
        return watch(args, &locale);
    }
    let overall = look(&args.settings)?;
    show(&overall, args.format, &locale, "")?;
    Ok(overall.exit())
}

fn look(settings: &Given<Overview>) -> Result<Overall, Failure> {
    let home = settings.home()?;
    let channels = settings.channels().map_err(Failure::from);
    let names = channels.as_deref().unwrap_or_default();
    let (address, read_budget) = (settings.listen_addr()?, settings.read_budget()?);
    let now = SystemClock::new().now();
    let store = home.open_to_read();
    let place = place(&home, store.as_deref().ok(), now);
    let read = |store: &dyn Store| finish(reading_status(), StoreStatus::read(store, names, now));
    Ok(Overall {
        now,
        server: server_answer::ask(address, SERVER_DEADLINE),
        store: store.and_then(|store| read(&*store)),
        channels: channels.map(drop),
        read_budget,
        place,
    })
}

fn place(home: &DatabaseUrl, store: Option<&dyn Store>, now: UnixSeconds) -> DatabasePlace {
    match home {
        DatabaseUrl::Sqlite(path) => {
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            let free_bytes = free_bytes(folder.unwrap_or_else(|| ".".as_ref())).ok();
            let size_bytes = portal_sqlite::size_bytes(path);
            DatabasePlace::File { free_bytes, size_bytes }
        }
        DatabaseUrl::Postgres(_) => {
            let asking = || text!("ask its clock", "時刻を取得できません");
            let theirs = store.and_then(|it| finish(asking(), it.ping(now)).ok().flatten());
            let now = SystemClock::new().now();
            DatabasePlace::Server { clock_ahead_seconds: theirs.map(|theirs| now.since(theirs)) }
        }
    }
}

fn show(
    overall: &Overall,
    format: OneFormat,
    locale: &Locale,
    before: &str,
) -> Result<(), Failure> {
    match format {
        OneFormat::Json => output::print_json(&json::StatusLine::of(overall)),
        OneFormat::Text => output::print(format_args!("{before}{}", text::text(overall, locale))),
    }
}

/// Shows it again and again: on a terminal in place, otherwise as blocks with a line between them.
fn watch(args: &Args, locale: &Locale) -> Result<Exit, Failure> {
    let could_not = |error| Failure::could_not(waiting(), error);
    let runtime = crate::serve::runtime().map_err(could_not)?;
    let mut signals = runtime.block_on(async { Signals::listen() }).map_err(could_not)?;
    let before = if console::colors_enabled() { REDRAW } else { "" };
    loop {
        show(&look(&args.settings)?, args.format, locale, before)?;
        let ended = async { tokio::time::timeout(WATCH_INTERVAL, signals.next()).await.is_ok() };
        if runtime.block_on(ended) {
            return Ok(Exit::Done);
        }
        if before.is_empty() && args.format == OneFormat::Text {
            output::print("")?;
        }
    }
}
