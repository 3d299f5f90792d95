//! The ledger: reading donations, each from its own row, and checking what is kept of them.

pub(super) mod changes;
mod keep;

use async_trait::async_trait;
use portal_domain::time::Day;
use portal_domain::{
    DisputeState, Donation, DonationFilter, DonationRows, DonationState, Kind, Ledger, ObjectId,
    StoreError, Total, UnixSeconds, row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing};
use crate::sql::{SqlValue, Statement, values};

/// A donation's columns, in the order of [`portal_domain::row_decode::donation`].
macro_rules! columns {
    () => {
        "id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, \
         out_of_band, livemode, at"
    };
}

#[async_trait]
impl<E: Executor> Ledger for SqlStore<E> {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        let donations = Statement::new(DONATIONS_OF, values![json(ids)]);
        self.executor.read(Reading::Lookup, donations, row_decode::donation_or_none).await
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        let rows = Statement::new(DONATION_ROWS, values![id.as_str()]);
        self.first(rows, row_decode::donation_rows).await
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        let parents = "select payment as id from refund where id = ?1 \
             union select payment from dispute where id = ?1 \
             union select invoice from credit_note where id = ?1 order by id";
        let parents = Statement::new(parents, values![object.as_str()]);
        self.executor.read(Reading::Lookup, parents, row_decode::object_id).await
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        let page = page(filter, after, limit);
        self.executor.read(Reading::Scan, page, row_decode::donation).await
    }

    async fn donation_at(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        place: u32,
    ) -> Result<Option<(UnixSeconds, ObjectId)>, StoreError> {
        let mut page = page(filter, after, place.saturating_add(1));
        page.add(" offset ?", Some(place));
        let read = self.executor.read(Reading::Scan, page, row_decode::donation).await?;
        Ok(read.into_iter().next().map(|it| (it.at, it.id)))
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.executor.read(Reading::Scan, sums(filter), row_decode::total).await
    }

    async fn totals_of_days(&self, days: &[Day]) -> Result<Vec<(usize, Total)>, StoreError> {
        let days: Vec<_> = days.iter().map(|it| (it.since, it.until)).collect();
        let days = values![serde_json::json!(days).to_string()];
        let totals = Statement::new(TOTALS_OF_DAYS, days);
        self.executor.read(Reading::Scan, totals, row_decode::total_of_day).await
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        let confirm = "insert into confirmation (id, at) \
                       select value, ?2 from json_each(?1) where true on conflict (id) do nothing";
        let confirm = Statement::new(confirm, values![json(donations), now.get()]);
        self.write_one(Writing::Now, confirm).await.map(drop)
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        self.executor.read(Reading::Scan, keep::differing(limit), row_decode::object_id).await
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        self.executor.write(Writing::Now, &keep::renewed(ids)).await.map(drop)
    }
}

pub(super) fn json(ids: &[ObjectId]) -> String {
    let ids: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    serde_json::json!(ids).to_string()
}

/// For each id in its place the donation of that id, or else the one that the payment of that id
/// belongs to; nothing but nulls where there is none.
const DONATIONS_OF: &str = concat!(
    "with asked as materialized (select key as place, value as asked from json_each(?1)), \
         found as ( \
             select place, 0 as choice, d.* from asked \
             cross join donation_by_payment d on d.id = asked \
             union all \
             select place, 0, d.* from asked cross join donation_by_invoice d on d.id = asked \
             union all \
             select place, 1, d.* from asked cross join payment p on p.id = asked \
             cross join donation_by_invoice d on d.id = p.invoice and p.link < p.no_invoice), \
         picked as (select place, min(choice), ",
    columns!(),
    " from found group by place) select ",
    columns!(),
    " from asked left join picked using (place) order by place"
);

/// The payments `of_it` that the donation `given` follows from, each with the evidence of its link.
macro_rules! payments_of_donation {
    () => {
        concat!(
            "with given as materialized ( \
                 select ",
            columns!(),
            " from donation_by_payment where id = ?1 union all select ",
            columns!(),
            " from donation_by_invoice where id = ?1 limit 1), \
             of_it as materialized ( \
                 select id as payment, null as evidence from given where kind = 'one_time' \
                 union all \
                 select l.payment, l.evidence \
                 from given cross join invoice i on i.id = given.id \
                 cross join link l on l.invoice = i.id \
                     and (l.evidence < 50 or l.evidence = 70 \
                         and l.payment = (select e.payment from explained e where e.invoice = i.id)) \
                 where kind <> 'one_time') "
        )
    };
}

