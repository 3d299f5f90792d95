//! The ledger: writing what events changed, and reading donations.

use std::collections::BTreeMap;

use portal_domain::ledger::{Change, Dispute, Invoice, Link, Payment, Refund};
use portal_domain::{
    AlertChange, DisputeState, Donation, DonationFilter, DonationState, Kind, ObjectId, StoreError,
    Total, UnixSeconds, row,
};

use crate::connection::Open;
use crate::rows::{Cells, read};
use crate::sql::{keep, ledger as sql};
use crate::terms::Terms;
use crate::value::Value;

/// What a batch of events changed: of payments and invoices the view of each that counts most.
#[derive(Default)]
pub(crate) struct Changes<'c> {
    payments: BTreeMap<String, PaymentRow<'c>>,
    /// By payment and invoice.
    links: BTreeMap<(&'c str, &'c str), i64>,
    /// Without a view where only a payment has told of it.
    invoices: BTreeMap<String, Option<&'c Invoice>>,
    /// Of these each view that is news is told, so they are written one after another, in the order
    /// of their ids and then of their events.
    refunds: BTreeMap<&'c str, Vec<&'c Refund>>,
    disputes: BTreeMap<&'c str, Vec<&'c Dispute>>,
}

/// Without a view where only others have told of it.
#[derive(Default)]
struct PaymentRow<'c> {
    payment: Option<&'c Payment>,
    /// The firmest: its evidence and its invoice.
    link: Option<(i64, &'c str)>,
    /// The firmest evidence that there is no invoice.
    no_invoice: Option<i64>,
}

impl<'c> Changes<'c> {
    pub(crate) fn add(&mut self, change: &'c Change) {
        match change {
            Change::Payment(it) => {
                let row = self.payments.entry(it.id.to_string()).or_default();
                row.payment = greater(row.payment, it, |it| &it.version);
            }
            Change::Link(it) => self.add_link(it),
            Change::Invoice(it) => {
                let row = self.invoices.entry(it.id.to_string()).or_default();
                *row = greater(*row, it, |it| &it.version);
            }
            Change::Refund(it) => {
                self.payments.entry(it.payment.to_string()).or_default();
                self.refunds.entry(it.id.as_str()).or_default().push(it);
            }
            Change::Dispute(it) => {
                self.payments.entry(it.payment.to_string()).or_default();
                self.disputes.entry(it.id.as_str()).or_default().push(it);
            }
        }
    }

    fn add_link(&mut self, it: &'c Link) {
        let row = self.payments.entry(it.payment.to_string()).or_default();
        let rank = it.evidence.rank();
        let Some(invoice) = &it.invoice else {
            row.no_invoice = Some(row.no_invoice.map_or(rank, |it| it.min(rank)));
            return;
        };
        let link = (rank, invoice.as_str());
        row.link = Some(row.link.map_or(link, |it| it.min(link)));
        self.invoices.entry(invoice.to_string()).or_default();
        let known = self.links.entry((it.payment.as_str(), invoice.as_str())).or_insert(rank);
        *known = rank.min(*known);
    }

    /// Writes all of them, brings up to date what is kept of them, and returns what operators must
    /// know of it.
    ///
    /// Always in this order of tables, each in the order of its keys: two processes wait for each
    /// other, and never both.
    pub(crate) async fn write(mut self, open: &Open) -> Result<Vec<AlertChange>, StoreError> {
        let news = self.write_told(open).await?;
        let mut linked = self.write_payments(open).await?;
        self.write_links(open).await?;
        if !self.refunds.is_empty() || !self.disputes.is_empty() {
            linked = self.payments.keys().cloned().collect();
            open.execute(keep::PAYMENTS, &[&linked]).await?;
        }
        if !linked.is_empty() {
            for row in open.query(sql::INVOICES_OF, &[&linked]).await? {
                self.invoices.entry(read(&row, 0)?).or_default();
            }
        }
        self.write_invoices(open).await?;
        Ok(news)
    }

