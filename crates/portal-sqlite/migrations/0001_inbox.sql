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
    snapshot_event text,
    facts          text,             -- JSON of the allow-listed facts
    state          text    not null,
    reason         text,
    origin         text    not null,
    received_at    integer not null  -- Unix seconds, this service's clock
) strict;

-- Written by a readiness check, to prove that a write would succeed.
create table heartbeat (
    only_row integer primary key check (only_row = 1),
    at       integer not null,
    room     blob    not null -- as much as a full batch of events takes
) strict;
