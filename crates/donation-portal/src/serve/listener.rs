//! The public listener.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::{Observe, RequestRejection};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::serve::body::BodyLimits;
use crate::serve::connection::WatchedStream;
use crate::serve::connections::{Connections, Place};

/// The buffer for the head of a request, in bytes: more than the 4 KiB allowed for a signature
/// header.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The pause after a connection that could not be accepted. The likely cause is a lack of file
/// descriptors: connections have to end first.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The parts that serve a connection.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) router: Router,
    pub(crate) connections: Arc<Connections>,
    pub(crate) limits: BodyLimits,
    pub(crate) observer: Arc<dyn Observe>,
    /// The requests that are being handled, also those whose sender has gone.
    pub(crate) requests: TaskTracker,
}

/// Serves on `listener` until `stop`; then accepts no more connections, and returns when every running
/// request has been answered.
pub(crate) async fn serve(listener: TcpListener, serving: Serving, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut fails = false;
    loop {
        let accepted = async {
            let place = serving.connections.place().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                if std::mem::take(&mut fails) {
                    tracing::info!(
                        outcome = LogOutcome::Accepting.name(),
                        "connections are accepted again"
                    );
                }
                tokio::spawn(connection(stream, place, serving.clone(), graceful.watcher()));
            }
            Err(error) => {
                // Once for a failure that lasts.
                if !std::mem::replace(&mut fails, true) {
                    tracing::error!(outcome = LogOutcome::Unavailable.name(), reason = LogReason::AcceptFailed.name(), error = %error, "no connection can be accepted");
                }
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = serving.connections.sweep(true) => {}
    }
    serving.requests.close();
    serving.requests.wait().await;
}

/// Serves one connection to its end, or until its place is needed.
async fn connection(stream: TcpStream, place: Place, serving: Serving, watcher: Watcher) {
    // Answers are small, and Nagle's algorithm would only delay them.
    stream.set_nodelay(true).ok();
    let connection = Arc::clone(place.connection());
    let Serving { router, limits, observer, requests, .. } = serving;
    let service = service_fn(|request: Request<Incoming>| {
        connection.request();
        let request = request.map(|body| Body::new(limits.bound(body, &connection)));
        // On a task of its own: what was read to its end is recorded, logged and counted, though its
        // sender hangs up.
        let answered = requests.spawn(router.clone().call(request));
        let connection = Arc::clone(&connection);
        async move {
            let answer = answered.await.map_err(io::Error::other)?;
            connection.answered();
            Ok::<_, io::Error>(answer.unwrap_or_else(|never| match never {}))
        }
    });
    let stream = WatchedStream::new(stream, Arc::clone(&connection));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        // A sender that has said all may close its side, and still wants the answer.
        .half_close(true)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let served = tokio::select! {
        served = watcher.watch(served) => served,
        () = connection.close.notified() => return,
    };
    // Nobody can be told of an error on a broken connection. hyper has answered what is no HTTP.
    match served {
        Err(error) if error.is_parse_too_large() => {
            observer.rejected(RequestRejection::HeadTooLarge);
        }
        Err(error) if error.is_parse() => observer.rejected(RequestRejection::NotHttp),
        Err(_) | Ok(()) => {}
    }
}
