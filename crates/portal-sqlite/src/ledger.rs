//! The ledger's rows, and the donations that follow from them.

use portal_domain::ledger::{Change, Link, Refund};
use portal_domain::{
    Currency, DisputeState, Donation, DonationFilter, DonationState, Kind, ObjectId, StoreError,
    Total, UnixSeconds,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use crate::connection::failed;
use crate::sql::ledger as sql;
use crate::store::run;

/// Writes `change`; `true` where it was news.
pub(crate) fn write(connection: &Connection, change: &Change) -> Result<bool, StoreError> {
    let rows = match change {
        Change::Payment(it) => run(
            connection,
            sql::PAYMENT,
            params![
                it.id.as_str(),
                it.progress.name(),
                it.amount,
                it.currency.as_str(),
                it.livemode,
                it.at.get(),
                it.version.order,
                it.version.event.as_str(),
            ],
        )?,
        Change::Link(it) => link(connection, it)?,
        Change::Invoice(it) => run(
            connection,
            sql::INVOICE,
            params![
                it.id.as_str(),
                it.progress.name(),
                it.amount,
                it.currency.as_str(),
                it.livemode,
                it.recurring,
                it.out_of_band,
                it.at.get(),
                it.version.order,
                it.version.event.as_str(),
            ],
        )?,
        Change::Refund(it) => refund(connection, it)?,
        Change::Dispute(it) => run(
            connection,
            sql::DISPUTE,
            params![
                it.id.as_str(),
                it.payment.as_str(),
                it.state.map(DisputeState::name),
                it.amount,
                it.currency.as_str(),
                it.livemode,
                it.version.order,
                it.version.event.as_str(),
            ],
        )?,
    };
    Ok(rows > 0)
}

fn link(connection: &Connection, it: &Link) -> Result<usize, StoreError> {
    let invoice = it.invoice.as_ref().map_or("", ObjectId::as_str);
    if it.is_certain() {
        run(connection, sql::LINKED_INVOICE, [invoice])?;
    }
    run(connection, sql::LINK, params![it.payment.as_str(), it.evidence.rank(), invoice])
}

fn refund(connection: &Connection, it: &Refund) -> Result<usize, StoreError> {
    run(
        connection,
        sql::REFUND,
        params![
            it.id.as_str(),
            it.payment.as_str(),
            it.charge.as_ref().map(ObjectId::as_str),
            it.total,
            it.progress.name(),
            it.amount,
            it.currency.as_str(),
            it.livemode,
            it.made_at.get(),
            it.at.get(),
            it.version.order,
            it.version.event.as_str(),
        ],
    )
}

pub(crate) fn donation(
    connection: &Connection,
    id: &ObjectId,
) -> Result<Option<Donation>, StoreError> {
    let find = |id: &str| -> Result<Option<Donation>, StoreError> {
        let mut select = connection.prepare_cached(sql::DONATION).map_err(failed)?;
        let mut found = select.query([id]).map_err(failed)?;
        found.next().map_err(failed)?.map(read).transpose()
    };
    if let Some(donation) = find(id.as_str())? {
        return Ok(Some(donation));
    }
    let mut select = connection.prepare_cached(sql::INVOICE_OF_PAYMENT).map_err(failed)?;
    let invoice: Option<String> =
        select.query_row([id.as_str()], |row| row.get(0)).optional().map_err(failed)?;
    invoice.map_or(Ok(None), |invoice| find(&invoice))
}

pub(crate) fn donations(
    connection: &Connection,
    filter: &DonationFilter,
    after: Option<&Donation>,
    limit: u32,
) -> Result<Vec<Donation>, StoreError> {
    let sql = sql::donations(filter, after.is_some());
    let mut select = connection.prepare_cached(&sql).map_err(failed)?;
    let bind = |select: &mut CachedStatement<'_>| -> rusqlite::Result<()> {
        bind(select, filter)?;
        if let Some(after) = after {
            select.raw_bind_parameter(":at", after.at.get())?;
            select.raw_bind_parameter(":id", after.id.as_str())?;
        }
        select.raw_bind_parameter(":limit", limit)
    };
    bind(&mut select).map_err(failed)?;
    let mut found = select.raw_query();
    let mut donations = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        donations.push(read(row)?);
    }
    Ok(donations)
}

