//! Changes of recorded events: reprocessing, ignoring, pruning.

use std::collections::{BTreeMap, HashMap};

use portal_domain::{
    AlertChange, Event, EventId, ObjectId, OperatorAction, Reprocess, Selection, State, StoreError,
    UnixSeconds, Written, row_decode,
};

use crate::alerts;
use crate::changes::Changes;
use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::sql::{self, that_can_take};
use crate::terms::Terms;

pub(crate) async fn reprocess(
    open: &OpenConnection,
    steps: &[Reprocess],
    now: UnixSeconds,
) -> Result<Vec<Written>, StoreError> {
    open.run(sql::ONE_AT_A_TIME).await?;
    let ids: Vec<_> = steps.iter().map(|it| it.entry.event().id.as_str()).collect();
    let rows = open.query(sql::STATES, &[&ids]).await?;
    let mut states = HashMap::new();
    for row in &rows {
        let state = State::from_names(read(row, 1)?, read(row, 2)?);
        states.insert(read::<&str>(row, 0)?, state.ok_or(StoreError::Corrupt)?);
    }
    // The steps apply one after another, because an event may occur twice.
    let mut apply = |step: &Reprocess| match states.get_mut(step.entry.event().id.as_str()) {
        Some(state) if *state == step.from => {
            *state = step.entry.event().state;
            Written::Applied
        }
        Some(_) | None => Written::Stale,
    };
    let written: Vec<_> = steps.iter().map(&mut apply).collect();
    let applied = steps.iter().zip(&written).filter(|(_, it)| **it == Written::Applied);
    let applied: Vec<_> = applied.map(|(step, _)| step).collect();
    update(open, &applied).await?;
    let changes = Changes::of(applied.iter().flat_map(|it| it.entry.changes()));
    let mut raised = changes.write(open).await?;
    for Reprocess { entry, from } in applied {
        let was_dead = matches!(from, State::Dead(_));
        raised.extend(entry.alert().filter(|_| !was_dead).map(AlertChange::Raise));
    }
    alerts::write(open, &raised, now).await?;
    alerts::resolve_dead(open, now).await?;
    Ok(written)
}

/// Writes the final values of the events.
async fn update(open: &OpenConnection, steps: &[&Reprocess]) -> Result<(), StoreError> {
    let last = steps.iter().map(|it| (it.entry.event().id.as_str(), &it.entry));
    let entries: Vec<_> = last.collect::<BTreeMap<_, _>>().into_values().collect();
    let events = || entries.iter().map(|it| it.event());
    let ids: Vec<_> = events().map(|it| it.id.as_str()).collect();
    let facts: Vec<_> = entries.iter().map(|it| it.facts_json()).collect();
    let objects: Vec<_> = events().map(|it| it.object_id.as_ref().map(ObjectId::as_str)).collect();
    let payments: Vec<_> = events().map(|it| it.payment().map(ObjectId::as_str)).collect();
    let invoices: Vec<_> = events().map(|it| it.invoice().map(ObjectId::as_str)).collect();
    let fetched_at: Vec<_> = events().map(|it| it.fetched_at.map(UnixSeconds::get)).collect();
    let states: Vec<_> = events().map(|it| it.state.name()).collect();
    let reasons: Vec<_> = events().map(|it| it.state.reason()).collect();
    let values: [&dyn crate::value::Value; 8] =
        [&ids, &facts, &objects, &payments, &invoices, &fetched_at, &states, &reasons];
    open.execute(sql::REPROCESS, &values).await.map(drop)
}

pub(crate) async fn events_for(
    open: &OpenConnection,
    action: OperatorAction,
    which: &Selection,
    after: Option<&EventId>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let mut terms = Terms::new(sql::EVENTS_FOR);
    selected(&mut terms, action, which);
    let after = after.map(|it| it.as_str().to_owned());
    terms.add(" and seq > coalesce((select seq from event where id = ?), 0)", after);
    terms.add(" order by seq limit ?", Some(i64::from(limit)));
    let rows = open.query(&terms.sql, &terms.values()).await?;
    rows.iter().map(|row| row_decode::event(&PostgresRow(row))).collect()
}

pub(crate) async fn count_for(
    open: &OpenConnection,
    action: OperatorAction,
    which: &Selection,
) -> Result<u64, StoreError> {
    let mut terms = Terms::new(sql::COUNT_FOR);
    selected(&mut terms, action, which);
    let row = open.first(&terms.sql, &terms.values()).await?;
    row.map_or(Ok(0), |row| row_decode::count(&PostgresRow(&row), 0))
}

pub(crate) async fn ignore(
    open: &OpenConnection,
    which: &Selection,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    open.run(sql::ONE_AT_A_TIME).await?;
    let mut chosen = Terms::new("");
    selected(&mut chosen, OperatorAction::Ignore, which);
    let row = open.first(&sql::ignore(&chosen.sql), &chosen.values()).await?;
    alerts::resolve_dead(open, now).await?;
    row.map_or(Ok(0), |row| row_decode::count(&PostgresRow(&row), 0))
}

fn selected(terms: &mut Terms, action: OperatorAction, which: &Selection) {
    terms.sql.push_str(that_can_take(action));
    let ids: Vec<_> = which.ids.iter().map(|it| EventId::as_str(it).to_owned()).collect();
    terms.add(" and id = any(?)", (!ids.is_empty()).then_some(ids));
    terms.add(" and state = ?", which.state);
    terms.add(" and received_at >= ?", which.since.map(UnixSeconds::get));
    terms.add(" and received_at < ?", which.until.map(UnixSeconds::get));
}

pub(crate) async fn prune(
    open: &OpenConnection,
    before: UnixSeconds,
    limit: u32,
) -> Result<u64, StoreError> {
    open.run(sql::ONE_AT_A_TIME).await?;
    let pruned = open.execute(sql::PRUNE, &[&before.get(), &i64::from(limit)]).await?;
    open.execute(sql::hours::PRUNE, &[&before.get()]).await?;
    open.execute(sql::alerts::PRUNE_ALERTS, &[&before.get()]).await?;
    open.execute(sql::alerts::PRUNE_NOTICES, &[]).await?;
    Ok(pruned)
}

pub(crate) async fn prunable(
    open: &OpenConnection,
    before: UnixSeconds,
) -> Result<u64, StoreError> {
    let row = open.first(sql::PRUNABLE, &[&before.get()]).await?;
    row.map_or(Ok(0), |row| row_decode::count(&PostgresRow(&row), 0))
}
