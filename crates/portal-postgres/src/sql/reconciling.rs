//! Statements on confirmations, jobs, the read budget and reports.

/// Notes at `$2` that Stripe has the donations `$1`. The order is that of their ids, so that two
/// processes with the same ones do not deadlock.
pub(crate) const CONFIRM: &str = "\
    insert into confirmation (id, at) \
    select id, $2 from unnest($1::text[]) as it (id) order by id collate \"C\" \
    on conflict (id) do nothing";

/// Leases the job `$1` until `$3`, if it is due at `$2`.
pub(crate) const BEGIN: &str = "\
    insert into job (name, due_at, lease) values ($1, $3, 1) \
    on conflict (name) do update set due_at = excluded.due_at, lease = job.lease + 1 \
    where job.due_at <= $2 \
    returning lease, state";

/// Saves the state `$3` of the job `$1` under lease `$2`; it is due again at `$4`.
pub(crate) const KEEP: &str =
    "update job set state = $3, due_at = $4 where name = $1 and lease = $2";

/// Reads the state of the job `$1`.
pub(crate) const POSITION: &str = "select state from job where name = $1";

/// Adds `$2` reads to the day `$1`, deletes the days `$3` days before and earlier, and returns the sum
/// of the rest. The row of a day is written by one process at a time, so that the sum has every read
/// of today. Old rows that another process is deleting are skipped.
pub(crate) const SPEND: &str = "\
    with today as ( \
        insert into reads (day, count) values ($1, $2) \
        on conflict (day) do update set count = reads.count + excluded.count \
        returning count \
    ), forgotten as ( \
        delete from reads where day in \
            (select day from reads where day <= $1 - $3 for update skip locked) \
    ) \
    select (select count from today) + coalesce( \
        (select sum(count) from reads where day > $1 - $3 and day < $1), 0)::bigint";

/// Takes the lock for filing a report until the end of the transaction: one process at a time, on all
/// replicas, so that numbers have no gaps.
pub(crate) const ONE_FILES: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 3)";

/// Files the JSON `$2` of a report that was made at `$1`.
pub(crate) const FILE: &str = "\
    insert into report (number, made_at, body) \
    select coalesce(max(number), 0) + 1, $1, $2 from report returning number";

/// Reads reports; conditions follow.
pub(crate) const REPORTS: &str = "select number, body from report where true";