pub(crate) fn totals(
    connection: &Connection,
    filter: &DonationFilter,
) -> Result<Vec<Total>, StoreError> {
    let mut select = connection.prepare_cached(&sql::totals(filter)).map_err(failed)?;
    bind(&mut select, filter).map_err(failed)?;
    let mut found = select.raw_query();
    let mut totals = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        totals.push(total(row).map_err(failed)?.ok_or(StoreError::Corrupt)?);
    }
    Ok(totals)
}

fn bind(select: &mut CachedStatement<'_>, filter: &DonationFilter) -> rusqlite::Result<()> {
    if let Some(since) = filter.since {
        select.raw_bind_parameter(":since", since.get())?;
    }
    if let Some(until) = filter.until {
        select.raw_bind_parameter(":until", until.get())?;
    }
    if let Some(currency) = &filter.currency {
        select.raw_bind_parameter(":currency", currency.as_str())?;
    }
    if let Some(kind) = filter.kind {
        select.raw_bind_parameter(":kind", kind.name())?;
    }
    if let Some(state) = filter.state {
        select.raw_bind_parameter(":state", state.name())?;
    }
    if let Some(livemode) = filter.livemode {
        select.raw_bind_parameter(":livemode", livemode)?;
    }
    if let Some(provisional) = filter.provisional {
        select.raw_bind_parameter(":provisional", provisional)?;
    }
    Ok(())
}

/// What this service never wrote is damage.
fn read(row: &Row<'_>) -> Result<Donation, StoreError> {
    let donation = |row: &Row<'_>| -> rusqlite::Result<Option<Donation>> {
        let id: String = row.get("id")?;
        let (kind, state): (String, String) = (row.get("kind")?, row.get("state")?);
        let currency: String = row.get("currency")?;
        let dispute: Option<String> = row.get("dispute")?;
        let at: i64 = row.get("at")?;
        let (amount, refunded) = (row.get("amount")?, row.get("refunded")?);
        let (lost, net) = (row.get("lost")?, row.get("net")?);
        let (provisional, out_of_band) = (row.get("provisional")?, row.get("out_of_band")?);
        let livemode = row.get("livemode")?;
        Ok((|| {
            let (at, state) = (UnixSeconds::new(at)?, DonationState::from_name(&state)?);
            Some(Donation {
                id: ObjectId::new(&id)?,
                kind: Kind::from_name(&kind)?,
                state,
                currency: Currency::new(&currency)?,
                amount,
                refunded,
                lost,
                net,
                dispute: match dispute {
                    None => None,
                    Some(name) => Some(DisputeState::from_name(&name)?),
                },
                provisional,
                out_of_band,
                livemode,
                paid_at: (state == DonationState::Paid).then_some(at),
                at,
            })
        })())
    };
    donation(row).map_err(failed)?.ok_or(StoreError::Corrupt)
}

fn total(row: &Row<'_>) -> rusqlite::Result<Option<Total>> {
    let (currency, kind): (String, String) = (row.get("currency")?, row.get("kind")?);
    let (livemode, count) = (row.get("livemode")?, row.get("count")?);
    let (gross, refunded) = (row.get("gross")?, row.get("refunded")?);
    let (lost, net) = (row.get("lost")?, row.get("net")?);
    let total =
        |currency, kind| Total { currency, kind, livemode, count, gross, refunded, lost, net };
    Ok(Currency::new(&currency).zip(Kind::from_name(&kind)).map(|(a, b)| total(a, b)))
}
