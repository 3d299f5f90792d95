//! Writes the changes of events to the ledger.

use std::collections::BTreeMap;

use portal_domain::ledger::{Change, CreditNote, Dispute, Invoice, Link, Payment, Refund};
use portal_domain::{AlertChange, DisputeState, ObjectId, StoreError};

use crate::connection::OpenConnection;
use crate::rows::read;
use crate::sql::ledger as sql;
use crate::value::Value;

/// The changes of a batch of events, merged: of each payment and invoice only the view with the
/// greatest version.
#[derive(Default)]
pub(crate) struct Changes<'c> {
    payments: BTreeMap<String, PaymentChange<'c>>,
    /// The evidence and the share of each link, by payment and invoice.
    links: BTreeMap<(&'c str, &'c str), (i64, i64)>,
    /// The invoices by id; `None` if only a payment of the batch names the invoice.
    invoices: BTreeMap<String, Option<&'c Invoice>>,
    /// Each new view of a refund or dispute may raise an alert, so these are written one after
    /// another, in the order of their ids and then of their events.
    refunds: BTreeMap<&'c str, Vec<&'c Refund>>,
    disputes: BTreeMap<&'c str, Vec<&'c Dispute>>,
    /// The view of each credit note with the greatest version.
    credit_notes: BTreeMap<&'c str, &'c CreditNote>,
}

/// The merged changes of one payment; without a view if only other objects name the payment.
#[derive(Default)]
struct PaymentChange<'c> {
    payment: Option<&'c Payment>,
    /// The firmest link: its evidence and its invoice.
    link: Option<(i64, &'c str)>,
    /// The firmest evidence that there is no invoice.
    no_invoice: Option<i64>,
}

impl<'c> Changes<'c> {
    pub(crate) fn of(changes: impl Iterator<Item = &'c Change>) -> Self {
        let mut all = Self::default();
        changes.for_each(|it| all.add(it));
        all
    }

