//! Statements on what is due beside the requests.

use jiff::SignedDuration;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{EventId, Lease, UnixSeconds};

use super::inbox::select_event;
use super::statement::values;
use super::{Statement, alerts, hours};

/// Leases a job that is due: its lease, and how far it had come; no row where it is not due.
#[must_use]
pub fn lease_job(job: &str, lease: SignedDuration, now: UnixSeconds) -> Statement<'_> {
    let begin = "insert into job (name, due_at, lease) values (?1, ?2, 1) \
                 on conflict (name) do update set due_at = excluded.due_at, lease = lease + 1 \
                 where due_at <= ?3 returning lease, state";
    Statement::new(begin, values![job, now.after(lease).get(), now.get()])
}

/// Writes how far a job has come, where the lease is the last one.
#[must_use]
pub fn save_job<'v>(
    job: &'v str,
    lease: Lease,
    position: &'v str,
    due_at: UnixSeconds,
) -> Statement<'v> {
    let keep = "update job set state = ?3, due_at = ?4 where name = ?1 and lease = ?2";
    Statement::new(keep, values![job, lease.0, position, due_at.get()])
}

/// Selects the state of a job.
#[must_use]
pub fn job_state(job: &str) -> Statement<'_> {
    Statement::new("select state from job where name = ?1", values![job])
}

/// Counts reads as made today, and forgets those that count no more.
#[must_use]
pub fn spend(reads: u32, now: UnixSeconds) -> [Statement<'static>; 2] {
    let spend = "insert into reads (day, count) values (?1, ?2) \
                 on conflict (day) do update set count = count + excluded.count";
    let [first, today] = days(now);
    [
        Statement::new(spend, values![today, reads]),
        Statement::new("delete from reads where day < ?1", values![first]),
    ]
}

/// Selects the number of reads that count.
#[must_use]
pub fn spent(now: UnixSeconds) -> Statement<'static> {
    let [first, today] = days(now);
    let spent = "select coalesce(sum(count), 0) as spent from reads where day between ?1 and ?2";
    Statement::new(spent, values![first, today])
}

/// The first day whose reads still count, and today, since 1970.
fn days(now: UnixSeconds) -> [i64; 2] {
    const DAY: i64 = 24 * 3600;
    let today = now.get().div_euclid(DAY);
    [today - BUDGET_DAYS + 1, today]
}

/// The events that await their object and are due to be fetched, the first recorded first, in the
/// order of [`portal_domain::row_decode::awaiting_object`].
#[must_use]
pub fn awaiting_object(limit: u32, now: UnixSeconds) -> Statement<'static> {
    let awaiting = select_event!(
        ", coalesce(attempts, 0) as attempts from event left join fetch_queue using (seq) \
         where state = 'awaiting_object' and coalesce(due_at, 0) <= ?1 order by seq limit ?2"
    );
    Statement::new(awaiting, values![now.get(), limit])
}

/// An event's object could not be fetched, and is due again then: changes no row where the event does
/// not await it.
#[must_use]
pub fn postpone_fetch(event: &EventId, at: UnixSeconds) -> Statement<'_> {
    let postpone = "insert into fetch_queue (seq, due_at, attempts) \
                    select seq, ?2, 1 from event where id = ?1 and state = 'awaiting_object' \
                    on conflict (seq) do update set due_at = excluded.due_at, \
                        attempts = attempts + 1";
    Statement::new(postpone, values![event.as_str(), at.get()])
}

macro_rules! where_prunable {
    () => {
        "where received_at < ?1 and state in ('processed', 'ignored')"
    };
}

/// Forgets alerts that ended before then, the hours before then, and up to `limit` events that were
/// received before then and are processed or ignored: those that the last statement but one deletes.
#[must_use]
pub fn prune(before: UnixSeconds, limit: u32) -> [Statement<'static>; 5] {
    let prune = concat!(
        "delete from event where seq in (select seq from event ",
        where_prunable!(),
        " order by seq limit ?2)"
    );
    let [prune_alerts, prune_notifications] = alerts::prune(before);
    let prune_events = Statement::new(prune, values![before.get(), limit]);
    [prune_alerts, prune_notifications, hours::prune(before), prune_events, hours::go_back()]
}

/// Counts the events that [`prune`] would delete.
#[must_use]
pub fn prunable(before: UnixSeconds) -> Statement<'static> {
    let prunable = concat!("select count(*) as events from event ", where_prunable!());
    Statement::new(prunable, values![before.get()])
}
