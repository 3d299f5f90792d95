-- The inbox: each event once, by its id, in the order of arrival. Texts compare byte by byte, as on
-- SQLite and in the program, whatever the database's own collation is.
create sequence event_seq;

create table event (
    seq            bigint  primary key,
    id             text    collate "C" not null unique,
    payload        text    collate "C" not null,
    type           text    collate "C" not null,
    created        bigint  not null, -- Unix seconds, Stripe's clock
    livemode       boolean not null,
    api_version    text    collate "C",
    account        text    collate "C",
    object_id      text    collate "C",
    -- The payment and the invoice that its facts name beside their own object.
    payment        text    collate "C",
    invoice        text    collate "C",
    snapshot_event text    collate "C",
    facts          text,             -- JSON of the allow-listed facts
    state          text    collate "C" not null, -- processed, awaiting_object, dead or ignored
    reason         text    collate "C",
    origin         text    collate "C" not null,
    fetched_at     bigint,           -- Unix seconds, Stripe's clock: its API returned the object
    received_at    bigint  not null  -- Unix seconds, this service's clock
) with (
    -- Rows are added, and the oldest are deleted. With the default scale factor a table of millions
    -- of rows would be vacuumed only after a fifth of it has changed.
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_vacuum_scale_factor = 0.02,
    -- Truncation locks deliveries out to return space to the disk; the space is reused instead.
    vacuum_truncate = off
);

create index event_dead on event (seq) where state = 'dead';
create index event_was_dead on event (seq) where reason = 'was_dead';
create index event_awaiting_object on event (seq) where state = 'awaiting_object';
create index event_object on event (object_id) where object_id is not null;
create index event_payment on event (payment) where payment is not null;
create index event_invoice on event (invoice) where invoice is not null;

-- Events whose object could not be fetched yet. An event that awaits its object and is not in here
-- is due now.
create table fetch_queue (
    seq      bigint  primary key, -- of the event
    due_at   bigint  not null,    -- Unix seconds: not before
    attempts integer not null
);

-- Dead events that an operator has seen. They stay dead.
create table acknowledgement (
    seq bigint primary key, -- of the event
    at  bigint not null,    -- Unix seconds
    who text   collate "C" not null
);

-- The deliveries from Stripe, counted by the hour of this service's clock.
create table delivery_hour (
    hour       bigint  primary key, -- since 1970
    events     bigint  not null,
    first_at   bigint  not null,    -- Unix seconds
    last_at    bigint  not null,    -- Unix seconds
    gap        bigint  not null,    -- the longest between two events of this hour, in seconds
    gap_before bigint  not null,    -- the gap from the hour before, in seconds
    -- Events about money: the last of the portal's own account; the number of ignored ones of
    -- connected accounts, the last of these, and one of their accounts.
    own_money_at      bigint,       -- Unix seconds
    connected         bigint  not null default 0,
    connected_at      bigint,       -- Unix seconds
    connected_account text    collate "C",
    -- Events that came within so many seconds of being created.
    within_1      bigint not null default 0,
    within_5      bigint not null default 0,
    within_15     bigint not null default 0,
    within_60     bigint not null default 0,
    within_600    bigint not null default 0,
    within_3600   bigint not null default 0,
    within_10800  bigint not null default 0,
    within_28800  bigint not null default 0,
    within_86400  bigint not null default 0,
    within_259200 bigint not null default 0
);

-- The last event that is rolled up into the hours.
create table rolled_up (
    only_row    boolean primary key check (only_row),
    seq         bigint  not null, -- of the event
    received_at bigint            -- of the last delivered one; null if there was none
);

-- Written by the readiness check, to prove that a write would succeed.
create table heartbeat (
    only_row boolean primary key check (only_row),
    at       bigint  not null
);

-- Has a row while another database is copied into this one; see the command `copy`.
create table copying (
    only_row boolean primary key default true check (only_row),
    source   text    not null, -- the numbers of rows to copy
    copier   text    not null  -- the process that copies: the last one that began
);

