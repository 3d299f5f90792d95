-- Asking Stripe: events that wait for their object, what was compared, and who asks.
alter table event add column fetched_at integer; -- Unix seconds, Stripe's clock: when its API showed the object

drop view inbox;
create view inbox as
select
    e.seq, e.id, e.payload, e.type, e.created, e.livemode, e.api_version, e.account, e.object_id,
    e.snapshot_event, e.facts,
    case when e.state = 'pending' and u.seq is null then 'done' else e.state end as state,
    e.reason, e.origin, e.fetched_at, e.received_at, coalesce(u.attempts, 0) as attempts
from event e
left join unsettled u on u.seq = e.seq;

create index event_thin on event (object_id) where payload = 'thin';

-- Events of state 'waiting' whose object could not be fetched yet; one that is not here is due.
create table postponed (
    seq      integer primary key, -- of the event
    due_at   integer not null,    -- Unix seconds: not before
    attempts integer not null
) strict;

create trigger event_waits_no_more after update of state on event
when old.state = 'waiting' and new.state <> 'waiting' begin
    delete from postponed where seq = new.seq;
end;

-- Donations that Stripe has shown as they are here.
create table confirmation (
    id text    not null primary key, -- of the donation
    at integer not null              -- Unix seconds
) strict, without rowid;

-- What one process does for all, each by its name.
create table errand (
    name     text    not null primary key,
    due_at   integer not null, -- Unix seconds: not before
    lease    integer not null,
    position text              -- in the errand's own words; null: never kept
) strict, without rowid;

-- How often Stripe's API was read.
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
