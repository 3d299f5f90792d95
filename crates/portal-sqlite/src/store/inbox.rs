//! Events: recording them with what follows from them, and what operators do about them.

pub(crate) mod record;

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{
    Acknowledgement, Entry, Event, EventFilter, EventId, Inbox, ObjectId, OperatorAction, Origin,
    Recorded, Reprocess, Selection, StoreError, UnixSeconds, Written, row_decode,
};

use super::alerts::write::{acknowledge_dead, resolve_dead};
use super::{SqlStore, written};
use crate::executor::{Executor, Reading, Writing, result_at};
use crate::sql::{Statement, values};

/// Selects an event's columns, in the order of [`portal_domain::row_decode::event`].
macro_rules! select_event {
    ($($rest:literal),+) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at",
            $($rest),+
        )
    };
}
pub(super) use select_event;

#[async_trait]
impl<E: Executor> Inbox for SqlStore<E> {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.executor.record_entries(entries, now).await
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        let mut statements = Vec::new();
        let mut last_but_one = Vec::with_capacity(steps.len());
        for step in steps {
            statements.extend(record::update(step, now)?);
            last_but_one.push(statements.len() - 2);
        }
        let results = self.executor.write(Writing::Now, &statements).await?;
        last_but_one.into_iter().map(|place| result_at(&results, place).map(written)).collect()
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        let selected = selected(OperatorAction::Ignore, which);
        let mut ignore = with_selected(&selected);
        ignore.push(
            "update event set state = 'ignored', reason = 'by_operator' \
             where seq in (select seq from selected)",
        );
        add_expected(&mut ignore, which);
        let statements = [count(&selected), ignore, resolve_dead(now)];
        let results = self.executor.write(Writing::Now, &statements).await?;
        result_at(&results, 0)?.one(row_decode::number)
    }

    async fn acknowledge_events(
        &self,
        which: &Selection,
        seen: &Acknowledgement,
    ) -> Result<u64, StoreError> {
        let selected = unacknowledged(which);
        let mut acknowledge = with_selected(&selected);
        acknowledge
            .add("insert into acknowledgement (seq, at, who) select seq, ?", Some(seen.at.get()));
        acknowledge.add(", ? from selected where true", Some(seen.by.as_str()));
        add_expected(&mut acknowledge, which);
        let statements = [count(&selected), acknowledge, acknowledge_dead(seen)];
        let results = self.executor.write(Writing::Now, &statements).await?;
        result_at(&results, 0)?.one(row_decode::number)
    }

    async fn acknowledgement(&self, id: &EventId) -> Result<Option<Acknowledgement>, StoreError> {
        let sql = "select at, who from acknowledgement \
                   where seq = (select seq from event where id = ?1)";
        let acknowledgement = Statement::new(sql, values![id.as_str()]);
        self.first(acknowledgement, row_decode::acknowledgement).await
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        let event = select_event!(" from event where id = ?1");
        self.first(Statement::new(event, values![id.as_str()]), row_decode::event).await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        let mut events = Statement::plain(select_event!(" from event where "));
        events.append(&matching(&filter.which));
        events.add(AFTER, filter.after.as_ref().map(EventId::as_str));
        if let Some((received_at, id)) = &filter.before {
            events.add(BEFORE, Some(id.as_str()));
            events.add(OR_BY_TIME, Some(id.as_str()));
            events.add("received_at <= ?)", Some(received_at.get()));
        }
        if filter.search.is_some() {
            events.push(" and seq >= coalesce(");
            events.append(&search_end(filter));
            events.push(", 0)");
        }
        events.add(" order by seq desc limit ?", Some(filter.limit));
        self.executor.read(Reading::Scan, events, row_decode::event).await
    }

    async fn search_end(&self, filter: &EventFilter) -> Result<Option<Event>, StoreError> {
        let mut end = Statement::plain(select_event!(" from event where seq = "));
        end.append(&search_end(filter));
        self.first(end, row_decode::event).await
    }

    async fn count_events(&self, which: &Selection, limit: u32) -> Result<u64, StoreError> {
        let mut count =
            Statement::plain("select count(*) as events from (select 1 from event where ");
        count.append(&matching(which));
        count.add(" limit ?)", Some(limit));
        self.count(Reading::Scan, count).await
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let mut events = Statement::plain(select_event!(" from event where "));
        events.append(&selected(action, which));
        events.add(AFTER, after.map(EventId::as_str));
        events.add(" order by seq limit ?", Some(limit));
        self.executor.read(Reading::Scan, events, row_decode::event).await
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        self.count(Reading::Scan, count(&selected(action, which))).await
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let has_thin_event = "select exists (select 1 from event \
                                   where payload = 'thin' and object_id = asked.value ->> 0 \
                                     and type = 'v1.' || (asked.value ->> 1)) as told \
                    from json_each(?1) as asked order by asked.key";
        let asked = |it: &Arc<Event>| {
            (it.object_id.as_ref().map(ToString::to_string), it.event_type.to_string())
        };
        let asked: Vec<_> = events.iter().map(asked).collect();
        let asked = values![serde_json::json!(asked).to_string()];
        let has_thin_event = Statement::new(has_thin_event, asked);
        self.executor.read(Reading::Lookup, has_thin_event, row_decode::boolean).await
    }

    /// Proves, together, that an event could be recorded with what it changes and that there is room
    /// for a batch. The two tables that nearly every delivery writes are written; the others are
    /// looked into, because D1 bills each row that is written.
    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        self.executor.check_damage(now)?;
        let heartbeat = "insert into heartbeat (only_row, at, room) values (1, ?1, zeroblob(65536)) \
                         on conflict do update set at = excluded.at, room = excluded.room";
        let mut statements = PROBE.map(Statement::plain).to_vec();
        statements.push(Statement::new(heartbeat, values![now.get()]));
        self.executor.write(Writing::Now, &statements).await.map(|_| None)
    }
}

