//! Statements on the ledger. A row is replaced by a view of it that counts more, never by another.

use portal_domain::ledger::{Change, Dispute, Invoice, Link, Payment, Refund};
use portal_domain::{
    DisputeState, DonationFilter, DonationState, Kind, ObjectId, StoreError, UnixSeconds,
};

use super::inbox::held;
use super::statement::values;
use super::{Statement, Value, alerts};

/// Writes a change, and before it the alerts that follow if it is news, where `held` holds.
pub(super) fn write<'v>(
    change: &'v Change,
    held: &Statement<'v>,
    now: UnixSeconds,
) -> Result<Vec<Statement<'v>>, StoreError> {
    let mut all = Vec::new();
    let alert_changes = change.alerts();
    if !alert_changes.is_empty() {
        let mut news = held.clone();
        news.append(&is_news(change));
        for it in &alert_changes {
            all.push(alerts::write_where(it, now, &news)?);
        }
    }
    let written = match change {
        Change::Payment(it) => vec![payment(it)],
        Change::Link(it) => link(it),
        Change::Invoice(it) => vec![invoice(it)],
        Change::Refund(it) => vec![refund(it)],
        Change::Dispute(it) => vec![dispute(it)],
    };
    let while_held = |mut it: Statement<'v>| {
        it.values.extend(held.values.iter().cloned());
        it
    };
    all.extend(written.into_iter().map(while_held));
    Ok(all)
}

/// True where no view that counts as much is there yet; for the changes that operators are told of.
fn is_news(change: &Change) -> Statement<'_> {
    match change {
        Change::Refund(it) => Statement::new(
            " and not exists (select 1 from refund \
                              where id = ? and (version, amount, event_id) >= (?, ?, ?))",
            values![it.id.as_str(), it.version.order, it.amount, it.version.event.as_str()],
        ),
        Change::Dispute(it) => Statement::new(
            " and not exists (select 1 from dispute \
                              where id = ? and (version, event_id) >= (?, ?))",
            values![it.id.as_str(), it.version.order, it.version.event.as_str()],
        ),
        Change::Payment(_) | Change::Link(_) | Change::Invoice(_) => Statement::plain(""),
    }
}

fn payment(it: &Payment) -> Statement<'_> {
    let payment = concat!(
        "insert into payment (id, progress, amount, currency, livemode, at, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 where ",
        held!(),
        " on conflict (id) do update set progress = excluded.progress, \
             amount = excluded.amount, currency = excluded.currency, \
             livemode = excluded.livemode, at = excluded.at, version = excluded.version, \
             event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (payment.version, payment.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.progress.name(),
        it.amount,
        it.currency.as_str(),
        it.livemode,
        it.at.get(),
        it.version.order,
        it.version.event.as_str(),
    ];
    Statement::new(payment, values)
}

/// Which invoice a payment belongs to; `''` where the evidence says that there is none.
fn link(it: &Link) -> Vec<Statement<'_>> {
    let link = concat!(
        "insert into payment (id, evidence, invoice) select ?1, ?2, ?3 where ",
        held!(),
        " on conflict (id) do update set evidence = excluded.evidence, \
             invoice = excluded.invoice \
         where (excluded.evidence, excluded.invoice) < (payment.evidence, payment.invoice)"
    );
    // One that only the payment has told of so far.
    let linked_invoice = concat!(
        "insert into invoice (id) select ?1 where ",
        held!(),
        " on conflict (id) do nothing"
    );
    let invoice = it.invoice.as_ref().map_or("", ObjectId::as_str);
    let mut all = Vec::new();
    if it.is_certain() {
        all.push(Statement::new(linked_invoice, values![invoice]));
    }
    all.push(Statement::new(link, values![it.payment.as_str(), it.evidence.rank(), invoice]));
    all
}

fn invoice(it: &Invoice) -> Statement<'_> {
    let invoice = concat!(
        "insert into invoice (id, progress, amount, currency, livemode, recurring, out_of_band, \
             at, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where ",
        held!(),
        " on conflict (id) do update set progress = excluded.progress, \
             amount = excluded.amount, currency = excluded.currency, \
             livemode = excluded.livemode, recurring = excluded.recurring, \
             out_of_band = excluded.out_of_band, at = excluded.at, \
             version = excluded.version, event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (invoice.version, invoice.event_id)"
    );
    let values = values![
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
    ];
    Statement::new(invoice, values)
}

