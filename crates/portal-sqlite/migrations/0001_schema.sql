-- The inbox: each event once, by its id, in the order of arrival.
create table event (
    seq            integer primary key,
    id             text    not null unique,
    payload        text    not null,
    type           text    not null,
    created        integer not null, -- Unix seconds, Stripe's clock
    livemode       integer not null,
    api_version    text,
    account        text,
    object_id      text,
    -- The payment and the invoice that its facts name beside their own object.
    payment        text,
    invoice        text,
    snapshot_event text,
    facts          text,             -- JSON of the allow-listed facts
    state          text    not null, -- processed, awaiting_object, dead or ignored
    reason         text,
    origin         text    not null,
    fetched_at     integer,          -- Unix seconds, Stripe's clock: its API returned the object
    received_at    integer not null  -- Unix seconds, this service's clock
) strict;
create index event_dead on event (seq) where state = 'dead';
create index event_was_dead on event (seq) where reason = 'was_dead';
create index event_awaiting_object on event (seq) where state = 'awaiting_object';
create index event_object on event (object_id) where object_id is not null;
create index event_payment on event (payment) where payment is not null;
create index event_invoice on event (invoice) where invoice is not null;

-- Events whose object could not be fetched yet. An event that awaits its object and is not in here
-- is due now.
create table fetch_queue (
    seq      integer primary key, -- of the event
    due_at   integer not null,    -- Unix seconds: not before
    attempts integer not null
) strict;

create trigger event_awaits_no_more after update of state on event
when old.state = 'awaiting_object' and new.state <> 'awaiting_object' begin
    delete from fetch_queue where seq = new.seq;
end;

-- Dead events that an operator has seen. They stay dead.
create table acknowledgement (
    seq integer primary key, -- of the event
    at  integer not null,    -- Unix seconds
    who text    not null
) strict;

create trigger event_is_dead_no_more after update of state on event
when old.state = 'dead' and new.state <> 'dead' begin
    delete from acknowledgement where seq = new.seq;
end;

-- The deliveries from Stripe, counted by the hour of this service's clock.
create table delivery_hour (
    hour       integer primary key, -- since 1970
    events     integer not null,
    first_at   integer not null,    -- Unix seconds
    last_at    integer not null,    -- Unix seconds
    gap        integer not null,    -- the longest between two events of this hour, in seconds
    gap_before integer not null,    -- the gap from the hour before, in seconds
    -- Events about money: the last of the portal's own account; the number of ignored ones of
    -- connected accounts, the last of these, and one of their accounts.
    own_money_at      integer,      -- Unix seconds
    connected         integer not null default 0,
    connected_at      integer,      -- Unix seconds
    connected_account text,
    -- Events that came within so many seconds of being created.
    within_1      integer not null default 0,
    within_5      integer not null default 0,
    within_15     integer not null default 0,
    within_60     integer not null default 0,
    within_600    integer not null default 0,
    within_3600   integer not null default 0,
    within_10800  integer not null default 0,
    within_28800  integer not null default 0,
    within_86400  integer not null default 0,
    within_259200 integer not null default 0
) strict;

-- The last event that is rolled up into the hours.
create table rolled_up (
    only_row    integer primary key check (only_row = 1),
    seq         integer not null, -- of the event
    received_at integer           -- of the last delivered one; null if there was none
) strict;

-- Written by the readiness check, to prove that a write would succeed.
create table heartbeat (
    only_row integer primary key check (only_row = 1),
    at       integer not null,
    room     blob    not null -- the size of a full batch of events
) strict;

