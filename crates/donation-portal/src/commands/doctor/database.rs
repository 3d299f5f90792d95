//! The database: it opens, has the right schema, takes writes, its server's clock agrees with this
//! machine's, and no event is dead or awaits its object.

use portal_domain::signature::ClocksApart;
use portal_domain::{Backlog, Store, Tolerance, UnixSeconds};

use super::finding::{Check, CheckFinding};
use crate::commands::finish;
use crate::database::DatabaseUrl;
use crate::exit::Failure;
use crate::output::counted;

/// Checks that the open database takes writes, and compares the clocks.
pub(super) fn writes(
    home: &DatabaseUrl,
    store: &dyn Store,
    tolerance: Tolerance,
    now: UnixSeconds,
) -> Vec<CheckFinding> {
    if let DatabaseUrl::Sqlite(path) = home
        && let Err(error) = portal_sqlite::quick_check(path)
    {
        let found = format!("{home}: not all of it can be read: {error}");
        let advice =
            "stop the service, keep the file, and restore the last backup (runbook, section 9)";
        return vec![CheckFinding::wrong(Check::Database, found, advice)];
    }
    match finish("write to the database", store.ping(now)) {
        Ok(theirs) => {
            let takes = format_args!("{home} opens, has the current schema and takes writes");
            let ahead = theirs.map_or(0, |theirs| now.since(theirs));
            let takes = CheckFinding::ok(Check::Database, takes);
            [Some(takes), clocks(ahead, tolerance)].into_iter().flatten().collect()
        }
        Err(failure) => vec![failed(Check::Database, &failure)],
    }
}

/// Reports events that are dead or await their object.
pub(super) fn backlog(store: &dyn Store, dead_events_max: u64, has_key: bool) -> Vec<CheckFinding> {
    match finish("count dead events", store.backlog()) {
        Ok(backlog) => judge(&backlog, dead_events_max, has_key),
        Err(failure) => vec![failed(Check::Database, &failure)],
    }
}

fn clocks(ahead_seconds: i64, tolerance: Tolerance) -> Option<CheckFinding> {
    let found = format!("this machine's clock is {ahead_seconds} s ahead of the database server's");
    let advice =
        "correct both clocks (timedatectl set-ntp true); signatures are verified by this one";
    match tolerance.judge_clocks(ahead_seconds) {
        ClocksApart::Little => None,
        ClocksApart::Much => Some(CheckFinding::warning(Check::Database, found, advice)),
        ClocksApart::TooMuch => Some(CheckFinding::wrong(Check::Database, found, advice)),
    }
}

/// Returns the finding for a database error.
pub(super) fn failed(check: Check, failure: &Failure) -> CheckFinding {
    CheckFinding::failed(check, failure, "find the reason in the server's log and in the runbook")
}

fn judge(backlog: &Backlog, dead_events_max: u64, has_key: bool) -> Vec<CheckFinding> {
    let found = [dead(backlog, dead_events_max), awaiting(backlog, has_key)];
    let found: Vec<CheckFinding> = found.into_iter().flatten().collect();
    if found.is_empty() {
        return vec![CheckFinding::ok(Check::Database, "no event is dead or awaits its object")];
    }
    found
}

fn dead(backlog: &Backlog, dead_events_max: u64) -> Option<CheckFinding> {
    let found =
        format!("{} dead; their changes are not in the ledger", counted(backlog.dead, "event"));
    let advice = "see the reasons with `donation-portal events list --state dead`, then run `donation-portal events retry`";
    match backlog.dead {
        0 => None,
        dead if dead > dead_events_max => Some(CheckFinding::wrong(Check::Database, found, advice)),
        _ => Some(CheckFinding::warning(Check::Database, found, advice)),
    }
}

fn awaiting(backlog: &Backlog, has_key: bool) -> Option<CheckFinding> {
    let found = format!("{} awaiting an object", counted(backlog.awaiting_object, "thin event"));
    match (backlog.awaiting_object, has_key) {
        (0, _) => None,
        (_, true) => Some(CheckFinding::ok(
            Check::Database,
            format_args!("{found}; the server fetches the objects from Stripe"),
        )),
        (_, false) => Some(CheckFinding::warning(
            Check::Database,
            found,
            "set STRIPE_SECRET_KEY, so that the server can fetch the objects from Stripe",
        )),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{Backlog, Tolerance};

    use super::super::finding::Level;
    use super::{clocks, judge};

    fn levels(backlog: Backlog, has_key: bool) -> Vec<Level> {
        judge(&backlog, 2, has_key).into_iter().map(|it| it.level).collect()
    }

    #[test]
    fn an_inbox_without_dead_events_is_as_it_should_be() {
        assert_eq!(levels(Backlog::default(), false), [Level::Ok]);
    }

    #[test]
    fn dead_events_are_a_warning_and_too_many_are_wrong() {
        let backlog = |dead| Backlog { dead, ..Backlog::default() };
        assert_eq!(levels(backlog(2), true), [Level::Warning]);
        assert_eq!(levels(backlog(3), true), [Level::Wrong]);
    }

    #[test]
    fn what_awaits_its_object_needs_a_key() {
        let backlog = Backlog { awaiting_object: 3, ..Backlog::default() };
        assert_eq!(levels(backlog, true), [Level::Ok]);
        assert_eq!(levels(backlog, false), [Level::Warning]);
    }

    #[test]
    fn a_tenth_of_the_tolerance_between_the_clocks_is_a_warning_and_half_of_it_is_wrong() {
        let level = |ahead| clocks(ahead, Tolerance::DEFAULT).map(|it| it.level);
        assert_eq!([level(0), level(-30), level(30)], [None; 3]);
        assert_eq!([level(31), level(-150)], [Some(Level::Warning); 2]);
        assert_eq!([level(151), level(-600)], [Some(Level::Wrong); 2]);
    }
}
