//! Statements on the ledger. A row is replaced only by a view that ranks higher.

use portal_domain::ledger::{Change, CreditNote, Dispute, Invoice, Link, Payment, Payout, Refund};
use portal_domain::{DisputeState, EnumWord, ObjectId, StoreError, UnixSeconds};

use super::keep;
use crate::sql::guard::{Guard, guarded};
use crate::sql::{Statement, values};
use crate::store::alerts::write::write_where;

/// Writes the changes of an event if the guard's condition holds: before each change the alerts
/// that follow if it is new, and then the kept columns that depend on it.
pub(in crate::store) fn write<'v>(
    changes: &'v [Change],
    guard: Guard<'v>,
    now: UnixSeconds,
) -> Result<Vec<Statement<'v>>, StoreError> {
    let mut all = Vec::with_capacity(2 * changes.len());
    for change in changes {
        for it in change.alerts() {
            let mut news = guard.condition();
            news.append(&is_news(change));
            all.push(write_where(&it, now, &news)?);
        }
        match change {
            Change::Payment(it) => all.push(payment(Some(it), link_of(&it.id, changes), guard)),
            Change::Link(it) => {
                all.extend(link(it, guard));
                if !changes.iter().any(|change| is_of_payment(change, &it.payment)) {
                    all.push(payment(None, Some(it), guard));
                }
            }
            Change::Invoice(it) => all.push(invoice(it, guard)),
            Change::Refund(it) => all.extend([
                refund(it, guard),
                keep::payment_row(&it.payment, guard),
                keep::payment(&it.payment, it.charge.as_ref(), guard),
            ]),
            Change::CreditNote(it) => {
                all.extend([credit_note(it, guard), keep::invoice_row(&it.invoice, guard)]);
            }
            Change::Dispute(it) => all.extend([
                dispute(it, guard),
                keep::payment_row(&it.payment, guard),
                keep::payment(&it.payment, None, guard),
            ]),
            Change::Payout(it) => all.extend(payout(it, guard)),
        }
    }
    // Invoices are last, because they follow from their payments.
    for change in changes {
        all.extend(match change {
            Change::Payment(it) => Some(keep::invoices_of(&it.id, None, guard)),
            Change::Link(it) => (!changes.iter().any(|change| is_of_payment(change, &it.payment)))
                .then(|| keep::invoices_of(&it.payment, None, guard)),
            Change::Invoice(it) => Some(keep::invoice(&it.id, guard)),
            Change::CreditNote(it) => Some(keep::invoice(&it.invoice, guard)),
            Change::Refund(it) => Some(keep::invoices_of(&it.payment, it.charge.as_ref(), guard)),
            Change::Dispute(it) => Some(keep::invoices_of(&it.payment, None, guard)),
            Change::Payout(_) => None,
        });
    }
    Ok(all)
}

/// Returns the link of a payment, which is written with it; an event has at most one.
fn link_of<'v>(payment: &ObjectId, changes: &'v [Change]) -> Option<&'v Link> {
    changes.iter().find_map(|change| {
        if let Change::Link(it) = change {
            Some(it).filter(|it| it.payment == *payment)
        } else {
            None
        }
    })
}

fn is_of_payment(change: &Change, payment: &ObjectId) -> bool {
    matches!(change, Change::Payment(it) if it.id == *payment)
}

/// True if the ledger has no view of the same or a higher rank; for changes that raise an alert.
fn is_news(change: &Change) -> Statement<'_> {
    match change {
        Change::Refund(it) => Statement::new(
            " and not exists (select 1 from refund \
                              where id = ? and (version, amount, event_id) >= (?, ?, ?))",
            values![it.id.as_str(), it.version.order, it.amount, it.version.event.as_str()],
        ),
        Change::Dispute(it) => Statement::new(
            " and not exists (select 1 from dispute \
                              where id = ? and (version, event_id) >= (?, ?))",
            values![it.id.as_str(), it.version.order, it.version.event.as_str()],
        ),
        Change::Payout(it) => Statement::new(
            " and not exists (select 1 from payout \
                              where id = ? and (version, event_id) >= (?, ?))",
            values![it.id.as_str(), it.version.order, it.version.event.as_str()],
        ),
        Change::Payment(_) | Change::Link(_) | Change::Invoice(_) | Change::CreditNote(_) => {
            Statement::plain("")
        }
    }
}

