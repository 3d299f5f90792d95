//! The trail of actions.

use async_trait::async_trait;
use portal_domain::trail::ACTIONS_KEPT;
use portal_domain::{
    ActionFilter, ActionOutcome, ActionResult, ActionRow, ActionVerb, Actions, Actor, NewAction,
    StoreError, UnixSeconds, Written, row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing};
use crate::sql::{Statement, values};

#[async_trait]
impl<E: Executor> Actions for SqlStore<E> {
    async fn begin_action(&self, action: &NewAction, now: UnixSeconds) -> Result<u64, StoreError> {
        let sql = "insert into action (seq, at, who, via, verb, scope) \
                     select coalesce(max(seq), 0) + 1, ?1, ?2, ?3, ?4, ?5 from action \
                     returning seq";
        let NewAction { who, via, verb, scope } = action;
        let scope = serde_json::to_string(scope);
        let scope = scope.map_err(|error| StoreError::Failed(error.to_string()))?;
        let begin = values![now.get(), who.as_str(), via.name(), verb.name(), scope];
        let begin = Statement::new(sql, begin);
        self.write_one(Writing::Now, begin).await?.one(row_decode::number)
    }

    async fn finish_action(&self, seq: u64, end: &ActionOutcome) -> Result<Written, StoreError> {
        let sql = "update action set finished_at = ?2, count = ?3, result = ?4 \
                      where seq = ?1 and result is null";
        let ActionOutcome { at, count, result } = end;
        self.change(sql, values![integer(seq), at.get(), integer(*count), result.name()]).await
    }

    async fn actions(&self, by: &ActionFilter, limit: u32) -> Result<Vec<ActionRow>, StoreError> {
        let ActionFilter { who, verb, result, since, until, after } = by;
        let mut actions = Statement::plain(
            "select seq, at, who, via, verb, scope, finished_at, count, result \
             from action where true",
        );
        actions.add(" and who = ?", who.as_ref().map(Actor::as_str));
        actions.add(" and verb = ?", verb.map(ActionVerb::name));
        actions.add(" and result = ?", result.map(ActionResult::name));
        actions.add(" and at >= ?", since.map(UnixSeconds::get));
        actions.add(" and at < ?", until.map(UnixSeconds::get));
        actions.add(" and seq < ?", after.map(integer));
        actions.add(" order by seq desc limit ?", Some(limit));
        self.executor.read(Reading::Scan, actions, row_decode::action).await
    }
}

/// Returns the number, or the greatest one that a column has.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Deletes the entries that were too old to keep at that time.
pub(super) fn delete_old(before: UnixSeconds) -> Statement<'static> {
    let before = before.get().saturating_sub(ACTIONS_KEPT.as_secs());
    Statement::new("delete from action where at < ?1", values![before])
}
