//! systemd is told when the service is ready, that it answers, and when it stops.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::Result;
use crate::support::home::{PROGRAM, TestHome};
use crate::support::server::Server;

/// The time in which a server that answers must have said so.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn systemd_is_told_of_a_ready_service_as_long_as_it_answers() -> Result {
    let home = TestHome::new()?;
    let systemd = UnixDatagram::bind(home.path("notify"))?;
    systemd.set_read_timeout(Some(SOON))?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.env("NOTIFY_SOCKET", home.path("notify")).env("WATCHDOG_USEC", "300000");
    let server = Server::start(&mut serve)?;
    assert_eq!(heard(&systemd)?, "READY=1");
    assert_eq!([heard(&systemd)?, heard(&systemd)?], ["WATCHDOG=1", "WATCHDOG=1"]);
    server.stop()?;
    while heard(&systemd)? != "STOPPING=1" {}
    Ok(())
}

#[test]
fn without_a_watchdog_nothing_more_is_said() -> Result {
    let home = TestHome::new()?;
    let systemd = UnixDatagram::bind(home.path("notify"))?;
    systemd.set_read_timeout(Some(SOON))?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    let server = Server::start(serve.env("NOTIFY_SOCKET", home.path("notify")))?;
    server.stop()?;
    assert_eq!([heard(&systemd)?, heard(&systemd)?], ["READY=1", "STOPPING=1"]);
    Ok(())
}

fn heard(systemd: &UnixDatagram) -> Result<String> {
    let mut message = [0; 256];
    let length = systemd.recv(&mut message)?;
    Ok(String::from_utf8_lossy(message.get(..length).unwrap_or_default()).trim_end().to_owned())
}
