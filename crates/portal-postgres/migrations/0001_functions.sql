-- Recording, as functions: one call replaces several round trips, and the server caches their plans
-- in each of its sessions, no matter which client uses it next. A pooler that gives each
-- transaction another session costs nothing. Rows are passed as one array for each column.
--
-- Tables are written in this order, each in the order of its keys, so that two processes can wait
-- for each other but never deadlock: event, refund, dispute, credit_note, payout, payment, link,
-- invoice, alert.

-- All lookups are by key, and the service's transactions forbid sequential scans, so one plan is
-- right for all calls. By default the server plans each call anew, because it cannot know the
-- number of keys in an array, and planning takes longer than the call.

-- Updates the kept columns of payments. The caller has locked the rows.
create function keep_payments(ids text[]) returns void language plpgsql as $$
begin
    update payment p
    set (link, invoice, refunded, lost, lost_in, dispute) = (
        select k.link, k.invoice, k.refunded, k.lost, k.lost_in, k.dispute
        from payment_kept k where k.id = p.id)
    where p.id = any(ids);
end $$;

-- Updates the kept columns of invoices. The caller has locked the rows.
create function keep_invoices(ids text[]) returns void language plpgsql as $$
begin
    update invoice i
    set payments_paid = k.payments_paid, payments_progress = k.payments_progress,
        payments_amount = k.payments_amount, payments_currency = k.payments_currency,
        payments_livemode = k.payments_livemode, payments_at = k.payments_at,
        refunded = k.refunded, payments_lost = k.payments_lost,
        payments_dispute = k.payments_dispute
    from invoice_kept k
    where k.id = any(ids) and i.id = k.id
        and (i.payments_paid, i.payments_progress, i.payments_amount, i.payments_currency,
             i.payments_livemode, i.payments_at, i.refunded, i.payments_lost,
             i.payments_dispute)
        is distinct from (k.payments_paid, k.payments_progress, k.payments_amount,
             k.payments_currency, k.payments_livemode, k.payments_at, k.refunded,
             k.payments_lost, k.payments_dispute);
end $$;

-- Writes payments, their links and invoices, each id once, and updates their kept columns. A row is
-- replaced by the firmer one: of two views the greater (version, event), of two links the lesser
-- (evidence, invoice), of two pieces of evidence for no invoice the lesser, of two shares the
-- greater. `told` is true if refunds or disputes of these payments were written before.
create function change_ledger(
    payment_ids text[], payment_progress text[], payment_amounts bigint[], payment_currencies text[],
    payment_livemodes boolean[], payment_times bigint[], payment_versions bigint[],
    payment_events text[], payment_no_invoice bigint[], payment_links bigint[],
    payment_invoices text[],
    link_payments text[], link_invoices text[], link_evidence bigint[], link_shares bigint[],
    invoice_ids text[], invoice_progress text[], invoice_amounts bigint[], invoice_paid bigint[],
    invoice_currencies text[], invoice_livemodes boolean[], invoice_recurring boolean[],
    invoice_out_of_band boolean[], invoice_times bigint[], invoice_versions bigint[],
    invoice_events text[],
    told boolean
) returns void language plpgsql
    set plan_cache_mode = force_generic_plan as $$
declare
    linked text[];   -- payments that changed and have a link
    by_links text[]; -- the other invoices that these belong to, or may
