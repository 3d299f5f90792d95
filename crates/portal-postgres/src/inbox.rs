//! The inbox: recording events with their changes, reading them, and reprocessing or ignoring them.

mod record;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{
    Acknowledgement, AlertChange, Entry, Event, EventFilter, EventId, Inbox, ObjectId,
    OperatorAction, Origin, Recorded, Reprocess, Selection, State, StoreError, UnixSeconds,
    Written, row_decode,
};

use crate::alerts;
use crate::connection::OpenConnection;
use crate::ledger::changes::Changes;
use crate::rows::read;
use crate::store::{PostgresStore, by_itself, step};
use crate::terms::Terms;
use crate::value::columns;

/// Selects the columns of an event, in the order of [`row_decode::event`].
macro_rules! select_event {
    ($($rest:literal),+) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at",
            $($rest),+
        )
    };
}
pub(crate) use select_event;

/// Takes the lock for changing the states of recorded events, postponing a fetch, and pruning, until
/// the end of the transaction: one process at a time, on all replicas. So these steps cannot deadlock
/// on rows, whatever their order.
pub(crate) const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 1)";

#[async_trait]
impl Inbox for PostgresStore {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        by_itself!(self.recording, |open| record::record_entries(open, entries, now))
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        step!(self.maintenance, |open| async {
            open.run(ONE_AT_A_TIME).await?;
            let (applied, written) = applied(steps, &mut states_of(open, steps).await?);
            update(open, &applied).await?;
            let changes = Changes::of(applied.iter().flat_map(|it| it.entry.changes()));
            let mut raised = changes.write(open).await?;
            raised.extend(applied.iter().filter_map(|it| it.alert()).map(AlertChange::Raise));
            alerts::write(open, &raised, now).await?;
            alerts::resolve_dead(open, now).await?;
            Ok(written)
        })
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        let mut ignore = Terms::new("with selected as materialized (select seq from event where ");
        selected(&mut ignore, OperatorAction::Ignore, which);
        ignore.sql.push_str(
            "), ignored as ( \
             update event set state = 'ignored', reason = 'by_operator' \
             where seq in (select seq from selected)",
        );
        add_expected(&mut ignore, which);
        // Those that awaited their object leave the fetch queue; none is dead any more.
        ignore.sql.push_str(
            " returning seq \
             ), unqueued as (delete from fetch_queue where seq in (select seq from ignored) \
             ), forgotten as (delete from acknowledgement where seq in (select seq from ignored)) \
             select count(*) from selected",
        );
        step!(self.operating, |open| async {
            open.run(ONE_AT_A_TIME).await?;
            let ignored = open.one(&ignore.sql, &ignore.values(), row_decode::number).await?;
            alerts::resolve_dead(open, now).await?;
            Ok(ignored)
        })
    }

    async fn acknowledge_events(
        &self,
        which: &Selection,
        seen: &Acknowledgement,
    ) -> Result<u64, StoreError> {
        let mut acknowledge = Terms::new(SELECTED);
        matching(&mut acknowledge, which);
        acknowledge.add(ACKNOWLEDGED, Some(false));
        acknowledge.add(
            " and state = 'dead'), acknowledged as ( \
             insert into acknowledgement (seq, at, who) select seq, ?",
            Some(seen.at.get()),
        );
        acknowledge.add(", ? from selected where true", Some(seen.by.as_str().to_owned()));
        add_expected(&mut acknowledge, which);
        acknowledge.sql.push_str(") select count(*) from selected");
        step!(self.operating, |open| async {
            open.run(ONE_AT_A_TIME).await?;
            let (sql, values) = (&acknowledge.sql, acknowledge.values());
            let acknowledged = open.one(sql, &values, row_decode::number).await?;
            alerts::acknowledge_dead(open, seen).await?;
            Ok(acknowledged)
        })
    }

    async fn acknowledgement(&self, id: &EventId) -> Result<Option<Acknowledgement>, StoreError> {
        let sql = "select at, who from acknowledgement \
                   where seq = (select seq from event where id = $1)";
        step!(self.reading, |open| async {
            open.first(sql, &[&id.as_str()], row_decode::acknowledgement).await
        })
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        let event = select_event!(" from event where id = $1");
        step!(self.reading, |open| open.first(event, &[&id.as_str()], row_decode::event))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        // An object's events are looked up by keys; a list without may read much.
        let by_keys = filter.which.object.is_some();
        let slot = if by_keys { &self.reading } else { &self.reporting };
        let mut terms = Terms::new(select_event!(" from event where "));
        matching(&mut terms, &filter.which);
        terms.add(AFTER, filter.after.as_ref().map(|it| it.as_str().to_owned()));
        if let Some((received_at, id)) = &filter.before {
            terms.add(BEFORE, Some(id.as_str().to_owned()));
            terms.add(OR_BY_TIME, Some(id.as_str().to_owned()));
            terms.add("received_at <= ?)", Some(received_at.get()));
        }
        if filter.search.is_some() {
            terms.sql.push_str(" and seq >= coalesce(");
            add_search_end(&mut terms, filter);
            terms.sql.push_str(", 0)");
        }
        terms.add(" order by seq desc limit ?", Some(i64::from(filter.limit)));
        step!(slot, |open| open.all(&terms.sql, &terms.values(), row_decode::event))
    }

    async fn search_end(&self, filter: &EventFilter) -> Result<Option<Event>, StoreError> {
        let mut terms = Terms::new(select_event!(" from event where seq = "));
        add_search_end(&mut terms, filter);
        step!(self.reading, |open| open.first(&terms.sql, &terms.values(), row_decode::event))
    }

    async fn count_events(&self, which: &Selection, limit: u32) -> Result<u64, StoreError> {
        let mut terms = Terms::new("select count(*) as events from (select 1 from event where ");
        matching(&mut terms, which);
        terms.add(" limit ?) as it", Some(i64::from(limit)));
        step!(self.reporting, |open| open.one(&terms.sql, &terms.values(), row_decode::number))
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let mut terms = Terms::new(select_event!(" from event where "));
        selected(&mut terms, action, which);
        terms.add(AFTER, after.map(|it| it.as_str().to_owned()));
        terms.add(" order by seq limit ?", Some(i64::from(limit)));
        step!(self.reporting, |open| open.all(&terms.sql, &terms.values(), row_decode::event))
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        let mut terms = Terms::new("select count(*) as events from event where ");
        selected(&mut terms, action, which);
        step!(self.reporting, |open| open.one(&terms.sql, &terms.values(), row_decode::number))
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let has_thin_event = "\
            select exists (select 1 from event e where e.payload = 'thin' \
                and e.object_id = it.object_id and e.type = 'v1.' || it.type) \
            from unnest($1::text[], $2::text[]) with ordinality as it (object_id, type, place) \
            order by it.place";
        let [objects, types] = columns!(events.iter(), |it| [
            it.object_id.as_ref().map(ObjectId::as_str),
            it.event_type.as_str(),
        ]);
        step!(self.reading, |open| async {
            open.all(has_thin_event, &[&*objects, &*types], row_decode::boolean).await
        })
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        by_itself!(self.recording, |open| record::probe(open, now))
    }
}