-- The ledger: one row for each of Stripe's objects, with the view of the event that ranks highest.
-- Of two views the greater (version, event_id) counts, whatever their order of arrival. Some
-- columns are kept: they follow from other rows, and the step that changes such a row updates them,
-- so that donations are read without reading the whole ledger. `donation-portal ledger check`
-- proves them. Progress is begun, pending, failed, paid or canceled; amounts are in minor units.
create table payment (
    id         text    not null primary key,
    progress   text,              -- null if no event about it was received
    amount     integer not null default 0,
    currency   text,
    livemode   integer,
    at         integer not null default 0, -- Unix seconds: paid, or else seen
    version    integer not null default -1,
    event_id   text    not null default '',
    -- The firmest evidence that it belongs to no invoice: 50 or 80; 100 if there is none.
    no_invoice integer not null default 100,
    -- Kept, from its links: the least (evidence, invoice). Below 50 the invoice is certain, 70 is a
    -- hint, 100 means no link.
    link       integer not null default 100,
    invoice    text    not null default '',
    -- Kept, from its refunds and disputes: the largest amounts that may have been refunded or lost.
    refunded   integer not null default 0,
    lost       integer not null default 0,
    lost_in    text,              -- currency of the losses; '' if several
    dispute    integer not null default 0, -- 1 inquiry, 2 won, 3 lost, 4 open
    -- The state of its donation; null if it is no donation. (`in` with three values would make
    -- SQLite open a temporary table for each row.)
    given      text as (case when amount > 0 and link >= 50 and (progress = 'paid'
                              or progress = 'pending' or progress = 'failed')
                             then progress end) virtual,
    provisional integer as (min(no_invoice, link) not in (50, 80)) virtual
) strict, without rowid;
create index payment_given on payment (given, provisional, at, id) where given is not null;

create table invoice (
    id          text    not null primary key,
    progress    text,           -- null if no event about it was received
    amount      integer not null default 0, -- paid, or else due
    paid        integer not null default 0, -- so far
    currency    text,
    livemode    integer,
    recurring   integer not null default 0,
    out_of_band integer not null default 0,
    at          integer not null default 0,
    version     integer not null default -1,
    event_id    text    not null default '',
    -- Kept, from its payments and its credit notes.
    payments_paid     integer,  -- sum of the paid ones; null if none is paid
    payments_progress text,     -- pending or failed, if none is paid
    payments_amount   integer not null default 0, -- the largest
    payments_currency text,
    payments_livemode integer,
    payments_at       integer,  -- Unix seconds: first paid, or else last seen
    refunded          integer not null default 0,
    payments_lost     integer not null default 0,
    payments_dispute  integer not null default 0,
    -- Every paid amount counts as given: a partial one, one before the invoice's own event, and one
    -- of a void or written-off invoice. The invoice may leave out an overpayment, and has no amount
    -- before its first event. A pending payment outranks a failed one.
    given_amount integer as (case
        when progress = 'paid' or paid > 0 or payments_paid is not null
            then max(paid, coalesce(case when payments_currency = coalesce(currency, payments_currency)
                                         then payments_paid end, 0))
        else max(amount, payments_amount) end) virtual,
    given text as (case
        when given_amount <= 0 then null
        when progress = 'paid' or paid > 0 or payments_paid is not null then 'paid'
        when progress = 'failed' and payments_progress = 'pending' then 'pending'
        when coalesce(progress, payments_progress) in ('pending', 'failed')
            then coalesce(progress, payments_progress) end) virtual,
    given_at integer as (case
        when progress = 'paid' or progress is not null and payments_paid is null then at
        else coalesce(payments_at, at) end) virtual
) strict, without rowid;
create index invoice_given on invoice (given, given_at, id) where given is not null;

-- The links from payments to invoices with their evidence; the least evidence counts.
create table link (
    payment  text    not null,
    invoice  text    not null,
    evidence integer not null, -- below 50 certain, 70 a hint
    share    integer not null, -- part of the payment; 0 if unknown
    primary key (payment, invoice)
) strict, without rowid;
create index link_invoice on link (invoice);

create table refund (
    id       text    not null primary key, -- re_..., or ch_... for a charge's running total
    payment  text    not null,
    charge   text,
    total    integer not null,             -- 1 for a charge's running total
    progress text    not null,
    amount   integer not null,             -- of a total, without `released`
    released integer not null,             -- of a total: authorised, never captured
    currency text    not null,
    livemode integer not null,
    made_at  integer not null,             -- Unix seconds
    at       integer not null,             -- Unix seconds: seen, or first seen to have failed
    version  integer not null,
    event_id text    not null
) strict, without rowid;
create index refund_payment on refund (payment);
create index refund_failed on refund (charge) where progress in ('failed', 'canceled');

create table credit_note (
    id       text    not null primary key,
    invoice  text    not null,
    amount   integer not null,             -- given back outside Stripe; 0 if void
    version  integer not null,
    event_id text    not null
) strict, without rowid;
create index credit_note_invoice on credit_note (invoice);