/// The donation of that id, with the rows that it follows from as JSON, in the order of
/// [`portal_domain::row_decode::donation_rows`].
const DONATION_ROWS: &str = concat!(
    payments_of_donation!(),
    "select ",
    columns!(),
    ", json_object( \
             'invoice', json((select json_object('progress', i.progress, 'amount', i.amount, \
                     'paid', i.paid, 'currency', i.currency, 'event', nullif(i.event_id, '')) \
                 from invoice i where i.id = given.id and given.kind <> 'one_time')), \
             'payments', json((select json_group_array(json_object('id', p.id, \
                     'progress', p.progress, 'amount', p.amount, 'currency', p.currency, \
                     'at', p.at, 'refunded', p.refunded, 'lost', p.lost, 'lost_in', p.lost_in, \
                     'evidence', o.evidence, 'event', nullif(p.event_id, ''))) \
                 from of_it o cross join payment p on p.id = o.payment)), \
             'refunds', json((select json_group_array(json_object('id', r.id, \
                     'payment', r.payment, 'charge', r.charge, 'progress', r.progress, \
                     'amount', r.amount, 'currency', r.currency, 'made_at', r.made_at, \
                     'at', r.at, 'event', nullif(r.event_id, ''))) \
                 from refund r where not r.total and r.id in ( \
                     select id from refund where payment in (select payment from of_it) \
                     union select f.id from refund t cross join refund f on f.charge = t.id \
                     where t.payment in (select payment from of_it) and t.total \
                         and f.progress in ('failed', 'canceled')))), \
             'charge_totals', json((select json_group_array(json_object('charge', r.id, \
                     'payment', r.payment, 'amount', r.amount, 'released', r.released, \
                     'currency', r.currency, 'at', r.at, 'event', nullif(r.event_id, ''))) \
                 from refund r where r.total and r.payment in (select payment from of_it))), \
             'credit_notes', json((select json_group_array(json_object('id', c.id, \
                     'amount', c.amount, 'event', nullif(c.event_id, ''))) \
                 from credit_note c where c.invoice = given.id and given.kind <> 'one_time')), \
             'disputes', json((select json_group_array(json_object('id', d.id, \
                     'payment', d.payment, 'state', d.state, 'amount', d.amount, \
                     'currency', d.currency, 'event', nullif(d.event_id, ''))) \
                 from dispute d where d.payment in (select payment from of_it))), \
             'links', json((select json_group_array(json_object('payment', l.payment, \
                     'invoice', l.invoice, 'share', l.share)) \
                 from of_it o cross join link l on l.payment = o.payment \
                 where l.evidence < 50))) as ledger \
         from given"
);

/// The totals of each day of `?1`, a list of their first seconds and the first ones after them.
const TOTALS_OF_DAYS: &str = "\
    select currency, kind, livemode, count(*) as count, sum(amount) as gross, \
        sum(refunded) as refunded, sum(lost) as lost, \
        sum(amount) - sum(refunded) - sum(lost) as net, place \
    from (select day.key as place, d.* from json_each(?1) day cross join donation_by_payment d \
              on d.state = 'paid' and d.provisional = 0 \
                 and d.at >= day.value ->> 0 and d.at < day.value ->> 1 \
          union all \
          select day.key, d.* from json_each(?1) day cross join donation_by_invoice d \
              on d.state = 'paid' and d.at >= day.value ->> 0 and d.at < day.value ->> 1) \
    group by place, currency, kind, livemode order by place, currency, kind, livemode";

/// The donations that a filter lets through, the last first; those after `after`, if it is there.
///
/// Each part comes from its own index in that order, and none is read further than the page.
fn page<'v>(
    filter: &'v DonationFilter,
    after: Option<(UnixSeconds, &'v ObjectId)>,
    limit: u32,
) -> Statement<'v> {
    // Of two bounds SQLite takes one to the index, and would walk through all earlier pages from this
    // one; where a page begins below it, it says nothing.
    let until = filter.until.filter(|until| after.is_none_or(|(at, _)| at >= *until));
    let filter = DonationFilter { until, ..filter.clone() };
    let page = |part| {
        let mut page = Statement::plain(concat!("select ", columns!(), " from "));
        page.append(&part);
        if let Some((at, id)) = after {
            page.push(" and (at, id) < (?, ?)");
            page.values.extend([at.get().into(), SqlValue::from(id.as_str())]);
        }
        page.add(" order by at desc, id desc limit ?", Some(limit));
        page
    };
    let mut all = union_all(&parts(&filter, "=").into_iter().map(page).collect::<Vec<_>>());
    all.add(" order by at desc, id desc limit ?", Some(limit));
    all
}

