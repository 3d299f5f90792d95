//! Payouts, and the lines of the balance.

use async_trait::async_trait;
use portal_domain::payouts::{
    BalanceLine, BalanceReading, LineSum, MoneyLine, PayoutHistory, PayoutRow, StatementLine,
};
use portal_domain::{
    Currency, ObjectId, PayoutFilter, Payouts, ReadError, StoreError, UnixSeconds, Window,
    balance_line_columns, payout_columns, row_decode,
};

use crate::store::{PostgresStore, step};
use crate::terms::Terms;
use crate::value::{Value, columns};

#[async_trait]
impl Payouts for PostgresStore {
    async fn add_lines(
        &self,
        lines: &[BalanceLine],
        payout: Option<&ObjectId>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        // In the order of the ids, so that two processes with the same lines do not deadlock.
        let list = "insert into payout_line (payout, line, seen_at) \
                    select $1, id, $3 from unnest($2::text[]) as it (id) order by id collate \"C\" \
                    on conflict (payout, line) do update set seen_at = excluded.seen_at";
        let rows = BalanceLine::rows(lines);
        let mut ids: Vec<_> = lines.iter().map(|it| it.id.as_str()).collect();
        // One statement changes a row once.
        ids.sort_unstable();
        ids.dedup();
        step!(self.maintenance, |open| async {
            open.execute(ADD_LINES, &[&rows]).await?;
            if let Some(payout) = payout {
                open.execute(list, &[&payout.as_str(), &ids, &now.get()]).await?;
            }
            Ok(())
        })
    }

    async fn unknown_objects(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
        let unknown = "select id from unnest($1::text[]) as asked (id) \
             where not exists (select 1 from payment p \
                               where p.id = asked.id and p.progress is not null) \
               and not exists (select 1 from refund r where r.id = asked.id) \
               and not exists (select 1 from dispute d where d.id = asked.id) \
             order by id collate \"C\"";
        let ids = texts(objects);
        step!(self.reading, |open| open.all(unknown, &[&ids], row_decode::object_id))
    }

    async fn finish_reading(
        &self,
        payout: &ObjectId,
        unreadable: Option<ReadError>,
        begun: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let leave = "delete from payout_line where payout = $1 and seen_at < $2";
        let keep = "update payout set read_at = $2, unreadable = $3, \
                        lines = case when $3::text is null then \
                            (select count(*) from payout_line where payout = $1) end \
                    where id = $1";
        let why = unreadable.map(|it| serde_json::json!(it).to_string());
        step!(self.maintenance, |open| async {
            if why.is_none() {
                open.execute(leave, &[&payout.as_str(), &begun.get()]).await?;
            }
            open.execute(keep, &[&payout.as_str(), &now.get(), &why]).await.map(drop)
        })
    }

