//! The ledger: writing what events changed, and reading donations.

use portal_domain::ledger::{Change, Dispute, Invoice, Link, Payment, Refund};
use portal_domain::{
    AlertChange, DisputeState, Donation, DonationFilter, DonationState, Kind, ObjectId, StoreError,
    Total, UnixSeconds, row,
};

use crate::connection::Open;
use crate::rows::Cells;
use crate::sql::ledger as sql;
use crate::terms::Terms;

/// What a batch of events changed, by kind.
#[derive(Default)]
pub(crate) struct Changes<'c> {
    payments: Vec<&'c Payment>,
    links: Vec<&'c Link>,
    invoices: Vec<&'c Invoice>,
    /// Of these each view that is news is told, so they are written one after another.
    told: Vec<&'c Change>,
}

impl<'c> Changes<'c> {
    pub(crate) fn add(&mut self, change: &'c Change) {
        match change {
            Change::Payment(it) => self.payments.push(it),
            Change::Link(it) => self.links.push(it),
            Change::Invoice(it) => self.invoices.push(it),
            Change::Refund(_) | Change::Dispute(_) => self.told.push(change),
        }
    }

    /// Writes them, and returns what operators must know of it.
    pub(crate) async fn write(self, open: &mut Open) -> Result<Vec<AlertChange>, StoreError> {
        payments(open, &self.payments).await?;
        links(open, &self.links).await?;
        invoices(open, &self.invoices).await?;
        let mut news = Vec::new();
        for change in self.told {
            let changed = match change {
                Change::Refund(it) => refund(open, it).await?,
                Change::Dispute(it) => dispute(open, it).await?,
                Change::Payment(_) | Change::Link(_) | Change::Invoice(_) => 0,
            };
            if changed > 0 {
                news.extend(change.alerts());
            }
        }
        Ok(news)
    }
}

async fn payments(open: &mut Open, all: &[&Payment]) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let ids = column(all, |it| it.id.as_str());
    let progress = column(all, |it| it.progress.name());
    let amounts = column(all, |it| it.amount);
    let currencies = column(all, |it| it.currency.as_str());
    let livemodes = column(all, |it| it.livemode);
    let times = column(all, |it| it.at.get());
    let versions = column(all, |it| it.version.order);
    let events = column(all, |it| it.version.event.as_str());
    open.execute(
        sql::PAYMENTS,
        &[&ids, &progress, &amounts, &currencies, &livemodes, &times, &versions, &events],
    )
    .await
    .map(drop)
}

async fn links(open: &mut Open, all: &[&Link]) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let invoice = |it: &&Link| it.invoice.as_ref().map_or("", ObjectId::as_str).to_owned();
    let certain: Vec<_> = all.iter().filter(|it| it.is_certain()).map(invoice).collect();
    if !certain.is_empty() {
        open.execute(sql::LINKED_INVOICES, &[&certain]).await?;
    }
    let ids = column(all, |it| it.payment.as_str());
    let evidence = column(all, |it| it.evidence.rank());
    let invoices: Vec<_> = all.iter().map(invoice).collect();
    open.execute(sql::LINKS, &[&ids, &evidence, &invoices]).await.map(drop)
}

async fn invoices(open: &mut Open, all: &[&Invoice]) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let ids = column(all, |it| it.id.as_str());
    let progress = column(all, |it| it.progress.name());
    let amounts = column(all, |it| it.amount);
    let currencies = column(all, |it| it.currency.as_str());
    let livemodes = column(all, |it| it.livemode);
    let recurring = column(all, |it| it.recurring);
    let out_of_band = column(all, |it| it.out_of_band);
    let times = column(all, |it| it.at.get());
    let versions = column(all, |it| it.version.order);
    let events = column(all, |it| it.version.event.as_str());
    open.execute(
        sql::INVOICES,
        &[
            &ids,
            &progress,
            &amounts,
            &currencies,
            &livemodes,
            &recurring,
            &out_of_band,
            &times,
            &versions,
            &events,
        ],
    )
    .await
    .map(drop)
}