/// Writes a payment, or its evidence of an invoice, or both. Each replaces the stored one if it is
/// firmer: of two views of the payment the greater (version, event), of two links the lesser
/// (evidence, invoice), of two pieces of evidence for no invoice the lesser.
fn payment<'v>(it: Option<&'v Payment>, link: Option<&'v Link>, guard: Guard<'v>) -> Statement<'v> {
    macro_rules! newer {
        () => {
            "(excluded.version, excluded.event_id) > (payment.version, payment.event_id)"
        };
    }
    macro_rules! firmer {
        () => {
            "(excluded.link, excluded.invoice) < (payment.link, payment.invoice)"
        };
    }
    macro_rules! set {
        ($if:ident $($column:literal)*) => {
            concat!($($column, " = iif(", $if!(), ", excluded.", $column, ", payment.", $column, "), "),*)
        };
    }
    macro_rules! upsert {
        () => {
            concat!(
                " on conflict (id) do update set ",
                set!(newer "progress" "amount" "currency" "livemode" "at" "version" "event_id"),
                set!(firmer "link" "invoice"),
                "no_invoice = min(payment.no_invoice, excluded.no_invoice) where ",
                newer!(),
                " or ",
                firmer!(),
                " or excluded.no_invoice < payment.no_invoice"
            )
        };
    }
    let payment = guarded!(
        guard,
        "insert into payment (id, progress, amount, currency, livemode, at, version, event_id, \
             no_invoice, link, invoice) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 where ",
        upsert!()
    );
    let invoice = link.and_then(|it| it.invoice.as_ref());
    let rank = link.map_or(NO_EVIDENCE, |it| it.evidence.rank());
    let (no_invoice, link_rank) =
        if invoice.is_some() { (NO_EVIDENCE, rank) } else { (rank, NO_EVIDENCE) };
    let values = values![
        it.map_or_else(|| link.map_or("", |it| it.payment.as_str()), |it| it.id.as_str()),
        it.map(|it| it.progress.name()),
        it.map_or(0, |it| it.amount),
        it.map(|it| it.currency.as_str()),
        it.map(|it| it.livemode),
        it.map_or(0, |it| it.at.get()),
        it.map_or(NOT_SEEN, |it| it.version.order),
        it.map_or("", |it| it.version.event.as_str()),
        no_invoice,
        link_rank,
        invoice.map_or("", ObjectId::as_str),
    ];
    guard.bind(Statement::new(payment, values))
}

/// The version of a row without an event of its own, as in the schema.
const NOT_SEEN: i64 = -1;

/// The evidence of an unknown link, as in the schema.
const NO_EVIDENCE: i64 = 100;

/// Writes the link from a payment to an invoice, if any, and a row of that invoice.
fn link<'v>(it: &'v Link, guard: Guard<'v>) -> Vec<Statement<'v>> {
    let Some(invoice) = &it.invoice else { return Vec::new() };
    let link = guarded!(
        guard,
        "insert into link (payment, invoice, evidence, share) select ?1, ?2, ?3, ?4 where ",
        " on conflict (payment, invoice) do update set \
             evidence = min(link.evidence, excluded.evidence), \
             share = max(link.share, excluded.share) \
         where excluded.evidence < link.evidence or excluded.share > link.share"
    );
    let values = values![it.payment.as_str(), invoice.as_str(), it.evidence.rank(), it.share];
    vec![guard.bind(Statement::new(link, values)), keep::invoice_row(invoice, guard)]
}

fn invoice<'v>(it: &'v Invoice, guard: Guard<'v>) -> Statement<'v> {
    let invoice = guarded!(
        guard,
        "insert into invoice (id, progress, amount, paid, currency, livemode, recurring, \
             out_of_band, at, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 where ",
        " on conflict (id) do update set progress = excluded.progress, \
             amount = excluded.amount, paid = excluded.paid, currency = excluded.currency, \
             livemode = excluded.livemode, recurring = excluded.recurring, \
             out_of_band = excluded.out_of_band, at = excluded.at, \
             version = excluded.version, event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (invoice.version, invoice.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.progress.name(),
        it.amount,
        it.paid,
        it.currency.as_str(),
        it.livemode,
        it.recurring,
        it.out_of_band,
        it.at.get(),
        it.version.order,
        it.version.event.as_str(),
    ];
    guard.bind(Statement::new(invoice, values))
}

