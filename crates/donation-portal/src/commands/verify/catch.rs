//! `donation-portal verify --listen`: takes one request and keeps what its signature is about.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use portal_domain::Clock as _;
use portal_domain::{Text, text};
use portal_http::BODY_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::SignedRequest;
use crate::clock::SystemClock;
use crate::commands::wait_for;
use crate::exit::Failure;
use crate::output;

/// The time in which a request has to come.
const WAIT_MAX: Duration = Duration::from_mins(10);

/// The time in which a connection has to send its head and its body, and to take the answer.
const CONNECTION_MAX: Duration = Duration::from_secs(10);

/// Waits for one POST, whatever its path, and answers it with the status and the text that `judge`
/// returns. Other requests are answered 405.
pub(super) fn one_request(
    address: SocketAddr,
    judge: impl Fn(&SignedRequest) -> (StatusCode, String) + Sync,
) -> Result<SignedRequest, Failure> {
    let failed = |error| {
        let what = text!("listen on {address}", "{address} で待ち受けられません");
        Failure::could_not(what, Text::from(error))
    };
    wait_for(async {
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        output::note(format_args!("waiting for one POST to http://{address}/, for 10 minutes"));
        let caught = tokio::time::timeout(WAIT_MAX, accept(&listener, &judge));
        caught
            .await
            .map_err(|_| {
                let what = text!("verify a request", "リクエストを検証できません");
                let why = text!("none came within 10 minutes", "10 分以内に届きませんでした");
                let advice =
                    text!("send it to the address above", "上のアドレスに送信してください");
                Failure::could_not(what, why).advise(advice)
            })?
            .map_err(failed)
    })?
}

async fn accept(
    listener: &TcpListener,
    judge: &(impl Fn(&SignedRequest) -> (StatusCode, String) + Sync),
) -> std::io::Result<SignedRequest> {
    let (caught, mut first) = mpsc::channel(1);
    loop {
        let (stream, _) = listener.accept().await?;
        let answer = service_fn(|request| {
            let caught = caught.clone();
            async move { Ok::<_, Infallible>(answer(request, judge, &caught).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), answer);
        // A connection that fails or takes too long has brought no request, or has its answer.
        tokio::time::timeout(CONNECTION_MAX, connection).await.ok();
        if let Ok(caught) = first.try_recv() {
            return Ok(caught);
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    judge: &(impl Fn(&SignedRequest) -> (StatusCode, String) + Sync),
    caught: &mpsc::Sender<SignedRequest>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let (status, text) = if head.method != Method::POST {
        (StatusCode::METHOD_NOT_ALLOWED, "only a POST is verified".to_owned())
    } else {
        match to_bytes(Body::new(body), BODY_BYTES_MAX).await {
            Err(_) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body did not arrive whole, or is larger than 1 MiB".to_owned(),
            ),
            Ok(body) => {
                let signatures = head.headers.get_all("stripe-signature");
                let signatures =
                    signatures.iter().map(|it| Bytes::copy_from_slice(it.as_bytes())).collect();
                let request = SignedRequest { signatures, body, at: SystemClock::new().now() };
                let answer = judge(&request);
                // The first request fills the channel; there is one at a time.
                caught.try_send(request).ok();
                answer
            }
        }
    };
    let mut response = Response::new(Body::from(text + "\n"));
    *response.status_mut() = status;
    response
}
