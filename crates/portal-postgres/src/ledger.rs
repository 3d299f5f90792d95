//! The ledger: reading donations, and checking their derived columns.
//!
//! The views `payment_kept` and `invoice_kept` derive the columns that make it possible to read a
//! donation from one row.

pub(crate) mod changes;

use async_trait::async_trait;
use portal_domain::time::Day;
use portal_domain::{
    DisputeState, Donation, DonationFilter, DonationRows, DonationState, Kind, Ledger, ObjectId,
    StoreError, Total, UnixSeconds, row_decode,
};

use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::store::{PostgresStore, step};
use crate::terms::Terms;
use crate::value::columns;

/// The columns of a donation, in the order of [`row_decode::donation`].
macro_rules! donation_columns {
    () => {
        "id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, \
         out_of_band, livemode, at"
    };
}

#[async_trait]
impl Ledger for PostgresStore {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        let texts: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
        step!(self.reading, |open| async {
            let mut found = vec![None; ids.len()];
            for row in open.query(DONATIONS_OF, &[&texts]).await? {
                let row = PostgresRow(&row);
                // The places count from 1.
                let place = row_decode::count::<usize>(&row, 13)?.checked_sub(1);
                let place = place.and_then(|it| found.get_mut(it)).ok_or(StoreError::Corrupt)?;
                *place = Some(row_decode::donation(&row)?);
            }
            Ok(found)
        })
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        step!(self.reading, |open| async {
            open.first(DONATION_ROWS, &[&id.as_str()], row_decode::donation_rows).await
        })
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        let parents = "\
            select payment as id from refund where id = $1 \
            union select payment from dispute where id = $1 \
            union select invoice from credit_note where id = $1 order by id";
        step!(self.reading, |open| open.all(parents, &[&object.as_str()], row_decode::object_id))
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        let terms = page(filter, after, limit);
        step!(self.reporting, |open| open.all(&terms.sql, &terms.values(), row_decode::donation))
    }

    async fn donation_at(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        place: u32,
    ) -> Result<Option<(UnixSeconds, ObjectId)>, StoreError> {
        let mut terms = page(filter, after, place.saturating_add(1));
        terms.add(" offset ?", Some(i64::from(place)));
        step!(self.reporting, |open| async {
            let found = open.first(&terms.sql, &terms.values(), row_decode::donation).await?;
            Ok(found.map(|it| (it.at, it.id)))
        })
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        step!(self.reporting, |open| totals(open, filter))
    }

    async fn totals_of_days(&self, days: &[Day]) -> Result<Vec<(usize, Total)>, StoreError> {
        let [since, until] = columns!(days.iter(), |it| [it.since.get(), it.until.get()]);
        step!(self.reporting, |open| async {
            open.all(TOTALS_OF_DAYS, &[&*since, &*until], row_decode::total_of_day).await
        })
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        // The order is that of the ids, so that two processes with the same ones do not deadlock.
        let confirm = "\
            insert into confirmation (id, at) \
            select id, $2 from unnest($1::text[]) as it (id) order by id collate \"C\" \
            on conflict (id) do nothing";
        let ids: Vec<_> = donations.iter().map(ObjectId::as_str).collect();
        step!(self.maintenance, |open| async {
            open.execute(confirm, &[&ids, &now.get()]).await.map(drop)
        })
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        step!(self.reporting, |open| open.all(CHECK, &[&i64::from(limit)], row_decode::object_id))
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        let mut ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        step!(self.operating, |open| async {
            for sql in [PAYMENT_ROWS, LOCK_PAYMENTS, "select keep_payments($1)"] {
                open.execute(sql, &[&ids]).await?;
            }
            // These payments belong, or may belong, to further invoices.
            let invoices = "select distinct invoice from link where payment = any($1)";
            let of_payments = open.query(invoices, &[&ids]).await?;
            for row in &of_payments {
                ids.push(read(row, 0)?);
            }
            for sql in [INVOICE_ROWS, LOCK_INVOICES, "select keep_invoices($1)"] {
                open.execute(sql, &[&ids]).await?;
            }
            Ok(())
        })
    }
}

