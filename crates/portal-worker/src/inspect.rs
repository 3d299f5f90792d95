//! The checks that the Worker can make for its console.

use std::sync::Arc;

use async_trait::async_trait;
use portal_console::Inspect;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::{Clock, Store, StoreError, text};
use portal_service::doctor::{Check, CheckFinding, Examined, errors_of_service};
use portal_service::{StripeAccess, check_endpoint};

use crate::config::Bindings;

/// Looks at the settings, at Stripe and at D1.
pub(crate) struct EdgeInspector {
    pub(crate) settings: Bindings,
    /// Nothing where there is no key.
    pub(crate) access: Option<StripeAccess>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Inspect for EdgeInspector {
    async fn examine(&self) -> Vec<CheckFinding> {
        let examined = Examined {
            settings: &self.settings,
            access: self.access.as_ref(),
            store: Some(&*self.store),
            clock: &*self.clock,
        };
        let mut found = examined.of_settings(errors_of_service(&self.settings));
        found.extend(examined.of_database("D1").await);
        found.extend([Check::Ledger, Check::Disk].map(not_here));
        found.extend(examined.of_stripe_and_store().await);
        found.push(not_here(Check::Delivery));
        found.extend(examined.of_channels().await);
        found
    }

    async fn check_endpoint(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<Option<EndpointCheck>, StoreError> {
        match &self.access {
            Some(access) => check_endpoint(access, &*store, &*self.clock).await,
            None => Ok(None),
        }
    }
}

/// The whole ledger is too much for a request, D1 has no disk, and a Worker does not reach itself.
fn not_here(check: Check) -> CheckFinding {
    CheckFinding::not_checked(
        check,
        text!("a Worker cannot check it", "Worker では確認できません"),
        text!(
            "run `donation-portal doctor` on a machine, with the same settings and an export of the database",
            "同じ設定とデータベースのエクスポートを使い、別のマシンで `donation-portal doctor` を実行してください"
        ),
    )
}
