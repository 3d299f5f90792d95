//! Payouts, and the lines of the balance.

use async_trait::async_trait;
use portal_domain::payouts::{
    BalanceLine, BalanceReading, LineSum, MoneyLine, PayoutHistory, PayoutRow, StatementLine,
};
use portal_domain::{
    Currency, ObjectId, PayoutFilter, Payouts, ReadError, StoreError, UnixSeconds, Window,
    balance_line_columns, payout_columns, row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing};
use crate::sql::{SqlValue, Statement, values};

#[async_trait]
impl<E: Executor> Payouts for SqlStore<E> {
    async fn add_lines(
        &self,
        lines: &[BalanceLine],
        payout: Option<&ObjectId>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let json = BalanceLine::rows(lines);
        let mut statements = vec![Statement::new(ADD_LINES, values![json.clone()])];
        if let Some(payout) = payout {
            let list = "insert into payout_line (payout, line, seen_at) \
                        select ?2, value ->> 'id', ?3 from json_each(?1) where true \
                        on conflict (payout, line) do update set seen_at = excluded.seen_at";
            let list = Statement::new(list, values![json, payout.as_str(), now.get()]);
            statements.push(list);
        }
        self.executor.write(Writing::Now, &statements).await.map(drop)
    }

    async fn unknown_objects(&self, objects: &[ObjectId]) -> Result<Vec<ObjectId>, StoreError> {
        let unknown = "select value as id from json_each(?1) asked \
             where not exists (select 1 from payment \
                               where id = asked.value and progress is not null) \
               and not exists (select 1 from refund where id = asked.value) \
               and not exists (select 1 from dispute where id = asked.value) order by id";
        let unknown = Statement::new(unknown, values![super::ledger::json(objects)]);
        self.executor.read(Reading::Lookup, unknown, row_decode::object_id).await
    }

    async fn finish_reading(
        &self,
        payout: &ObjectId,
        unreadable: Option<ReadError>,
        begun: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let mut statements = Vec::new();
        if unreadable.is_none() {
            let leave = "delete from payout_line where payout = ?1 and seen_at < ?2";
            statements.push(Statement::new(leave, values![payout.as_str(), begun.get()]));
        }
        let keep = "update payout set read_at = ?2, unreadable = ?3, lines = iif(?3 is null, \
                        (select count(*) from payout_line where payout = ?1), null) where id = ?1";
        let why = unreadable.map(|it| serde_json::json!(it).to_string());
        statements.push(Statement::new(keep, values![payout.as_str(), now.get(), why]));
        self.executor.write(Writing::Now, &statements).await.map(drop)
    }

