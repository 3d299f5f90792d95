//! `donation-portal backup`

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use portal_domain::{Clock as _, StoreError, UnixSeconds, text};
use portal_service::status::BACKUP_JOB;
use portal_sqlite::{Copied, CopyError};

use crate::clock::SystemClock;
use crate::commands::finish;
use crate::config::Database;
use crate::database::DatabaseUrl;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// The interval between updates of the progress shown.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The number of tries to record a backup. Each waits up to a few seconds for other writers.
const RECORD_TRIES: u32 = 3;

/// Arguments of `backup`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal backup --to backup.db")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// File to write; it must not exist yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let home = args.database.home()?;
    let from = match &home {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(_) => {
            let why = text!(
                "backup copies SQLite files only",
                "backup でコピーできるのは SQLite のファイルだけです"
            );
            return Err(Failure::misuse("DATABASE_URL", why).advise(text!(
                "back up PostgreSQL with pg_dump, see section 9 of the runbook (docs/runbook.md)",
                "PostgreSQL は pg_dump でバックアップしてください（運用手順書の §9、docs/runbook.ja.md）"
            )));
        }
    };
    if args.to.symlink_metadata().is_ok() {
        let to = args.to.display();
        let why = text!("{to} exists already", "{to} はすでにあります");
        let advice = text!("choose another name", "別の名前にしてください");
        return Err(Failure::misuse("--to", why).advise(advice));
    }
    let began_at = SystemClock::new().now();
    let copied = copy_with_progress(from, &args.to).map_err(|error| match &error {
        CopyError::Store(missing @ StoreError::Missing) => home.could_not_open(missing),
        CopyError::Store(_) | CopyError::File { .. } => {
            let (from, to) = (from.display(), args.to.display());
            let what = text!("back up {from} to {to}", "{from} を {to} にバックアップできません");
            Failure::could_not(what, &error).with(&error)
        }
    })?;
    output::print(format_args!(
        "{}: {}, {}, {}",
        args.to.display(),
        HumanBytes(copied.bytes),
        counted(copied.events, "event"),
        counted(copied.payments, "payment")
    ))?;
    record(&home, began_at);
    Ok(Exit::Done)
}

/// Records in the database that a backup was made, for `status`. The backup is good without it, so
/// that a writer who does not end is waited for a few times only, and then named.
fn record(home: &DatabaseUrl, began_at: UnixSeconds) {
    let record = || {
        let store = home.open_existing()?;
        let what = text!("record the backup", "バックアップを記録できません");
        finish(what, store.lease_job(BACKUP_JOB, SignedDuration::ZERO, began_at))
    };
    let mut recorded = record();
    for _ in 1..RECORD_TRIES {
        recorded = recorded.or_else(|_| record());
    }
    if let Err(failure) = recorded {
        let why = failure.finding().en;
        output::note(format_args!("the backup is good, but `status` does not know of it: {why}"));
    }
}

/// Copies on a thread of its own and shows the progress meanwhile.
fn copy_with_progress(from: &Path, to: &Path) -> Result<Copied, CopyError> {
    let progress = ProgressBar::no_length().with_style(style());
    let partial = portal_sqlite::partial_of(to);
    let copied = std::thread::scope(|scope| {
        let (done, ended) = channel::<()>();
        let copying = scope.spawn(move || {
            let copied = portal_sqlite::backup(from, to);
            drop(done);
            copied
        });
        while ended.recv_timeout(PROGRESS_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let bytes = std::fs::metadata(&partial).map_or(0, |it| it.len());
            progress.set_position(bytes);
        }
        copying.join()
    });
    progress.finish_and_clear();
    copied.unwrap_or_else(|_| Err(StoreError::Failed("the copying thread panicked".into()).into()))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {binary_bytes} copied")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
