//! A host whose checks find what a test says, and a Stripe that shows it the endpoint.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use portal_console::Inspect;
use portal_contract::FakeClock;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::event_types::MONEY_TYPES;
use portal_domain::{Clock as _, Fetched, Read, ReadError, Store, StoreError, Stripe, text};
use portal_service::doctor::{Check, CheckFinding};
use portal_service::{StripeAccess, check_endpoint};
use serde_json::{Value, json};

/// The public URL of the service.
pub(crate) const URL: &str = "https://portal.example.org/api/webhooks/stripe";

/// The settings of a service that watches its endpoint.
pub(crate) const WATCHING: [(&str, &str); 2] =
    [("STRIPE_SECRET_KEY", "rk_live_0123456789canary4471"), ("WEBHOOK_URL", URL)];

pub(crate) struct FakeHost {
    clock: FakeClock,
    stripe: Arc<FakeStripe>,
    pub(crate) findings: Mutex<Vec<CheckFinding>>,
}

/// Shows endpoints, or fails.
struct FakeStripe {
    endpoints: Mutex<Result<Vec<Value>, ReadError>>,
    clock: FakeClock,
}

/// Returns an endpoint as Stripe shows it.
pub(crate) fn endpoint(status: &str, types: &[&str]) -> Value {
    json!({
        "id": "we_1", "object": "webhook_endpoint", "url": URL, "status": status,
        "enabled_events": types, "api_version": "2025-09-30.clover", "livemode": true,
        "description": "canary of a description",
    })
}

impl FakeHost {
    pub(crate) fn new(clock: FakeClock) -> Self {
        let endpoints = Mutex::new(Ok(vec![endpoint("enabled", &MONEY_TYPES)]));
        let stripe = Arc::new(FakeStripe { endpoints, clock: clock.clone() });
        let fine = text!("each setting can be used", "すべての設定を使用できます");
        let findings = Mutex::new(vec![CheckFinding::ok(Check::Settings, fine)]);
        Self { clock, stripe, findings }
    }

    /// Lets Stripe show these endpoints, or fail.
    pub(crate) fn stripe_shows(&self, endpoints: Result<Vec<Value>, ReadError>) {
        *lock(&self.stripe.endpoints) = endpoints;
    }

    pub(crate) fn finds(&self, findings: Vec<CheckFinding>) {
        *lock(&self.findings) = findings;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Inspect for FakeHost {
    async fn examine(&self) -> Vec<CheckFinding> {
        lock(&self.findings).clone()
    }

    async fn check_endpoint(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<Option<EndpointCheck>, StoreError> {
        let access = StripeAccess {
            stripe: Arc::clone(&self.stripe) as _,
            livemode: true,
            budget: 8000,
            webhook_url: Some(URL.into()),
        };
        check_endpoint(&access, &*store, &self.clock).await
    }
}

#[async_trait]
impl Stripe for FakeStripe {
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError> {
        assert!(matches!(read, Read::Endpoints), "the console reads nothing else");
        let data = lock(&self.endpoints).clone()?;
        let body = json!({ "object": "list", "data": data, "has_more": false });
        Ok(Fetched { body: body.to_string().into_bytes().into(), at: self.clock.now() })
    }
}
