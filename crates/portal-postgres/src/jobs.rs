//! Work beside the requests: jobs, the read budget, events that await their object, and pruning.

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{
    AwaitingObject, EventId, JobRow, Jobs, Lease, LeasedJob, StoreError, UnixSeconds, Written,
    row_decode,
};

use crate::inbox::{ONE_AT_A_TIME, select_event};
use crate::store::{PostgresStore, step};
use crate::{actions, alerts, reports};

/// The condition for the events that may be pruned.
macro_rules! where_prunable {
    () => {
        "where received_at < $1 and state in ('processed', 'ignored')"
    };
}

#[async_trait]
impl Jobs for PostgresStore {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let lease_due = "\
            insert into job (name, leased_at, due_at, lease) values ($1, $2, $3, 1) \
            on conflict (name) do update set leased_at = excluded.leased_at, \
                due_at = excluded.due_at, lease = job.lease + 1 \
            where job.due_at <= $2 \
            returning lease, state";
        let until = now.after(lease).get();
        step!(self.maintenance, |open| async {
            open.first(lease_due, &[&job, &now.get(), &until], row_decode::leased_job).await
        })
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        state: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let save = "update job set state = $3, due_at = $4 where name = $1 and lease = $2";
        step!(self.maintenance, |open| open.written(save, &[&job, &lease.0, &state, &due_at.get()]))
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        let state = "select state from job where name = $1";
        let state =
            step!(self.reading, |open| open.first(state, &[&job], row_decode::optional_text));
        state.map(Option::flatten)
    }

    async fn jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        let jobs = "select name, leased_at, due_at from job order by name";
        step!(self.reading, |open| open.all(jobs, &[], row_decode::job))
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let today = now.get().div_euclid(SECONDS_OF_A_DAY);
        if reads == 0 {
            let sum = "select coalesce(sum(count), 0)::bigint from reads \
                       where day > $1 - $2 and day <= $1";
            return step!(self.reading, |open| async {
                open.one(sum, &[&today, &BUDGET_DAYS], row_decode::number).await
            });
        }
        // The row of a day is written by one process at a time, so that the sum has every read of
        // today. Old rows that another process is deleting are skipped.
        let spend = "\
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
        let reads = i64::from(reads);
        step!(self.maintenance, |open| async {
            open.one(spend, &[&today, &reads, &BUDGET_DAYS], row_decode::number).await
        })
    }

    async fn reads_by_day(&self, now: UnixSeconds) -> Result<Vec<(i64, u64)>, StoreError> {
        let today = now.get().div_euclid(SECONDS_OF_A_DAY);
        let days = "select day, count from reads where day > $1 - $2 and day <= $1 order by day";
        step!(self.reading, |open| async {
            open.all(days, &[&today, &BUDGET_DAYS], row_decode::reads_of_day).await
        })
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        let awaiting = select_event!(
            ", coalesce(attempts, 0) from event left join fetch_queue using (seq) \
             where state = 'awaiting_object' and coalesce(due_at, 0) <= $2 order by seq limit $1"
        );
        let limit = i64::from(limit);
        step!(self.reading, |open| async {
            open.all(awaiting, &[&limit, &now.get()], row_decode::awaiting_object).await
        })
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let postpone = "\
            insert into fetch_queue (seq, due_at, attempts) \
            select seq, $2, 1 from event where id = $1 and state = 'awaiting_object' \
            on conflict (seq) do update set due_at = excluded.due_at, attempts = fetch_queue.attempts + 1";
        step!(self.maintenance, |open| async {
            // Without the lock the event could get its object meanwhile and yet stay in the queue.
            open.run(ONE_AT_A_TIME).await?;
            open.written(postpone, &[&event.as_str(), &at.get()]).await
        })
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        let prune = concat!(
            "delete from event where seq in (select seq from event ",
            where_prunable!(),
            " order by seq limit $2)"
        );
        step!(self.operating, |open| async {
            open.run(ONE_AT_A_TIME).await?;
            let pruned = open.execute(prune, &[&before.get(), &i64::from(limit)]).await?;
            reports::delete_hours(open, before).await?;
            alerts::delete_ended(open, before).await?;
            actions::delete_old(open, before).await?;
            Ok(pruned)
        })
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        let prunable = concat!("select count(*) as events from event ", where_prunable!());
        step!(self.reporting, |open| open.one(prunable, &[&before.get()], row_decode::number))
    }
}

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;