begin
    -- Unchanged rows are locked as well, so that their kept columns can be derived.
    with written as (
        insert into payment as p (id, progress, amount, currency, livemode, at, version, event_id,
            no_invoice, link, invoice)
        select * from unnest(payment_ids, payment_progress, payment_amounts, payment_currencies,
            payment_livemodes, payment_times, payment_versions, payment_events, payment_no_invoice,
            payment_links, payment_invoices)
        on conflict (id) do update set
            progress = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.progress else p.progress end,
            amount = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.amount else p.amount end,
            currency = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.currency else p.currency end,
            livemode = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.livemode else p.livemode end,
            at = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.at else p.at end,
            version = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.version else p.version end,
            event_id = case when (excluded.version, excluded.event_id) > (p.version, p.event_id)
                then excluded.event_id else p.event_id end,
            link = case when (excluded.link, excluded.invoice) < (p.link, p.invoice)
                then excluded.link else p.link end,
            invoice = case when (excluded.link, excluded.invoice) < (p.link, p.invoice)
                then excluded.invoice else p.invoice end,
            no_invoice = least(p.no_invoice, excluded.no_invoice)
        where (excluded.version, excluded.event_id) > (p.version, p.event_id)
            or (excluded.link, excluded.invoice) < (p.link, p.invoice)
            or excluded.no_invoice < p.no_invoice
        returning p.id, p.link
    )
    select array_agg(id) filter (where link < 100) into linked from written;
    if cardinality(link_payments) > 0 then
        insert into link (payment, invoice, evidence, share)
        select * from unnest(link_payments, link_invoices, link_evidence, link_shares)
        on conflict (payment, invoice) do update set
            evidence = least(link.evidence, excluded.evidence),
            share = greatest(link.share, excluded.share)
        where excluded.evidence < link.evidence or excluded.share > link.share;
        -- A known share also changes the payment's other invoices.
        linked := linked || link_payments;
    end if;
    if told then
        linked := payment_ids;
        perform keep_payments(linked);
    end if;
    if linked is not null then
        by_links := array(select invoice from link where payment = any(linked)
                          except select unnest(invoice_ids));
    end if;
    if by_links is null and cardinality(invoice_ids) = 0 then
        return;
    end if;
    insert into invoice as i (id, progress, amount, paid, currency, livemode, recurring, out_of_band, at,
        version, event_id)
    select * from (
        select * from unnest(invoice_ids, invoice_progress, invoice_amounts, invoice_paid,
            invoice_currencies, invoice_livemodes, invoice_recurring, invoice_out_of_band, invoice_times,
            invoice_versions, invoice_events) as it (id)
        union all
        select id, null, 0, 0, null, null, false, false, 0, -1, '' from unnest(by_links) as it (id)
    ) as it order by id collate "C"
    on conflict (id) do update set progress = excluded.progress, amount = excluded.amount,
        paid = excluded.paid, currency = excluded.currency, livemode = excluded.livemode,
        recurring = excluded.recurring, out_of_band = excluded.out_of_band, at = excluded.at,
        version = excluded.version, event_id = excluded.event_id
    where (excluded.version, excluded.event_id) > (i.version, i.event_id);
    perform keep_invoices(invoice_ids || by_links);
end $$;

-- Records events, each id once, with their changes, if none of them is recorded yet; otherwise
-- nothing. Returns the ids that are recorded already, or null if the commit would not be durable
-- (synchronous_commit).
--
-- Events are inserted in the order of their ids; their position in the inbox is the order of
-- arrival.
create function record_events(
    event_ids text[], event_payloads text[], event_types text[], event_created bigint[],
    event_livemodes boolean[], event_api_versions text[], event_accounts text[],
    event_object_ids text[], event_payments text[], event_invoices text[],
    event_snapshot_events text[], event_facts text[], event_states text[], event_reasons text[],
    event_origins text[], event_fetched_at bigint[], event_received_at bigint[],
    payment_ids text[], payment_progress text[], payment_amounts bigint[], payment_currencies text[],
    payment_livemodes boolean[], payment_times bigint[], payment_versions bigint[],
    payment_events text[], payment_no_invoice bigint[], payment_links bigint[],
    payment_invoices text[],
    link_payments text[], link_invoices text[], link_evidence bigint[], link_shares bigint[],
    invoice_ids text[], invoice_progress text[], invoice_amounts bigint[], invoice_paid bigint[],
    invoice_currencies text[], invoice_livemodes boolean[], invoice_recurring boolean[],
    invoice_out_of_band boolean[], invoice_times bigint[], invoice_versions bigint[],
    invoice_events text[]
) returns text[] language plpgsql
    set plan_cache_mode = force_generic_plan as $$
declare
    written text[];
begin
    if current_setting('synchronous_commit') <> 'on' then
        return null;
    end if;
    with given as materialized (
        select nextval('event_seq') as seq, it.*
        from unnest(event_ids, event_payloads, event_types, event_created, event_livemodes,
            event_api_versions, event_accounts, event_object_ids, event_payments, event_invoices,
            event_snapshot_events, event_facts, event_states, event_reasons, event_origins,
            event_fetched_at, event_received_at)
        as it (id, payload, type, created, livemode, api_version, account, object_id, payment, invoice,
            snapshot_event, facts, state, reason, origin, fetched_at, received_at)
    ), inserted as (
        insert into event (seq, id, payload, type, created, livemode, api_version, account, object_id,
            payment, invoice, snapshot_event, facts, state, reason, origin, fetched_at, received_at)
        select * from given order by id collate "C", seq
        on conflict (id) do nothing returning id
    )
    select coalesce(array_agg(id), '{}') into written from inserted;
    if cardinality(written) < cardinality(event_ids) then
        delete from event where id = any(written);
        return array(select unnest(event_ids) except select unnest(written));
    end if;
    if cardinality(payment_ids) + cardinality(link_payments) + cardinality(invoice_ids) > 0 then
        perform change_ledger(payment_ids, payment_progress, payment_amounts, payment_currencies,
            payment_livemodes, payment_times, payment_versions, payment_events, payment_no_invoice,
            payment_links, payment_invoices, link_payments, link_invoices, link_evidence, link_shares,
            invoice_ids, invoice_progress, invoice_amounts, invoice_paid, invoice_currencies,
            invoice_livemodes, invoice_recurring, invoice_out_of_band, invoice_times,
            invoice_versions, invoice_events, false);
    end if;
    return '{}';
end $$;
