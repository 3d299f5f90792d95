//! The endpoint at Stripe as it is, beside how it should be; the signing secrets and their use; what was
//! refused lately; and how to rotate a secret.

mod at_stripe;
mod look;
mod refusals;
mod rotation;
mod secrets;
mod secrets_chart;

use std::sync::Arc;

use maud::html;
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::signature_history::SignatureHistory;

use crate::Desk;
use crate::layout::PageContent;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

pub(crate) use look::{confirm_look, look};

pub(crate) async fn endpoint(desk: Arc<Desk>, page: PageRequest) -> Result<PageContent, PageError> {
    let (desk, page) = (&*desk, &page);
    let history = SignatureHistory::read(&*desk.store).await?;
    let check = EndpointCheck::read(&*desk.store, desk.livemode()).await?;
    let uses = history.uses(&desk.fingerprints, page.now);
    Ok(PageContent {
        title: page.pick("Endpoint & secrets", "エンドポイントと署名シークレット").to_owned(),
        body: html! {
            (at_stripe::at_stripe(desk, page, &check))
            (secrets::secrets(desk, page, &uses))
            (refusals::refusals(page, &history.refused_lately(page.now)))
            (rotation::rotation(page))
        },
    })
}