-- The ledger: one row for each of Stripe's objects, with the view of the event that ranks highest.
-- Of two views the greater (version, event_id) counts, whatever their order of arrival. Some
-- columns are kept: they follow from other rows, and the step that changes such a row updates them,
-- so that donations are read without reading the whole ledger. `donation-portal ledger check`
-- proves them. Progress is begun, pending, failed, paid or canceled; amounts are in minor units.
create table payment (
    id         text    collate "C" primary key,
    progress   text    collate "C", -- null if no event about it was received
    amount     bigint  not null default 0,
    currency   text    collate "C",
    livemode   boolean,
    at         bigint  not null default 0, -- Unix seconds: paid, or else seen
    version    bigint  not null default -1,
    event_id   text    collate "C" not null default '',
    -- The firmest evidence that it belongs to no invoice: 50 or 80; 100 if there is none.
    no_invoice bigint  not null default 100,
    -- Kept, from its links: the least (evidence, invoice). Below 50 the invoice is certain, 70 is a
    -- hint, 100 means no link.
    link       bigint  not null default 100,
    invoice    text    collate "C" not null default '',
    -- Kept, from its refunds and disputes: the largest amounts that may have been refunded or lost.
    refunded   bigint  not null default 0,
    lost       bigint  not null default 0,
    lost_in    text    collate "C", -- currency of the losses; '' if several
    dispute    bigint  not null default 0, -- 1 inquiry, 2 won, 3 lost, 4 open
    -- The state of its donation; null if it is no donation.
    given      text    collate "C" generated always as (
        case when progress in ('pending', 'failed', 'paid') and amount > 0 and link >= 50
             then progress end) stored,
    provisional boolean generated always as (least(no_invoice, link) not in (50, 80)) stored
);
create index payment_given on payment (given, provisional, at, id) where given is not null;

create table invoice (
    id          text    collate "C" primary key,
    progress    text    collate "C", -- null if no event about it was received
    amount      bigint  not null default 0, -- paid, or else due
    paid        bigint  not null default 0, -- so far
    currency    text    collate "C",
    livemode    boolean,
    recurring   boolean not null default false,
    out_of_band boolean not null default false,
    at          bigint  not null default 0,
    version     bigint  not null default -1,
    event_id    text    collate "C" not null default '',
    -- Kept, from its payments and its credit notes.
    payments_paid     bigint, -- sum of the paid ones; null if none is paid
    payments_progress text    collate "C", -- pending or failed, if none is paid
    payments_amount   bigint  not null default 0, -- the largest
    payments_currency text    collate "C",
    payments_livemode boolean,
    payments_at       bigint, -- Unix seconds: first paid, or else last seen
    refunded          bigint  not null default 0,
    payments_lost     bigint  not null default 0,
    payments_dispute  bigint  not null default 0,
    -- Every paid amount counts as given: a partial one, one before the invoice's own event, and one
    -- of a void or written-off invoice. The invoice may leave out an overpayment, and has no amount
    -- before its first event. A pending payment outranks a failed one.
    given_amount bigint generated always as (case
        when progress = 'paid' or paid > 0 or payments_paid is not null
            then greatest(paid, case when payments_currency = coalesce(currency, payments_currency)
                                     then payments_paid end)
        else greatest(amount, payments_amount) end) stored,
    given text collate "C" generated always as (case
        when progress = 'paid' or paid > 0 or payments_paid is not null then
            case when paid > 0 or payments_paid > 0
                          and payments_currency = coalesce(currency, payments_currency)
                 then 'paid' end
        when greatest(amount, payments_amount) <= 0 then null
        when progress = 'failed' and payments_progress = 'pending' then 'pending'
        when coalesce(progress, payments_progress) in ('pending', 'failed')
            then coalesce(progress, payments_progress) end) stored,
    given_at bigint generated always as (case
        when progress = 'paid' or progress is not null and payments_paid is null then at
        else coalesce(payments_at, at) end) stored
);
create index invoice_given on invoice (given, given_at, id) where given is not null;

-- The links from payments to invoices with their evidence; the least evidence counts.
create table link (
    payment  text   collate "C" not null,
    invoice  text   collate "C" not null,
    evidence bigint not null, -- below 50 certain, 70 a hint
    share    bigint not null, -- part of the payment; 0 if unknown
    primary key (payment, invoice)
);
create index link_invoice on link (invoice);

