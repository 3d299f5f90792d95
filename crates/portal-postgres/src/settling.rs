//! What becomes of recorded events: by settling, by an operator's word, by age.

use jiff::SignedDuration;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::settle::LEASE_MAX;
use portal_domain::{
    AlertChange, Claimed, EventId, Lease, Remedy, Selection, Settled, Settlement, StoreError,
    UnixSeconds, Verdict, row,
};

use crate::connection::Open;
use crate::ledger::Changes;
use crate::rows::Cells;
use crate::sql::{self, that_can_take};
use crate::terms::Terms;
use crate::{alerts, wake};

pub(crate) async fn claim(
    open: &mut Open,
    limit: u32,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Vec<Claimed>, StoreError> {
    let (limit, lease, lease_max) = (i64::from(limit), lease.as_secs(), LEASE_MAX.as_secs());
    let rows = open.query(sql::CLAIM, &[&now.get(), &limit, &lease, &lease_max]).await?;
    let claimed = |row| {
        let row = Cells(row);
        Ok(Claimed { event: row::event(&row)?, lease: Lease(row::integer(&row, 16)?) })
    };
    let (readable, damaged): (Vec<_>, Vec<_>) = rows.iter().map(claimed).partition(Result::is_ok);
    // What cannot be read keeps its lease, and nothing else waits for it. Alone it is an error.
    let those = if readable.is_empty() { damaged } else { readable };
    those.into_iter().collect()
}

pub(crate) async fn settle(
    open: &mut Open,
    settlements: &[Settlement],
    now: UnixSeconds,
) -> Result<Vec<Settled>, StoreError> {
    begin_alone(open).await?;
    let applied = apply_leases(open, settlements).await?;
    let mut changes = Changes::default();
    let mut told: Vec<AlertChange> = Vec::new();
    for (settlement, _) in
        settlements.iter().zip(&applied).filter(|(_, it)| **it == Settled::Applied)
    {
        match &settlement.verdict {
            Verdict::Done(all) => all.iter().for_each(|change| changes.add(change)),
            Verdict::Retry { .. } => {}
            Verdict::Dead { reason, alert } => {
                let values = (settlement.event.as_str(), reason.name());
                open.execute(sql::GIVEN_UP, &[&values.0, &values.1]).await?;
                told.push(AlertChange::Raise(alert.clone()));
            }
        }
    }
    told.extend(changes.write(open).await?);
    alerts::write(open, &told, now).await?;
    open.commit().await?;
    Ok(applied)
}

/// Ends the claims, as far as their leases are the last ones given.
async fn apply_leases(
    open: &mut Open,
    settlements: &[Settlement],
) -> Result<Vec<Settled>, StoreError> {
    let ids: Vec<_> = settlements.iter().map(|it| it.event.as_str()).collect();
    let leases: Vec<_> = settlements.iter().map(|it| it.lease.0).collect();
    let again_at = |it: &Settlement| match it.verdict {
        Verdict::Retry { at } => Some(at.get()),
        Verdict::Done(_) | Verdict::Dead { .. } => None,
    };
    let again_at: Vec<_> = settlements.iter().map(again_at).collect();
    let mut settled = vec![Settled::Stale; settlements.len()];
    for row in open.query(sql::SETTLE, &[&ids, &leases, &again_at]).await? {
        // Places count from one.
        let place: usize = row::count(&Cells(&row), 0)?;
        if let Some(settled) = place.checked_sub(1).and_then(|it| settled.get_mut(it)) {
            *settled = Settled::Applied;
        }
    }
    Ok(settled)
}

pub(crate) async fn apply(
    open: &mut Open,
    remedy: Remedy,
    which: &Selection,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    begin_alone(open).await?;
    let applied = eligible(open, remedy, which).await?;
    match remedy {
        Remedy::Retry => {
            let mut due = Terms::new("");
            // The first parameter of the statement.
            due.bind(now.get());
            selected(&mut due, remedy, which);
            open.execute(&sql::make_due(&due.sql), &due.values()).await?;
            let mut chosen = Terms::new("");
            selected(&mut chosen, remedy, which);
            open.execute(&sql::begin_anew(&chosen.sql), &chosen.values()).await?;
            open.run(wake::NOTIFY).await?;
        }
        Remedy::Ignore => {
            let mut chosen = Terms::new("");
            selected(&mut chosen, remedy, which);
            open.execute(&sql::ignore(&chosen.sql), &chosen.values()).await?;
        }
    }
    open.execute(sql::alerts::RESOLVE_DEAD, &[&EVENT_DEAD, &now.get()]).await?;
    open.commit().await?;
    Ok(applied)
}

pub(crate) async fn eligible(
    open: &mut Open,
    remedy: Remedy,
    which: &Selection,
) -> Result<u64, StoreError> {
    let mut terms = Terms::new(sql::ELIGIBLE);
    selected(&mut terms, remedy, which);
    let row = open.first(&terms.sql, &terms.values()).await?;
    row.map_or(Ok(0), |row| row::count(&Cells(&row), 0))
}

fn selected(terms: &mut Terms, remedy: Remedy, which: &Selection) {
    terms.sql.push_str(that_can_take(remedy));
    let ids: Vec<_> = which.ids.iter().map(|it| EventId::as_str(it).to_owned()).collect();
    terms.add(" and id = any(?)", (!ids.is_empty()).then_some(ids));
    terms.add(" and state = ?", which.state);
    terms.add(" and received_at >= ?", which.since.map(UnixSeconds::get));
    terms.add(" and received_at < ?", which.until.map(UnixSeconds::get));
}

pub(crate) async fn prune(
    open: &mut Open,
    before: UnixSeconds,
    limit: u32,
) -> Result<u64, StoreError> {
    begin_alone(open).await?;
    open.execute(sql::alerts::PRUNE_ALERTS, &[&before.get()]).await?;
    open.execute(sql::alerts::PRUNE_NOTICES, &[]).await?;
    let pruned = open.execute(sql::PRUNE, &[&before.get(), &i64::from(limit)]).await?;
    open.commit().await?;
    Ok(pruned)
}

pub(crate) async fn prunable(open: &mut Open, before: UnixSeconds) -> Result<u64, StoreError> {
    let row = open.first(sql::PRUNABLE, &[&before.get()]).await?;
    row.map_or(Ok(0), |row| row::count(&Cells(&row), 0))
}

/// Begins a transaction that no other process has at the same time.
pub(crate) async fn begin_alone(open: &mut Open) -> Result<(), StoreError> {
    open.begin().await?;
    open.run(sql::ONE_AT_A_TIME).await
}