async fn states_of(
    open: &OpenConnection,
    steps: &[Reprocess],
) -> Result<HashMap<String, State>, StoreError> {
    let states = "select id, state, reason from event where id = any($1)";
    let ids: Vec<_> = steps.iter().map(|it| it.entry.event().id.as_str()).collect();
    let rows = open.query(states, &[&ids]).await?;
    let state = |row| {
        let state = State::from_names(read(row, 1)?, read(row, 2)?);
        Ok((read(row, 0)?, state.ok_or(StoreError::Corrupt)?))
    };
    rows.iter().map(state).collect()
}

/// Returns the steps that apply, and the outcome of each. They apply one after another, because an
/// event may occur twice.
fn applied<'s>(
    steps: &'s [Reprocess],
    states: &mut HashMap<String, State>,
) -> (Vec<&'s Reprocess>, Vec<Written>) {
    let mut all = Vec::new();
    let apply = |step: &'s Reprocess| match states.get_mut(step.entry.event().id.as_str()) {
        Some(state) if *state == step.from => {
            *state = step.entry.event().state;
            all.push(step);
            Written::Applied
        }
        Some(_) | None => Written::Stale,
    };
    let written = steps.iter().map(apply).collect();
    (all, written)
}

/// Writes the final values of the events. Those that no longer await their object leave the queue, and
/// those that are no longer dead are no longer acknowledged.
async fn update(open: &OpenConnection, steps: &[&Reprocess]) -> Result<(), StoreError> {
    let reprocess = "\
        with decided as ( \
            update event e set facts = it.facts, object_id = it.object_id, payment = it.payment, \
                invoice = it.invoice, fetched_at = it.fetched_at, state = it.state, reason = it.reason \
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], \
                        $7::text[], $8::text[]) \
                as it (id, facts, object_id, payment, invoice, fetched_at, state, reason) \
            where e.id = it.id returning e.seq, e.state \
        ), forgotten as ( \
            delete from acknowledgement \
            where seq in (select seq from decided where state <> 'dead') \
        ) \
        delete from fetch_queue where seq in \
            (select seq from decided where state <> 'awaiting_object')";
    let last = steps.iter().map(|it| (it.entry.event().id.as_str(), &it.entry));
    let entries = last.collect::<BTreeMap<_, _>>();
    let columns = columns!(entries.values(), |it| [
        it.event().id.as_str(),
        it.facts_json(),
        it.event().object_id.as_ref().map(ObjectId::as_str),
        it.event().payment().map(ObjectId::as_str),
        it.event().invoice().map(ObjectId::as_str),
        it.event().fetched_at.map(UnixSeconds::get),
        it.event().state.name(),
        it.event().state.reason(),
    ]);
    open.execute(reprocess, &columns.each_ref().map(|it| &**it)).await.map(drop)
}

