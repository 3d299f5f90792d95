//! Statements on what is compared with Stripe, and on who asks.

/// Notes at `$2` that Stripe has shown the donations `$1`. In the order of their ids, so that two
/// processes that note the same ones wait for each other, and never both.
pub(crate) const CONFIRM: &str = "\
    insert into confirmation (id, at) \
    select id, $2 from unnest($1::text[]) as it (id) order by id collate \"C\" \
    on conflict (id) do nothing";

/// Leases the job `$1`, where it is due at `$2`, until `$3`.
pub(crate) const BEGIN: &str = "\
    insert into job (name, due_at, lease) values ($1, $3, 1) \
    on conflict (name) do update set due_at = excluded.due_at, lease = job.lease + 1 \
    where job.due_at <= $2 \
    returning lease, state";

/// The job `$1` under lease `$2` has come to `$3` and is due again at `$4`.
pub(crate) const KEEP: &str =
    "update job set state = $3, due_at = $4 where name = $1 and lease = $2";

/// How far the job `$1` has come.
pub(crate) const POSITION: &str = "select state from job where name = $1";

/// Counts `$2` reads on the day `$1`, forgets those of `$3` days before and earlier, and tells how
/// many are left: those of today as they are when nobody else is counting, because the row of a day
/// is written by one at a time. Old rows that somebody else forgets now are not waited for.
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

/// Held to the end of its transaction by whoever files a report: one at a time, on all replicas, so
/// that each has the number after the last one's.
pub(crate) const ONE_FILES: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 3)";

/// Files the JSON `$2` of a report that was made at `$1`.
pub(crate) const FILE: &str = "\
    insert into report (number, made_at, body) \
    select coalesce(max(number), 0) + 1, $1, $2 from report returning number";

/// Reports; terms follow.
pub(crate) const REPORTS: &str = "select number, body from report where true";
