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
    snapshot_event text    collate "C",
    facts          text,             -- JSON of the allow-listed facts
    state          text    collate "C" not null,
    reason         text    collate "C",
    origin         text    collate "C" not null,
    received_at    bigint  not null  -- Unix seconds, this service's clock
) with (
    -- Rows are added, and the oldest taken away; a table of millions does not wait for a fifth of it
    -- to change before it is vacuumed.
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_vacuum_scale_factor = 0.02,
    -- To give room back to the disk would lock deliveries out; it is used again.
    vacuum_truncate = off
);

-- Written by a readiness check, to prove that a write would succeed.
create table heartbeat (
    only_row boolean primary key check (only_row),
    at       bigint  not null
);

-- There while another database is being copied into this one; see the command `copy`.
create table copying (
    only_row boolean primary key default true check (only_row),
    source   text    not null -- what was to be copied, in numbers
);
