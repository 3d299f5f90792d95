//! The checks that the server makes for its console: those of `doctor`, on a thread of their own.

use std::sync::Arc;

use async_trait::async_trait;
use portal_console::{ConsoleHost, Inspect};
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::{Store, StoreError};
use portal_service::doctor::{Check, CheckFinding, see_log};
use portal_service::settings::ServiceConfig;
use portal_service::{StripeAccess, check_endpoint};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::clock::SystemClock;
use crate::commands::config::shown_settings;
use crate::commands::doctor;
use crate::config::{Given, Service, stripe_access};
use crate::database::DatabaseUrl;
use crate::exit::Failure;

/// Returns what the console has of the server.
pub(super) fn host(
    settings: &Given<Service>,
    config: &ServiceConfig,
    home: &DatabaseUrl,
) -> Result<ConsoleHost, Failure> {
    let access = config.stripe.as_ref().map(stripe_access).map(Arc::new);
    Ok(ConsoleHost {
        version: env!("CARGO_PKG_VERSION"),
        schema_version: home.schema_version(),
        settings: shown_settings(settings)?,
        inspect: Arc::new(ServerInspector { settings: settings.clone(), access }),
    })
}

struct ServerInspector {
    settings: Given<Service>,
    /// Nothing where there is no key.
    access: Option<Arc<StripeAccess>>,
}

#[async_trait]
impl Inspect for ServerInspector {
    async fn examine(&self) -> Vec<CheckFinding> {
        let settings = self.settings.clone();
        let examine = move || {
            let mut all = Vec::new();
            let checked = doctor::check(&settings, &mut |found| {
                all.extend(found);
                Ok(())
            });
            // Only the test delivery needs more than this thread.
            if let Err(failure) = checked {
                all.push(CheckFinding::wrong(Check::Delivery, failure.finding(), see_log()));
            }
            all
        };
        spawn_blocking(examine).await.unwrap_or_default()
    }

    async fn check_endpoint(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<Option<EndpointCheck>, StoreError> {
        let Some(access) = self.access.clone() else { return Ok(None) };
        let look = move || {
            Handle::current().block_on(check_endpoint(&access, &*store, &SystemClock::new()))
        };
        let panicked = |_| StoreError::Failed("the look has panicked".into());
        spawn_blocking(look).await.map_err(panicked)?
    }
}
