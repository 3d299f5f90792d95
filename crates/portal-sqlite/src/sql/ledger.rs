//! Statements on the ledger. A row is replaced by a view of it that counts more, never by another.

use portal_domain::DonationFilter;

/// A payment as an event saw it.
pub const PAYMENT: &str = "\
    insert into payment (id, progress, amount, currency, livemode, at, version, event_id) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    on conflict (id) do update set progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, at = excluded.at, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (payment.version, payment.event_id)";

/// Which invoice a payment belongs to; `''` where the evidence says that there is none.
pub const LINK: &str = "\
    insert into payment (id, evidence, invoice) values (?1, ?2, ?3) \
    on conflict (id) do update set evidence = excluded.evidence, invoice = excluded.invoice \
    where (excluded.evidence, excluded.invoice) < (payment.evidence, payment.invoice)";

/// An invoice that only a payment has told of so far.
pub const LINKED_INVOICE: &str = "insert into invoice (id) values (?1) on conflict (id) do nothing";

/// An invoice as an event saw it.
pub const INVOICE: &str = "\
    insert into invoice (id, progress, amount, currency, livemode, recurring, out_of_band, at, \
        version, event_id) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
    on conflict (id) do update set progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, \
        recurring = excluded.recurring, out_of_band = excluded.out_of_band, at = excluded.at, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (invoice.version, invoice.event_id)";

/// A refund, or a charge's running total, as an event saw it. Of two totals in one second the
/// greater counts.
pub const REFUND: &str = "\
    insert into refund (id, payment, charge, total, progress, amount, currency, livemode, made_at, \
        at, version, event_id) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
    on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
        total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
        currency = excluded.currency, livemode = excluded.livemode, made_at = excluded.made_at, \
        at = excluded.at, version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.amount, excluded.event_id) \
        > (refund.version, refund.amount, refund.event_id)";

/// A dispute as an event saw it.
pub const DISPUTE: &str = "\
    insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
        amount = excluded.amount, currency = excluded.currency, livemode = excluded.livemode, \
        version = excluded.version, event_id = excluded.event_id \
    where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)";

macro_rules! select_donation {
    ($rest:literal) => {
        concat!(
            "select id, kind, state, currency, amount, refunded, lost, net, dispute, provisional, ",
            "out_of_band, livemode, at from donation ",
            $rest
        )
    };
}

/// The donation of id `?1`.
pub const DONATION: &str = select_donation!("where id = ?1");

/// The invoice that the payment of id `?1` belongs to.
pub const INVOICE_OF_PAYMENT: &str = "select invoice from payment where id = ?1 and invoice <> ''";

/// The donations that a filter lets through, and which of its values are bound: those of
/// `filtered` below, `:limit`, and `:at` and `:id` of the one before the first.
#[must_use]
pub fn donations(filter: &DonationFilter, after: bool) -> String {
    let mut sql = String::from(select_donation!("where true"));
    filtered(&mut sql, filter);
    if after {
        sql.push_str(" and (at, id) < (:at, :id)");
    }
    sql.push_str(" order by at desc, id desc limit :limit");
    sql
}

/// What the donations that a filter lets through come to.
#[must_use]
pub fn totals(filter: &DonationFilter) -> String {
    let mut sql = String::from(
        "select currency, kind, livemode, count(*) as count, sum(amount) as gross, \
         sum(refunded) as refunded, sum(lost) as lost, sum(net) as net \
         from donation where state = 'paid' and not provisional",
    );
    filtered(&mut sql, filter);
    sql.push_str(" group by currency, kind, livemode order by currency, kind, livemode");
    sql
}

/// Binds `:since`, `:until`, `:currency`, `:kind`, `:state`, `:livemode`, `:provisional`, as far as
/// the filter has them.
fn filtered(sql: &mut String, filter: &DonationFilter) {
    let terms = [
        (filter.since.is_some(), " and at >= :since"),
        (filter.until.is_some(), " and at < :until"),
        (filter.currency.is_some(), " and currency = :currency"),
        (filter.kind.is_some(), " and kind = :kind"),
        (filter.state.is_some(), " and state = :state"),
        (filter.livemode.is_some(), " and livemode = :livemode"),
        (filter.provisional.is_some(), " and provisional = :provisional"),
    ];
    for (_, term) in terms.into_iter().filter(|(there, _)| *there) {
        sql.push_str(term);
    }
}
