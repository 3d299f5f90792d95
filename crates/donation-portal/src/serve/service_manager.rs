//! systemd, where it has started the service: it is told when the service is ready and when it stops,
//! and, where it asks for that (`WatchdogSec=`), that the service still answers.
//!
//! Source: <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>.

use std::net::SocketAddr;
use std::thread::{Builder, sleep};

use sd_notify::NotifyState;

use crate::server_answer::ask_if_alive;

/// The number of times that the service is asked within the time that systemd grants, so that one
/// late answer is not its end.
const ASKED_PER_PERIOD: u32 = 3;

/// Says that deliveries are taken, and from now on that `address` answers.
pub(crate) fn ready(address: SocketAddr) -> std::io::Result<()> {
    say(&NotifyState::Ready);
    let Some(period) = sd_notify::watchdog_enabled() else { return Ok(()) };
    let pause = period / ASKED_PER_PERIOD;
    let watch = move || {
        loop {
            // Asked over a socket, as a sender would: what does not answer there is not alive.
            if ask_if_alive(address, pause).is_ok() {
                say(&NotifyState::Watchdog);
            }
            sleep(pause);
        }
    };
    Builder::new().name("watchdog".into()).spawn(watch).map(drop)
}

/// Says that the service finishes what it has accepted.
pub(crate) fn stopping() {
    say(&NotifyState::Stopping);
}

/// Without systemd nobody is told. Where it cannot be told, its own time limits hold.
fn say(state: &NotifyState<'_>) {
    drop(sd_notify::notify(std::slice::from_ref(state)));
}
