//! The floor: what axum and the machine allow a handler that does nothing.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use clap::Args;
use portal_harness::server::free_address;
use tokio::net::TcpListener;
use xtask::run::{Background, Failure, command, wait_for};

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

/// The bare handler as a process.
pub(crate) struct Floor {
    pub(crate) address: SocketAddr,
    _process: Background,
}

impl Floor {
    pub(crate) fn start() -> Result<Self, Failure> {
        let address = free_address()?;
        let mut floor = command(std::env::current_exe()?, &["floor", "--listen"]);
        let mut process = Background::start(floor.arg(address.to_string()))?;
        wait_for("the bare handler to listen", Duration::from_secs(10), || {
            process.check_alive()?;
            Ok(TcpStream::connect(address).ok())
        })?;
        Ok(Self { address, _process: process })
    }
}
