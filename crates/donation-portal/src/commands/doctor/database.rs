//! The inbox and the ledger: they open, have the right schema, take writes, and what stands in the
//! inbox moves.

use portal_domain::watch::Thresholds;
use portal_domain::{Backlog, Store, UnixSeconds};

use super::finding::{Check, Finding};
use crate::commands::finish;
use crate::database::Home;
use crate::exit::Failure;
use crate::output::counted;

/// Whether the database, which is open, takes writes.
pub(super) fn writes(home: &Home, store: &dyn Store, now: UnixSeconds) -> Finding {
    match finish("write to the database", store.ping(now)) {
        Ok(()) => Finding::ok(
            Check::Database,
            format_args!("{home} opens, has the right schema and takes writes"),
        ),
        Err(failure) => failed(Check::Database, &failure),
    }
}

/// What stands in the inbox.
pub(super) fn backlog(
    store: &dyn Store,
    thresholds: Thresholds,
    has_key: bool,
    now: UnixSeconds,
) -> Vec<Finding> {
    match finish("count what is not settled", store.backlog(now)) {
        Ok(backlog) => judge(&backlog, thresholds, has_key),
        Err(failure) => vec![failed(Check::Database, &failure)],
    }
}

/// What to say where the database is in the way.
pub(super) fn failed(check: Check, failure: &Failure) -> Finding {
    Finding::failed(check, failure, "look for the reason in the server's log, and in the runbook")
}

fn judge(backlog: &Backlog, thresholds: Thresholds, has_key: bool) -> Vec<Finding> {
    let found = [dead(backlog, thresholds), late(backlog, thresholds), waiting(backlog, has_key)];
    let found: Vec<Finding> = found.into_iter().flatten().collect();
    if found.is_empty() {
        let pending = counted(backlog.pending, "event");
        let moves = format!("no event was given up or is late; {pending} pending");
        return vec![Finding::ok(Check::Database, moves)];
    }
    found
}

fn dead(backlog: &Backlog, thresholds: Thresholds) -> Option<Finding> {
    let found =
        format!("given up: {}; the ledger lacks what they tell", counted(backlog.dead, "event"));
    let advice =
        "`donation-portal events list --state dead` says why; then `donation-portal events retry`";
    match backlog.dead {
        0 => None,
        dead if dead > thresholds.dead_max => Some(Finding::wrong(Check::Database, found, advice)),
        _ => Some(Finding::warning(Check::Database, found, advice)),
    }
}

fn late(backlog: &Backlog, thresholds: Thresholds) -> Option<Finding> {
    let Backlog { pending, overdue_seconds, .. } = backlog;
    thresholds.is_old(backlog).then(|| {
        Finding::wrong(
            Check::Database,
            format_args!(
                "{} pending, the first of them due {overdue_seconds} s ago",
                counted(*pending, "event")
            ),
            "see whether the server runs, and in its log what fails",
        )
    })
}

fn waiting(backlog: &Backlog, has_key: bool) -> Option<Finding> {
    let found =
        format!("thin events that wait for their object: {}", counted(backlog.waiting, "event"));
    match (backlog.waiting, has_key) {
        (0, _) => None,
        (_, true) => Some(Finding::ok(
            Check::Database,
            format_args!("{found}; the server fetches them from Stripe"),
        )),
        (_, false) => Some(Finding::warning(
            Check::Database,
            found,
            "set STRIPE_SECRET_KEY, so that the server can fetch them from Stripe",
        )),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::Backlog;
    use portal_domain::watch::Thresholds;

    use super::super::finding::Level;
    use super::judge;

    fn levels(backlog: Backlog, has_key: bool) -> Vec<Level> {
        let found = judge(&backlog, Thresholds { backlog_seconds: 300, dead_max: 2 }, has_key);
        found.into_iter().map(|it| it.level).collect()
    }

    #[test]
    fn an_inbox_that_moves_is_as_it_should_be() {
        let backlog = Backlog { pending: 7, overdue_seconds: 300, ..Backlog::default() };
        assert_eq!(levels(backlog, false), [Level::Ok]);
    }

    #[test]
    fn what_was_given_up_is_a_warning_and_too_much_of_it_is_wrong() {
        let backlog = |dead| Backlog { dead, ..Backlog::default() };
        assert_eq!(levels(backlog(2), true), [Level::Warning]);
        assert_eq!(levels(backlog(3), true), [Level::Wrong]);
    }

    #[test]
    fn what_is_late_is_wrong() {
        let backlog = Backlog { pending: 1, overdue_seconds: 301, ..Backlog::default() };
        assert_eq!(levels(backlog, true), [Level::Wrong]);
    }

    #[test]
    fn what_waits_for_its_object_needs_a_key() {
        let backlog = Backlog { waiting: 3, ..Backlog::default() };
        assert_eq!(levels(backlog, true), [Level::Ok]);
        assert_eq!(levels(backlog, false), [Level::Warning]);
    }
}
