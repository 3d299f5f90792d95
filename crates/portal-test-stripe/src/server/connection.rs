//! Connections: requests one after the other, and what goes wrong with them.

use std::io::{self, BufReader, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::http::{self, Answer};
use super::{Fault, Request, Shared, locked, refusal, routes};
use crate::look::Resource;

/// How often somebody who waits looks whether the server is over.
const LOOK_UP_EVERY: Duration = Duration::from_millis(20);

/// How long a client may take for a request that it has begun.
const REQUEST_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Ends when the server is over, and not before every thread that it has started has ended.
pub(super) fn listen(listener: &TcpListener, shared: &Shared) {
    thread::scope(|scope| {
        for client in listener.incoming() {
            if shared.is_over() {
                return;
            }
            if let Ok(client) = client {
                // Whoever goes away in the middle of it is not missed.
                scope.spawn(move || drop(serve(client, shared)));
            }
        }
    });
}

fn serve(client: TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut writer = client.try_clone()?;
    let mut reader = BufReader::new(client);
    loop {
        if reader.buffer().is_empty() && !is_there_more(reader.get_ref(), shared)? {
            return Ok(());
        }
        let Some((request, closes)) = http::read(&mut reader, &shared.key)? else { return Ok(()) };
        let Some(answer) = answer(&request, shared) else { return Ok(()) };
        http::write(&mut writer, &answer, shared.now())?;
        if closes {
            return Ok(());
        }
    }
}

/// Waits for a request, the client's end or the server's.
fn is_there_more(client: &TcpStream, shared: &Shared) -> io::Result<bool> {
    client.set_read_timeout(Some(LOOK_UP_EVERY))?;
    while !shared.is_over() {
        match client.peek(&mut [0]) {
            Ok(bytes) => {
                client.set_read_timeout(Some(REQUEST_SECONDS_MAX))?;
                return Ok(bytes > 0);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// None where the connection is to be closed without one.
fn answer(request: &Request, shared: &Shared) -> Option<Answer> {
    let look = Resource::of_path(&request.path);
    let (fault, lasting) = locked(&shared.faults).strike(look);
    locked(&shared.requests).push(request.clone());
    match fault {
        Fault::NotAllowed if request.authorized => {
            return Some(refusal::not_allowed(look, &shared.key));
        }
        Fault::None | Fault::NotAllowed => {}
        Fault::Drop => return None,
        Fault::Slow(delay) => thread::sleep(delay),
        Fault::Hang => {
            while !lasting || locked(&shared.faults).lasting(look) == Fault::Hang {
                if shared.is_over() {
                    return None;
                }
                thread::sleep(LOOK_UP_EVERY);
            }
        }
        Fault::RateLimited(reason) => return Some(refusal::rate_limited(reason)),
        Fault::LockTimeout => return Some(refusal::lock_timeout()),
        Fault::Conflict => return Some(refusal::conflict()),
        Fault::Failing { should_retry } => return Some(refusal::failing(should_retry)),
    }
    if !request.authorized {
        return Some(refusal::wrong_key());
    }
    Some(routes::answer(&locked(&shared.account), request, shared.now()))
}
