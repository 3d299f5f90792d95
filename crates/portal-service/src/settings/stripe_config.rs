//! The access to Stripe's API, as it is configured.

use std::sync::Arc;

use portal_outbound::{ApiKey, Host, StripeApi, Transport, Url};

use super::{STRIPE_SECRET_KEY, SettingError, Settings};
use crate::stripe_poller::StripeAccess;

/// The settings of Stripe's API. It has no `Debug` on purpose.
pub struct StripeConfig {
    pub key: ApiKey,
    pub base: Url,
    /// The public URL of this service, as the endpoint at Stripe should have it.
    pub webhook_url: Option<String>,
    /// The number of reads in 30 days.
    pub read_budget: u64,
}

impl StripeConfig {
    /// Returns `None` where no key is set; then Stripe is never asked.
    ///
    /// # Errors
    /// [`SettingError`] for the first setting that is wrong, with or without a key.
    pub fn read(settings: &impl Settings) -> Result<Option<Self>, SettingError> {
        let base = settings.stripe_api_base()?;
        let webhook_url = settings.webhook_url()?;
        let read_budget = settings.read_budget()?;
        let key = settings.optional(STRIPE_SECRET_KEY, ApiKey::parse)?;
        Ok(key.map(|key| Self { key, base, webhook_url, read_budget }))
    }

    /// Returns the access to Stripe by `transport`.
    #[must_use]
    pub fn access(&self, transport: Arc<dyn Transport>, host: Host) -> StripeAccess {
        let Self { key, base, webhook_url, read_budget: budget } = self;
        let stripe = Arc::new(StripeApi::new(key, base, transport, host));
        let webhook_url = webhook_url.clone();
        StripeAccess { stripe, livemode: key.livemode(), budget: *budget, webhook_url }
    }
}
