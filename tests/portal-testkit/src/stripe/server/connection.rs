//! Connections: one request after the other, with their faults.

use std::io::{self, BufReader, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::http::{self, Answer};
use super::{Fault, Request, Shared, locked, refusal, routes};
use crate::stripe::resource::Resource;

/// The interval at which a waiting thread checks if the server has ended.
const LOOK_UP_EVERY: Duration = Duration::from_millis(20);

/// The time in which a client must complete a request.
const REQUEST_SECONDS_MAX: Duration = Duration::from_secs(10);

/// Returns once the server has ended, and every thread that it started.
pub(super) fn listen(listener: &TcpListener, shared: &Shared) {
    thread::scope(|scope| {
        for client in listener.incoming() {
            if shared.is_over() {
                return;
            }
            if let Ok(client) = client {
                // A client that goes away is no error.
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

/// Waits for a request, or for the end of the client or the server.
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

/// Returns the answer; `None` if the connection is to be closed without one.
fn answer(request: &Request, shared: &Shared) -> Option<Answer> {
    let resource = Resource::of_path(&request.path);
    let (fault, lasting) = locked(&shared.faults).strike(resource);
    locked(&shared.requests).push(request.clone());
    match fault {
        Fault::NotAllowed if request.authorized => {
            return Some(refusal::not_allowed(resource, &shared.key));
        }
        Fault::None | Fault::NotAllowed => {}
        Fault::Drop => return None,
        Fault::Slow(delay) => thread::sleep(delay),
        Fault::Hang => {
            while !lasting || locked(&shared.faults).lasting(resource) == Fault::Hang {
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