/// Events recorded after the one of that id; all if it is not there.
const AFTER: &str = " and seq > coalesce((select seq from event where id = ?), 0)";

/// Events that are acknowledged, or that are not.
const ACKNOWLEDGED: &str =
    " and exists (select 1 from acknowledgement a where a.seq = event.seq) = ?";

/// The event of that id and those recorded after it.
const FROM: &str = " and seq >= (select seq from event where id = ?)";

/// Events recorded before the one of that id; all if it is not there.
const BEFORE: &str =
    " and seq < coalesce((select seq from event where id = ?), 9223372036854775807)";

/// The beginning of a condition that counts only where no event has that id.
const OR_BY_TIME: &str = " and (exists (select 1 from event where id = ?) or ";

const PROBE: [&str; 10] = [
    "insert into event (id, payload, type, created, livemode, state, origin, received_at) \
     values ('', '', '', 0, 0, '', '', 0)",
    "delete from event where id = ''",
    "insert into payment (id) values ('')",
    "delete from payment where id = ''",
    "delete from link where payment = ''",
    "delete from invoice where id = ''",
    "delete from refund where id = ''",
    "delete from dispute where id = ''",
    "delete from credit_note where id = ''",
    "delete from alert where key = ''",
];

/// The payments of the invoice `?1`, if it is one.
macro_rules! payments_of_invoice {
    () => {
        "(select payment from link where link.invoice = ?1)"
    };
}

/// Events about an object or naming it; for an invoice, also those about its payments, which the ledger
/// knows. Each is found by an index; D1 takes no more than these five.
const OF_OBJECT: &str = concat!(
    " and seq in (select seq from event where object_id = ?1 \
     union select seq from event where payment = ?1 \
     union select seq from event where invoice = ?1 \
     union select seq from event where object_id in ",
    payments_of_invoice!(),
    " union select seq from event where payment in ",
    payments_of_invoice!(),
    ")"
);

/// Returns the place of the last event that a search looks at; null if it looks at all.
fn search_end(filter: &EventFilter) -> Statement<'_> {
    let mut end = Statement::plain("(select max(seq) from event where seq <= ");
    match &filter.before {
        Some((_, id)) => end.add("(select seq from event where id = ?)", Some(id.as_str())),
        None => end.push("(select max(seq) + 1 from event)"),
    }
    end.add(" - ?", filter.search);
    end.push(if filter.search.is_some() { ")" } else { " and false)" });
    end
}

fn count<'v>(selected: &Statement<'v>) -> Statement<'v> {
    let mut count = Statement::plain("select count(*) as events from event where ");
    count.append(selected);
    count
}

/// Begins a statement that changes what depends on the selected events.
fn with_selected<'v>(selected: &Statement<'v>) -> Statement<'v> {
    let mut with = Statement::plain("with selected as materialized (select seq from event where ");
    with.append(selected);
    with.push(") ");
    with
}

/// Adds the condition that as many events are selected as the operator has seen.
fn add_expected(change: &mut Statement<'_>, which: &Selection) {
    let expected = which.expected.map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    change.add(" and (select count(*) from selected) = ?", expected);
}

/// Returns the condition for the selected events that are dead and that nobody has acknowledged.
fn unacknowledged(which: &Selection) -> Statement<'_> {
    let mut selected = matching(which);
    selected.push(" and state = 'dead'");
    selected.add(ACKNOWLEDGED, Some(false));
    selected
}

/// Returns the condition for the selected events that can take an action.
fn selected(action: OperatorAction, which: &Selection) -> Statement<'_> {
    let mut selected = matching(which);
    selected.push(match action {
        OperatorAction::Reprocess => {
            " and (state in ('processed', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        OperatorAction::Ignore => " and state in ('awaiting_object', 'dead')",
    });
    selected
}

/// Returns the condition for the selected events, which is the first in its statement that has values.
fn matching(which: &Selection) -> Statement<'_> {
    let mut matching = Statement::plain("true");
    matching.add(OF_OBJECT, which.object.as_ref().map(ObjectId::as_str));
    let ids: Vec<_> = which.ids.iter().map(EventId::as_str).collect();
    let ids = (!ids.is_empty()).then(|| serde_json::json!(ids).to_string());
    matching.add(" and id in (select value from json_each(?))", ids);
    match which.state {
        // In the text of the statement, so that the indexes of these states are used.
        Some("dead") => matching.push(" and state = 'dead'"),
        Some("awaiting_object") => matching.push(" and state = 'awaiting_object'"),
        state => matching.add(" and state = ?", state),
    }
    matching.add(" and reason = ?", which.reason);
    matching.add(" and type = ?", which.event_type.as_ref().map(|it| it.as_str()));
    matching.add(" and type <> ?", which.event_type.is_none().then_some(DOCTORS_TYPE));
    matching.add(" and origin = ?", which.origin.map(Origin::name));
    matching.add(" and livemode = ?", which.livemode);
    matching.add(ACKNOWLEDGED, which.acknowledged);
    matching.add(" and received_at >= ?", which.since.map(UnixSeconds::get));
    matching.add(" and received_at < ?", which.until.map(UnixSeconds::get));
    matching.add(FROM, which.from.as_ref().map(EventId::as_str));
    matching
}
