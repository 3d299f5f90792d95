//! The public listener and the limits of its connections.

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
use portal_domain::log_names::{LogOutcome, LogReason};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tower::Service as _;

/// The maximum number of connections at once. Each may hold a body of 1 MiB; the kernel queues
/// further connections.
const CONNECTIONS_MAX: usize = 1024;

/// The time for reading the head of a request, and the time that a connection may be idle.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// The time for reading a body. Those of Stripe have a few KB and arrive at once.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// The buffer for the head of a request, in bytes: more than the 4 KiB allowed for a signature
/// header.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Returns the permits of connections, shared by the listeners of all shards.
pub(crate) fn connection_permits() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(CONNECTIONS_MAX))
}

/// Serves `router` on `listener` until `stop` completes; then accepts no more connections, and
/// returns when every running request has been answered.
pub(crate) async fn serve(
    listener: TcpListener,
    permits: Arc<Semaphore>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // The likely cause is a lack of file descriptors: wait for connections to end.
                tracing::error!(outcome = LogOutcome::Unavailable.name(), reason = LogReason::AcceptFailed.name(), error = %error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are small, and Nagle's algorithm would only delay them.
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
            // Nobody can be notified of an error on a broken connection.
            connection.await.ok();
            drop(permit);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A body that fails unless it ends within [`BODY_DEADLINE`] of the first poll that has to wait.
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
