//! Webhook endpoints.

use serde_json::{Value, json};

use super::http::Answer;
use super::lists::list;
use super::params::{PAGES, Params};
use crate::stripe::account::Account;
use crate::stripe::endpoint::Endpoint;
use crate::stripe::shelf::Shelf;

/// The time of creation of all endpoints, in Unix seconds.
const CREATED: i64 = 1_700_000_000;

pub(super) fn endpoints(account: &Account, query: &[(String, String)]) -> Result<Value, Answer> {
    let mut shelf = Shelf::default();
    for endpoint in account.endpoints.iter().rev() {
        shelf.put(&endpoint.id, CREATED, endpoint);
    }
    let params = Params::of(query, &[&PAGES])?;
    let wanted = params.wanted("webhook endpoint", |id| shelf.get(id).is_some())?;
    let page = shelf.page(&wanted, |_| true);
    let shown = page.things.into_iter().map(|it| shown(it)).collect();
    Ok(list("/v1/webhook_endpoints", shown, page.has_more))
}

fn shown(it: &Endpoint) -> Value {
    json!({
        "id": it.id, "object": "webhook_endpoint", "api_version": it.api_version,
        "application": null, "created": CREATED, "description": "donation portal",
        "enabled_events": it.enabled_events, "livemode": it.livemode, "metadata": {},
        "status": it.status, "url": it.url,
    })
}
