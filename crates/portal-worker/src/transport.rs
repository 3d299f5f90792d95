//! The transport over the runtime's `fetch`.

use async_trait::async_trait;
use portal_outbound::{Answer, DEADLINE, NoAnswer, Transport};
use worker::send::SendFuture;
use worker::{AbortController, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use crate::deadline::within;

/// Posts by `fetch`.
pub(crate) struct FetchTransport;

#[async_trait]
impl Transport for FetchTransport {
    async fn post(&self, url: &str, body: &[u8]) -> Result<Answer, NoAnswer> {
        SendFuture::new(async {
            let request = request(url, body)?;
            let controller = AbortController::default();
            let signal = controller.signal();
            let fetch = Fetch::Request(request);
            let answer = within(DEADLINE, SendFuture::new(fetch.send_with_signal(&signal))).await;
            // Nobody reads the body, and a request that is late is given up.
            controller.abort();
            let response = answer.ok_or(NoAnswer::TimedOut)?.map_err(unreachable)?;
            let retry_after = response.headers().get("Retry-After").map_err(unreachable)?;
            Ok(Answer::new(response.status_code(), retry_after.as_deref()))
        })
        .await
    }
}

fn request(url: &str, body: &[u8]) -> Result<Request, NoAnswer> {
    let headers = Headers::new();
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    headers.set("Content-Type", "application/json").map_err(unreachable)?;
    headers.set("User-Agent", user_agent).map_err(unreachable)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(worker::js_sys::Uint8Array::from(body).into()));
    Request::new_with_init(url, &init).map_err(unreachable)
}

/// The error may quote the URL, which is a secret: only its kind goes on.
fn unreachable(_: worker::Error) -> NoAnswer {
    NoAnswer::Unreachable
}
