//! `donation-portal backup`

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use portal_domain::StoreError;
use portal_sqlite::Copied;

use crate::database::{Database, DatabaseUrl};
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// How often the progress is shown.
const LOOK: Duration = Duration::from_millis(100);

/// What to copy, and where to.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// Where to: a file that is not there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let home = args.database.home()?;
    let from = match &home {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(_) => {
            return Err(Failure::misuse(
                "backup copies a file, and DATABASE_URL is a server: use its pg_dump, as section 9 of the runbook (docs/runbook.md) says",
            ));
        }
    };
    if args.to.symlink_metadata().is_ok() {
        return Err(Failure::misuse(format!(
            "{} is there already; give another name",
            args.to.display()
        )));
    }
    let what = || format!("back up {} to {}", from.display(), args.to.display());
    let copied = watched(from, &args.to).map_err(|error| {
        if error == StoreError::Missing {
            home.could_not_open(&error)
        } else {
            Failure::could_not(what(), error)
        }
    })?;
    output::print(format_args!(
        "{}: {}, {}, {}",
        args.to.display(),
        HumanBytes(copied.bytes),
        counted(copied.events, "event"),
        counted(copied.payments, "payment")
    ))?;
    Ok(Exit::Done)
}

/// Copies on a thread of its own, and shows meanwhile how far it has come.
fn watched(from: &Path, to: &Path) -> Result<Copied, StoreError> {
    let progress = ProgressBar::no_length().with_style(style());
    let partial = portal_sqlite::partial_of(to);
    let copied = std::thread::scope(|scope| {
        let (done, ended) = channel::<()>();
        let copying = scope.spawn(move || {
            let copied = portal_sqlite::backup(from, to);
            drop(done);
            copied
        });
        while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let bytes = std::fs::metadata(&partial).map_or(0, |it| it.len());
            progress.set_position(bytes);
        }
        copying.join()
    });
    progress.finish_and_clear();
    copied.unwrap_or_else(|_| Err(StoreError::Failed("the copying ended early".into())))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {binary_bytes} copied")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
