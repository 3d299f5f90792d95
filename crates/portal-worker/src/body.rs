//! The bodies of requests, read with little computing time: the free plan has 10 ms for a request
//! (<https://developers.cloudflare.com/workers/platform/limits/#cpu-time>).

use std::io;

use axum::body::Body;
use axum::extract::Request;
use futures::{StreamExt as _, stream};
use portal_http::BODY_BYTES_MAX;
use worker::js_sys::Uint8Array;
use worker::send::SendFuture;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, RequestInit};
use worker::{Result, request_from_wasm};

/// Shorter bodies come in a piece or two as it is.
const SHORT_BYTES_MAX: usize = 16 * 1024;

/// The bytes of a body that is too large which are read and dropped: the runtime breaks the connection
/// of a sender whose body nobody reads, and the answer would be lost.
const UNWANTED_BYTES_MAX: usize = 16 * BODY_BYTES_MAX;

/// Returns the request. A longer body comes in one piece where its length is known and within
/// [`BODY_BYTES_MAX`], because each piece costs turns between Rust and JavaScript, and a body of 1 MiB
/// has hundreds. It is read when it is asked for. A body of unknown length comes in pieces, so that no
/// more of it is read than is wanted. One that is announced as too large is read away.
pub(crate) async fn in_one_piece(request: web_sys::Request) -> Result<Request> {
    let length = request.headers().get("Content-Length")?.and_then(|it| it.parse::<usize>().ok());
    match length {
        Some(0..=SHORT_BYTES_MAX) | None => return Ok(request_from_wasm(request)?.map(Body::new)),
        Some(length) if length > BODY_BYTES_MAX => {
            return Ok(read_away(request_from_wasm(request)?.map(Body::new)).await);
        }
        Some(_) => {}
    }
    let head = RequestInit::new();
    head.set_method(&request.method());
    head.set_headers(&request.headers());
    let head = web_sys::Request::new_with_str_and_init(&request.url(), &head)?;
    let body = Body::from_stream(stream::once(whole(request)));
    Ok(request_from_wasm(head)?.map(|_| body))
}

async fn read_away(request: Request) -> Request {
    let (head, body) = request.into_parts();
    let (mut pieces, mut bytes) = (body.into_data_stream(), 0);
    while let Some(Ok(piece)) = pieces.next().await
        && bytes <= UNWANTED_BYTES_MAX
    {
        bytes += piece.len();
    }
    Request::from_parts(head, Body::empty())
}

/// Reads the whole body. It stays on this thread, as everything in a Worker does.
fn whole(request: web_sys::Request) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
    SendFuture::new(async move {
        let broken = |_| io::Error::other("the body broke off");
        let buffer = request.array_buffer().map_err(broken)?;
        Ok(Uint8Array::new(&JsFuture::from(buffer).await.map_err(broken)?).to_vec())
    })
}
