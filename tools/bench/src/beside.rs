//! A service that is measured beside the server, as a process of its own.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use portal_harness::server::free_address;
use xtask::run::{Background, Failure, command, wait_for};

/// A service at work.
pub(crate) struct Beside {
    pub(crate) address: SocketAddr,
    _process: Background,
}

impl Beside {
    /// Starts the one that this program serves under the subcommand `which`. A database that it uses
    /// has the schema already.
    pub(crate) fn start(which: &str, database_url: Option<&str>) -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        Self::start_by(|address| {
            let mut service = command(program, &[which, "--listen", &address.to_string()]);
            service.envs(database_url.map(|it| ("DATABASE_URL", it)));
            service
        })
    }

    /// Starts the one that the command of `service` serves at the address that it is given.
    pub(crate) fn start_by(service: impl FnOnce(SocketAddr) -> Command) -> Result<Self, Failure> {
        let address = free_address()?;
        let mut process = Background::start(&mut service(address))?;
        wait_for("the service beside ours to listen", Duration::from_secs(30), || {
            process.check_alive()?;
            Ok(TcpStream::connect(address).ok())
        })?;
        Ok(Self { address, _process: process })
    }
}
