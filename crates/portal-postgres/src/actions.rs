//! The trail of actions.

use async_trait::async_trait;
use portal_domain::trail::ACTIONS_KEPT;
use portal_domain::{
    ActionFilter, ActionOutcome, ActionResult, ActionRow, ActionVerb, Actions, NewAction,
    StoreError, UnixSeconds, Written, row_decode, stored_json,
};

use crate::connection::OpenConnection;
use crate::store::{PostgresStore, step};
use crate::terms::Terms;
use crate::value::Value;

#[async_trait]
impl Actions for PostgresStore {
    async fn begin_action(&self, action: &NewAction, now: UnixSeconds) -> Result<u64, StoreError> {
        // One process enters at a time, on all replicas. The lock needs a statement of its own: only a
        // statement that begins after it sees the last number.
        let one_enters = "select pg_advisory_xact_lock(x'444f4e41'::integer, 4)";
        let begin = "\
            insert into action (seq, at, who, via, verb, scope) \
            select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 from action returning seq";
        let NewAction { who, via, verb, scope } = action;
        let scope = stored_json(scope)?;
        let (at, who, via, verb) = (now.get(), who.as_str(), via.name(), verb.name());
        step!(self.operating, |open| async {
            open.run(one_enters).await?;
            open.one(begin, &[&at, &who, &via, &verb, &scope], row_decode::number).await
        })
    }

    async fn finish_action(&self, seq: u64, end: &ActionOutcome) -> Result<Written, StoreError> {
        let finish = "update action set finished_at = $2, count = $3, result = $4 \
                      where seq = $1 and result is null";
        let ActionOutcome { at, count, result } = end;
        let (seq, at, count, result) = (integer(seq), at.get(), integer(*count), result.name());
        let values: [&dyn Value; 4] = [&seq, &at, &count, &result];
        step!(self.operating, |open| open.written(finish, &values))
    }

    async fn actions(&self, by: &ActionFilter, limit: u32) -> Result<Vec<ActionRow>, StoreError> {
        let ActionFilter { who, verb, result, since, until, after } = by;
        let mut terms = Terms::new(
            "select seq, at, who, via, verb, scope, finished_at, count, result \
             from action where true",
        );
        terms.add(" and who = ?", who.as_ref().map(|it| it.as_str().to_owned()));
        terms.add(" and verb = ?", verb.map(ActionVerb::name));
        terms.add(" and result = ?", result.map(ActionResult::name));
        terms.add(" and at >= ?", since.map(UnixSeconds::get));
        terms.add(" and at < ?", until.map(UnixSeconds::get));
        terms.add(" and seq < ?", after.map(integer));
        terms.add(" order by seq desc limit ?", Some(i64::from(limit)));
        step!(self.reporting, |open| open.all(&terms.sql, &terms.values(), row_decode::action))
    }
}

/// Returns the number, or the greatest one that a column has.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Deletes the entries that were too old to keep at that time.
pub(crate) async fn delete_old(
    open: &OpenConnection,
    before: UnixSeconds,
) -> Result<(), StoreError> {
    let before = before.get().saturating_sub(ACTIONS_KEPT.as_secs());
    open.execute("delete from action where at < $1", &[&before]).await.map(drop)
}