create table refund (
    id       text    collate "C" primary key, -- re_..., or ch_... for a charge's running total
    payment  text    collate "C" not null,
    charge   text    collate "C",
    total    boolean not null,                -- 1 for a charge's running total
    progress text    collate "C" not null,
    amount   bigint  not null,                -- of a total, without `released`
    released bigint  not null,                -- of a total: authorised, never captured
    currency text    collate "C" not null,
    livemode boolean not null,
    made_at  bigint  not null,                -- Unix seconds
    at       bigint  not null,                -- Unix seconds: seen, or first seen to have failed
    version  bigint  not null,
    event_id text    collate "C" not null
);
create index refund_payment on refund (payment);
create index refund_failed on refund (charge) where progress in ('failed', 'canceled');

create table credit_note (
    id       text   collate "C" primary key,
    invoice  text   collate "C" not null,
    amount   bigint not null,                 -- given back outside Stripe; 0 if void
    version  bigint not null,
    event_id text   collate "C" not null
);
create index credit_note_invoice on credit_note (invoice);

create table dispute (
    id       text    collate "C" primary key,
    payment  text    collate "C" not null,
    state    text    collate "C",             -- inquiry, open, won, lost; null if no money moved
    amount   bigint  not null,
    currency text    collate "C" not null,
    livemode boolean not null,
    version  bigint  not null,
    event_id text    collate "C" not null
);
create index dispute_payment on dispute (payment);

-- Payouts, one row for each, as the ledger has them. What was read of its lines follows: an event
-- does not change that.
create table payout (
    id             text    collate "C" primary key,
    amount         bigint  not null, -- below zero where Stripe takes money from the bank account
    currency       text    collate "C" not null,
    livemode       boolean not null,
    automatic      boolean not null, -- false: made by hand
    method         text    collate "C",
    status         text    collate "C" not null, -- pending, in_transit, paid, failed or canceled
    created        bigint  not null, -- Unix seconds
    arrives        bigint  not null, -- Unix seconds: midnight in UTC of the day
    line           text    collate "C", -- its own line in the balance
    return_line    text    collate "C", -- the line of its return
    failure        text    collate "C",
    original       text    collate "C",
    reversed_by    text    collate "C",
    version        bigint  not null,
    event_id       text    collate "C" not null,
    reconciliation bigint  not null, -- the greatest: 0 not applicable, 1 in progress, 2 completed
    read_at        bigint, -- Unix seconds: the last attempt to read its lines
    lines          bigint, -- the number of lines, if all were read
    unreadable     text    collate "C" -- JSON: why they could not be read
);
create index payout_created on payout (livemode, created, id);
create index payout_unread on payout (livemode, created, id)
    where automatic and reconciliation = 2 and lines is null;
create index payout_returned on payout (return_line) where return_line is not null;

-- The lines of the balance. None ever changes. Amounts are in minor units.
create table balance_line (
    id              text    collate "C" primary key,
    type            text    collate "C" not null,
    category        text    collate "C" not null,
    part            text    collate "C", -- of a payout, by type and category; null for its own line
    balance         text    collate "C", -- payments, if null
    currency        text    collate "C" not null, -- of the balance
    amount          bigint  not null,
    fee             bigint  not null,
    fee_tax         bigint  not null, -- the part of the fee that is a tax
    net             bigint  not null,
    source          text    collate "C", -- the object that it is about
    source_object   text    collate "C",
    payment         text    collate "C",
    source_amount   bigint,
    source_currency text    collate "C",
    created         bigint  not null, -- Unix seconds
    available_on    bigint  not null, -- Unix seconds
    livemode        boolean not null
);
create index balance_line_payment on balance_line (payment) where payment is not null;
create index balance_line_created on balance_line (livemode, created, id);

-- The lines that Stripe lists for a payout. A line should be in one list; that is checked.
create table payout_line (
    payout  text    collate "C" not null,
    line    text    collate "C" not null,
    seen_at bigint  not null, -- Unix seconds
    primary key (payout, line)
);
create index payout_line_line on payout_line (line);