create table dispute (
    id       text    not null primary key,
    payment  text    not null,
    state    text,                         -- inquiry, open, won, lost; null if no money moved
    amount   integer not null,
    currency text    not null,
    livemode integer not null,
    version  integer not null,
    event_id text    not null
) strict, without rowid;
create index dispute_payment on dispute (payment);

-- Payouts, one row for each, as the ledger has them. What was read of its lines follows: an event
-- does not change that.
create table payout (
    id             text    not null primary key,
    amount         integer not null, -- below zero where Stripe takes money from the bank account
    currency       text    not null,
    livemode       integer not null,
    automatic      integer not null, -- 0: made by hand
    method         text,
    status         text    not null, -- pending, in_transit, paid, failed or canceled
    created        integer not null, -- Unix seconds
    arrives        integer not null, -- Unix seconds: midnight in UTC of the day
    line           text,             -- its own line in the balance
    return_line    text,             -- the line of its return
    failure        text,
    original       text,
    reversed_by    text,
    version        integer not null,
    event_id       text    not null,
    reconciliation integer not null, -- the greatest: 0 not applicable, 1 in progress, 2 completed
    read_at        integer,          -- Unix seconds: the last attempt to read its lines
    lines          integer,          -- the number of lines, if all were read
    unreadable     text              -- JSON: why they could not be read
) strict, without rowid;
create index payout_created on payout (livemode, created, id);
create index payout_unread on payout (livemode, created, id)
    where automatic = 1 and reconciliation = 2 and lines is null;
create index payout_returned on payout (return_line) where return_line is not null;

-- The lines of the balance. None ever changes. Amounts are in minor units.
create table balance_line (
    id              text    not null primary key,
    type            text    not null,
    category        text    not null,
    part            text,             -- of a payout, by type and category; null for its own line
    balance         text,             -- payments, if null
    currency        text    not null, -- of the balance
    amount          integer not null,
    fee             integer not null,
    fee_tax         integer not null, -- the part of the fee that is a tax
    net             integer not null,
    source          text,             -- the object that it is about
    source_object   text,
    payment         text,
    source_amount   integer,
    source_currency text,
    created         integer not null, -- Unix seconds
    available_on    integer not null, -- Unix seconds
    livemode        integer not null
) strict, without rowid;
create index balance_line_payment on balance_line (payment) where payment is not null;
create index balance_line_created on balance_line (livemode, created, id);

-- The lines that Stripe lists for a payout. A line should be in one list; that is checked.
create table payout_line (
    payout  text    not null,
    line    text    not null,
    seen_at integer not null, -- Unix seconds
    primary key (payout, line)
) strict, without rowid;
create index payout_line_line on payout_line (line);

-- What Stripe said of the balance.
create table balance_reading (
    livemode  integer not null,
    currency  text    not null,
    at        integer not null, -- Unix seconds
    available integer not null,
    pending   integer not null,
    primary key (livemode, currency, at)
) strict, without rowid;

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
        and (o.progress is not 'paid', o.id) < (h.progress is not 'paid', h.id));

-- Donations made of payments without an invoice.
create view donation_by_payment as
select
    p.id, 'one_time' as kind, p.given as state, p.amount, p.currency, p.livemode, p.at,
    p.provisional, 0 as out_of_band,
    case when p.given = 'paid' then min(p.refunded, p.amount) else 0 end as refunded,
    case when p.given = 'paid' then min(
        -- A loss in another currency cannot be converted, so the whole payment counts as lost.
        case when p.lost = 0 or p.lost_in = p.currency then p.lost else p.amount end,
        p.amount - min(p.refunded, p.amount)) else 0 end as lost,
    case when p.given = 'paid' then max(0, p.amount - min(p.refunded, p.amount)
        - case when p.lost = 0 or p.lost_in = p.currency then p.lost else p.amount end) else 0 end
        as net,
    case p.dispute when 1 then 'inquiry' when 2 then 'won' when 3 then 'lost' when 4 then 'open' end
        as dispute
from payment p
-- Written in this form so that the index of donations is used only with `=` on one state: a sum
-- over all of them reads the table faster.
where ifnull(p.given, '') <> ''
  and not (p.link = 70 and exists (select 1 from explained e where e.payment = p.id));

