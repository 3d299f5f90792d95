-- Settling: the events that are to be settled, apart from the inbox and small, so that claiming and
-- settling an event do not write its row anew. An event of state 'pending' is done when it is not
-- here.
create table unsettled (
    seq      bigint  primary key, -- of the event
    due_at   bigint  not null,    -- Unix seconds: not before
    attempts integer not null default 0,
    lease    bigint  not null default 0
) with (
    -- Each row comes, is claimed and goes within a second: room on its page for the claim, and
    -- vacuum after so many, not after a share of a table that is nearly empty.
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0,
    vacuum_truncate = off
);

-- Numbers the claims: each has a greater lease than those before.
create sequence claim;

update event set state = 'waiting' where state = 'pending' and payload = 'thin';
insert into unsettled (seq, due_at) select seq, received_at from event where state = 'pending';

create index event_dead on event (seq) where state = 'dead';
create index event_waiting on event (seq) where state = 'waiting';

-- The events with how far each has come.
create view inbox as
select
    e.seq, e.id, e.payload, e.type, e.created, e.livemode, e.api_version, e.account, e.object_id,
    e.snapshot_event, e.facts,
    case when e.state = 'pending' and u.seq is null then 'done' else e.state end as state,
    e.reason, e.origin, e.received_at, coalesce(u.attempts, 0) as attempts
from event e
left join unsettled u on u.seq = e.seq;

-- The ledger: one row for each of Stripe's objects, as the event saw it that counts most. Of two
-- views the greater (version, event_id) counts, in whatever order they come.
-- Progress is begun, pending, failed, paid or canceled; amounts are in minor units.
create table payment (
    id       text    collate "C" primary key,
    progress text    collate "C", -- null: nothing is known but its link
    amount   bigint  not null default 0,
    currency text    collate "C",
    livemode boolean,
    at       bigint  not null default 0, -- Unix seconds: paid, or else seen
    version  bigint  not null default -1,
    event_id text    collate "C" not null default '',
    -- Which invoice it belongs to: the least (evidence, invoice) counts. Below 50 the invoice is
    -- certain, 70 is a hint, 50 and 80 say that there is none, 100 that nothing is known.
    evidence bigint  not null default 100,
    invoice  text    collate "C" not null default ''
);
create index payment_invoice on payment (invoice) where invoice <> '';

create table invoice (
    id          text    collate "C" primary key,
    progress    text    collate "C", -- null: nothing is known but that payments belong to it
    amount      bigint  not null default 0,
    currency    text    collate "C",
    livemode    boolean,
    recurring   boolean not null default false,
    out_of_band boolean not null default false,
    at          bigint  not null default 0,
    version     bigint  not null default -1,
    event_id    text    collate "C" not null default ''
);

create table refund (
    id       text    collate "C" primary key, -- re_…, or ch_… for a charge's running total
    payment  text    collate "C" not null,
    charge   text    collate "C",
    total    boolean not null,                -- whether it is a charge's running total
    progress text    collate "C" not null,
    amount   bigint  not null,
    currency text    collate "C" not null,
    livemode boolean not null,
    made_at  bigint  not null,                -- Unix seconds
    at       bigint  not null,                -- Unix seconds: seen, or first seen to have failed
    version  bigint  not null,
    event_id text    collate "C" not null
);
create index refund_payment on refund (payment);
create index refund_failed on refund (charge) where progress in ('failed', 'canceled');

create table dispute (
    id       text    collate "C" primary key,
    payment  text    collate "C" not null,
    state    text    collate "C",             -- inquiry, open, won, lost; null: closed before money moved
    amount   bigint  not null,
    currency text    collate "C" not null,
    livemode boolean not null,
    version  bigint  not null,
    event_id text    collate "C" not null
);
create index dispute_payment on dispute (payment);

-- A payment with what became of it. Refunds are known one by one and as each charge's running total;
-- either may be incomplete, so the greater counts, and a total contains what failed after it if that
-- was made before it.
-- Disputes are ranked: 1 inquiry, 2 won, 3 lost, 4 open.
create view payment_now as
select
    p.*,
    -- Of what has not told its own amount anything may have gone back: its invoice says how much.
    least(case when p.progress is null then 999999999999 else p.amount end, greatest(
        (select coalesce(sum(r.amount), 0) from refund r
         where r.payment = p.id and not r.total and r.progress in ('paid', 'pending')),
        (select coalesce(sum(greatest(0, t.amount - (
             select coalesce(sum(f.amount), 0) from refund f
             where f.charge = t.id and not f.total and f.progress in ('failed', 'canceled')
               and f.made_at <= t.at and f.at >= t.at))), 0)
         from refund t where t.payment = p.id and t.total)
    ))::bigint as refunded,
    -- What was lost in another currency cannot be told from here: all of it may be gone.
    (select coalesce(sum(case when p.progress is null or d.currency = p.currency
                              then d.amount else p.amount end), 0)
     from dispute d where d.payment = p.id and d.state = 'lost')::bigint as lost,
    (select coalesce(max(case d.state when 'inquiry' then 1 when 'won' then 2 when 'lost' then 3
                                      when 'open' then 4 end), 0)
     from dispute d where d.payment = p.id) as dispute