-- What Stripe said of the balance.
create table balance_reading (
    livemode  boolean not null,
    currency  text    collate "C" not null,
    at        bigint  not null, -- Unix seconds
    available bigint  not null,
    pending   bigint  not null,
    primary key (livemode, currency, at)
);

-- The kept columns of each payment, derived from the other rows. Refunds are known singly and as
-- the running total of each charge; either may be incomplete, so the greater sum counts. A total
-- contains a refund that failed after it if that was created before it, and one of the refunds may
-- be the released part of an authorisation.
create view payment_kept as
select
    p.id,
    coalesce((select evidence from link l where l.payment = p.id
              order by evidence, invoice limit 1), 100) as link,
    coalesce((select invoice from link l where l.payment = p.id
              order by evidence, invoice limit 1), '') as invoice,
    greatest(
        (select coalesce(sum(case when r.total then -r.released else r.amount end), 0)
         from refund r where r.payment = p.id and r.progress in ('paid', 'pending')),
        (select coalesce(sum(greatest(0, t.amount - (
             select coalesce(sum(f.amount), 0) from refund f
             where f.charge = t.id and not f.total and f.progress in ('failed', 'canceled')
               and f.made_at <= t.at and f.at >= t.at))), 0)
         from refund t where t.payment = p.id and t.total))::bigint as refunded,
    (select coalesce(sum(d.amount), 0) from dispute d
     where d.payment = p.id and d.state = 'lost')::bigint as lost,
    (select case when min(d.currency) = max(d.currency) then min(d.currency) else '' end
     from dispute d where d.payment = p.id and d.state = 'lost' having count(*) > 0) as lost_in,
    (select coalesce(max(case d.state when 'inquiry' then 1 when 'won' then 2
                                      when 'lost' then 3 when 'open' then 4 end), 0)
     from dispute d where d.payment = p.id)::bigint as dispute
from payment p;

-- The division of payments among their invoices. Each invoice has its known share; the rest belongs
-- to an invoice without a known share, or else to the first. The refunded sum, and the sum of
-- refunds and losses, are divided in proportion, in the order of the invoices: so the parts add up
-- exactly, and nothing remains of a payment that is gone completely. A payment without an event of
-- its own counts as one unit, so that its refunds are not left out.
create view portion as
with shared as (
    select l.payment, l.invoice, l.share, sum(l.share) over (partition by l.payment) as shares,
        row_number() over (partition by l.payment order by l.share > 0, l.invoice) as place,
        p.progress is null as untold, p.amount, p.refunded, p.lost,
        p.lost = 0 or p.lost_in = p.currency as lost_told
    from link l join payment p on p.id = l.payment
    where l.evidence < 50
), whole as (
    select payment, invoice, share, shares, place, greatest(amount, shares) as amount,
        greatest(1, amount, shares) as whole,
        case when untold then refunded else least(refunded, greatest(1, amount, shares)) end
            as refunded,
        case when untold then refunded + lost
             else least(greatest(1, amount, shares), least(refunded, greatest(1, amount, shares))
                 + case when lost_told then lost else greatest(1, amount, shares) end) end as gone
    from shared
), divided as (
    select payment, invoice, whole, refunded, gone,
        share + case when place = 1 then amount - shares else 0 end as amount,
        share + case when place = 1 then whole - shares else 0 end as weight
    from whole
), cumulated as (
    select payment, invoice, whole, refunded, gone, amount,
        sum(weight) over (partition by payment order by invoice) as up_to
    from divided
), proportioned as (
    select payment, invoice, amount, div(refunded * up_to, whole) as refunded,
        div(gone * up_to, whole) as gone
    from cumulated
)
select payment, invoice, amount::bigint as amount,
    (refunded - lag(refunded, 1, 0::numeric) over (partition by payment order by invoice))::bigint
        as refunded,
    (gone - refunded - lag(gone - refunded, 1, 0::numeric)
        over (partition by payment order by invoice))::bigint as lost
from proportioned;

