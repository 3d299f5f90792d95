//! What to do about a database that does not open, beside what the error says itself.

use portal_domain::StoreError;

use super::DatabaseUrl;

/// What to do, where the error does not say so.
pub(super) fn hint(home: &DatabaseUrl, error: &StoreError) -> Option<&'static str> {
    match home {
        DatabaseUrl::Sqlite(_) => (*error == StoreError::Missing).then_some(
            "set DATABASE_URL to the server's, or make it with `donation-portal migrate`",
        ),
        DatabaseUrl::Postgres(_) => of_a_server(error),
    }
}

fn of_a_server(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Missing => {
            "create it (createdb) and run `donation-portal migrate`, or correct DATABASE_URL"
        }
        StoreError::Unreachable => "check host and port in DATABASE_URL, and that the server runs",
        StoreError::TimedOut => {
            "see whether the server is overloaded, or somebody holds a lock there, and try again"
        }
        StoreError::TooManyConnections => {
            "raise its max_connections, or have fewer processes use it"
        }
        StoreError::AccessDenied(_) => {
            "check user and password in DATABASE_URL, and what the user may do there (grant, pg_hba.conf)"
        }
        StoreError::ServerTooOld { .. } => "upgrade it, or set DATABASE_URL to a newer one",
        StoreError::Busy => "try again when that one has ended",
        StoreError::Full => "make room on the database server",
        StoreError::ReadOnly => "set DATABASE_URL to the primary server, not to a standby",
        StoreError::Corrupt => "correct DATABASE_URL",
        // These say themselves what to do, as far as anybody knows.
        StoreError::QuotaExhausted
        | StoreError::SettingLost { .. }
        | StoreError::CopyIncomplete
        | StoreError::TooNew { .. }
        | StoreError::TooOld { .. }
        | StoreError::Failed(_) => return None,
    })
}