    /// Refunds and disputes. Their payments are written and brought up to date afterwards.
    async fn write_told(&mut self, open: &Open) -> Result<Vec<AlertChange>, StoreError> {
        let mut news = Vec::new();
        for it in self.refunds.values().flatten() {
            if refund(open, it).await? > 0 {
                news.extend(Change::Refund((*it).clone()).alerts());
            }
        }
        for it in self.disputes.values().flatten() {
            if dispute(open, it).await? > 0 {
                news.extend(Change::Dispute((*it).clone()).alerts());
            }
        }
        let charges = self.refunds.values().flatten().filter_map(|it| it.charge.as_ref());
        let charges: Vec<_> = charges.map(ObjectId::as_str).collect();
        if !charges.is_empty() {
            for row in open.query(sql::PAYMENTS_OF_CHARGES, &[&charges]).await? {
                self.payments.entry(read(&row, 0)?).or_default();
            }
        }
        Ok(news)
    }

    /// Returns the payments that have changed and have a link.
    async fn write_payments(&self, open: &Open) -> Result<Vec<String>, StoreError> {
        if self.payments.is_empty() {
            return Ok(Vec::new());
        }
        let rows = || self.payments.values();
        let seen = || rows().map(|it| it.payment);
        let ids: Vec<_> = self.payments.keys().map(String::as_str).collect();
        let progress: Vec<_> = seen().map(|it| it.map(|it| it.progress.name())).collect();
        let amounts: Vec<_> = seen().map(|it| it.map_or(0, |it| it.amount)).collect();
        let currencies: Vec<_> = seen().map(|it| it.map(|it| it.currency.as_str())).collect();
        let livemodes: Vec<_> = seen().map(|it| it.map(|it| it.livemode)).collect();
        let times: Vec<_> = seen().map(|it| it.map_or(0, |it| it.at.get())).collect();
        let versions: Vec<_> =
            seen().map(|it| it.map_or(NOT_SEEN, |it| it.version.order)).collect();
        let events: Vec<_> =
            seen().map(|it| it.map_or("", |it| it.version.event.as_str())).collect();
        let none: Vec<_> = rows().map(|it| it.no_invoice.unwrap_or(NO_EVIDENCE)).collect();
        let links: Vec<_> = rows().map(|it| it.link.map_or(NO_EVIDENCE, |it| it.0)).collect();
        let invoices: Vec<_> = rows().map(|it| it.link.map_or("", |it| it.1)).collect();
        let values: [&dyn Value; 11] = [
            &ids,
            &progress,
            &amounts,
            &currencies,
            &livemodes,
            &times,
            &versions,
            &events,
            &none,
            &links,
            &invoices,
        ];
        let linked = open.query(sql::PAYMENTS, &values).await?;
        let linked = linked.iter().map(|row| read::<Option<String>>(row, 0));
        linked.filter_map(Result::transpose).collect()
    }

    async fn write_links(&self, open: &Open) -> Result<(), StoreError> {
        if self.links.is_empty() {
            return Ok(());
        }
        let payments: Vec<_> = self.links.keys().map(|it| it.0).collect();
        let invoices: Vec<_> = self.links.keys().map(|it| it.1).collect();
        let evidence: Vec<_> = self.links.values().copied().collect();
        open.execute(sql::LINKS, &[&payments, &invoices, &evidence]).await.map(drop)
    }

    async fn write_invoices(&self, open: &Open) -> Result<(), StoreError> {
        if self.invoices.is_empty() {
            return Ok(());
        }
        let seen = || self.invoices.values();
        let ids: Vec<_> = self.invoices.keys().map(String::as_str).collect();
        let progress: Vec<_> = seen().map(|it| it.map(|it| it.progress.name())).collect();
        let amounts: Vec<_> = seen().map(|it| it.map_or(0, |it| it.amount)).collect();
        let currencies: Vec<_> = seen().map(|it| it.map(|it| it.currency.as_str())).collect();
        let livemodes: Vec<_> = seen().map(|it| it.map(|it| it.livemode)).collect();
        let recurring: Vec<_> = seen().map(|it| it.is_some_and(|it| it.recurring)).collect();
        let out_of_band: Vec<_> = seen().map(|it| it.is_some_and(|it| it.out_of_band)).collect();
        let times: Vec<_> = seen().map(|it| it.map_or(0, |it| it.at.get())).collect();
        let versions: Vec<_> =
            seen().map(|it| it.map_or(NOT_SEEN, |it| it.version.order)).collect();
        let events: Vec<_> =
            seen().map(|it| it.map_or("", |it| it.version.event.as_str())).collect();
        let values: [&dyn Value; 10] = [
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
        ];
        open.execute(sql::INVOICES, &values).await?;
        open.execute(keep::INVOICES, &[&ids]).await.map(drop)
    }
}