-- The payments that only a hint links to an invoice, and that the invoice confirms: it was paid
-- with exactly this amount, and no other payment of it is known to be paid. Of several payments the
-- first counts, a paid one before an unpaid one.
create view explained as
select l.invoice, l.payment
from link l join payment h on h.id = l.payment join invoice i on i.id = l.invoice
where l.evidence = 70 and i.progress = 'paid' and not i.out_of_band
  and h.link = 70 and h.invoice = i.id and h.no_invoice > 70
  and h.amount = i.amount and h.currency = i.currency and h.livemode = i.livemode
  and not exists (
      select 1 from link k join payment c on c.id = k.payment
      where k.invoice = i.id and k.evidence < 50 and c.progress = 'paid')
  and not exists (
      select 1 from link k join payment o on o.id = k.payment
      where k.invoice = i.id and o.link = 70 and o.invoice = i.id and o.no_invoice > 70
        and o.amount = i.amount and o.currency = i.currency and o.livemode = i.livemode
        and (o.progress is distinct from 'paid', o.id) < (h.progress is distinct from 'paid', h.id));

-- The kept columns of each invoice, derived from its payments, linked certainly or by a confirmed
-- hint. Without an amount of its own, the refunds of a payment are not limited. A loss in another
-- currency cannot be converted, so the whole payment counts as lost.
create view invoice_kept as
select
    i.id,
    sum(case when p.progress = 'paid' then coalesce(o.amount, p.amount) end)::bigint as payments_paid,
    case when bool_or(p.progress = 'pending') then 'pending'
         when bool_or(p.progress = 'failed') then 'failed' end as payments_progress,
    coalesce(max(coalesce(o.amount, p.amount)), 0) as payments_amount,
    min(p.currency) as payments_currency,
    bool_and(p.livemode) as payments_livemode,
    coalesce(min(case when p.progress = 'paid' then p.at end), max(p.at)) as payments_at,
    coalesce(sum(coalesce(o.refunded, case when p.progress is null then p.refunded
                      else least(p.refunded, p.amount) end)), 0)::bigint
        + (select coalesce(sum(c.amount), 0) from credit_note c where c.invoice = i.id)::bigint
        as refunded,
    coalesce(sum(coalesce(o.lost,
                          case when p.lost = 0 or p.progress is null or p.lost_in = p.currency
                               then p.lost else p.amount end)), 0)::bigint as payments_lost,
    coalesce(max(p.dispute), 0) as payments_dispute
from invoice i
left join link l on l.invoice = i.id and (l.evidence < 50 or l.evidence = 70
    and l.payment = (select e.payment from explained e where e.invoice = i.id))
left join payment p on p.id = l.payment
left join lateral (
    select o.amount, o.refunded, o.lost from portion o
    where o.payment = p.id and o.invoice = i.id and exists (
        select 1 from link x where x.payment = p.id and x.invoice <> i.id and x.evidence < 50)
    offset 0 -- Without it all payments would be divided and then joined by id.
    ) o on true
group by i.id;

-- Donations made of payments without an invoice.
create view donation_by_payment as
select
    p.id, 'one_time' as kind, p.given as state, p.amount, p.currency, p.livemode, p.at,
    p.provisional, false as out_of_band,
    case when p.given = 'paid' then least(p.refunded, p.amount) else 0 end as refunded,
    case when p.given = 'paid' then least(
        -- A loss in another currency cannot be converted, so the whole payment counts as lost.
        case when p.lost = 0 or p.lost_in = p.currency then p.lost else p.amount end,
        p.amount - least(p.refunded, p.amount)) else 0 end as lost,
    case when p.given = 'paid' then greatest(0, p.amount - least(p.refunded, p.amount)
        - case when p.lost = 0 or p.lost_in = p.currency then p.lost else p.amount end) else 0 end
        as net,
    case p.dispute when 1 then 'inquiry' when 2 then 'won' when 3 then 'lost' when 4 then 'open' end
        as dispute
from payment p
where p.given is not null
  and not (p.link = 70 and exists (select 1 from explained e where e.payment = p.id));

