//! The transport over the runtime's `fetch`.

use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt as _;
use portal_outbound::{
    ANSWER_BYTES_MAX, DEADLINE, ERROR_BYTES_MAX, NoAnswer, PostResponse, Response, Transport,
};
use worker::send::SendFuture;
use worker::{AbortController, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use crate::deadline::within;

/// Posts and gets by `fetch`.
pub(crate) struct FetchTransport;

#[async_trait]
impl Transport for FetchTransport {
    async fn post(&self, url: &str, json: &[u8]) -> Result<PostResponse, NoAnswer> {
        SendFuture::new(async {
            let mut init = init(Method::Post, &[("Content-Type", "application/json")])?;
            init.with_body(Some(worker::js_sys::Uint8Array::from(json).into()));
            fetched(url, &init, DEADLINE, async |mut response| {
                let retry_after = response.headers().get("Retry-After").map_err(unreachable)?;
                let status = response.status_code();
                let answer = PostResponse::new(status, retry_after.as_deref());
                if (200..300).contains(&status) {
                    return Ok(answer);
                }
                let error = body(&mut response, ERROR_BYTES_MAX).await.unwrap_or_default();
                Ok(answer.with_error(&error.unwrap_or_default()))
            })
            .await
        })
        .await
    }

    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Response, NoAnswer> {
        SendFuture::new(async {
            let init = init(Method::Get, headers)?;
            fetched(url, &init, deadline, async |mut response| {
                let status = response.status_code();
                let body =
                    if status == 200 { body(&mut response, ANSWER_BYTES_MAX).await? } else { None };
                let header = |name: &str| response.headers().get(name).ok().flatten();
                Ok(Response::new(status, header, body.map(Into::into)))
            })
            .await
        })
        .await
    }
}

/// Returns what `read` makes of the answer, all within `deadline`. A late request is given up, and
/// so is what nobody has read of a body.
async fn fetched<T: Send>(
    url: &str,
    init: &RequestInit,
    deadline: Duration,
    read: impl AsyncFnOnce(worker::Response) -> Result<T, NoAnswer>,
) -> Result<T, NoAnswer> {
    let request = Request::new_with_init(url, init).map_err(unreachable)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetch = Fetch::Request(request);
    let answer = async { read(fetch.send_with_signal(&signal).await.map_err(unreachable)?).await };
    let answer = within(deadline, SendFuture::new(answer)).await;
    controller.abort();
    answer.ok_or(NoAnswer::TimedOut)?
}

fn init(method: Method, headers: &[(&str, &str)]) -> Result<RequestInit, NoAnswer> {
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    let all = Headers::new();
    all.set("User-Agent", user_agent).map_err(unreachable)?;
    for (name, value) in headers {
        all.set(name, value).map_err(unreachable)?;
    }
    let mut init = RequestInit::new();
    init.with_method(method).with_headers(all).with_redirect(RequestRedirect::Manual);
    Ok(init)
}

/// The body, but no more of it than is read: it comes in pieces and unpacked.
async fn body(
    response: &mut worker::Response,
    bytes_max: usize,
) -> Result<Option<Vec<u8>>, NoAnswer> {
    SendFuture::new(async {
        let mut pieces = response.stream().map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(piece) = pieces.try_next().await.map_err(unreachable)? {
            if body.len() + piece.len() > bytes_max {
                return Ok(None);
            }
            body.extend(piece);
        }
        Ok(Some(body))
    })
    .await
}

/// The error may quote the URL, which is a secret: only its kind goes on.
fn unreachable(_: worker::Error) -> NoAnswer {
    NoAnswer::Unreachable
}
