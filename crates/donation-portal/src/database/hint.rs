//! Hints for errors that occur while a database is opened.

use portal_domain::StoreError;

use super::DatabaseUrl;

/// Returns the hint that follows the error's own text, or `None` if that text says what to do.
pub(super) fn hint(home: &DatabaseUrl, error: &StoreError) -> Option<&'static str> {
    match home {
        DatabaseUrl::Sqlite(_) => (*error == StoreError::Missing).then_some(
            "set DATABASE_URL to the server's database, or create it with `donation-portal migrate`",
        ),
        DatabaseUrl::Postgres(_) => of_a_server(error),
    }
}

fn of_a_server(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Missing => {
            "create it (createdb) and run `donation-portal migrate`, or correct DATABASE_URL"
        }
        StoreError::Unreachable => {
            "check host and port in DATABASE_URL and whether the server runs"
        }
        StoreError::TimedOut => {
            "check whether the server is overloaded or a lock is held there, then try again"
        }
        StoreError::TooManyConnections => {
            "raise max_connections of the server, or connect fewer processes"
        }
        StoreError::AccessDenied(_) => {
            "check user and password in DATABASE_URL, and the user's rights (grant, pg_hba.conf)"
        }
        StoreError::ServerTooOld { .. } => "upgrade it, or set DATABASE_URL to a newer server",
        StoreError::Busy => "try again when the other process has ended",
        StoreError::Full => "free disk space on the database server",
        StoreError::ReadOnly => "set DATABASE_URL to the primary server, not to a standby",
        StoreError::Corrupt => "correct DATABASE_URL",
        // The texts of these errors say what to do, if anything can be done.
        StoreError::QuotaExhausted
        | StoreError::SettingLost { .. }
        | StoreError::CopyIncomplete
        | StoreError::TooNew { .. }
        | StoreError::TooOld { .. }
        | StoreError::Failed(_) => return None,
    })
}
