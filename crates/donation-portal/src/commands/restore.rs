//! `donation-portal restore`

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_domain::{Clock as _, Text, UnixSeconds, text};
use portal_service::period;
use portal_service::settings::Settings as _;
use portal_sqlite::{DatabaseUser, Restored};

use crate::clock::SystemClock;
use crate::config::Listing;
use crate::database::DatabaseUrl;
use crate::exit::{Exit, Failure};
use crate::output::{self, counted};

/// The time before the last event of a backup from which on others may be missing: Stripe may have
/// delivered them after later ones. The server compares with the same overlap.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Arguments of `restore`.
#[derive(clap::Args)]
#[command(
    after_help = "Example, with the server stopped: donation-portal restore /var/backups/inbox-2026-11-22.db"
)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Backup to restore, as `backup` made it; it is not changed
    from: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let (home, zone) = (args.settings.home()?, args.settings.time_zone()?);
    let now = SystemClock::new().now();
    let path = match &home {
        // The files beside a link are beside what it leads to.
        DatabaseUrl::Sqlite(path) => fs::canonicalize(path)
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.clone()),
        DatabaseUrl::Postgres(_) => {
            let why = text!(
                "restore is for SQLite files only",
                "restore で復元できるのは SQLite のファイルだけです"
            );
            return Err(Failure::misuse("DATABASE_URL", why).advise(text!(
                "restore PostgreSQL with pg_restore, see section 9 of the runbook (docs/runbook.md)",
                "PostgreSQL は pg_restore で復元してください（運用手順書の §9、docs/runbook.ja.md）"
            )));
        }
    };
    check_backup(&args.from, &path)?;
    check_unused(&home, &path)?;
    let restored = portal_sqlite::restore(&args.from, &path, &aside(&path, now));
    let restored = restored.map_err(|error| {
        let (path, from) = (path.display(), args.from.display());
        let what = text!("restore {path} from {from}", "{from} から {path} を復元できません");
        Failure::could_not(what, &error).with(&error)
    })?;
    report(&path, &restored, &zone, now)?;
    Ok(Exit::Done)
}

/// Refuses what is no backup of this database.
fn check_backup(from: &Path, to: &Path) -> Result<(), Failure> {
    let refuse = |why: Text| Err(Failure::misuse("FROM", why));
    let shown = from.display();
    if !portal_sqlite::has_database(from) {
        return refuse(text!(
            "there is no database at {shown}",
            "{shown} にデータベースがありません"
        ));
    }
    if from.is_dir() {
        return refuse(text!("{shown} is a folder", "{shown} はフォルダーです"));
    }
    let file = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    if file(from) == file(to) {
        return refuse(text!(
            "{shown} is the database itself",
            "{shown} は復元先のデータベースそのものです"
        ));
    }
    match portal_sqlite::log_beside(from) {
        None => Ok(()),
        Some(log) => {
            let log = log.display();
            let why = text!("{log} is beside it", "同じ場所に {log} があります");
            Err(Failure::misuse("FROM", why).advise(text!(
                "if both belong together, make one file of them with `donation-portal backup --database-url sqlite://{shown} --to FILE`; if not, move the log away",
                "対になるファイルであれば、`donation-portal backup --database-url sqlite://{shown} --to FILE` で一つにまとめてください。そうでなければ、ログを別の場所に移してください"
            )))
        }
    }
}

/// Refuses a database that is open in a process.
fn check_unused(home: &DatabaseUrl, path: &Path) -> Result<(), Failure> {
    let who = match portal_sqlite::user_of(path) {
        None => return Ok(()),
        Some(DatabaseUser::Process(id)) => text!("process {id}", "プロセス {id} "),
        Some(DatabaseUser::Elsewhere) => {
            text!("a process of another container", "別のコンテナーのプロセス")
        }
    };
    let Text { en, ja } = who;
    let why = text!("{en} has it open", "{ja}が開いています");
    Err(Failure::could_not(text!("restore {home}", "{home} を復元できません"), why).advise(text!(
        "stop the server, and whatever else uses it, and try again",
        "サーバーと、ほかに使用しているプログラムを停止してから、やり直してください"
    )))
}

/// Returns the folder for the old files: beside the database, so that moving is one step.
fn aside(path: &Path, now: UnixSeconds) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".replaced-{}", now.get()));
    name.into()
}

fn report(
    path: &Path,
    restored: &Restored,
    zone: &TimeZone,
    now: UnixSeconds,
) -> Result<(), Failure> {
    let content = &restored.content;
    output::print(format_args!(
        "{}: {}, {}, {}",
        path.display(),
        HumanBytes(content.bytes),
        counted(content.events, "event"),
        counted(content.payments, "payment"),
    ))?;
    let since = match content.last_received_at {
        Some(at) => {
            output::print(format_args!("Last event received:  {}", period::in_zone(at, zone)))?;
            at.after(-OVERLAP)
        }
        // Stripe has events for 30 days.
        None => now.after(-SignedDuration::from_hours(30 * 24)),
    };
    if let Some(folder) = &restored.kept_in {
        output::print(format_args!("The old files:        {}", folder.display()))?;
    }
    output::print(format_args!(
        "\nNow start the server. What came in after the backup was acknowledged, so Stripe does not send it again by itself. With STRIPE_SECRET_KEY, fetch it:\n\n  donation-portal reconcile --since {}\n\nWithout a key: runbook, section 12, from step 3.",
        period::day_in_zone(since, zone)
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use portal_domain::UnixSeconds;

    use super::aside;

    #[test]
    fn the_old_files_go_to_a_folder_beside_the_database() {
        let now = UnixSeconds::new(1_790_000_000).unwrap();
        let folder = aside(Path::new("/data/inbox.db"), now);
        assert_eq!(folder, Path::new("/data/inbox.db.replaced-1790000000"));
    }
}