fn column<'c, C, T>(all: &[&'c C], of: impl Fn(&'c C) -> T) -> Vec<T> {
    all.iter().map(|it| of(it)).collect()
}

async fn refund(open: &mut Open, it: &Refund) -> Result<u64, StoreError> {
    open.execute(
        sql::REFUND,
        &[
            &it.id.as_str(),
            &it.payment.as_str(),
            &it.charge.as_ref().map(ObjectId::as_str),
            &it.total,
            &it.progress.name(),
            &it.amount,
            &it.currency.as_str(),
            &it.livemode,
            &it.made_at.get(),
            &it.at.get(),
            &it.version.order,
            &it.version.event.as_str(),
        ],
    )
    .await
}

async fn dispute(open: &mut Open, it: &Dispute) -> Result<u64, StoreError> {
    open.execute(
        sql::DISPUTE,
        &[
            &it.id.as_str(),
            &it.payment.as_str(),
            &it.state.map(DisputeState::name),
            &it.amount,
            &it.currency.as_str(),
            &it.livemode,
            &it.version.order,
            &it.version.event.as_str(),
        ],
    )
    .await
}

pub(crate) async fn donations_of(
    open: &mut Open,
    ids: &[ObjectId],
) -> Result<Vec<Option<Donation>>, StoreError> {
    let texts: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    let mut found = vec![None; ids.len()];
    for row in open.query(sql::DONATIONS_OF, &[&texts]).await? {
        let row = Cells(&row);
        // Places count from one.
        let place: usize = row::count(&row, 13)?;
        if let Some(found) = place.checked_sub(1).and_then(|it| found.get_mut(it)) {
            *found = Some(row::donation(&row)?);
        }
    }
    Ok(found)
}

pub(crate) async fn donations(
    open: &mut Open,
    filter: &DonationFilter,
    after: Option<(UnixSeconds, &ObjectId)>,
    limit: u32,
) -> Result<Vec<Donation>, StoreError> {
    let mut terms = Terms::new(sql::DONATIONS);
    filtered(&mut terms, filter);
    if let Some((at, id)) = after {
        let (at, id) = (terms.bind(at.get()), terms.bind(id.as_str().to_owned()));
        terms.sql.extend([" and (at, id) < (", &at, ", ", &id, ")"]);
    }
    terms.add(" order by at desc, id desc limit ?", Some(i64::from(limit)));
    open.query(&terms.sql, &terms.values())
        .await?
        .iter()
        .map(|row| row::donation(&Cells(row)))
        .collect()
}

pub(crate) async fn totals(
    open: &mut Open,
    filter: &DonationFilter,
) -> Result<Vec<Total>, StoreError> {
    let mut terms = Terms::new(sql::TOTALS);
    filtered(&mut terms, filter);
    terms.sql.push_str(sql::BY_CURRENCY);
    open.query(&terms.sql, &terms.values())
        .await?
        .iter()
        .map(|row| row::total(&Cells(row)))
        .collect()
}

fn filtered(terms: &mut Terms, filter: &DonationFilter) {
    terms.add(" and at >= ?", filter.since.map(UnixSeconds::get));
    terms.add(" and at < ?", filter.until.map(UnixSeconds::get));
    terms.add(" and currency = ?", filter.currency.as_ref().map(|it| it.as_str().to_owned()));
    terms.add(" and kind = ?", filter.kind.map(Kind::name));
    terms.add(" and state = ?", filter.state.map(DonationState::name));
    terms.add(" and livemode = ?", filter.livemode);
    terms.add(" and provisional = ?", filter.provisional);
    let confirmed = " and exists (select 1 from confirmation c where c.id = donation.id) = ?";
    terms.add(confirmed, filter.confirmed);
}
