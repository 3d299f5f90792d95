//! A straightforward service: what a good programmer writes in an afternoon, without group commit.
//!
//! It has the same rules in the same domain code, the same table with the same indexes, and as many
//! connections as one server of ours may open. Each request is one statement, prepared, committed by
//! itself, and answered when that is on the disk. It keeps no ledger and logs nothing.

mod pool;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use clap::Args;
use portal_domain::{Receiver, Secrets, Tolerance, UnixSeconds};
use portal_harness::delivery::{SECRET, now_seconds};
use tokio::net::TcpListener;
use xtask::run::Failure;

use self::pool::Pool;

/// As many as one server of ours may open.
pub(crate) const CONNECTIONS: usize = 6;

/// Its address and its database.
#[derive(Args)]
pub(crate) struct StraightforwardArguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

struct App {
    receiver: Receiver,
    pool: Pool,
}

/// Serves until it is killed.
#[tokio::main]
pub(crate) async fn straightforward(arguments: &StraightforwardArguments) -> Result<(), Failure> {
    let receiver = Receiver { secrets: Secrets::new(SECRET)?, tolerance: Tolerance::DEFAULT };
    let pool = Pool::open(&arguments.database_url, CONNECTIONS).await?;
    let router = Router::new()
        .route("/api/webhooks/stripe", post(receive))
        .with_state(Arc::new(App { receiver, pool }));
    let listener = TcpListener::bind(arguments.listen).await?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

async fn receive(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<&'static str, StatusCode> {
    let signatures = headers.get_all("stripe-signature").iter().map(|value| value.as_bytes());
    let now = i64::try_from(now_seconds()).ok().and_then(UnixSeconds::new).unwrap_or_default();
    let event = app.receiver.read(signatures, body, now).map_err(|_| StatusCode::BAD_REQUEST)?;
    app.pool.insert(&event).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(r#"{"received":true}"#)
}
