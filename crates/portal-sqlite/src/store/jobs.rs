//! The work beside the requests.

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{
    AwaitingObject, EventId, JobRow, Jobs, Lease, LeasedJob, StoreError, UnixSeconds, Written,
    row_decode,
};

use super::inbox::select_event;
use super::reports::hours;
use super::{SqlStore, actions, alerts};
use crate::executor::{Executor, Reading, Writing, result_at};
use crate::sql::{Statement, values};

macro_rules! where_prunable {
    () => {
        "where received_at < ?1 and state in ('processed', 'ignored')"
    };
}

#[async_trait]
impl<E: Executor> Jobs for SqlStore<E> {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let lease_due = "insert into job (name, leased_at, due_at, lease) values (?1, ?3, ?2, 1) \
                     on conflict (name) do update set leased_at = excluded.leased_at, \
                         due_at = excluded.due_at, lease = lease + 1 \
                     where due_at <= ?3 returning lease, state";
        let values = values![job, now.after(lease).get(), now.get()];
        let leased = self.write_one(Writing::Now, Statement::new(lease_due, values)).await?;
        leased.first(row_decode::leased_job)
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        state: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let save = "update job set state = ?3, due_at = ?4 where name = ?1 and lease = ?2";
        self.change(save, values![job, lease.0, state, due_at.get()]).await
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        let state = Statement::new("select state from job where name = ?1", values![job]);
        self.first(state, row_decode::optional_text).await.map(Option::flatten)
    }

    async fn jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        let jobs = Statement::plain("select name, leased_at, due_at from job order by name");
        self.executor.read(Reading::Lookup, jobs, row_decode::job).await
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let (first, today) = budget_days(now);
        let sum = "select coalesce(sum(count), 0) as spent from reads where day between ?1 and ?2";
        let sum = Statement::new(sum, values![first, today]);
        if reads == 0 {
            return self.count(Reading::Lookup, sum).await;
        }
        let count = "insert into reads (day, count) values (?1, ?2) \
                     on conflict (day) do update set count = count + excluded.count";
        let statements = [
            Statement::new(count, values![today, reads]),
            Statement::new("delete from reads where day < ?1", values![first]),
            sum,
        ];
        let results = self.executor.write(Writing::Now, &statements).await?;
        results.last().ok_or(StoreError::Corrupt)?.one(row_decode::number)
    }

    async fn reads_by_day(&self, now: UnixSeconds) -> Result<Vec<(i64, u64)>, StoreError> {
        let (first, today) = budget_days(now);
        let days = "select day, count from reads where day between ?1 and ?2 order by day";
        let days = Statement::new(days, values![first, today]);
        self.executor.read(Reading::Lookup, days, row_decode::reads_of_day).await
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        let awaiting = select_event!(
            ", coalesce(attempts, 0) as attempts from event left join fetch_queue using (seq) \
             where state = 'awaiting_object' and coalesce(due_at, 0) <= ?1 order by seq limit ?2"
        );
        let awaiting = Statement::new(awaiting, values![now.get(), limit]);
        self.executor.read(Reading::Lookup, awaiting, row_decode::awaiting_object).await
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let postpone = "insert into fetch_queue (seq, due_at, attempts) \
                        select seq, ?2, 1 from event where id = ?1 and state = 'awaiting_object' \
                        on conflict (seq) do update set due_at = excluded.due_at, \
                            attempts = attempts + 1";
        self.change(postpone, values![event.as_str(), at.get()]).await
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        let events = concat!(
            "delete from event where seq in (select seq from event ",
            where_prunable!(),
            " order by seq limit ?2)"
        );
        let events = Statement::new(events, values![before.get(), limit]);
        let [alerts, notifications] = alerts::delete_ended(before);
        let statements = [
            events,
            hours::go_back(),
            alerts,
            notifications,
            hours::delete_before(before),
            actions::delete_old(before),
        ];
        let results = self.executor.write(Writing::Now, &statements).await?;
        result_at(&results, 0).map(|events| events.changed)
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        let prunable = concat!("select count(*) as events from event ", where_prunable!());
        self.count(Reading::Scan, Statement::new(prunable, values![before.get()])).await
    }
}

/// Returns the first day of the budget and today, since 1970.
fn budget_days(now: UnixSeconds) -> (i64, i64) {
    let today = now.get().div_euclid(24 * 3600);
    (today - BUDGET_DAYS + 1, today)
}
