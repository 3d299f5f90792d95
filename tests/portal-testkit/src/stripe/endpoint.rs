//! A webhook endpoint of an account.

/// A webhook endpoint (<https://docs.stripe.com/api/webhook_endpoints/object>), set by the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `we_…`
    pub id: String,
    /// The URL that Stripe posts to.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: &'static str,
    /// Type names, or `*`.
    pub enabled_events: Vec<String>,
    /// The version of its events; `None` for the account's.
    pub api_version: Option<&'static str>,
    pub livemode: bool,
}