/// Writes a refund, or a running total. Of two totals in one second the greater counts.
fn refund<'v>(it: &'v Refund, guard: Guard<'v>) -> Statement<'v> {
    let refund = guarded!(
        guard,
        "insert into refund (id, payment, charge, total, progress, amount, released, currency, \
             livemode, made_at, at, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 where ",
        " on conflict (id) do update set payment = excluded.payment, charge = excluded.charge, \
             total = excluded.total, progress = excluded.progress, amount = excluded.amount, \
             released = excluded.released, currency = excluded.currency, \
             livemode = excluded.livemode, made_at = excluded.made_at, at = excluded.at, version = excluded.version, \
             event_id = excluded.event_id \
         where (excluded.version, excluded.amount, excluded.event_id) \
             > (refund.version, refund.amount, refund.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.payment.as_str(),
        it.charge.as_ref().map(ObjectId::as_str),
        it.total,
        it.progress.name(),
        it.amount,
        it.released,
        it.currency.as_str(),
        it.livemode,
        it.made_at.get(),
        it.at.get(),
        it.version.order,
        it.version.event.as_str(),
    ];
    guard.bind(Statement::new(refund, values))
}

fn credit_note<'v>(it: &'v CreditNote, guard: Guard<'v>) -> Statement<'v> {
    let credit_note = guarded!(
        guard,
        "insert into credit_note (id, invoice, amount, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5 where ",
        " on conflict (id) do update set invoice = excluded.invoice, amount = excluded.amount, \
             version = excluded.version, event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (credit_note.version, credit_note.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.invoice.as_str(),
        it.amount,
        it.version.order,
        it.version.event.as_str(),
    ];
    guard.bind(Statement::new(credit_note, values))
}

fn dispute<'v>(it: &'v Dispute, guard: Guard<'v>) -> Statement<'v> {
    let dispute = guarded!(
        guard,
        "insert into dispute (id, payment, state, amount, currency, livemode, version, event_id) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 where ",
        " on conflict (id) do update set payment = excluded.payment, state = excluded.state, \
             amount = excluded.amount, currency = excluded.currency, \
             livemode = excluded.livemode, version = excluded.version, \
             event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (dispute.version, dispute.event_id)"
    );
    let values = values![
        it.id.as_str(),
        it.payment.as_str(),
        it.state.map(DisputeState::name),
        it.amount,
        it.currency.as_str(),
        it.livemode,
        it.version.order,
        it.version.event.as_str(),
    ];
    guard.bind(Statement::new(dispute, values))
}

/// Writes a payout, and the most that Stripe is known to know of its lines: views of different rank
/// say that in any order.
fn payout<'v>(it: &'v Payout, guard: Guard<'v>) -> [Statement<'v>; 2] {
    let payout = guarded!(
        guard,
        "insert into payout (id, amount, currency, livemode, automatic, method, status, created, \
             arrives, line, return_line, failure, original, reversed_by, version, event_id, \
             reconciliation) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17 where ",
        " on conflict (id) do update set amount = excluded.amount, currency = excluded.currency, \
             livemode = excluded.livemode, automatic = excluded.automatic, \
             method = excluded.method, status = excluded.status, created = excluded.created, \
             arrives = excluded.arrives, line = excluded.line, \
             return_line = excluded.return_line, failure = excluded.failure, \
             original = excluded.original, reversed_by = excluded.reversed_by, \
             version = excluded.version, event_id = excluded.event_id \
         where (excluded.version, excluded.event_id) > (payout.version, payout.event_id)"
    );
    let id = |it: &'v Option<ObjectId>| it.as_ref().map(ObjectId::as_str);
    let word = |it: &'v Option<EnumWord>| it.as_ref().map(EnumWord::as_str);
    let values = values![
        it.id.as_str(),
        it.amount,
        it.currency.as_str(),
        it.livemode,
        it.automatic,
        word(&it.method),
        it.status.name(),
        it.created.get(),
        it.arrives.get(),
        id(&it.line),
        id(&it.return_line),
        word(&it.failure),
        id(&it.original),
        id(&it.reversed_by),
        it.version.order,
        it.version.event.as_str(),
        it.reconciliation.rank(),
    ];
    let reconciliation = guarded!(
        guard,
        "update payout set reconciliation = ?2 where id = ?1 and reconciliation < ?2 and ",
        ""
    );
    let rank = values![it.id.as_str(), it.reconciliation.rank()];
    [guard.bind(Statement::new(payout, values)), guard.bind(Statement::new(reconciliation, rank))]
}