-- Donations made of invoices that received money.
create view donation_by_invoice as
select
    i.id, case when i.recurring then 'recurring' else 'invoice' end as kind, i.given as state,
    i.given_amount as amount, coalesce(i.currency, i.payments_currency) as currency,
    coalesce(i.livemode, i.payments_livemode) as livemode, i.given_at as at,
    -- A payment proves that it was not paid out of band.
    false as provisional, i.out_of_band and i.payments_paid is null as out_of_band,
    case when i.given = 'paid' then least(i.refunded, i.given_amount) else 0 end as refunded,
    case when i.given = 'paid' then least(i.payments_lost,
        i.given_amount - least(i.refunded, i.given_amount)) else 0 end as lost,
    case when i.given = 'paid' then greatest(0, i.given_amount
        - least(i.refunded, i.given_amount) - i.payments_lost) else 0 end as net,
    case i.payments_dispute when 1 then 'inquiry' when 2 then 'won' when 3 then 'lost'
                            when 4 then 'open' end as dispute
from invoice i
where i.given is not null;

-- All donations.
create view donation as
select * from donation_by_payment union all select * from donation_by_invoice;

-- Alerts, and the channels that were notified of them.
create table alert (
    key        text    collate "C" primary key,
    body       jsonb   not null, -- ids, enumerations, numbers and times
    cause      text    not null default '', -- another one is notified while the problem lasts
    open       boolean not null, -- true while the problem lasts
    count      bigint  not null, -- number of times it was noticed since then
    since      bigint  not null, -- Unix seconds
    changed_at bigint  not null, -- Unix seconds: last noticed, or resolved
    times      bigint  not null default 1, -- number of times it has begun since first_at
    first_at   bigint  not null default 0, -- Unix seconds: first begin within a day
    cool_down  bigint,           -- seconds until it is notified again; null for never
    acknowledged_at bigint,      -- Unix seconds: not notified again since; null if nobody has
    acknowledged_by text collate "C",
    silenced_until  bigint,      -- Unix seconds: only its end is notified until then
    silenced_by     text collate "C"
);

create table notification (
    channel  text    collate "C" not null,
    key      text    collate "C" not null,
    open     boolean,            -- the last state notified; null if none
    cause    text    not null default '', -- the last cause notified
    notified_at  bigint  not null default 0,
    due_at   bigint  not null default 0,
    attempts integer not null default 0,
    lease    bigint  not null default 0,
    primary key (key, channel)
);

-- The last results of each channel.
create table channel (
    name      text    collate "C" primary key,
    taken_at  bigint, -- Unix seconds: it last took a notification
    failed_at bigint, -- Unix seconds: it last did not
    failure   jsonb   -- the reason; null if it has taken one since
);

-- Donations that Stripe's API has shown as they are here.
create table confirmation (
    id text   collate "C" primary key, -- of the donation
    at bigint not null                 -- Unix seconds: first recorded
);

-- Jobs that one process at a time leases, with their position.
create table job (
    name      text   collate "C" primary key,
    leased_at bigint not null, -- Unix seconds: last
    due_at    bigint not null, -- Unix seconds: not before
    lease     bigint not null, -- greater for each lease
    state     text             -- the job's position, in its own format; null if it never began
);

-- The number of reads at Stripe, by day.
create table reads (
    day   bigint primary key, -- since 1970, UTC
    count bigint not null
);

-- Completeness reports.
create table report (
    number  bigint primary key, -- 1, 2, 3 ...
    made_at bigint not null,    -- Unix seconds
    body    text   not null     -- JSON: ids, enumerations, numbers and times
);

-- The trail: who did what, by the console, its API or the command line.
create table action (
    seq         bigint primary key, -- 1, 2, 3 ...
    at          bigint not null,    -- Unix seconds: begun
    who         text   collate "C" not null, -- a token's name, access-..., or cli
    via         text   collate "C" not null, -- console, api or cli
    verb        text   collate "C" not null,
    scope       text   not null,    -- JSON of ids, words and times
    finished_at bigint,             -- Unix seconds; null while it goes on, or if it was cut off
    count       bigint,             -- of what it changed or looked at
    result      text   collate "C"  -- done, found_wrong, count_differs, cancelled or failed
);
