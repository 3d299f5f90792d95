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
use crate::ledger::{Payout, Reconciliation, Version};
use crate::payouts::{
    BalanceLine, BalanceReading, LedgerView, LineSource, LineSum, MoneyLine, Part, PayoutHistory,
    PayoutReading, PayoutRow, ReadingResult, StatementLine,
};
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

/// The columns of [`payout`] of a table `p`, for statements of any store. A payout is returned by the
/// one whose list has the line of its return; its own list may have that as well.
#[macro_export]
macro_rules! payout_columns {
    () => {
        "p.id, p.amount, p.currency, p.livemode, p.automatic, p.method, p.status, p.created, \
         p.arrives, p.line, p.return_line, p.failure, p.original, p.reversed_by, p.version, \
         p.event_id, p.reconciliation, p.read_at, p.lines, p.unreadable, \
         (select min(m.payout) from payout_line m \
          where m.line = p.return_line and m.payout <> p.id) as returned_by"
    };
}

/// Decodes [`payout_columns`].
pub fn payout(row: &dyn Row) -> Result<PayoutRow, StoreError> {
    let object = |column| optional(row.text(column)?, ObjectId::new);
    let status =
        serde_json::from_value(text_at(row, 6)?.into()).map_err(|_| StoreError::Corrupt)?;
    let version =
        Version { order: integer(row, 14)?, event: required(EventId::new(text_at(row, 15)?))? };
    let payout = Payout {
        id: object_id(row)?,
        amount: integer(row, 1)?,
        currency: required(Currency::new(text_at(row, 2)?))?,
        livemode: boolean_at(row, 3)?,
        automatic: boolean_at(row, 4)?,
        method: optional(row.text(5)?, EnumWord::new)?,
        status,
        created: timestamp_at(row, 7)?,
        arrives: timestamp_at(row, 8)?,
        line: object(9)?,
        return_line: object(10)?,
        failure: optional(row.text(11)?, EnumWord::new)?,
        original: object(12)?,
        reversed_by: object(13)?,
        version,
        reconciliation: required(Reconciliation::from_rank(integer(row, 16)?))?,
    };
    let reading = match optional(row.integer(17)?, UnixSeconds::new)? {
        None => None,
        Some(read_at) => Some(PayoutReading { read_at, result: reading_result(row)? }),
    };
    Ok(PayoutRow { payout, reading, returned_by: object(20)? })
}

fn reading_result(row: &dyn Row) -> Result<ReadingResult, StoreError> {
    let Some(why) = row.text(19)? else {
        return Ok(ReadingResult::Complete { lines: count(row, 18)? });
    };
    serde_json::from_str(why).map(ReadingResult::Unreadable).map_err(|_| StoreError::Corrupt)
}

/// The columns of [`balance_line`] of a table `l`, for statements of any store.
#[macro_export]
macro_rules! balance_line_columns {
    () => {
        "l.id, l.type, l.category, l.balance, l.currency, l.amount, l.fee, l.fee_tax, l.net, \
         l.source, l.source_object, l.payment, l.source_amount, l.source_currency, l.created, \
         l.available_on, l.livemode"
    };
}

/// Decodes [`balance_line_columns`].
pub fn balance_line(row: &dyn Row) -> Result<BalanceLine, StoreError> {
    let source = match optional(row.text(9)?, ObjectId::new)? {
        None => None,
        Some(id) => Some(LineSource {
            id,
            object: optional(row.text(10)?, EnumWord::new)?,
            payment: optional(row.text(11)?, ObjectId::new)?,
            amount: row.integer(12)?,
            currency: optional(row.text(13)?, Currency::new)?,
        }),
    };
    Ok(BalanceLine {
        id: object_id(row)?,
        kind: required(EnumWord::new(text_at(row, 1)?))?,
        category: required(EnumWord::new(text_at(row, 2)?))?,
        balance: optional(row.text(3)?, EnumWord::new)?,
        currency: required(Currency::new(text_at(row, 4)?))?,
        amount: integer(row, 5)?,
        fee: integer(row, 6)?,
        fee_tax: integer(row, 7)?,
        net: integer(row, 8)?,
        source,
        created: timestamp_at(row, 14)?,
        available_on: timestamp_at(row, 15)?,
        livemode: boolean_at(row, 16)?,
    })
}

/// Decodes the columns of [`balance_line`], then: another payout, the amount, the currency and whether
/// it is paid in the ledger, the sum of its payment's lines.
pub fn statement_line(row: &dyn Row) -> Result<StatementLine, StoreError> {
    let ledger = match row.integer(18)? {
        None => None,
        Some(amount) => Some(LedgerView {
            amount,
            currency: required(Currency::new(text_at(row, 19)?))?,
            paid: boolean_at(row, 20)?,
        }),
    };
    Ok(StatementLine {
        line: balance_line(row)?,
        also_in: optional(row.text(17)?, ObjectId::new)?,
        ledger,
        of_payment: integer(row, 21)?,
    })
}

/// Decodes the columns of [`balance_line`], then: its payout, the place of its donation, and its payment
/// as JSON if several invoices share it: [`SharedPayment`](crate::breakdown::SharedPayment).
pub fn money_line(row: &dyn Row) -> Result<(usize, MoneyLine), StoreError> {
    let payout = optional(row.text(17)?, ObjectId::new)?;
    let shared = row.text(19)?.map(serde_json::from_str).transpose();
    let shared = shared.map_err(|_| StoreError::Corrupt)?;
    Ok((count(row, 18)?, MoneyLine { line: balance_line(row)?, payout, shared }))
}

/// Decodes: currency, part, number of lines, amount, fee, tax on the fee, net.
pub fn line_sum(row: &dyn Row) -> Result<(Currency, LineSum), StoreError> {
    let sum = LineSum {
        part: optional(row.text(1)?, Part::from_name)?,
        lines: count(row, 2)?,
        amount: integer(row, 3)?,
        fee: integer(row, 4)?,
        fee_tax: integer(row, 5)?,
        net: integer(row, 6)?,
    };
    Ok((required(Currency::new(text_at(row, 0)?))?, sum))
}

/// Decodes: currency, livemode, at, available, pending.
pub fn balance_reading(row: &dyn Row) -> Result<BalanceReading, StoreError> {
    Ok(BalanceReading {
        currency: required(Currency::new(text_at(row, 0)?))?,
        livemode: boolean_at(row, 1)?,
        at: timestamp_at(row, 2)?,
        available: integer(row, 3)?,
        pending: integer(row, 4)?,
    })
}

/// Decodes: currency, whether any is automatic, last by hand at, last but one of the automatic ones at.
pub fn payout_history(row: &dyn Row) -> Result<(Currency, PayoutHistory), StoreError> {
    let history = PayoutHistory {
        has_automatic: boolean_at(row, 1)?,
        last_manual: optional(row.integer(2)?, UnixSeconds::new)?,
        last_but_one: optional(row.integer(3)?, UnixSeconds::new)?,
    };
    Ok((required(Currency::new(text_at(row, 0)?))?, history))
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