/// The version of a row that no event has told of itself, as in the schema.
const NOT_SEEN: i64 = -1;

/// The evidence where nothing is known, as in the schema.
const NO_EVIDENCE: i64 = 100;

/// Of two views of a row the one that counts more.
fn greater<'c, T, K: Ord>(
    kept: Option<&'c T>,
    seen: &'c T,
    by: impl Fn(&'c T) -> K,
) -> Option<&'c T> {
    Some(kept.filter(|it| by(it) >= by(seen)).unwrap_or(seen))
}

async fn refund(open: &Open, it: &Refund) -> Result<u64, StoreError> {
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

async fn dispute(open: &Open, it: &Dispute) -> Result<u64, StoreError> {
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
    open: &Open,
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
    open: &Open,
    filter: &DonationFilter,
    after: Option<(UnixSeconds, &ObjectId)>,
    limit: u32,
) -> Result<Vec<Donation>, StoreError> {
    let mut terms = Terms::new("");
    // Each part comes from its own index in that order, and none is read further than the page.
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
        .map(|row| row::donation(&Cells(row)))
        .collect()
}

pub(crate) async fn totals(open: &Open, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
    let paid = DonationState::Paid;
    let counts = filter.state.is_none_or(|it| it == paid) && filter.provisional != Some(true);
    if !counts {
        return Ok(Vec::new());
    }
    let filter = DonationFilter { state: Some(paid), provisional: Some(false), ..filter.clone() };
    let mut terms = Terms::new("");
    for part in parts(&filter) {
        terms.sql.extend([if terms.sql.is_empty() { "" } else { " union all " }, sql::TOTALS]);
        part.add_to(&mut terms, &filter);
        terms.sql.push_str(sql::BY_CURRENCY);
    }
    let rows = open.query(&terms.sql, &terms.values()).await?;
    let mut totals: Vec<Total> =
        rows.iter().map(|row| row::total(&Cells(row))).collect::<Result<_, _>>()?;
    totals.sort_by(|a, b| by_group(a).cmp(&by_group(b)));
    Ok(totals)
}

fn by_group(it: &Total) -> (&str, &'static str, bool) {
    (it.currency.as_str(), it.kind.name(), it.livemode)
}

/// Donations of one view, one state and one certainty, which have an index each.
struct Part {
    view: &'static str,
    state: DonationState,
    provisional: bool,
}

/// The parts that a filter lets through; one at least, which may be empty.
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
        // Lets nothing through: it is not what the filter asks for.
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

pub(crate) async fn check(open: &Open, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
    let rows = open.query(keep::CHECK, &[&i64::from(limit)]).await?;
    rows.iter().map(|row| row::object_id(&Cells(row))).collect()
}

pub(crate) async fn repair(open: &Open, ids: &[ObjectId]) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    let [payment_rows, invoice_rows] = keep::ROWS;
    let [lock_payments, lock_invoices] = keep::LOCKS;
    for sql in [payment_rows, lock_payments, keep::PAYMENTS] {
        open.execute(sql, &[&ids]).await?;
    }
    let rows = open.query(sql::INVOICES_OF, &[&ids]).await?;
    let mut invoices: Vec<String> =
        rows.iter().map(|row| read(row, 0)).collect::<Result<_, _>>()?;
    invoices.extend(ids.iter().map(|it| (*it).to_owned()));
    for sql in [invoice_rows, lock_invoices, keep::INVOICES] {
        open.execute(sql, &[&invoices]).await?;
    }
    Ok(())
}