    fn add(&mut self, change: &'c Change) {
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
            Change::CreditNote(it) => {
                self.invoices.entry(it.invoice.to_string()).or_default();
                let row = self.credit_notes.entry(it.id.as_str()).or_insert(it);
                if it.version > row.version {
                    *row = it;
                }
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
        let known = self.links.entry((it.payment.as_str(), invoice.as_str()));
        let (evidence, share) = known.or_insert((rank, it.share));
        *evidence = rank.min(*evidence);
        *share = it.share.max(*share);
    }

    /// Returns true if only rows of payments and invoices change, which raise no alerts.
    pub(crate) fn tell_nothing(&self) -> bool {
        self.refunds.is_empty() && self.disputes.is_empty() && self.credit_notes.is_empty()
    }

    /// Writes all changes, updates the values derived from them, and returns the changes of alerts.
    pub(crate) async fn write(
        mut self,
        open: &OpenConnection,
    ) -> Result<Vec<AlertChange>, StoreError> {
        let told = !self.tell_nothing();
        let news = self.write_told(open).await?;
        if !(self.payments.is_empty() && self.invoices.is_empty()) {
            let columns = self.columns();
            let values: Vec<_> = columns.values().into_iter().chain([&told as _]).collect();
            open.query(sql::CHANGE, &values).await?;
        }
        Ok(news)
    }

    /// Writes refunds, disputes and credit notes. Their payments and invoices are written and updated
    /// afterwards.
    async fn write_told(&mut self, open: &OpenConnection) -> Result<Vec<AlertChange>, StoreError> {
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
        for it in self.credit_notes.values() {
            credit_note(open, it).await?;
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

    pub(crate) fn columns(&self) -> LedgerColumns<'_> {
        let mut all = LedgerColumns::default();
        for (id, row) in &self.payments {
            let it = row.payment;
            all.payment_ids.push(id);
            all.payment_progress.push(it.map(|it| it.progress.name()));
            all.payment_amounts.push(it.map_or(0, |it| it.amount));
            all.payment_currencies.push(it.map(|it| it.currency.as_str()));
            all.payment_livemodes.push(it.map(|it| it.livemode));
            all.payment_times.push(it.map_or(0, |it| it.at.get()));
            all.payment_versions.push(it.map_or(NOT_SEEN, |it| it.version.order));
            all.payment_events.push(it.map_or("", |it| it.version.event.as_str()));
            all.payment_no_invoice.push(row.no_invoice.unwrap_or(NO_EVIDENCE));
            all.payment_links.push(row.link.map_or(NO_EVIDENCE, |it| it.0));
            all.payment_invoices.push(row.link.map_or("", |it| it.1));
        }
        for ((payment, invoice), (evidence, share)) in &self.links {
            all.link_payments.push(payment);
            all.link_invoices.push(invoice);
            all.link_evidence.push(*evidence);
            all.link_shares.push(*share);
        }
        for (id, it) in &self.invoices {
            all.invoice_ids.push(id);
            all.invoice_progress.push(it.map(|it| it.progress.name()));
            all.invoice_amounts.push(it.map_or(0, |it| it.amount));
            all.invoice_paid.push(it.map_or(0, |it| it.paid));
            all.invoice_currencies.push(it.map(|it| it.currency.as_str()));
            all.invoice_livemodes.push(it.map(|it| it.livemode));
            all.invoice_recurring.push(it.is_some_and(|it| it.recurring));
            all.invoice_out_of_band.push(it.is_some_and(|it| it.out_of_band));
            all.invoice_times.push(it.map_or(0, |it| it.at.get()));
            all.invoice_versions.push(it.map_or(NOT_SEEN, |it| it.version.order));
            all.invoice_events.push(it.map_or("", |it| it.version.event.as_str()));
        }
        all
    }
}

/// Payments, links and invoices as columns, in the order of the arguments of the schema's functions.
#[derive(Default)]
pub(crate) struct LedgerColumns<'s> {
    payment_ids: Vec<&'s str>,
    payment_progress: Vec<Option<&'s str>>,
    payment_amounts: Vec<i64>,
    payment_currencies: Vec<Option<&'s str>>,
    payment_livemodes: Vec<Option<bool>>,
    payment_times: Vec<i64>,
    payment_versions: Vec<i64>,
    payment_events: Vec<&'s str>,
    payment_no_invoice: Vec<i64>,
    payment_links: Vec<i64>,
    payment_invoices: Vec<&'s str>,
    link_payments: Vec<&'s str>,
    link_invoices: Vec<&'s str>,
    link_evidence: Vec<i64>,
    link_shares: Vec<i64>,
    invoice_ids: Vec<&'s str>,
    invoice_progress: Vec<Option<&'s str>>,
    invoice_amounts: Vec<i64>,
    invoice_paid: Vec<i64>,
    invoice_currencies: Vec<Option<&'s str>>,
    invoice_livemodes: Vec<Option<bool>>,
    invoice_recurring: Vec<bool>,
    invoice_out_of_band: Vec<bool>,
    invoice_times: Vec<i64>,
    invoice_versions: Vec<i64>,
    invoice_events: Vec<&'s str>,
}

impl LedgerColumns<'_> {
    pub(crate) fn values(&self) -> [&dyn Value; 26] {
        [
            &self.payment_ids,
            &self.payment_progress,
            &self.payment_amounts,
            &self.payment_currencies,
            &self.payment_livemodes,
            &self.payment_times,
            &self.payment_versions,
            &self.payment_events,
            &self.payment_no_invoice,
            &self.payment_links,
            &self.payment_invoices,
            &self.link_payments,
            &self.link_invoices,
            &self.link_evidence,
            &self.link_shares,
            &self.invoice_ids,
            &self.invoice_progress,
            &self.invoice_amounts,
            &self.invoice_paid,
            &self.invoice_currencies,
            &self.invoice_livemodes,
            &self.invoice_recurring,
            &self.invoice_out_of_band,
            &self.invoice_times,
            &self.invoice_versions,
            &self.invoice_events,
        ]
    }
}

/// The version of a row without a view of its own object, as in the schema.
const NOT_SEEN: i64 = -1;

/// The value of evidence if nothing is known, as in the schema.
const NO_EVIDENCE: i64 = 100;

/// Keeps the view of a row with the greater version.
fn greater<'c, T, K: Ord>(
    kept: Option<&'c T>,
    seen: &'c T,
    by: impl Fn(&'c T) -> K,
) -> Option<&'c T> {
    Some(kept.filter(|it| by(it) >= by(seen)).unwrap_or(seen))
}

async fn refund(open: &OpenConnection, it: &Refund) -> Result<u64, StoreError> {
    open.execute(
        sql::REFUND,
        &[
            &it.id.as_str(),
            &it.payment.as_str(),
            &it.charge.as_ref().map(ObjectId::as_str),
            &it.total,
            &it.progress.name(),
            &it.amount,
            &it.released,
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

async fn credit_note(open: &OpenConnection, it: &CreditNote) -> Result<u64, StoreError> {
    open.execute(
        sql::CREDIT_NOTE,
        &[
            &it.id.as_str(),
            &it.invoice.as_str(),
            &it.amount,
            &it.version.order,
            &it.version.event.as_str(),
        ],
    )
    .await
}

async fn dispute(open: &OpenConnection, it: &Dispute) -> Result<u64, StoreError> {
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
