//! Reading donations, and checking their stored values.

use portal_domain::{
    Donation, DonationFilter, DonationRows, DonationState, Kind, ObjectId, StoreError, Total,
    UnixSeconds, row_decode,
};

use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::sql::{keep, ledger as sql};
use crate::terms::Terms;

pub(crate) async fn donations_of(
    open: &OpenConnection,
    ids: &[ObjectId],
) -> Result<Vec<Option<Donation>>, StoreError> {
    let texts: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    let mut found = vec![None; ids.len()];
    for row in open.query(sql::DONATIONS_OF, &[&texts]).await? {
        let row = PostgresRow(&row);
        // The places count from 1.
        let place: usize = row_decode::count(&row, 13)?;
        if let Some(found) = place.checked_sub(1).and_then(|it| found.get_mut(it)) {
            *found = Some(row_decode::donation(&row)?);
        }
    }
    Ok(found)
}

pub(crate) async fn donation_rows(
    open: &OpenConnection,
    id: &ObjectId,
) -> Result<Option<DonationRows>, StoreError> {
    let rows = open.query(sql::DONATION_ROWS, &[&id.as_str()]).await?;
    rows.first().map(|row| row_decode::donation_rows(&PostgresRow(row))).transpose()
}

pub(crate) async fn parents_of(
    open: &OpenConnection,
    object: &ObjectId,
) -> Result<Vec<ObjectId>, StoreError> {
    let rows = open.query(sql::PARENTS_OF, &[&object.as_str()]).await?;
    rows.iter().map(|row| row_decode::object_id(&PostgresRow(row))).collect()
}

pub(crate) async fn donations(
    open: &OpenConnection,
    filter: &DonationFilter,
    after: Option<(UnixSeconds, &ObjectId)>,
    limit: u32,
) -> Result<Vec<Donation>, StoreError> {
    let mut terms = Terms::new("");
    // Each part is read by its own index in the order of the list, at most one page of it.
    for part in parts(filter) {
        let before = if terms.sql.is_empty() { "select * from ((" } else { " union all (" };
        terms.sql.extend([before, sql::DONATIONS]);
        part.add_to(&mut terms, filter);
        if let Some((at, id)) = after {
            let (at, id) = (terms.bind(at.get()), terms.bind(id.as_str().to_owned()));
            terms.sql.extend([" and (at, id) < (", &at, ", ", &id, ")"]);
        }
        terms.add(" order by at desc, id desc limit ?)", Some(i64::from(limit)));
    }
    terms.add(") as it order by at desc, id desc limit ?", Some(i64::from(limit)));
    open.query(&terms.sql, &terms.values())
        .await?
        .iter()
        .map(|row| row_decode::donation(&PostgresRow(row)))
        .collect()
}

pub(crate) async fn totals(
    open: &OpenConnection,
    filter: &DonationFilter,
) -> Result<Vec<Total>, StoreError> {
    let paid = DonationState::Paid;
    if filter.state.is_some_and(|it| it != paid) {
        return Ok(Vec::new());
    }
    let provisional = filter.provisional.or(Some(false));
    let filter = DonationFilter { state: Some(paid), provisional, ..filter.clone() };
    let mut terms = Terms::new("");
    for part in parts(&filter) {
        terms.sql.extend([if terms.sql.is_empty() { "" } else { " union all " }, sql::TOTALS]);
        part.add_to(&mut terms, &filter);
        terms.sql.push_str(sql::BY_CURRENCY);
    }
    let rows = open.query(&terms.sql, &terms.values()).await?;
    let mut totals: Vec<Total> =
        rows.iter().map(|row| row_decode::total(&PostgresRow(row))).collect::<Result<_, _>>()?;
    totals.sort_by(|a, b| by_group(a).cmp(&by_group(b)));
    Ok(totals)
}

fn by_group(it: &Total) -> (&str, &'static str, bool) {
    (it.currency.as_str(), it.kind.name(), it.livemode)
}

/// The donations of one view that are in one state and provisional or not. Each part has an index.
struct Part {
    view: &'static str,
    state: DonationState,
    provisional: bool,
}

/// Returns the parts that a filter selects: at least one, which may be empty.
fn parts(filter: &DonationFilter) -> Vec<Part> {
    let states = [DonationState::Pending, DonationState::Paid, DonationState::Failed];
    let mut all = Vec::new();
    for state in states.into_iter().filter(|it| filter.state.is_none_or(|state| state == *it)) {
        if filter.kind.is_none_or(|kind| kind == Kind::OneTime) {
            let part = |provisional| Part { view: "donation_by_payment d", state, provisional };
            all.extend([part(false), part(true)]);
        }
        if filter.kind.is_none_or(|kind| kind != Kind::OneTime) {
            all.push(Part { view: "donation_by_invoice d", state, provisional: false });
        }
    }
    all.retain(|it| filter.provisional.is_none_or(|provisional| provisional == it.provisional));
    if all.is_empty() {
        // No part matches the filter: this one, with the filter's terms, yields nothing.
        let (view, state) = ("donation_by_payment d", DonationState::Paid);
        all.push(Part { view, state, provisional: false });
    }
    all
}

impl Part {
    fn add_to(&self, terms: &mut Terms, filter: &DonationFilter) {
        terms.sql.push_str(self.view);
        terms.add(" where state = ?", Some(self.state.name()));
        terms.add(" and provisional = ?", Some(self.provisional));
        terms.add(" and provisional = ?", filter.provisional);
        terms.add(" and at >= ?", filter.since.map(UnixSeconds::get));
        terms.add(" and at < ?", filter.until.map(UnixSeconds::get));
        terms.add(" and currency = ?", filter.currency.as_ref().map(|it| it.as_str().to_owned()));
        terms.add(" and kind = ?", filter.kind.map(Kind::name));
        terms.add(" and livemode = ?", filter.livemode);
        let confirmed = " and exists (select 1 from confirmation c where c.id = d.id) = ?";
        terms.add(confirmed, filter.confirmed);
    }
}

pub(crate) async fn check(open: &OpenConnection, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
    let rows = open.query(keep::CHECK, &[&i64::from(limit)]).await?;
    rows.iter().map(|row| row_decode::object_id(&PostgresRow(row))).collect()
}

pub(crate) async fn repair(open: &OpenConnection, ids: &[ObjectId]) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    let [payment_rows, invoice_rows] = keep::ROWS;
    let [lock_payments, lock_invoices] = keep::LOCKS;
    for sql in [payment_rows, lock_payments, keep::PAYMENTS] {
        open.execute(sql, &[&ids]).await?;
    }
    let rows = open.query(keep::INVOICES_OF, &[&ids]).await?;
    let mut invoices: Vec<String> =
        rows.iter().map(|row| read(row, 0)).collect::<Result<_, _>>()?;
    invoices.extend(ids.iter().map(|it| (*it).to_owned()));
    for sql in [invoice_rows, lock_invoices, keep::INVOICES] {
        open.execute(sql, &[&invoices]).await?;
    }
    Ok(())
}