    async fn payouts_to_read(
        &self,
        livemode: bool,
        again_before: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<ObjectId>, StoreError> {
        let due = "select id from payout where livemode = ?1 and automatic = 1 \
                   and reconciliation = 2 and lines is null and coalesce(read_at, 0) < ?2 \
                   order by created, id limit ?3";
        let due = Statement::new(due, values![livemode, again_before.get(), limit]);
        self.executor.read(Reading::Lookup, due, row_decode::object_id).await
    }

    async fn keep_balance(&self, readings: &[BalanceReading]) -> Result<(), StoreError> {
        let row = |it: &BalanceReading| {
            serde_json::json!([it.livemode, it.currency, it.at, it.available, it.pending])
        };
        let rows = serde_json::Value::from_iter(readings.iter().map(row));
        let keep = "insert into balance_reading (livemode, currency, at, available, pending) \
                    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
                    from json_each(?1) where true on conflict (livemode, currency, at) do nothing";
        let keep = Statement::new(keep, values![rows.to_string()]);
        self.write_one(Writing::Now, keep).await.map(drop)
    }

    async fn last_balance(
        &self,
        livemode: bool,
        until: UnixSeconds,
    ) -> Result<Vec<BalanceReading>, StoreError> {
        // With `max` SQLite takes the other columns from the same row.
        let last = "select currency, livemode, max(at) as at, available, pending \
                    from balance_reading where livemode = ?1 and at <= ?2 \
                    group by currency order by currency";
        let last = Statement::new(last, values![livemode, until.get()]);
        self.executor.read(Reading::Lookup, last, row_decode::balance_reading).await
    }

    async fn payouts(
        &self,
        filter: &PayoutFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<PayoutRow>, StoreError> {
        let mut page =
            Statement::plain(concat!("select ", payout_columns!(), " from payout p where true"));
        page.add(" and livemode = ?", filter.livemode);
        page.add(" and arrives >= ?", filter.arrives_since.map(UnixSeconds::get));
        page.add(" and arrives < ?", filter.arrives_until.map(UnixSeconds::get));
        if let Some((created, id)) = after {
            page.push(" and (created, id) < (?, ?)");
            page.values.extend([created.get().into(), SqlValue::from(id.as_str())]);
        }
        page.add(" order by created desc, id desc limit ?", Some(limit));
        self.executor.read(Reading::Lookup, page, row_decode::payout).await
    }

    async fn payouts_of(&self, ids: &[ObjectId]) -> Result<Vec<PayoutRow>, StoreError> {
        let of_ids = concat!(
            "select ",
            payout_columns!(),
            " from json_each(?1) asked cross join payout p on p.id = asked.value order by p.id"
        );
        let of_ids = Statement::new(of_ids, values![super::ledger::json(ids)]);
        self.executor.read(Reading::Lookup, of_ids, row_decode::payout).await
    }

    async fn payout_lines(&self, payout: &ObjectId) -> Result<Vec<StatementLine>, StoreError> {
        let lines = Statement::new(PAYOUT_LINES, values![payout.as_str()]);
        self.executor.read(Reading::Scan, lines, row_decode::statement_line).await
    }

    async fn lines_of(
        &self,
        donations: &[ObjectId],
    ) -> Result<Vec<(usize, MoneyLine)>, StoreError> {
        let lines = Statement::new(LINES_OF, values![super::ledger::json(donations)]);
        self.executor.read(Reading::Lookup, lines, row_decode::money_line).await
    }

    async fn payout_history(
        &self,
        livemode: bool,
    ) -> Result<Vec<(Currency, PayoutHistory)>, StoreError> {
        let history = Statement::new(PAYOUT_HISTORY, values![livemode]);
        self.executor.read(Reading::Lookup, history, row_decode::payout_history).await
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
            " from balance_line l where livemode = ?1 and created < ?2 \
               and (created, id) > (?3, ?4) order by created, id limit ?5"
        );
        // Before the first line of a second comes the empty id.
        let (since, id) = after.map_or((window.since, ""), |(at, id)| (at, id.as_str()));
        let values = values![livemode, window.until.get(), since.get(), id, limit];
        let lines = Statement::new(lines, values);
        self.executor.read(Reading::Scan, lines, row_decode::balance_line).await
    }

    async fn line_sums(
        &self,
        livemode: bool,
        window: Window,
    ) -> Result<Vec<(Currency, LineSum)>, StoreError> {
        let sums = "select currency, part, count(*) as lines, sum(amount) as amount, \
                        sum(fee) as fee, sum(fee_tax) as fee_tax, sum(net) as net \
                    from balance_line where livemode = ?1 and created >= ?2 and created < ?3 \
                        and coalesce(balance, 'payments') = 'payments' \
                    group by currency, part order by currency, part";
        let values = values![livemode, window.since.get(), window.until.get()];
        let sums = Statement::new(sums, values);
        self.executor.read(Reading::Scan, sums, row_decode::line_sum).await
    }
}

const ADD_LINES: &str = "\
    insert into balance_line (id, type, category, part, balance, currency, amount, fee, fee_tax, \
        net, source, source_object, payment, source_amount, source_currency, created, \
        available_on, livemode) \
    select value ->> 'id', value ->> 'type', value ->> 'category', value ->> 'part', \
        value ->> 'balance', value ->> 'currency', value ->> 'amount', value ->> 'fee', \
        value ->> 'fee_tax', value ->> 'net', value ->> 'source', value ->> 'source_object', \
        value ->> 'payment', value ->> 'source_amount', value ->> 'source_currency', \
        value ->> 'created', value ->> 'available_on', value ->> 'livemode' \
    from json_each(?1) where true on conflict (id) do nothing";

/// The lines of the payout `?1`, each with what the ledger has of its source: only an object of the
/// kind that the line names.
const PAYOUT_LINES: &str = concat!(
    "select ",
    balance_line_columns!(),
    ", (select min(o.payout) from payout_line o where o.line = l.id and o.payout <> ?1) \
           as also_in, \
       case l.source_object when 'charge' then p.amount when 'refund' then r.amount \
                            when 'dispute' then d.amount end as ledger_amount, \
       case l.source_object when 'charge' then p.currency when 'refund' then r.currency \
                            when 'dispute' then d.currency end as ledger_currency, \
       p.progress is 'paid' as paid, \
       iif(l.part = 'donations', (select sum(b.amount) from balance_line b \
           where b.payment = l.payment and b.part = 'donations'), 0) as of_payment \
     from payout_line m cross join balance_line l on l.id = m.line \
     left join payment p on p.id = l.payment and p.progress is not null \
     left join refund r on r.id = l.source and not r.total \
     left join dispute d on d.id = l.source \
     where m.payout = ?1 order by l.created desc, l.id desc"
);

/// The lines of the payments of each donation of `?1`, with its place and the last payout that lists
/// the line.
const LINES_OF: &str = concat!(
    "with asked as materialized (select key as place, value as asked from json_each(?1)), \
         paid as ( \
             select place, asked as payment, null as shared from asked \
             union all \
             select place, l.payment, \
                 (select json_object('amount', max(p.amount), 'links', json_group_array( \
                      json_object('payment', o.payment, 'invoice', o.invoice, 'share', o.share))) \
                  from link o cross join payment p on p.id = o.payment \
                  where o.payment = l.payment and o.evidence < 50 having count(*) > 1) \
             from asked cross join link l on l.invoice = asked \
                 and (l.evidence < 50 or l.evidence = 70 \
                     and l.payment = (select e.payment from explained e where e.invoice = asked))) \
     select ",
    balance_line_columns!(),
    ", (select m.payout from payout_line m cross join payout p on p.id = m.payout \
        where m.line = l.id order by p.arrives desc, p.id desc limit 1) as payout, place, shared \
     from paid cross join balance_line l on l.payment = paid.payment \
     order by place, l.created, l.id"
);

/// The payouts of each currency, as far as places depend on them; those that came back took nothing.
const PAYOUT_HISTORY: &str = "\
    select currency, max(automatic) as has_automatic, \
        max(iif(not automatic, created, null)) as last_manual, \
        (select q.created from payout q where q.livemode = ?1 and q.currency = p.currency \
            and q.automatic = 1 and q.lines is not null \
            and q.status not in ('failed', 'canceled') \
         order by q.created desc limit 1 offset 1) as last_but_one \
    from payout p where livemode = ?1 and status not in ('failed', 'canceled') \
    group by currency order by currency";
