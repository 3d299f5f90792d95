//! The path and the query of each read.
//!
//! Ids are put into a path as they are: their alphabets contain nothing that is special in a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portal_domain::stripe::{LinesOf, List, PAGE_ITEMS_MAX};
use portal_domain::{AccountPath, FactsKind, ObjectId, PageCursor, Read, Window};

/// All characters except the unreserved ones (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the path and the query of `read`; `None` if Stripe has no such object.
pub(super) fn target(read: &Read) -> Option<String> {
    let target = match read {
        Read::Events { types, window, cursor } => Target::list("/v1/events")
            .within(*window)
            .with_all("types[]", types)
            .at(cursor, |id| id.as_str()),
        Read::Objects { list, window, cursor } => {
            objects(*list).within(*window).at(cursor, |id| id.as_str())
        }
        Read::InvoicePaymentsOf(payment) => Target::list("/v1/invoice_payments")
            .with("payment[type]", "payment_intent")
            .with("payment[payment_intent]", payment.as_str()),
        Read::Object { kind, id, context: _ } => object(*kind, id)?,
        Read::ThinEvent { id, context: _ } => Target::path(format!("/v2/core/events/{id}")),
        Read::Endpoints => Target::list("/v1/webhook_endpoints"),
        Read::Payouts { window, cursor } => {
            Target::list("/v1/payouts").within(*window).at(cursor, |id| id.as_str())
        }
        Read::BalanceLines { of, cursor } => {
            let list = Target::list("/v1/balance_transactions");
            let list = match of {
                LinesOf::Time(window) => list.within(*window),
                LinesOf::Payout(id) => list.with("payout", id.as_str()),
            };
            list.with("expand[]", "data.source").at(cursor, |id| id.as_str())
        }
        Read::Balance => Target::path("/v1/balance".into()),
    };
    Some(target.0)
}

/// Returns the account that `read` is about, if it is not the key's own.
pub(super) fn context(read: &Read) -> Option<&AccountPath> {
    match read {
        Read::Object { context, .. } | Read::ThinEvent { context, .. } => context.as_ref(),
        Read::Events { .. }
        | Read::Objects { .. }
        | Read::InvoicePaymentsOf(_)
        | Read::Endpoints
        | Read::Payouts { .. }
        | Read::BalanceLines { .. }
        | Read::Balance => None,
    }
}

fn objects(list: List) -> Target {
    match list {
        List::InvoicePayments => Target::list("/v1/invoice_payments"),
        List::Invoices => Target::list("/v1/invoices"),
        List::PaymentIntents => {
            Target::list("/v1/payment_intents").with("expand[]", "data.latest_charge")
        }
        List::Refunds => Target::list("/v1/refunds"),
        List::Disputes => Target::list("/v1/disputes"),
    }
}

fn object(kind: FactsKind, id: &ObjectId) -> Option<Target> {
    let object = |list: &str| Target::path(format!("/v1/{list}/{id}"));
    Some(match kind {
        FactsKind::PaymentIntent => object("payment_intents").with("expand[]", "latest_charge"),
        FactsKind::Charge => object("charges"),
        FactsKind::Invoice => object("invoices"),
        FactsKind::InvoicePayment => object("invoice_payments"),
        FactsKind::NoInvoice => return None,
        FactsKind::CheckoutSession => object("checkout/sessions"),
        FactsKind::CreditNote => object("credit_notes"),
        FactsKind::Refund => object("refunds"),
        FactsKind::Dispute => object("disputes"),
        FactsKind::Subscription => object("subscriptions"),
        FactsKind::Payout => object("payouts"),
    })
}

/// A path with the query so far.
struct Target(String);

impl Target {
    fn path(path: String) -> Self {
        Self(path)
    }

    /// Starts a list with pages of the largest size, which takes the fewest reads.
    fn list(path: &str) -> Self {
        Self::path(path.to_owned()).with("limit", &PAGE_ITEMS_MAX.to_string())
    }

    fn with(self, name: &str, value: &str) -> Self {
        let mark = if self.0.contains('?') { '&' } else { '?' };
        let [name, value] = [name, value].map(|it| utf8_percent_encode(it, RESERVED));
        Self(format!("{}{mark}{name}={value}", self.0))
    }

    fn with_all(self, name: &str, values: &[&str]) -> Self {
        values.iter().fold(self, |target, value| target.with(name, value))
    }

    fn within(self, window: Window) -> Self {
        self.with("created[gte]", &window.since.get().to_string())
            .with("created[lt]", &window.until.get().to_string())
    }

    fn at<Id>(self, cursor: &PageCursor<Id>, text: impl Fn(&Id) -> &str) -> Self {
        match cursor {
            PageCursor::First => self,
            PageCursor::After(id) => self.with("starting_after", text(id)),
            PageCursor::Before(id) => self.with("ending_before", text(id)),
        }
    }
}
