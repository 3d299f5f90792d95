-- Reconciling. Programs of the version before go on beside this: they write none of it.

-- When Stripe's API showed the object: Unix seconds, Stripe's clock.
alter table event add column fetched_at bigint;

-- Whether a thin event of an object is there. Where the inbox is large, make it before this step:
-- create index concurrently keeps nobody waiting.
create index if not exists event_thin on event (object_id) where payload = 'thin';

create or replace view inbox as
select
    e.seq, e.id, e.payload, e.type, e.created, e.livemode, e.api_version, e.account, e.object_id,
    e.snapshot_event, e.facts,
    case when e.state = 'pending' and u.seq is null then 'done' else e.state end as state,
    e.reason, e.origin, e.received_at, coalesce(u.attempts, 0) as attempts, e.fetched_at
from event e
left join unsettled u on u.seq = e.seq;

-- Events that wait for their object and could not get it yet. One of state 'waiting' that is not
-- here is due at once.
create table postponed (
    seq      bigint  primary key, -- of the event
    due_at   bigint  not null,    -- Unix seconds: not before
    attempts integer not null
);

-- Donations that Stripe has shown as they are here.
create table confirmation (
    id text   collate "C" primary key, -- of the donation
    at bigint not null                 -- Unix seconds: first noted
);

-- Work that one process at a time has for itself, and how far it has come.
create table errand (
    name     text   collate "C" primary key,
    due_at   bigint not null, -- Unix seconds: not before
    lease    bigint not null, -- each claim has a greater one than those before
    position text             -- in the errand's own words; null: it never began
);

-- Reads at Stripe, by day.
create table reads (
    day   bigint primary key, -- since 1970, UTC
    count bigint not null
);

-- Completeness reports.
create table report (
    number  bigint primary key, -- 1, 2, 3 …
    made_at bigint not null,    -- Unix seconds
    body    text   not null     -- JSON: ids, enumerations, numbers and times
);