    async fn payouts_to_read(
        &self,
        livemode: bool,
        again_before: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<ObjectId>, StoreError> {
        let due = "select id from payout where livemode = $1 and automatic \
                   and reconciliation = 2 and lines is null and coalesce(read_at, 0) < $2 \
                   order by created, id limit $3";
        let values = (again_before.get(), i64::from(limit));
        step!(self.reading, |open| async {
            open.all(due, &[&livemode, &values.0, &values.1], row_decode::object_id).await
        })
    }

    async fn keep_balance(&self, readings: &[BalanceReading]) -> Result<(), StoreError> {
        let keep = "insert into balance_reading (livemode, currency, at, available, pending) \
             select * from unnest($1::boolean[], $2::text[], $3::bigint[], $4::bigint[], \
                 $5::bigint[]) as it (livemode, currency, at, available, pending) \
             order by livemode, currency collate \"C\", at \
             on conflict (livemode, currency, at) do nothing";
        let rows = columns!(readings.iter(), |it| [
            it.livemode,
            it.currency.as_str(),
            it.at.get(),
            it.available,
            it.pending,
        ]);
        let values: Vec<_> = rows.iter().map(|it| &**it).collect();
        step!(self.maintenance, |open| async { open.execute(keep, &values).await.map(drop) })
    }

    async fn last_balance(
        &self,
        livemode: bool,
        until: UnixSeconds,
    ) -> Result<Vec<BalanceReading>, StoreError> {
        let last = "select distinct on (currency) currency, livemode, at, available, pending \
                    from balance_reading where livemode = $1 and at <= $2 \
                    order by currency, at desc";
        step!(self.reading, |open| async {
            open.all(last, &[&livemode, &until.get()], row_decode::balance_reading).await
        })
    }

    async fn payouts(
        &self,
        filter: &PayoutFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<PayoutRow>, StoreError> {
        let mut terms =
            Terms::new(concat!("select ", payout_columns!(), " from payout p where true"));
        terms.add(" and livemode = ?", filter.livemode);
        terms.add(" and arrives >= ?", filter.arrives_since.map(UnixSeconds::get));
        terms.add(" and arrives < ?", filter.arrives_until.map(UnixSeconds::get));
        if let Some((created, id)) = after {
            let (created, id) = (terms.bind(created.get()), terms.bind(id.as_str().to_owned()));
            terms.sql.extend([" and (created, id) < (", &created, ", ", &id, ")"]);
        }
        terms.add(" order by created desc, id desc limit ?", Some(i64::from(limit)));
        step!(self.reading, |open| open.all(&terms.sql, &terms.values(), row_decode::payout))
    }

    async fn payouts_of(&self, ids: &[ObjectId]) -> Result<Vec<PayoutRow>, StoreError> {
        let of_ids =
            concat!("select ", payout_columns!(), " from payout p where id = any($1) order by id");
        let ids = texts(ids);
        step!(self.reading, |open| open.all(of_ids, &[&ids], row_decode::payout))
    }

    async fn payout_lines(&self, payout: &ObjectId) -> Result<Vec<StatementLine>, StoreError> {
        step!(self.reading, |open| async {
            open.all(PAYOUT_LINES, &[&payout.as_str()], row_decode::statement_line).await
        })
    }

    async fn lines_of(
        &self,
        donations: &[ObjectId],
    ) -> Result<Vec<(usize, MoneyLine)>, StoreError> {
        let ids = texts(donations);
        step!(self.reading, |open| open.all(LINES_OF, &[&ids], row_decode::money_line))
    }

    async fn payout_history(
        &self,
        livemode: bool,
    ) -> Result<Vec<(Currency, PayoutHistory)>, StoreError> {
        step!(self.reading, |open| async {
            open.all(PAYOUT_HISTORY, &[&livemode], row_decode::payout_history).await
        })
    }

    async fn balance_lines(
        &self,
        livemode: bool,
        window: Window,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<BalanceLine>, StoreError> {
        let lines = concat!(
            "select ",
            balance_line_columns!(),
            " from balance_line l where livemode = $1 and created < $2 \
               and (created, id) > ($3, $4) order by created, id limit $5"
        );
        // Before the first line of a second comes the empty id.
        let (since, id) = after.map_or((window.since, ""), |(at, id)| (at, id.as_str()));
        let (until, since, limit) = (window.until.get(), since.get(), i64::from(limit));
        step!(self.reading, |open| async {
            let values: [&dyn Value; 5] = [&livemode, &until, &since, &id, &limit];
            open.all(lines, &values, row_decode::balance_line).await
        })
    }

    async fn line_sums(
        &self,
        livemode: bool,
        window: Window,
    ) -> Result<Vec<(Currency, LineSum)>, StoreError> {
        let sums = "select currency, part, count(*) as lines, sum(amount)::bigint as amount, \
                        sum(fee)::bigint as fee, sum(fee_tax)::bigint as fee_tax, \
                        sum(net)::bigint as net \
                    from balance_line where livemode = $1 and created >= $2 and created < $3 \
                        and coalesce(balance, 'payments') = 'payments' \
                    group by currency, part order by currency, part nulls first";
        let (since, until) = (window.since.get(), window.until.get());
        step!(self.reporting, |open| async {
            open.all(sums, &[&livemode, &since, &until], row_decode::line_sum).await
        })
    }
}

fn texts(ids: &[ObjectId]) -> Vec<&str> {
    ids.iter().map(ObjectId::as_str).collect()
}

const ADD_LINES: &str = "\
    insert into balance_line (id, type, category, part, balance, currency, amount, fee, fee_tax, \
        net, source, source_object, payment, source_amount, source_currency, created, \
        available_on, livemode) \
    select id, type, category, part, balance, currency, amount, fee, fee_tax, net, source, \
        source_object, payment, source_amount, source_currency, created, available_on, livemode \
    from jsonb_to_recordset($1::jsonb) as it (id text, type text, category text, part text, \
        balance text, currency text, amount bigint, fee bigint, fee_tax bigint, net bigint, \
        source text, source_object text, payment text, source_amount bigint, \
        source_currency text, created bigint, available_on bigint, livemode boolean) \
    order by id collate \"C\" on conflict (id) do nothing";

/// The lines of the payout `$1`, each with what the ledger has of its source: only an object of the
/// kind that the line names.
const PAYOUT_LINES: &str = concat!(
    "select ",
    balance_line_columns!(),
    ", (select min(o.payout) from payout_line o where o.line = l.id and o.payout <> $1) \
           as also_in, \
       case l.source_object when 'charge' then p.amount when 'refund' then r.amount \
                            when 'dispute' then d.amount end as ledger_amount, \
       case l.source_object when 'charge' then p.currency when 'refund' then r.currency \
                            when 'dispute' then d.currency end as ledger_currency, \
       p.progress is not distinct from 'paid' as paid, \
       case when l.part = 'donations' then (select sum(b.amount)::bigint from balance_line b \
           where b.payment = l.payment and b.part = 'donations') else 0 end as of_payment \
     from payout_line m join balance_line l on l.id = m.line \
     left join payment p on p.id = l.payment and p.progress is not null \
     left join refund r on r.id = l.source and not r.total \
     left join dispute d on d.id = l.source \
     where m.payout = $1 order by l.created desc, l.id desc"
);

/// The lines of the payments of each donation of `$1`, with its place and the last payout that lists
/// the line.
const LINES_OF: &str = concat!(
    "with asked as materialized ( \
             select place - 1 as place, id from unnest($1::text[]) with ordinality as it (id, place)), \
         paid as ( \
             select place, id as payment, null as shared from asked \
             union all \
             select place, l.payment, \
                 (select json_build_object('amount', max(p.amount), 'links', json_agg( \
                      json_build_object('payment', o.payment, 'invoice', o.invoice, \
                          'share', o.share)))::text \
                  from link o join payment p on p.id = o.payment \
                  where o.payment = l.payment and o.evidence < 50 having count(*) > 1) \
             from asked join link l on l.invoice = asked.id \
                 and (l.evidence < 50 or l.evidence = 70 and l.payment = \
                     (select e.payment from explained e where e.invoice = asked.id))) \
     select ",
    balance_line_columns!(),
    ", (select m.payout from payout_line m join payout p on p.id = m.payout \
        where m.line = l.id order by p.arrives desc, p.id desc limit 1) as payout, place, shared \
     from paid join balance_line l on l.payment = paid.payment \
     order by place, l.created, l.id"
);

/// The payouts of each currency, as far as places depend on them; those that came back took nothing.
const PAYOUT_HISTORY: &str = "\
    select currency, bool_or(automatic) as has_automatic, \
        max(created) filter (where not automatic) as last_manual, \
        (select q.created from payout q where q.livemode = $1 and q.currency = p.currency \
            and q.automatic and q.lines is not null and q.status not in ('failed', 'canceled') \
         order by q.created desc offset 1 limit 1) as last_but_one \
    from payout p where livemode = $1 and status not in ('failed', 'canceled') \
    group by currency order by currency";