/// A refund, or a charge's running total. Of two totals in one second the greater counts.
fn refund(it: &Refund) -> Statement<'_> {
    let refund = concat!(
        "insert into refund (id, payment, charge, total, progress, amount, currency, livemode, \
             made_at, at, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 where ",
        held!(),
        " on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
             total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
             currency = excluded.currency, livemode = excluded.livemode, \
             made_at = excluded.made_at, at = excluded.at, version = excluded.version, \
             event_id = excluded.event_id \
         where (excluded.version, excluded.amount, excluded.event_id) \
             > (refund.version, refund.amount, refund.event_id)"
    );
    let values = values![
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
    ];
    Statement::new(refund, values)
}

fn dispute(it: &Dispute) -> Statement<'_> {
    let dispute = concat!(
        "insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 where ",
        held!(),
        " on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
             amount = excluded.amount, currency = excluded.currency, \
             livemode = excluded.livemode, version = excluded.version, \
             event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.payment.as_str(),
        it.state.map(DisputeState::name),
        it.amount,
        it.currency.as_str(),
        it.livemode,
        it.version.order,
        it.version.event.as_str(),
    ];
    Statement::new(dispute, values)
}

/// A donation's columns, in the order of [`portal_domain::row::donation`].
macro_rules! select_donation {
    ($rest:literal) => {
        concat!(
            "select id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, ",
            "out_of_band, livemode, at from donation ",
            $rest
        )
    };
}

/// For each id in its place the donation of that id, or else the one that the payment of that id
/// belongs to; nothing but nulls where there is none.
#[must_use]
pub fn donations_of(ids: &[ObjectId]) -> Statement<'static> {
    // Found first and once, because the view is quick only where it is told which ids. It reads every
    // invoice once, however many ids there are.
    let donations = concat!(
        "with asked as materialized ( \
             select key as place, value as id, \
                 (select invoice from payment where id = value and invoice <> '') as invoice \
             from json_each(?1)), \
         found as materialized (",
        select_donation!("where id in (select id from asked union select invoice from asked)"),
        ") select found.* from asked left join found on found.id = \
             case when asked.id in (select id from found) then asked.id else asked.invoice end \
         order by asked.place"
    );
    let ids: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    Statement::new(donations, values![serde_json::json!(ids).to_string()])
}

/// The donations that a filter lets through, the last first; those after `after`, if it is there.
#[must_use]
pub fn donations<'v>(
    filter: &'v DonationFilter,
    after: Option<(UnixSeconds, &'v ObjectId)>,
    limit: u32,
) -> Statement<'v> {
    let mut donations = Statement::plain(select_donation!("where true"));
    filtered(&mut donations, filter);
    if let Some((at, id)) = after {
        donations.push(" and (at, id) < (?, ?)");
        donations.values.extend([at.get().into(), Value::from(id.as_str())]);
    }
    donations.add(" order by at desc, id desc limit ?", Some(limit));
    donations
}

/// What the donations that a filter lets through come to, in the order of
/// [`portal_domain::row::total`].
#[must_use]
pub fn totals(filter: &DonationFilter) -> Statement<'_> {
    let totals = "select currency, kind, livemode, count(*) as count, sum(amount) as gross, \
                  sum(refunded) as refunded, sum(lost) as lost, sum(net) as net \
                  from donation where state = 'paid' and not provisional";
    let mut totals = Statement::plain(totals);
    filtered(&mut totals, filter);
    totals.push(" group by currency, kind, livemode order by currency, kind, livemode");
    totals
}

fn filtered<'v>(sql: &mut Statement<'v>, filter: &'v DonationFilter) {
    sql.add(" and at >= ?", filter.since.map(UnixSeconds::get));
    sql.add(" and at < ?", filter.until.map(UnixSeconds::get));
    sql.add(" and currency = ?", filter.currency.as_ref().map(|it| it.as_str()));
    sql.add(" and kind = ?", filter.kind.map(Kind::name));
    sql.add(" and state = ?", filter.state.map(DonationState::name));
    sql.add(" and livemode = ?", filter.livemode);
    sql.add(" and provisional = ?", filter.provisional);
    sql.add(
        " and exists (select 1 from confirmation where confirmation.id = donation.id) = ?",
        filter.confirmed,
    );
}