-- Donations made of invoices that received money.
create view donation_by_invoice as
select
    i.id, case when i.recurring then 'recurring' else 'invoice' end as kind, i.given as state,
    i.given_amount as amount, coalesce(i.currency, i.payments_currency) as currency,
    coalesce(i.livemode, i.payments_livemode) as livemode, i.given_at as at,
    -- A payment proves that it was not paid out of band.
    0 as provisional, i.out_of_band and i.payments_paid is null as out_of_band,
    case when i.given = 'paid' then min(i.refunded, i.given_amount) else 0 end as refunded,
    case when i.given = 'paid' then min(i.payments_lost,
        i.given_amount - min(i.refunded, i.given_amount)) else 0 end as lost,
    case when i.given = 'paid' then max(0, i.given_amount
        - min(i.refunded, i.given_amount) - i.payments_lost) else 0 end as net,
    case i.payments_dispute when 1 then 'inquiry' when 2 then 'won' when 3 then 'lost'
                            when 4 then 'open' end as dispute
from invoice i
where ifnull(i.given, '') <> '';

-- All donations.
create view donation as
select * from donation_by_payment union all select * from donation_by_invoice;

-- Alerts, and the channels that were notified of them.
create table alert (
    key        text    not null primary key,
    body       text    not null, -- JSON of ids, enumerations, numbers and times
    cause      text    not null default '', -- another one is notified while the problem lasts
    open       integer not null, -- true while the problem lasts
    count      integer not null, -- number of times it was noticed since then
    since      integer not null, -- Unix seconds
    changed_at integer not null, -- Unix seconds: last noticed, or resolved
    times      integer not null default 1, -- number of times it has begun since first_at
    first_at   integer not null default 0, -- Unix seconds: first begin within a day
    cool_down  integer,          -- seconds until it is notified again; null for never
    acknowledged_at integer,     -- Unix seconds: not notified again since; null if nobody has
    acknowledged_by text,
    silenced_until  integer,     -- Unix seconds: only its end is notified until then
    silenced_by     text
) strict, without rowid;
-- Every minute reads the changed alerts, and D1 bills the rows that are read.
create index alert_changed on alert (changed_at);

create table notification (
    channel  text    not null,
    key      text    not null,
    open     integer,            -- the last state notified; null if none
    cause    text    not null default '', -- the last cause notified
    notified_at  integer not null default 0,
    due_at   integer not null default 0,
    attempts integer not null default 0,
    lease    integer not null default 0,
    primary key (key, channel)
) strict, without rowid;

-- The last results of each channel.
create table channel (
    name      text    not null primary key,
    taken_at  integer, -- Unix seconds: it last took a notification
    failed_at integer, -- Unix seconds: it last did not
    failure   text     -- JSON of the reason; null if it has taken one since
) strict, without rowid;

-- Donations that Stripe's API has shown as they are here.
create table confirmation (
    id text    not null primary key, -- of the donation
    at integer not null              -- Unix seconds
) strict, without rowid;

-- Jobs that one process at a time leases, by name.
create table job (
    name      text    not null primary key,
    leased_at integer not null, -- Unix seconds: last
    due_at    integer not null, -- Unix seconds: not before
    lease     integer not null,
    state     text              -- the job's position, in its own format; null if it never began
) strict, without rowid;

-- The number of reads at Stripe, by day.
create table reads (
    day   integer primary key, -- since 1970, UTC
    count integer not null
) strict;

-- Completeness reports.
create table report (
    number  integer primary key,
    made_at integer not null, -- Unix seconds
    body    text    not null  -- JSON of ids, enumerations, numbers and times
) strict;

-- The trail: who did what, by the console, its API or the command line.
create table action (
    seq         integer primary key,
    at          integer not null, -- Unix seconds: begun
    who         text    not null, -- a token's name, access-..., or cli
    via         text    not null, -- console, api or cli
    verb        text    not null,
    scope       text    not null, -- JSON of ids, words and times
    finished_at integer,          -- Unix seconds; null while it goes on, or if it was cut off
    count       integer,          -- of what it changed or looked at
    result      text              -- done, found_wrong, count_differs, cancelled or failed
) strict;
