//! The host of the console: what the console cannot see or do itself.

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::{Store, StoreError};
use portal_service::doctor::CheckFinding;
use portal_service::settings::ShownSetting;

/// The host of the console.
pub struct ConsoleHost {
    /// The version of the program.
    pub version: &'static str,
    /// The version of the database's schema that the program uses.
    pub schema_version: u32,
    /// The effective settings.
    pub settings: Vec<ShownSetting>,
    pub inspect: Arc<dyn Inspect>,
}

/// Looks at what is beyond the store: Stripe, the public URL, the machine. It may take long, and delays
/// no other page meanwhile.
#[async_trait]
pub trait Inspect: Send + Sync {
    /// Makes the checks of `doctor`, as far as the host can.
    async fn examine(&self) -> Vec<CheckFinding>;

    /// Looks at the endpoint at Stripe. Returns `None` if that was done within the last minute, or cannot
    /// be done.
    async fn check_endpoint(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<Option<EndpointCheck>, StoreError>;
}
