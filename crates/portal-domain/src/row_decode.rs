//! Decodes the rows that stores read into the domain's types.
//!
//! Columns are read by position, in the order documented at each function, on every database. A
//! value that this service cannot have written is [`StoreError::Corrupt`].

#![expect(clippy::missing_errors_doc, reason = "said once above")]

use crate::alert::Action;
use crate::breakdown::{DonationRows, LedgerRows};
use crate::donation::{DisputeState, Donation, DonationState, Kind, Total};
use crate::event::{Event, Origin, Payload, State};
use crate::facts::Facts;
use crate::ids::{AccountPath, Actor, Currency, EnumWord, EventId, EventType, ObjectId};
use crate::ports::{
    AlertRow, AlertSilence, AwaitingObject, Backlog, ChannelRow, ConnectedEvents, DELAYS_SECONDS,
    DeliveryHistory, DeliveryHour, JobRow, Lease, LeasedJob, Notification, StoreError,
};
use crate::report::Report;
use crate::time::UnixSeconds;
use crate::trail::{
    Acknowledgement, ActionOutcome, ActionResult, ActionRow, ActionVerb, ActionVia, NewAction,
};

/// One row of a query's result.
pub trait Row {
    /// Returns the text in that column; `None` if it is null.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the column has another type.
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError>;

    /// Returns the integer in that column, or a boolean as 0 or 1; `None` if it is null.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the column has another type.
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError>;
}

/// Decodes: id, payload, type, created, livemode, API version, account, object, snapshot event,
/// facts, state, reason, origin, fetched at, received at.
pub fn event(row: &dyn Row) -> Result<Event, StoreError> {
    let facts = row.text(9)?.map(Facts::from_json).transpose().map_err(|_| StoreError::Corrupt)?;
    let state = State::from_names(text_at(row, 10)?, row.text(11)?);
    Ok(Event {
        id: required(EventId::new(text_at(row, 0)?))?,
        payload: required(Payload::from_name(text_at(row, 1)?))?,
        event_type: required(EventType::new(text_at(row, 2)?))?,
        created: timestamp_at(row, 3)?,
        livemode: boolean_at(row, 4)?,
        api_version: optional(row.text(5)?, EnumWord::new)?,
        account: optional(row.text(6)?, AccountPath::new)?,
        object_id: optional(row.text(7)?, ObjectId::new)?,
        snapshot_event: optional(row.text(8)?, EventId::new)?,
        facts,
        state: required(state)?,
        origin: required(Origin::from_name(text_at(row, 12)?))?,
        fetched_at: optional(row.integer(13)?, UnixSeconds::new)?,
        received_at: timestamp_at(row, 14)?,
    })
}

/// Decodes the columns of [`event`], then the number of attempts to fetch its object.
pub fn awaiting_object(row: &dyn Row) -> Result<AwaitingObject, StoreError> {
    Ok(AwaitingObject { event: event(row)?, attempts: count(row, 15)? })
}

/// Decodes: number of dead events, of events that await their object, of acknowledged ones.
pub fn backlog(row: &dyn Row) -> Result<Backlog, StoreError> {
    let (dead, awaiting_object, acknowledged) = (count(row, 0)?, count(row, 1)?, count(row, 2)?);
    Ok(Backlog { dead, awaiting_object, acknowledged })
}

/// Decodes: acknowledged at, by whom.
pub fn acknowledgement(row: &dyn Row) -> Result<Acknowledgement, StoreError> {
    Ok(Acknowledgement { at: timestamp_at(row, 0)?, by: required(Actor::new(text_at(row, 1)?))? })
}

/// Decodes the history of deliveries; true if further events are to be rolled up.
///
/// Columns: number of events, first and last received at, longest gap, last event about money of
/// the portal's own account, number of those of connected accounts, last of these, one of their
/// accounts, whether further events are to be rolled up.
pub fn delivery_history(row: &dyn Row) -> Result<(DeliveryHistory, bool), StoreError> {
    let past = DeliveryHistory {
        events: count(row, 0)?,
        first_received_at: optional(row.integer(1)?, UnixSeconds::new)?,
        last_received_at: optional(row.integer(2)?, UnixSeconds::new)?,
        longest_gap_seconds: integer(row, 3)?,
        own_money_at: optional(row.integer(4)?, UnixSeconds::new)?,
        connected: connected(row)?,
    };
    Ok((past, integer(row, 8)? != 0))
}

/// The columns with the number of events within each of [`DELAYS_SECONDS`], for statements of any store.
#[macro_export]
macro_rules! within_columns {
    () => {
        "within_1, within_5, within_15, within_60, within_600, within_3600, within_10800, \
         within_28800, within_86400, within_259200"
    };
}

