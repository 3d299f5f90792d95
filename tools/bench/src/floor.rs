//! The floor: what axum and the machine allow a handler that does nothing.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use clap::Args;
use tokio::net::TcpListener;
use xtask::run::Failure;

/// The address of the bare handler.
#[derive(Args)]
pub(crate) struct FloorArguments {
    #[arg(long)]
    listen: SocketAddr,
}

/// Serves the bare handler until it is killed.
#[tokio::main]
pub(crate) async fn floor(arguments: &FloorArguments) -> Result<(), Failure> {
    let router = Router::new().route("/api/webhooks/stripe", post(read_and_say_yes));
    let listener = TcpListener::bind(arguments.listen).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn read_and_say_yes(_whole_body: Bytes) -> &'static str {
    r#"{"received":true}"#
}
