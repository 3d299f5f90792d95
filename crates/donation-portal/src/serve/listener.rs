//! The public listener: connections with limits.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tower::Service as _;

/// Connections at once. Each may hold a body of 1 MiB; the kernel queues those that come on top.
const CONNECTIONS_MAX: usize = 1024;

/// How long the head of a request may take, and how long a connection may be idle.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// How long a body may take. Stripe's are a few KB and come at once.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// Buffer for a request's head, in bytes: above the 4 KiB that a signature header may have.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The places that connections take, shared by all listeners of the service.
pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(CONNECTIONS_MAX))
}

/// Serves `router` on `listener` until `stop` ends; then accepts no more, and returns when every
/// request that had begun is answered.
pub(crate) async fn serve(
    listener: TcpListener,
    places: Arc<Semaphore>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: let some connections end.
                tracing::error!(outcome = "unavailable", reason = "accept_failed", error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are small; waiting to fill a packet would only delay them.
        stream.set_nodelay(true).ok();
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut router = router.clone();
            async move {
                router.call(request.map(|body| Body::new(BodyDeadline::new(body)))).await
                    as Result<_, Infallible>
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_DEADLINE)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks has nobody left to tell.
            connection.await.ok();
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A body that must end within [`BODY_DEADLINE`] of the first wait for it.
struct BodyDeadline {
    body: Incoming,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl BodyDeadline {
    fn new(body: Incoming) -> Self {
        Self { body, deadline: None }
    }
}

impl http_body::Body for BodyDeadline {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|it| it.map_err(Into::into)));
        }
        let deadline =
            self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(BODY_DEADLINE)));
        deadline.as_mut().poll(context).map(|()| Some(Err("the body took too long".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
