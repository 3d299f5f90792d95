//! Groups of resources, each of which needs a permission of a restricted key.

/// A group of resources that may be forbidden to a key, or fail by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// `/v1/events` and `/v2/core/events`
    Events,
    /// `/v1/payment_intents`
    PaymentIntents,
    /// `/v1/invoices`
    Invoices,
    /// `/v1/invoice_payments`
    InvoicePayments,
    /// `/v1/charges` and `/v1/refunds`
    Charges,
    /// `/v1/credit_notes`
    CreditNotes,
    /// `/v1/disputes`
    Disputes,
    /// `/v1/checkout/sessions`
    CheckoutSessions,
    /// `/v1/subscriptions`
    Subscriptions,
    /// `/v1/webhook_endpoints`
    WebhookEndpoints,
    /// `/v1/payouts`
    Payouts,
    /// `/v1/balance_transactions`
    BalanceTransactions,
    /// `/v1/balance`
    Balance,
}

impl Resource {
    pub const ALL: [Self; 13] = [
        Self::Events,
        Self::PaymentIntents,
        Self::Invoices,
        Self::InvoicePayments,
        Self::Charges,
        Self::CreditNotes,
        Self::Disputes,
        Self::CheckoutSessions,
        Self::Subscriptions,
        Self::WebhookEndpoints,
        Self::Payouts,
        Self::BalanceTransactions,
        Self::Balance,
    ];

    /// Returns the resource of a request's path.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let is_at = |at: &&str| {
            path.strip_prefix(*at).is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        Self::ALL.into_iter().find(|it| it.paths().iter().any(is_at))
    }

    /// Returns the permission that a key needs.
    ///
    /// Two were seen in Stripe's answers, `rak_event_read` and `rak_webhook_read`; the others
    /// follow their pattern.
    pub(crate) fn permission(self) -> &'static str {
        match self {
            Self::Events => "rak_event_read",
            Self::PaymentIntents => "rak_payment_intent_read",
            Self::Invoices => "rak_invoice_read",
            Self::InvoicePayments => "rak_invoice_payment_read",
            Self::Charges => "rak_charge_read",
            Self::CreditNotes => "rak_credit_note_read",
            Self::Disputes => "rak_dispute_read",
            Self::CheckoutSessions => "rak_checkout_session_read",
            Self::Subscriptions => "rak_subscription_read",
            Self::WebhookEndpoints => "rak_webhook_read",
            Self::Payouts => "rak_payout_read",
            Self::BalanceTransactions => "rak_balance_transaction_source_read",
            Self::Balance => "rak_balance_read",
        }
    }

    fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["/v1/events", "/v2/core/events"],
            Self::PaymentIntents => &["/v1/payment_intents"],
            Self::Invoices => &["/v1/invoices"],
            Self::InvoicePayments => &["/v1/invoice_payments"],
            Self::Charges => &["/v1/charges", "/v1/refunds"],
            Self::CreditNotes => &["/v1/credit_notes"],
            Self::Disputes => &["/v1/disputes"],
            Self::CheckoutSessions => &["/v1/checkout/sessions"],
            Self::Subscriptions => &["/v1/subscriptions"],
            Self::WebhookEndpoints => &["/v1/webhook_endpoints"],
            Self::Payouts => &["/v1/payouts"],
            Self::BalanceTransactions => &["/v1/balance_transactions"],
            Self::Balance => &["/v1/balance"],
        }
    }
}
