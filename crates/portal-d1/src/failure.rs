//! D1's failures by their names.

use portal_domain::StoreError;
use portal_sqlite::sql::SCHEMA_VERSION;

/// Words that D1 and SQLite use, and what they mean here. The first that fits counts
/// (<https://developers.cloudflare.com/d1/observability/debug-d1/>).
const WORDS: [(&str, StoreError); 18] = [
    ("SQLITE_BUSY", StoreError::Busy),
    ("SQLITE_LOCKED", StoreError::Busy),
    ("SQLITE_FULL", StoreError::Full),
    ("maximum DB size", StoreError::Full),
    ("maximum account storage", StoreError::Full),
    ("daily row read limit", StoreError::QuotaExhausted),
    ("daily row write limit", StoreError::QuotaExhausted),
    ("SQLITE_READONLY", StoreError::ReadOnly),
    ("SQLITE_CORRUPT", StoreError::Corrupt),
    ("SQLITE_NOTADB", StoreError::Corrupt),
    ("overloaded", StoreError::TooManyConnections),
    ("timeout", StoreError::TimedOut),
    ("timed out", StoreError::TimedOut),
    ("CPU time limit", StoreError::TimedOut),
    ("connection lost", StoreError::Unreachable),
    ("object to be reset", StoreError::Unreachable),
    ("transient issue", StoreError::Unreachable),
    ("internal error", StoreError::Unreachable),
];

/// Returns the store error of a failure. D1 and SQLite quote statements and names of columns, and no values.
pub(crate) fn store_error(error: &worker::Error) -> StoreError {
    if let worker::Error::D1(error) = error {
        return by_words(&error.cause());
    }
    by_words(&error.to_string())
}

fn by_words(words: &str) -> StoreError {
    if words.contains("no such table") || words.contains("no such column") {
        return StoreError::TooOld { found: 0, needed: SCHEMA_VERSION };
    }
    let known = WORDS.iter().find(|(part, _)| words.contains(part));
    known.map_or_else(|| StoreError::Failed(words.to_owned()), |(_, error)| error.clone())
}

#[cfg(test)]
mod tests {
    use portal_domain::StoreError;

    use super::by_words;

    #[test]
    fn a_failure_has_the_name_of_what_an_operator_can_do_about_it() {
        for (words, name) in [
            ("no such table: event: SQLITE_ERROR", "store_too_old"),
            ("Exceeded maximum DB size", "store_full"),
            (
                "Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid \
                 plan or wait until tomorrow (midnight UTC) to continue.",
                "store_quota_exhausted",
            ),
            ("D1 DB is overloaded. Requests queued for too long.", "store_too_many_connections"),
            (
                "D1 DB storage operation exceeded timeout which caused object to be reset.",
                "store_timed_out",
            ),
            ("Network connection lost.", "store_unreachable"),
            ("database is locked: SQLITE_BUSY", "store_busy"),
            ("string or blob too big: SQLITE_TOOBIG", "store_failed"),
        ] {
            assert_eq!(by_words(words).name(), name, "{words}");
        }
    }

    #[test]
    fn what_is_not_known_is_told_in_its_own_words() {
        assert_eq!(by_words("odd"), StoreError::Failed("odd".into()));
    }
}
