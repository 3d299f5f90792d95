//! Requests that wait for the database on their thread, as those to SQLite do, and hold no other up.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::task::block_in_place;

/// Answers a request, and lets the others of its thread go on elsewhere meanwhile.
pub(crate) async fn beside_others(request: Request, next: Next) -> Response {
    let mut answer = pin!(next.run(request));
    let answer = poll_fn(|cx| block_in_place(|| answer.as_mut().poll(cx))).await;
    answer.map(|body| Body::new(WaitingBody(body)))
}

/// A body that reads the database while it is sent.
struct WaitingBody(Body);

impl HttpBody for WaitingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let body = Pin::new(&mut self.get_mut().0);
        block_in_place(|| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