from payment p;

-- What is given: a payment that belongs to no invoice, or an invoice with money in it.
create view gift as
select
    p.id, 'one_time' as kind, p.progress as state, p.amount, p.currency, p.livemode, p.at,
    p.refunded, p.lost, p.dispute, p.evidence not in (50, 80) as provisional, false as out_of_band
from payment_now p
where p.progress in ('pending', 'failed', 'paid')
  and p.evidence >= 50
  -- A hint counts where it leads to an invoice that was paid with just this much.
  and not (p.evidence = 70 and exists (
      select 1 from invoice i
      where i.id = p.invoice and i.progress = 'paid' and not i.out_of_band
        and i.amount = p.amount and i.currency = p.currency and i.livemode = p.livemode))
union all
select
    i.id,
    case when i.recurring then 'recurring' else 'invoice' end,
    -- Payments may tell sooner than the invoice's own event that it is paid, and one that came
    -- when the invoice was void is money all the same.
    case
        when i.progress = 'paid' then 'paid'
        when sum(case when p.progress = 'paid' then p.amount end) >= greatest(i.amount, 1) then 'paid'
        when i.progress is not null then i.progress
        when bool_or(p.progress = 'pending') then 'pending'
        when bool_or(p.progress = 'failed') then 'failed'
        else 'begun'
    end as state,
    case
        when i.progress = 'paid' then i.amount
        else greatest(i.amount, coalesce(sum(case when p.progress = 'paid' then p.amount end),
                                         max(p.amount), 0))
    end::bigint,
    coalesce(i.currency, min(p.currency)),
    coalesce(i.livemode, bool_and(p.livemode)),
    case when i.progress = 'paid'
              or i.progress is not null and bool_or(p.progress = 'paid') is not true
         then i.at
         else coalesce(min(case when p.progress = 'paid' then p.at end), max(p.at), i.at) end,
    coalesce(sum(p.refunded), 0)::bigint, coalesce(sum(p.lost), 0)::bigint,
    coalesce(max(p.dispute), 0), false, i.out_of_band
from invoice i
left join payment_now p on p.invoice = i.id and p.invoice <> '' and (
    p.evidence < 50
    or p.evidence = 70 and i.progress = 'paid' and not i.out_of_band
       and p.amount = i.amount and p.currency = i.currency and p.livemode = i.livemode)
group by i.id;

-- Donations, as they are shown and added up.
create view donation as
select
    id, kind, state, amount, currency, livemode, at, provisional, out_of_band,
    case when state = 'paid' then least(refunded, amount) else 0 end as refunded,
    case when state = 'paid' then least(lost, amount - least(refunded, amount)) else 0 end as lost,
    case when state = 'paid' then amount - least(refunded, amount)
                                  - least(lost, amount - least(refunded, amount)) else 0 end as net,
    case dispute when 1 then 'inquiry' when 2 then 'won' when 3 then 'lost' when 4 then 'open' end
        as dispute
from gift
where state in ('pending', 'failed', 'paid') and amount > 0;

-- What operators must know, and who has been told of it.
create table alert (
    key        text    collate "C" primary key,
    body       jsonb   not null, -- ids, enumerations, numbers and times
    open       boolean not null, -- whether the trouble is there still
    count      bigint  not null, -- how often it was noticed since it began
    since      bigint  not null, -- Unix seconds
    changed_at bigint  not null, -- noticed last, or ended
    cool_down  bigint            -- seconds after which it is told again; null: never
);

create table notice (
    channel  text    collate "C" not null,
    key      text    collate "C" not null,
    open     boolean,            -- what the channel was told last; null: nothing yet
    told_at  bigint  not null default 0,
    due_at   bigint  not null default 0,
    attempts integer not null default 0,
    lease    bigint  not null default 0,
    primary key (channel, key)
);