/// Selects the donations that a filter lets through, the last first; those after `after`, if it is there.
fn page(filter: &DonationFilter, after: Option<(UnixSeconds, &ObjectId)>, limit: u32) -> Terms {
    let mut terms = Terms::new("");
    // Each part is read by its own index in the order of the list, at most one page of it.
    for part in parts(filter) {
        let before = if terms.sql.is_empty() { "select * from ((" } else { " union all (" };
        terms.sql.extend([before, concat!("select ", donation_columns!(), " from ")]);
        part.add_to(&mut terms, filter);
        if let Some((at, id)) = after {
            let (at, id) = (terms.bind(at.get()), terms.bind(id.as_str().to_owned()));
            terms.sql.extend([" and (at, id) < (", &at, ", ", &id, ")"]);
        }
        terms.add(" order by at desc, id desc limit ?)", Some(i64::from(limit)));
    }
    terms.add(") as it order by at desc, id desc limit ?", Some(i64::from(limit)));
    terms
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
    let select = "\
        select currency, kind, livemode, count(*) as count, sum(amount)::bigint as gross, \
            sum(refunded)::bigint as refunded, sum(lost)::bigint as lost, sum(net)::bigint as net from ";
    let mut terms = Terms::new("");
    for part in parts(&filter) {
        terms.sql.extend([if terms.sql.is_empty() { "" } else { " union all " }, select]);
        part.add_to(&mut terms, &filter);
        terms.sql.push_str(" group by currency, kind, livemode");
    }
    let mut totals = open.all(&terms.sql, &terms.values(), row_decode::total).await?;
    totals.sort_by(|a, b| by_group(a).cmp(&by_group(b)));
    Ok(totals)
}

/// Reads the totals of each day, whose first seconds are `$1` and the first ones after them `$2`.
const TOTALS_OF_DAYS: &str = "\
    select currency, kind, livemode, count(*) as count, sum(amount)::bigint as gross, \
        sum(refunded)::bigint as refunded, sum(lost)::bigint as lost, sum(net)::bigint as net, \
        place - 1 as place \
    from unnest($1::bigint[], $2::bigint[]) with ordinality as day (since, until, place) \
    cross join lateral ( \
        select d.* from donation_by_payment d where d.state = 'paid' and not d.provisional \
            and d.at >= day.since and d.at < day.until \
        union all \
        select d.* from donation_by_invoice d where d.state = 'paid' \
            and d.at >= day.since and d.at < day.until) as it \
    group by place, currency, kind, livemode \
    order by place, currency, kind collate \"C\", livemode";

fn by_group(it: &Total) -> (&str, &'static str, bool) {
    (it.currency.as_str(), it.kind.name(), it.livemode)
}

/// The donations of one view that are in one state and provisional or not. Each part has an index.
struct DonationPart {
    view: &'static str,
    state: DonationState,
    provisional: bool,
}

/// Returns the parts that a filter selects: at least one, which may be empty.
fn parts(filter: &DonationFilter) -> Vec<DonationPart> {
    let states = [DonationState::Pending, DonationState::Paid, DonationState::Failed];
    let mut all = Vec::new();
    for state in states.into_iter().filter(|it| filter.state.is_none_or(|state| state == *it)) {
        if filter.kind.is_none_or(|kind| kind == Kind::OneTime) {
            let part =
                |provisional| DonationPart { view: "donation_by_payment d", state, provisional };
            all.extend([part(false), part(true)]);
        }
        if filter.kind.is_none_or(|kind| kind != Kind::OneTime) {
            all.push(DonationPart { view: "donation_by_invoice d", state, provisional: false });
        }
    }
    all.retain(|it| filter.provisional.is_none_or(|provisional| provisional == it.provisional));
    if all.is_empty() {
        // No part matches the filter: this one, with the filter's terms, yields nothing.
        let (view, state) = ("donation_by_payment d", DonationState::Paid);
        all.push(DonationPart { view, state, provisional: false });
    }
    all
}

impl DonationPart {
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
        terms.add(" and dispute = ?", filter.dispute.map(DisputeState::name));
        terms.add(" and amount >= ?", filter.amount_from);
        terms.add(" and amount <= ?", filter.amount_to);
        let confirmed = " and exists (select 1 from confirmation c where c.id = d.id) = ?";
        terms.add(confirmed, filter.confirmed);
    }
}

/// Reads for each id in `$1` the donation with this id, or else the one that the payment with this id
/// belongs to, together with the place of the id in the array.
const DONATIONS_OF: &str = concat!(
    "select it.*, asked.place from unnest($1::text[]) with ordinality as asked (id, place) \
     cross join lateral (select ",
    donation_columns!(),
    " from (select 1 as choice, d.* from donation_by_payment d where d.id = asked.id \
            union all \
            select 1, d.* from donation_by_invoice d where d.id = asked.id \
            union all \
            select 2, d.* from payment p join donation_by_invoice d on d.id = p.invoice \
            where p.id = asked.id and p.link < p.no_invoice) as either \
         order by choice limit 1) as it"
);

