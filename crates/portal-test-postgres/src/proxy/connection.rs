//! Moves the bytes of one connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::switch::{Connection, ScanStep, Switch};

/// 16 KiB, the size of a piece that is held back, delayed or lost as a whole.
const PIECE_BYTES: usize = 16 * 1024;

/// 5 seconds; the server is on this machine, and a proxy that is dropped waits for it.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Returns when both ways have ended.
pub(crate) fn serve(connection: &Connection, upstream: SocketAddr, switch: &Switch) {
    // A client that hangs from the beginning is not shown to the server.
    if !switch.may_go(connection, ScanStep::ToServer) {
        return;
    }
    let Ok(server) = TcpStream::connect_timeout(&upstream, CONNECT_DEADLINE) else { return };
    // Delays are made here and nowhere else.
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

/// Moves bytes one way until they end, cannot be written, or may not go on.
fn carry(
    mut from: &TcpStream,
    mut to: &TcpStream,
    may_go: impl Fn() -> bool,
    connection: &Connection,
) {
    let mut piece = [0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece).unwrap_or_default();
        // The end of the bytes is a message too: it waits like any other.
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
