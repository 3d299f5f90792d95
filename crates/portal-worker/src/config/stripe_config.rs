//! The access to Stripe.

use std::sync::Arc;

use portal_domain::read_budget::BUDGET;
use portal_outbound::{ApiKey, Host, InvalidAddress, STRIPE_API_URL, StripeApi, Transport, Url};
use portal_service::StripeAccess;

use super::{Misconfigured, Variables, Why, number, or};

/// The access to Stripe.
pub(crate) struct StripeConfig {
    /// With which key.
    pub(crate) key: ApiKey,
    pub(crate) base: Url,
    /// This service's public URL, as the endpoint at Stripe should have it.
    pub(crate) webhook_url: Option<String>,
    /// The number of reads in 30 days.
    pub(crate) read_budget: u64,
}

impl StripeConfig {
    /// Nothing where no key is set; then Stripe is never asked.
    pub(super) fn read(variables: &Variables<'_>) -> Result<Option<Self>, Misconfigured> {
        // A variable that is set to nothing, as many tools do, is not set.
        let there = |variable| variables(variable).filter(|it| !it.is_empty());
        let base = variables("STRIPE_API_BASE").unwrap_or_else(|| STRIPE_API_URL.into());
        let base = url("STRIPE_API_BASE", &base)?;
        let webhook_url = there("WEBHOOK_URL");
        webhook_url.as_deref().map(|it| url("WEBHOOK_URL", it)).transpose()?;
        let read_budget = or(variables, "READ_BUDGET", BUDGET, |text| {
            number(text, 100..=u64::MAX).ok_or("a number of reads, 100 or more")
        })?;
        let Some(key) = there("STRIPE_SECRET_KEY") else { return Ok(None) };
        let key = ApiKey::parse(&key)
            .map_err(|why| Misconfigured { variable: "STRIPE_SECRET_KEY", why: Why::Key(why) })?;
        Ok(Some(Self { key, base, webhook_url, read_budget }))
    }

    /// The way to Stripe, by `transport`.
    pub(crate) fn access(self, transport: Arc<dyn Transport>, host: Host) -> StripeAccess {
        let Self { key, base, webhook_url, read_budget: budget } = self;
        let stripe = Arc::new(StripeApi::new(&key, &base, transport, host));
        StripeAccess { stripe, livemode: key.livemode(), budget, webhook_url }
    }
}

fn url(variable: &'static str, text: &str) -> Result<Url, Misconfigured> {
    let why = |why: InvalidAddress| Misconfigured { variable, why: Why::ChannelAddress(why) };
    Url::parse(text).map_err(why)
}