/// Reads the donation `$1` with the rows that it follows from, as JSON. `of_it` are its payments, each
/// with the evidence of its link.
const DONATION_ROWS: &str = concat!(
    "with given as materialized ( \
         select ",
    donation_columns!(),
    " from donation_by_payment where id = $1 union all select ",
    donation_columns!(),
    " from donation_by_invoice where id = $1 limit 1), \
     of_it as materialized ( \
         select id as payment, null::bigint as evidence from given where kind = 'one_time' \
         union all \
         select l.payment, l.evidence \
         from given join invoice i on i.id = given.id join link l on l.invoice = i.id \
             and (l.evidence < 50 or l.evidence = 70 \
                 and l.payment = (select e.payment from explained e where e.invoice = i.id)) \
         where kind <> 'one_time') \
     select ",
    donation_columns!(),
    ", json_build_object( \
         'invoice', (select json_build_object('progress', i.progress, 'amount', i.amount, \
                 'paid', i.paid, 'currency', i.currency, 'event', nullif(i.event_id, '')) \
             from invoice i where i.id = given.id and given.kind <> 'one_time'), \
         'payments', (select coalesce(json_agg(json_build_object('id', p.id, \
                 'progress', p.progress, 'amount', p.amount, 'currency', p.currency, \
                 'at', p.at, 'refunded', p.refunded, 'lost', p.lost, 'lost_in', p.lost_in, \
                 'evidence', o.evidence, 'event', nullif(p.event_id, ''))), '[]') \
             from of_it o join payment p on p.id = o.payment), \
         'refunds', (select coalesce(json_agg(json_build_object('id', r.id, \
                 'payment', r.payment, 'charge', r.charge, 'progress', r.progress, \
                 'amount', r.amount, 'currency', r.currency, 'made_at', r.made_at, \
                 'at', r.at, 'event', nullif(r.event_id, ''))), '[]') \
             from refund r where not r.total and r.id in ( \
                 select id from refund where payment in (select payment from of_it) \
                 union select f.id from refund t join refund f on f.charge = t.id \
                 where t.payment in (select payment from of_it) and t.total \
                     and f.progress in ('failed', 'canceled'))), \
         'charge_totals', (select coalesce(json_agg(json_build_object('charge', r.id, \
                 'payment', r.payment, 'amount', r.amount, 'released', r.released, \
                 'currency', r.currency, 'at', r.at, 'event', nullif(r.event_id, ''))), '[]') \
             from refund r where r.total and r.payment in (select payment from of_it)), \
         'credit_notes', (select coalesce(json_agg(json_build_object('id', c.id, \
                 'amount', c.amount, 'event', nullif(c.event_id, ''))), '[]') \
             from credit_note c where c.invoice = given.id and given.kind <> 'one_time'), \
         'disputes', (select coalesce(json_agg(json_build_object('id', d.id, \
                 'payment', d.payment, 'state', d.state, 'amount', d.amount, \
                 'currency', d.currency, 'event', nullif(d.event_id, ''))), '[]') \
             from dispute d where d.payment in (select payment from of_it)), \
         'links', (select coalesce(json_agg(json_build_object('payment', l.payment, \
                 'invoice', l.invoice, 'share', l.share)), '[]') \
             from of_it o join link l on l.payment = o.payment where l.evidence < 50))::text \
         as ledger \
     from given"
);

/// Reads the sorted ids of up to `$1` payments and invoices whose derived columns do not follow from
/// the other rows, or that lack a row.
const CHECK: &str = "\
    select id from ( \
        select id from payment p join payment_kept k using (id) \
        where (p.link, p.invoice, p.refunded, p.lost, p.lost_in, p.dispute) \
            is distinct from (k.link, k.invoice, k.refunded, k.lost, k.lost_in, k.dispute) \
        union select payment from (select payment from link union select payment from refund \
            union select payment from dispute) as it \
        where not exists (select 1 from payment where id = it.payment) \
        union select id from invoice i join invoice_kept k using (id) \
        where (i.payments_paid, i.payments_progress, i.payments_amount, \
               i.payments_currency, i.payments_livemode, i.payments_at, \
               i.refunded, i.payments_lost, i.payments_dispute) \
            is distinct from (k.payments_paid, k.payments_progress, k.payments_amount, \
               k.payments_currency, k.payments_livemode, k.payments_at, \
               k.refunded, k.payments_lost, k.payments_dispute) \
        union select invoice from link \
        where not exists (select 1 from invoice where id = link.invoice) \
    ) as it order by id collate \"C\" limit $1";

/// Inserts the missing rows of the payments among `$1`.
const PAYMENT_ROWS: &str = "\
    insert into payment (id) \
    select id from unnest($1::text[]) as it (id) \
    where exists (select 1 from link where payment = it.id) \
       or exists (select 1 from refund where payment = it.id) \
       or exists (select 1 from dispute where payment = it.id) \
    order by id collate \"C\" on conflict (id) do nothing";

/// Inserts the missing rows of the invoices among `$1`.
const INVOICE_ROWS: &str = "\
    insert into invoice (id) select distinct invoice from link where invoice = any($1) \
    order by invoice on conflict (id) do nothing";

/// Locks the existing payments among `$1` before they are updated, so that the update sees all rows
/// that their values follow from.
const LOCK_PAYMENTS: &str = "select 1 from payment where id = any($1) order by id for update";

/// As [`LOCK_PAYMENTS`], of invoices.
const LOCK_INVOICES: &str = "select 1 from invoice where id = any($1) order by id for update";
