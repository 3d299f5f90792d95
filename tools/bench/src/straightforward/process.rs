//! The straightforward service as a process.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use portal_harness::server::free_address;
use xtask::run::{Background, Failure, command, wait_for};

/// A service at work.
pub(crate) struct Straightforward {
    pub(crate) address: SocketAddr,
    _process: Background,
}

impl Straightforward {
    /// Starts it on a database that has the schema already.
    pub(crate) fn start(database_url: &str) -> Result<Self, Failure> {
        let address = free_address()?;
        let mut service = command(std::env::current_exe()?, &["straightforward", "--listen"]);
        service.arg(address.to_string()).env("DATABASE_URL", database_url);
        let mut process = Background::start(&mut service)?;
        wait_for("the straightforward service to listen", Duration::from_secs(10), || {
            process.check_alive()?;
            Ok(TcpStream::connect(address).ok())
        })?;
        Ok(Self { address, _process: process })
    }
}