/// Decodes: hour, number of events, first and last received at, longest gap, gap before, then
/// [`within_columns`].
pub fn delivery_hour(row: &dyn Row) -> Result<DeliveryHour, StoreError> {
    let mut within = [0; DELAYS_SECONDS.len()];
    for (column, events) in within.iter_mut().enumerate() {
        *events = count(row, 6 + column)?;
    }
    Ok(DeliveryHour {
        hour: integer(row, 0)?,
        events: count(row, 1)?,
        first_received_at: timestamp_at(row, 2)?,
        last_received_at: timestamp_at(row, 3)?,
        longest_gap_seconds: integer(row, 4)?,
        gap_before_seconds: integer(row, 5)?,
        within,
    })
}

/// Decodes: day since 1970 in UTC, number of reads.
pub fn reads_of_day(row: &dyn Row) -> Result<(i64, u64), StoreError> {
    Ok((integer(row, 0)?, count(row, 1)?))
}

fn connected(row: &dyn Row) -> Result<Option<ConnectedEvents>, StoreError> {
    let Some(at) = optional(row.integer(6)?, UnixSeconds::new)? else { return Ok(None) };
    let account = optional(row.text(7)?, AccountPath::new)?;
    Ok(Some(ConnectedEvents { events: count(row, 5)?, last_received_at: at, account }))
}

/// Decodes: id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, out of
/// band, livemode, at.
pub fn donation(row: &dyn Row) -> Result<Donation, StoreError> {
    let state = required(DonationState::from_name(text_at(row, 2)?))?;
    let dispute = optional(row.text(8)?, DisputeState::from_name)?;
    let at = timestamp_at(row, 12)?;
    Ok(Donation {
        id: required(ObjectId::new(text_at(row, 0)?))?,
        kind: required(Kind::from_name(text_at(row, 1)?))?,
        state,
        currency: required(Currency::new(text_at(row, 3)?))?,
        amount: integer(row, 4)?,
        refunded: integer(row, 5)?,
        lost: integer(row, 6)?,
        net: integer(row, 7)?,
        dispute,
        provisional: boolean_at(row, 9)?,
        out_of_band: boolean_at(row, 10)?,
        livemode: boolean_at(row, 11)?,
        paid_at: (state == DonationState::Paid).then_some(at),
        at,
    })
}

/// Decodes the columns of [`donation`]; `None` if the id is null.
pub fn donation_or_none(row: &dyn Row) -> Result<Option<Donation>, StoreError> {
    row.text(0)?.map(|_| donation(row)).transpose()
}

/// Decodes the columns of [`donation`], then its rows of the ledger as JSON: [`LedgerRows`].
pub fn donation_rows(row: &dyn Row) -> Result<DonationRows, StoreError> {
    let ledger: Result<LedgerRows, _> = serde_json::from_str(text_at(row, 13)?);
    let ledger = ledger.map_err(|_| StoreError::Corrupt)?.in_order();
    Ok(DonationRows { donation: donation(row)?, ledger })
}

/// Decodes: id of a Stripe object.
pub fn object_id(row: &dyn Row) -> Result<ObjectId, StoreError> {
    required(ObjectId::new(text_at(row, 0)?))
}

/// Decodes: currency, kind, livemode, count, gross, refunded, lost, net.
pub fn total(row: &dyn Row) -> Result<Total, StoreError> {
    Ok(Total {
        currency: required(Currency::new(text_at(row, 0)?))?,
        kind: required(Kind::from_name(text_at(row, 1)?))?,
        livemode: boolean_at(row, 2)?,
        count: count(row, 3)?,
        gross: integer(row, 4)?,
        refunded: integer(row, 5)?,
        lost: integer(row, 6)?,
        net: integer(row, 7)?,
    })
}

/// Decodes the columns of [`total`], then the place of its day.
pub fn total_of_day(row: &dyn Row) -> Result<(usize, Total), StoreError> {
    Ok((count(row, 8)?, total(row)?))
}

/// Decodes: key, body, open, count, since, changed at, times.
pub fn notification(row: &dyn Row) -> Result<Notification, StoreError> {
    let action = if boolean_at(row, 2)? { Action::Trigger } else { Action::Resolve };
    Ok(Notification {
        key: text_at(row, 0)?.to_owned(),
        action,
        alert: serde_json::from_str(text_at(row, 1)?).map_err(|_| StoreError::Corrupt)?,
        count: count(row, 3)?,
        since: timestamp_at(row, 4)?,
        changed_at: timestamp_at(row, 5)?,
        times: count(row, 6)?,
    })
}

/// Decodes the columns of [`notification`], then the notified channels joined by commas, and the failed
/// notifications as a JSON list, acknowledged at and by whom, silenced until and by whom.
pub fn alert(row: &dyn Row) -> Result<AlertRow, StoreError> {
    let Notification { key, action, alert, count, since, changed_at, times } = notification(row)?;
    let notified = row.text(7)?.unwrap_or_default();
    let failed = row.text(8)?.unwrap_or("[]");
    Ok(AlertRow {
        key,
        alert,
        open: action == Action::Trigger,
        count,
        since,
        changed_at,
        times,
        notified: notified.split(',').filter(|it| !it.is_empty()).map(ToOwned::to_owned).collect(),
        failed: serde_json::from_str(failed).map_err(|_| StoreError::Corrupt)?,
        acknowledged: operator_at(row, 9)?.map(|(at, by)| Acknowledgement { at, by }),
        silenced: operator_at(row, 11)?.map(|(until, by)| AlertSilence { until, by }),
    })
}

