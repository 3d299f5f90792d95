//! The endpoint and its secrets.

use std::collections::BTreeMap;
use std::sync::Arc;

use portal_domain::UnixSeconds;
use portal_domain::endpoint::{SeenEndpoint, problems};
use portal_domain::endpoint_check::{EndpointCheck, FailedCheck};
use portal_domain::signature_history::{SecretUse, SignatureHistory};
use serde::Serialize;

use crate::Desk;
use crate::json::Json;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The endpoint as it was seen last at Stripe, the use of the secrets, and what was refused lately.
pub(crate) async fn endpoint(desk: Arc<Desk>, page: PageRequest) -> Result<Json, PageError> {
    let check = EndpointCheck::read(&*desk.store, desk.livemode()).await?;
    let history = SignatureHistory::read(&*desk.store).await?;
    let found = check.seen_at.map(|_| problems(&check.endpoints)).unwrap_or_default();
    let uses = history.uses(&desk.fingerprints, page.now);
    let secrets = desk.fingerprints.iter().zip(&uses);
    Ok(Json::of(&EndpointLine {
        url: desk.webhook_url.as_deref(),
        seen_at: check.seen_at,
        failed: check.failed.map(FailedCheckLine::of),
        endpoints: &check.endpoints,
        problems: found.iter().map(|it| it.problem.name()).collect(),
        secrets: secrets.map(|(sha256, r#use)| SecretLine { sha256, r#use }).collect(),
        refused: history.refused_lately(page.now),
    }))
}

#[derive(Serialize)]
struct EndpointLine<'e> {
    url: Option<&'e str>,
    seen_at: Option<UnixSeconds>,
    /// The last look, if it failed.
    failed: Option<FailedCheckLine>,
    endpoints: &'e [SeenEndpoint],
    problems: Vec<&'static str>,
    secrets: Vec<SecretLine<'e>>,
    /// The number of deliveries by the reason of their refusal.
    refused: BTreeMap<Box<str>, u64>,
}

#[derive(Serialize)]
struct FailedCheckLine {
    at: UnixSeconds,
    why: &'static str,
    /// The HTTP status, if `why` does not say it.
    status: Option<u16>,
}

#[derive(Serialize)]
struct SecretLine<'e> {
    sha256: &'e str,
    r#use: &'e SecretUse,
}

impl FailedCheckLine {
    fn of(FailedCheck { at, why }: FailedCheck) -> Self {
        Self { at, why: why.name(), status: why.status() }
    }
}
