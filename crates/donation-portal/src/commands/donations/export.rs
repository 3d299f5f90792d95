//! `donation-portal donations export`

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use portal_domain::payouts::{AccountedDonation, lookup};
use portal_domain::{Clock as _, Donation, DonationFilter, Store, Text, text};
use portal_outbound::Language;
use portal_service::donation_columns::{DONATION_HEADS, donation_cells};
use portal_service::settings::Settings as _;

use super::filter::{Filter, ProgressFilter};
use crate::clock::SystemClock;
use crate::commands::{finish, reading_ledger};
use crate::config::{Database, Given, Speech};
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};
use crate::serve::{self, Signals};

/// The number of donations read at once, which take some megabytes of memory. Each page continues
/// where the previous one ended, so that each donation is read once.
const PAGE: u32 = 5_000;

/// Arguments of `donations export`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal donations export --period 2026-11 --output november.csv"
)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    progress: ProgressFilter,
    #[command(flatten)]
    speech: Given<Speech>,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,

    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Replace an existing file
    #[arg(long, requires = "output")]
    force: bool,
}

/// The formats of an export.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line, with stable keys
    Json,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let filter = args.progress.narrow(args.filter.read()?);
    let zone = args.filter.time_zone()?;
    let export =
        DonationExport { store: args.database.home()?.open_to_read()?, filter, zone, args };
    match &args.output {
        Some(path) => {
            let count = to_file(path, args, &export)?;
            output::note(format_args!("{} in {}", counted(count, "donation"), path.display()));
        }
        None => {
            let mut to = BufWriter::new(io::stdout().lock());
            let written = export.write(&mut to, &ProgressBar::hidden());
            match written {
                // A closed pipe, as `head` leaves it, is no error.
                Err(Trouble::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
                written => drop(written.map_err(|it| it.into_failure(output::printing()))?),
            }
        }
    }
    Ok(Exit::Done)
}

/// Writes the complete file, or leaves an existing one unchanged. Returns the number of donations.
fn to_file(path: &Path, args: &Args, export: &DonationExport<'_>) -> Result<u64, Failure> {
    let language = args.speech.cli_language().unwrap_or_default();
    let refuse_to_replace = || match path.exists() && !args.force {
        true => {
            let path = path.display();
            let why = text!("{path} exists already", "{path} はすでにあります");
            let advice =
                text!("add --force to replace it", "置き換えるには --force を付けてください");
            Err(Failure::misuse("--output", why).advise(advice))
        }
        false => Ok(()),
    };
    refuse_to_replace()?;
    let shown = path.display();
    let what = text!("write {shown}", "{shown} に書き込めません");
    let failed = |error: io::Error| Failure::could_not(what.clone(), error);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = PartialFile(path.with_file_name(name));
    remove_when_interrupted(&partial.0, what.clone(), language).map_err(failed)?;
    let file = File::create_new(&partial.0).map_err(failed)?;
    let progress = ProgressBar::no_length().with_style(style());
    let written = export.write(&mut BufWriter::new(&file), &progress);
    progress.finish_and_clear();
    let count = written.map_err(|it| it.into_failure(what.clone()))?;
    file.sync_all().map_err(failed)?;
    refuse_to_replace()?;
    std::fs::rename(&partial.0, path).map_err(failed)?;
    Ok(count)
}

/// An incomplete file, removed on drop unless it has been renamed.
struct PartialFile(PathBuf);

impl Drop for PartialFile {
    fn drop(&mut self) {
        // After the rename there is nothing to remove.
        std::fs::remove_file(&self.0).ok();
    }
}

/// Ends the process at a signal, without leaving `partial` behind.
fn remove_when_interrupted(partial: &Path, what: Text, language: Language) -> io::Result<()> {
    let runtime = serve::runtime()?;
    let mut signals = {
        let _in_runtime = runtime.enter();
        Signals::listen()?
    };
    let partial = partial.to_owned();
    std::thread::spawn(move || {
        runtime.block_on(signals.next());
        // A file that is not there yet, or is complete, needs no removal.
        std::fs::remove_file(partial).ok();
        let why = text!("it was interrupted", "中断されました");
        let exit = Failure::could_not(what, why).report(language);
        std::process::exit(exit.code().into());
    });
    Ok(())
}

struct DonationExport<'a> {
    store: Arc<dyn Store>,
    filter: DonationFilter,
    zone: TimeZone,
    args: &'a Args,
}

/// The error of an export: the ledger could not be read, or the output not written.
enum Trouble {
    Read(Failure),
    Write(io::Error),
}

impl DonationExport<'_> {
    /// Writes all donations and returns their number.
    fn write(&self, to: &mut impl Write, progress: &ProgressBar) -> Result<u64, Trouble> {
        if matches!(self.args.format, Format::Csv) {
            writeln!(to, "{}", DONATION_HEADS.join(","))?;
        }
        let mut count = 0;
        let mut last = None;
        loop {
            let after = last.as_ref().map(|it: &Donation| (it.at, &it.id));
            let page = self.store.donations(&self.filter, after, PAGE);
            let page = finish(reading_ledger(), page).map_err(Trouble::Read)?;
            let is_last = page.len() < PAGE as usize;
            count += page.len() as u64;
            last = page.last().cloned();
            let now = SystemClock::new().now();
            let page = lookup::accounted(&*self.store, page, now);
            for donation in finish(reading_ledger(), page).map_err(Trouble::Read)? {
                writeln!(to, "{}", self.line(&donation)?)?;
            }
            progress.set_position(count);
            if is_last {
                break;
            }
        }
        to.flush()?;
        Ok(count)
    }

    fn line(&self, donation: &AccountedDonation) -> io::Result<String> {
        Ok(match self.args.format {
            Format::Csv => donation_cells(donation, &self.zone).join(","),
            Format::Json => serde_json::to_string(donation)?,
        })
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl Trouble {
    fn into_failure(self, what: Text) -> Failure {
        match self {
            Self::Read(failure) => failure,
            Self::Write(error) => Failure::could_not(what, error),
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {human_pos} donations, {per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
