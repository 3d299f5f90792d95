//! Writes the changes of events to the ledger: upserts. A row is replaced only by a view with a greater version.

use std::collections::BTreeMap;

use portal_domain::ledger::{Change, CreditNote, Dispute, Invoice, Link, Payment, Payout, Refund};
use portal_domain::{AlertChange, DisputeState, EnumWord, ObjectId, StoreError};

use crate::connection::OpenConnection;
use crate::rows::read;
use crate::value::{Column, columns};

/// The changes of a batch of events, merged: of each payment and invoice only the view with the
/// greatest version.
#[derive(Default)]
pub(crate) struct Changes<'c> {
    payments: BTreeMap<String, PaymentChange<'c>>,
    /// The evidence and the share of each link, by payment and invoice.
    links: BTreeMap<(&'c str, &'c str), (i64, i64)>,
    /// The invoices by id; `None` if only a payment of the batch names the invoice.
    invoices: BTreeMap<String, Option<&'c Invoice>>,
    /// Each new view of a refund, dispute or payout may raise an alert, so these are written one after
    /// another, in the order of their ids and then of their events.
    refunds: BTreeMap<&'c str, Vec<&'c Refund>>,
    disputes: BTreeMap<&'c str, Vec<&'c Dispute>>,
    payouts: BTreeMap<&'c str, Vec<&'c Payout>>,
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
            Change::Payout(it) => self.payouts.entry(it.id.as_str()).or_default().push(it),
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
    pub(crate) fn raise_nothing(&self) -> bool {
        self.refunds.is_empty()
            && self.disputes.is_empty()
            && self.credit_notes.is_empty()
            && self.payouts.is_empty()
    }

    /// Writes all changes, updates the values derived from them, and returns the changes of alerts.
    pub(crate) async fn write(
        mut self,
        open: &OpenConnection,
    ) -> Result<Vec<AlertChange>, StoreError> {
        let others = !self.raise_nothing();
        let news = self.write_others(open).await?;
        if !(self.payments.is_empty() && self.invoices.is_empty()) {
            let columns = self.columns();
            let values: Vec<_> = columns.iter().map(|it| &**it).chain([&others as _]).collect();
            open.query(CHANGE, &values).await?;
        }
        Ok(news)
    }

    /// Writes refunds, disputes, credit notes and payouts. Their payments and invoices are written and updated
    /// afterwards.
    async fn write_others(
        &mut self,
        open: &OpenConnection,
    ) -> Result<Vec<AlertChange>, StoreError> {
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
        for it in self.payouts.values().flatten() {
            if payout(open, it).await? > 0 {
                news.extend(Change::Payout((*it).clone()).alerts());
            }
        }
        let charges = self.refunds.values().flatten().filter_map(|it| it.charge.as_ref());
        let charges: Vec<_> = charges.map(ObjectId::as_str).collect();
        if !charges.is_empty() {
            for row in open.query(PAYMENTS_OF_CHARGES, &[&charges]).await? {
                self.payments.entry(read(&row, 0)?).or_default();
            }
        }
        Ok(news)
    }

    /// Returns payments, links and invoices as columns, in the order of the arguments of the schema's
    /// functions.
    pub(crate) fn columns(&self) -> Vec<Column<'_>> {
        let payments = columns!(self.payments.iter(), |it| [
            it.0.as_str(),
            it.1.payment.map(|it| it.progress.name()),
            it.1.payment.map_or(0, |it| it.amount),
            it.1.payment.map(|it| it.currency.as_str()),
            it.1.payment.map(|it| it.livemode),
            it.1.payment.map_or(0, |it| it.at.get()),
            it.1.payment.map_or(NOT_SEEN, |it| it.version.order),
            it.1.payment.map_or("", |it| it.version.event.as_str()),
            it.1.no_invoice.unwrap_or(NO_EVIDENCE),
            it.1.link.map_or(NO_EVIDENCE, |it| it.0),
            it.1.link.map_or("", |it| it.1),
        ]);
        let links = columns!(self.links.iter(), |it| [it.0.0, it.0.1, it.1.0, it.1.1]);
        let invoices = columns!(self.invoices.iter(), |it| [
            it.0.as_str(),
            it.1.map(|it| it.progress.name()),
            it.1.map_or(0, |it| it.amount),
            it.1.map_or(0, |it| it.paid),
            it.1.map(|it| it.currency.as_str()),
            it.1.map(|it| it.livemode),
            it.1.is_some_and(|it| it.recurring),
            it.1.is_some_and(|it| it.out_of_band),
            it.1.map_or(0, |it| it.at.get()),
            it.1.map_or(NOT_SEEN, |it| it.version.order),
            it.1.map_or("", |it| it.version.event.as_str()),
        ]);
        payments.into_iter().chain(links).chain(invoices).collect()
    }
}

