//! Bodies that are too large or incomplete.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use portal_http::BODY_BYTES_MAX;

use crate::answers::bad_bodies::EVENT;
use crate::answers::{formatted, json};
use crate::support::{NOW, Portal, Result, WEBHOOK};

const TOO_LARGE: &str =
    r#"{"error":{"code":"payload_too_large","message":"the body is larger than 1 MiB"}}"#;

/// A body that arrives in pieces without a known length.
struct Pieces(VecDeque<io::Result<Bytes>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(|piece| piece.map(Frame::data)))
    }
}

/// Returns [`EVENT`] followed by white space, `length` bytes in all.
fn event_of(length: usize) -> Vec<u8> {
    let mut body = EVENT.as_bytes().to_vec();
    body.resize(length, b' ');
    body
}

fn in_pieces(body: &[u8]) -> Body {
    let pieces = body.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece)));
    Body::new(Pieces(pieces.collect()))
}

/// Returns a body whose reading fails.
fn broken() -> Body {
    Body::new(Pieces([Err(io::Error::other("broken off"))].into()))
}

#[tokio::test]
async fn a_body_that_comes_in_pieces_is_measured_as_it_comes() -> Result {
    let portal = Portal::at(NOW)?;
    for (length, status) in [(BODY_BYTES_MAX + 1, 413), (BODY_BYTES_MAX, 200)] {
        let body = event_of(length);
        let request = Request::post(WEBHOOK)
            .header("stripe-signature", portal.signature(&body)?)
            .header("transfer-encoding", "chunked");
        let answer = portal.answer(request.body(in_pieces(&body))?).await?;
        assert_eq!(answer.status(), status, "{length}");
        if status == 413 {
            assert_eq!(formatted(&answer), json(413, &[], TOO_LARGE));
            assert!(portal.recorded().is_empty());
        }
    }
    assert_eq!(portal.recorded(), ["evt_1"]);
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_announced_as_too_large_is_not_read() -> Result {
    let portal = Portal::at(NOW)?;
    for length in ["1048577", "10000000000", "18446744073709551615"] {
        let request = Request::post(WEBHOOK).header("content-length", length);
        let answer = portal.answer(request.body(broken())?).await?;
        assert_eq!(formatted(&answer), json(413, &[], TOO_LARGE), "{length}");
    }
    Ok(())
}

#[tokio::test]
async fn an_announcement_that_lies_does_not_lift_the_limit() -> Result {
    let portal = Portal::at(NOW)?;
    let body = event_of(BODY_BYTES_MAX + 1);
    for length in ["5", "-1", "many", "99999999999999999999999"] {
        let request = Request::post(WEBHOOK)
            .header("stripe-signature", portal.signature(&body)?)
            .header("content-length", length);
        let answer = portal.answer(request.body(in_pieces(&body))?).await?;
        assert_eq!(formatted(&answer), json(413, &[], TOO_LARGE), "{length}");
    }
    assert!(portal.recorded().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() -> Result {
    let portal = Portal::at(NOW)?;
    let mut pieces = VecDeque::from([Ok(Bytes::from(EVENT))]);
    pieces.push_back(Err(io::Error::other("broken off")));
    let request = Request::post(WEBHOOK)
        .header("stripe-signature", portal.signature(EVENT.as_bytes())?)
        .body(Body::new(Pieces(pieces)))?;
    let answer = portal.answer(request).await?;
    let told = r#"{"error":{"code":"bad_request","message":"the body did not arrive whole, or not soon enough"}}"#;
    assert_eq!(formatted(&answer), json(400, &[], told));
    assert!(portal.recorded().is_empty());
    Ok(())
}