/// Events recorded after the one of that id; all if it is not there.
const AFTER: &str = " and seq > coalesce((select seq from event where id = ?), 0)";

/// Events that are acknowledged, or that are not.
const ACKNOWLEDGED: &str =
    " and exists (select 1 from acknowledgement a where a.seq = event.seq) = ?";

/// The beginning of a statement that changes what depends on the selected events.
const SELECTED: &str = "with selected as materialized (select seq from event where ";

/// Adds the condition that as many events are selected as the operator has seen.
fn add_expected(change: &mut Terms, which: &Selection) {
    let expected = which.expected.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    change.add(" and (select count(*) from selected) = ?", expected);
}

/// The event of that id and those recorded after it.
const FROM: &str = " and seq >= (select seq from event where id = ?)";

/// Events recorded before the one of that id; all if it is not there.
const BEFORE: &str =
    " and seq < coalesce((select seq from event where id = ?), 9223372036854775807)";

/// The beginning of a condition that counts only where no event has that id.
const OR_BY_TIME: &str = " and (exists (select 1 from event where id = ?) or ";

/// Events that are about an object or name it; for an invoice also those about its payments, by the
/// links of the ledger. As an array it makes PostgreSQL use the indexes instead of scanning the newest
/// events.
const OF_OBJECT: &str = " and seq = any(array( \
    with ids as materialized ( \
        select array(select payment from link where invoice = ?) as of_payments) \
    select seq from event where object_id = ? \
    union select seq from event where payment = ? \
    union select seq from event where invoice = ? \
    union select seq from event where object_id = any((select of_payments from ids)::text[]) \
    union select seq from event where payment = any((select of_payments from ids)::text[])))";

/// Adds the place of the last event that a search looks at; null if it looks at all.
fn add_search_end(terms: &mut Terms, filter: &EventFilter) {
    terms.sql.push_str("(select max(seq) from event where seq <= ");
    match &filter.before {
        Some((_, id)) => {
            let id = id.as_str().to_owned();
            terms.add("(select seq from event where id = ?)", Some(id));
        }
        None => terms.sql.push_str("(select max(seq) + 1 from event)"),
    }
    terms.add(" - ?", filter.search.map(i64::from));
    terms.sql.push_str(if filter.search.is_some() { ")" } else { " and false)" });
}

/// Adds the conditions for the selected events that an action applies to.
fn selected(terms: &mut Terms, action: OperatorAction, which: &Selection) {
    matching(terms, which);
    terms.sql.push_str(match action {
        OperatorAction::Reprocess => {
            " and (state in ('processed', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        OperatorAction::Ignore => " and state in ('awaiting_object', 'dead')",
    });
}

/// Adds the conditions for the selected events.
fn matching(terms: &mut Terms, which: &Selection) {
    terms.sql.push_str("true");
    terms.add(OF_OBJECT, which.object.as_ref().map(|it| it.as_str().to_owned()));
    let ids: Vec<_> = which.ids.iter().map(|it| EventId::as_str(it).to_owned()).collect();
    terms.add(" and id = any(?)", (!ids.is_empty()).then_some(ids));
    terms.add(" and state = ?", which.state);
    terms.add(" and reason = ?", which.reason);
    terms.add(" and type = ?", which.event_type.as_ref().map(|it| it.as_str().to_owned()));
    terms.add(" and type <> ?", which.event_type.is_none().then_some(DOCTORS_TYPE));
    terms.add(" and origin = ?", which.origin.map(Origin::name));
    terms.add(" and livemode = ?", which.livemode);
    terms.add(ACKNOWLEDGED, which.acknowledged);
    terms.add(" and received_at >= ?", which.since.map(UnixSeconds::get));
    terms.add(" and received_at < ?", which.until.map(UnixSeconds::get));
    terms.add(FROM, which.from.as_ref().map(|it| it.as_str().to_owned()));
}