/// Writes payments, links and invoices; see `change_ledger` in the schema.
const CHANGE: &str = "select change_ledger($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
    $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)";

/// Reads the payments of the charges `$1` that have a running total.
const PAYMENTS_OF_CHARGES: &str = "select payment from refund where id = any($1)";

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

/// Writes an event's view of a refund or of a charge's running total. Of two totals in one second the
/// greater one counts.
const REFUND: &str = "\
    insert into refund (id, payment, charge, total, progress, amount, released, currency, livemode, \
        made_at, at, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
        total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
        released = excluded.released, currency = excluded.currency, \
        livemode = excluded.livemode, made_at = excluded.made_at, at = excluded.at, version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.amount, excluded.event_id) \
        > (refund.version, refund.amount, refund.event_id)";

async fn refund(open: &OpenConnection, it: &Refund) -> Result<u64, StoreError> {
    open.execute(
        REFUND,
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

/// Writes an event's view of a credit note, as far as it was refunded outside Stripe.
const CREDIT_NOTE: &str = "\
    insert into credit_note (id, invoice, amount, version, event_id) \
    values ($1, $2, $3, $4, $5) \
    on conflict (id) do update set invoice = excluded.invoice, amount = excluded.amount, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (credit_note.version, credit_note.event_id)";

async fn credit_note(open: &OpenConnection, it: &CreditNote) -> Result<u64, StoreError> {
    open.execute(
        CREDIT_NOTE,
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

/// Writes an event's view of a dispute.
const DISPUTE: &str = "\
    insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8) \
    on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
        amount = excluded.amount, currency = excluded.currency, livemode = excluded.livemode, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)";

async fn dispute(open: &OpenConnection, it: &Dispute) -> Result<u64, StoreError> {
    open.execute(
        DISPUTE,
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

/// Writes an event's view of a payout.
const PAYOUT: &str = "\
    insert into payout (id, amount, currency, livemode, automatic, method, status, created, arrives, \
        line, return_line, failure, original, reversed_by, version, event_id, reconciliation) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
    on conflict (id) do update set amount = excluded.amount, currency = excluded.currency, \
        livemode = excluded.livemode, automatic = excluded.automatic, method = excluded.method, \
        status = excluded.status, created = excluded.created, arrives = excluded.arrives, \
        line = excluded.line, return_line = excluded.return_line, failure = excluded.failure, \
        original = excluded.original, reversed_by = excluded.reversed_by, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (payout.version, payout.event_id)";

/// Writes the most that Stripe is known to know of a payout's lines: views of different rank say that
/// in any order.
const RECONCILIATION: &str =
    "update payout set reconciliation = $2 where id = $1 and reconciliation < $2";

async fn payout(open: &OpenConnection, it: &Payout) -> Result<u64, StoreError> {
    let id = |it: &Option<ObjectId>| it.as_ref().map(ToString::to_string);
    let word = |it: &Option<EnumWord>| it.as_ref().map(ToString::to_string);
    let written = open
        .execute(
            PAYOUT,
            &[
                &it.id.as_str(),
                &it.amount,
                &it.currency.as_str(),
                &it.livemode,
                &it.automatic,
                &word(&it.method),
                &it.status.name(),
                &it.created.get(),
                &it.arrives.get(),
                &id(&it.line),
                &id(&it.return_line),
                &word(&it.failure),
                &id(&it.original),
                &id(&it.reversed_by),
                &it.version.order,
                &it.version.event.as_str(),
                &it.reconciliation.rank(),
            ],
        )
        .await?;
    open.execute(RECONCILIATION, &[&it.id.as_str(), &it.reconciliation.rank()]).await?;
    Ok(written)
}
