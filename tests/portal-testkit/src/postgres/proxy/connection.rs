//! Moves the bytes of one connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::switch::{Connection, ScanStep, Switch};

/// The size of a piece that is held back, delayed or lost as a whole: 16 KiB.
const PIECE_BYTES: usize = 16 * 1024;

/// The time limit for connecting to the server, which is on this machine. Dropping the proxy may wait
/// that long.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Forwards bytes in both directions until both have ended.
pub(crate) fn serve(connection: &Connection, upstream: SocketAddr, switch: &Switch) {
    // A client that connects while the proxy hangs is not connected to the server.
    if !switch.may_go(connection, ScanStep::ToServer) {
        return;
    }
    let Ok(server) = TcpStream::connect_timeout(&upstream, CONNECT_DEADLINE) else { return };
    // Without Nagle's algorithm the only delays are those of the mode.
    drop((connection.client.set_nodelay(true), server.set_nodelay(true)));
    if !switch.join(connection, server) {
        return;
    }
    let Some(server) = connection.server.get() else { return };
    let client = &connection.client;
    thread::scope(|scope| {
        scope.spawn(|| {
            carry(client, server, || switch.may_go(connection, ScanStep::ToServer), connection);
        });
        carry(server, client, || switch.may_go(connection, ScanStep::ToClient), connection);
    });
}

/// Forwards bytes in one direction until they end, cannot be written, or must not be forwarded.
fn carry(
    mut from: &TcpStream,
    mut to: &TcpStream,
    may_go: impl Fn() -> bool,
    connection: &Connection,
) {
    let mut piece = [0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).unwrap_or_default();
        // The end of the stream is held back and delayed like any piece.
        if !may_go() {
            return connection.close();
        }
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            drop(to.shutdown(Shutdown::Write));
            return;
        }
        if to.write_all(bytes).is_err() {
            return connection.close();
        }
    }
}