/// Selects the totals of the paid donations that a filter lets through, in the order of
/// [`portal_domain::row_decode::total`]: the certain ones, unless the filter asks for the others.
fn sums(filter: &DonationFilter) -> Statement<'_> {
    let paid = DonationState::Paid;
    let counts = filter.state.is_none_or(|it| it == paid);
    let provisional = filter.provisional.or(Some(false));
    let filter = DonationFilter { state: Some(paid), provisional, ..filter.clone() };
    // All of them are read faster from the table than by its index, row by row.
    let is = if filter.since.is_none() && filter.until.is_none() { "is" } else { "=" };
    let sum = |part| {
        let mut sum = Statement::plain(
            "select currency, kind, livemode, count(*) as count, sum(amount) as gross, \
                 sum(refunded) as refunded, sum(lost) as lost, \
                 sum(amount) - sum(refunded) - sum(lost) as net from ",
        );
        sum.append(&part);
        sum.push(if counts { "" } else { " and false" });
        sum.push(" group by currency, kind, livemode");
        sum
    };
    let mut all = union_all(&parts(&filter, is).into_iter().map(sum).collect::<Vec<_>>());
    all.push(" order by currency, kind, livemode");
    all
}

/// Returns the parts to read: donations of one state and one certainty each. With `=` each comes
/// from an index, with `is` from its table.
fn parts(filter: &DonationFilter, is: &str) -> Vec<Statement<'static>> {
    let states = [DonationState::Pending, DonationState::Paid, DonationState::Failed];
    let states = states.into_iter().filter(|it| filter.state.is_none_or(|state| state == *it));
    let mut all = Vec::new();
    for state in states {
        let mut part = |view: &'static str, provisional: bool| {
            if filter.provisional.is_some_and(|it| it != provisional) {
                return;
            }
            let mut part = Statement::plain(view);
            part.add(&format!(" where state {is} ?"), Some(state.name()));
            part.add(&format!(" and provisional {is} ?"), Some(provisional));
            all.push(filtered(part, filter));
        };
        if filter.kind.is_none_or(|kind| kind == Kind::OneTime) {
            part("donation_by_payment d", false);
            part("donation_by_payment d", true);
        }
        if filter.kind.is_none_or(|kind| kind != Kind::OneTime) {
            part("donation_by_invoice d", false);
        }
    }
    if all.is_empty() {
        all.push(Statement::plain("donation_by_payment d where false"));
    }
    all
}

fn filtered(mut part: Statement<'static>, filter: &DonationFilter) -> Statement<'static> {
    part.add(" and at >= ?", filter.since.map(UnixSeconds::get));
    part.add(" and at < ?", filter.until.map(UnixSeconds::get));
    part.add(" and currency = ?", filter.currency.as_ref().map(|it| it.as_str().to_owned()));
    part.add(" and kind = ?", filter.kind.map(Kind::name));
    part.add(" and livemode = ?", filter.livemode);
    part.add(" and dispute = ?", filter.dispute.map(DisputeState::name));
    part.add(" and amount >= ?", filter.amount_from);
    part.add(" and amount <= ?", filter.amount_to);
    part.add(" and exists (select 1 from confirmation c where c.id = d.id) = ?", filter.confirmed);
    part
}

/// The most terms that D1 takes in one compound select, as workerd limits it.
const COMPOUND_SELECT_MAX: usize = 5;

/// All rows of all parts; nested, so that no select has more than [`COMPOUND_SELECT_MAX`] of them.
fn union_all<'v>(parts: &[Statement<'v>]) -> Statement<'v> {
    if parts.len() > COMPOUND_SELECT_MAX {
        let nested: Vec<_> = parts.chunks(COMPOUND_SELECT_MAX).map(union_all).collect();
        return union_all(&nested);
    }
    let mut all = Statement::plain("");
    for part in parts {
        all.push(if all.sql.is_empty() { "select * from (" } else { " union all select * from (" });
        all.append(part);
        all.push(")");
    }
    all
}