/// Decodes, from `column` on: a time, the operator who set it; both null if nobody did.
fn operator_at(row: &dyn Row, column: usize) -> Result<Option<(UnixSeconds, Actor)>, StoreError> {
    let Some(at) = row.integer(column)? else { return Ok(None) };
    let at = required(UnixSeconds::new(at))?;
    Ok(Some((at, required(Actor::new(text_at(row, column + 1)?))?)))
}

/// Decodes: name, taken at, failed at, failure as JSON, whether the alert about it is open.
pub fn channel(row: &dyn Row) -> Result<ChannelRow, StoreError> {
    let failure = row.text(3)?.map(serde_json::from_str).transpose();
    Ok(ChannelRow {
        name: text_at(row, 0)?.to_owned(),
        taken_at: optional(row.integer(1)?, UnixSeconds::new)?,
        failed_at: optional(row.integer(2)?, UnixSeconds::new)?,
        failure: failure.map_err(|_| StoreError::Corrupt)?,
        is_failing: boolean_at(row, 4)?,
    })
}

/// Decodes: lease, number of attempts.
pub fn lease_and_attempts(row: &dyn Row) -> Result<(Lease, u32), StoreError> {
    Ok((Lease(integer(row, 0)?), count(row, 1)?))
}

/// Decodes: lease, state.
pub fn leased_job(row: &dyn Row) -> Result<LeasedJob, StoreError> {
    let state = row.text(1)?.map(ToOwned::to_owned);
    Ok(LeasedJob { lease: Lease(integer(row, 0)?), state })
}

/// Decodes: name, time of the last lease, time at which it is due.
pub fn job(row: &dyn Row) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        name: text_at(row, 0)?.to_owned(),
        leased_at: timestamp_at(row, 1)?,
        due_at: timestamp_at(row, 2)?,
    })
}

/// Decodes: number, body.
pub fn report(row: &dyn Row) -> Result<(u64, Report), StoreError> {
    let report = serde_json::from_str(text_at(row, 1)?).map_err(|_| StoreError::Corrupt)?;
    Ok((count(row, 0)?, report))
}

/// Decodes: number, began at, who, via, verb, scope as JSON, finished at, count, result.
pub fn action(row: &dyn Row) -> Result<ActionRow, StoreError> {
    let outcome = match row.text(8)? {
        None => None,
        Some(result) => Some(ActionOutcome {
            at: timestamp_at(row, 6)?,
            count: count(row, 7)?,
            result: required(ActionResult::from_name(result))?,
        }),
    };
    let action = NewAction {
        who: required(Actor::new(text_at(row, 2)?))?,
        via: required(ActionVia::from_name(text_at(row, 3)?))?,
        verb: required(ActionVerb::from_name(text_at(row, 4)?))?,
        scope: serde_json::from_str(text_at(row, 5)?).map_err(|_| StoreError::Corrupt)?,
    };
    Ok(ActionRow { seq: count(row, 0)?, at: timestamp_at(row, 1)?, action, outcome })
}

/// Decodes: a number that is neither null nor negative.
pub fn number(row: &dyn Row) -> Result<u64, StoreError> {
    count(row, 0)
}

/// Decodes: a boolean.
pub fn boolean(row: &dyn Row) -> Result<bool, StoreError> {
    boolean_at(row, 0)
}

/// Decodes: a text.
pub fn text(row: &dyn Row) -> Result<String, StoreError> {
    text_at(row, 0).map(ToOwned::to_owned)
}

/// Decodes: a text, or null.
pub fn optional_text(row: &dyn Row) -> Result<Option<String>, StoreError> {
    row.text(0).map(|it| it.map(ToOwned::to_owned))
}

/// Returns the integer in a column that is never null.
pub fn integer(row: &dyn Row, column: usize) -> Result<i64, StoreError> {
    required(row.integer(column)?)
}

/// Returns the number in a column that is neither null nor negative.
pub fn count<T: TryFrom<i64>>(row: &dyn Row, column: usize) -> Result<T, StoreError> {
    T::try_from(integer(row, column)?).map_err(|_| StoreError::Corrupt)
}

fn text_at(row: &dyn Row, column: usize) -> Result<&str, StoreError> {
    required(row.text(column)?)
}

fn boolean_at(row: &dyn Row, column: usize) -> Result<bool, StoreError> {
    integer(row, column).map(|it| it != 0)
}

fn timestamp_at(row: &dyn Row, column: usize) -> Result<UnixSeconds, StoreError> {
    required(UnixSeconds::new(integer(row, column)?))
}

/// Makes a value of a column that may be null.
fn optional<V, T>(
    value: Option<V>,
    make: impl FnOnce(V) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    value.map(|it| required(make(it))).transpose()
}

fn required<T>(value: Option<T>) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt)
}
