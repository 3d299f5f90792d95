//! The bodies of requests, read with little computing time: the free plan has 10 ms for a request
//! (<https://developers.cloudflare.com/workers/platform/limits/#cpu-time>).

use std::io;

use axum::body::Body;
use axum::extract::Request;
use futures::stream;
use portal_http::BODY_BYTES_MAX;
use worker::js_sys::Uint8Array;
use worker::send::SendFuture;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, RequestInit};
use worker::{Result, request_from_wasm};

/// Shorter bodies come in a piece or two as it is.
const SHORT_BYTES_MAX: usize = 16 * 1024;

/// Returns the request. A longer body comes in one piece where its length is known and within
/// [`BODY_BYTES_MAX`], because each piece costs turns between Rust and JavaScript, and a body of 1 MiB
/// has hundreds. It is read when it is asked for. A body of unknown length comes in pieces, so that no
/// more of it is read than is wanted.
pub(crate) fn in_one_piece(request: web_sys::Request) -> Result<Request> {
    let length = request.headers().get("Content-Length")?.and_then(|it| it.parse().ok());
    let is_long = length.is_some_and(|it| (SHORT_BYTES_MAX + 1..=BODY_BYTES_MAX).contains(&it));
    if !is_long {
        return Ok(request_from_wasm(request)?.map(Body::new));
    }
    let head = RequestInit::new();
    head.set_method(&request.method());
    head.set_headers(&request.headers());
    let head = web_sys::Request::new_with_str_and_init(&request.url(), &head)?;
    let body = Body::from_stream(stream::once(whole(request)));
    Ok(request_from_wasm(head)?.map(|_| body))
}

/// Reads the whole body. It stays on this thread, as everything in a Worker does.
fn whole(request: web_sys::Request) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
    SendFuture::new(async move {
        let broken = |_| io::Error::other("the body broke off");
        let buffer = request.array_buffer().map_err(broken)?;
        Ok(Uint8Array::new(&JsFuture::from(buffer).await.map_err(broken)?).to_vec())
    })
}
