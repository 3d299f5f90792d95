//! A connection on which the exact bytes matter.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::{Answer, Request};
use crate::Result;
use crate::clock::Stopwatch;

/// The time after which a server without an answer counts as hanging: longer than the service's own
/// ten seconds for a slow sender.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// Sends the whole prepared `request` on a connection of its own, and waits for the answer.
pub fn exchange(address: SocketAddr, request: &[u8], limit: Duration) -> Result<Answer> {
    let mut connection = Connection::open(address)?;
    connection.send(request)?;
    Ok(connection.answer_within(limit)?.ok_or("closed without an answer")?)
}

/// A connection; its end that reads keeps what came too early.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(ANSWER_LIMIT))?;
        Ok(Self::of(stream))
    }

    /// Takes a stream that is connected.
    #[must_use]
    pub fn of(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// Returns the same connection, to send on while another thread waits for an answer.
    pub fn twin(&self) -> Result<Self> {
        Ok(Self::of(self.stream.try_clone()?))
    }

    /// Sends `bytes`, which need not be a message.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result {
        Ok(self.stream.write_all(bytes.as_ref())?)
    }

    /// Shuts down the sending side.
    pub fn end(&self) -> Result {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// Waits for the next answer; returns `None` if the connection is closed instead.
    pub fn answer(&mut self) -> Result<Option<Answer>> {
        self.answer_within(ANSWER_LIMIT)
    }

    /// Like [`Connection::answer`], within `limit`.
    pub fn answer_within(&mut self, limit: Duration) -> Result<Option<Answer>> {
        self.next(limit, Answer::parse)
    }

    /// Waits for the answer to a HEAD request, which has no body.
    pub fn answer_without_body(&mut self) -> Result<Option<Answer>> {
        self.next(ANSWER_LIMIT, |bytes| Answer::parse_to(bytes, false))
    }

    /// Waits for the next request; returns `None` if the client closes the connection instead.
    pub fn request_within(&mut self, limit: Duration) -> Result<Option<Request>> {
        self.next(limit, Request::parse)
    }

    /// Waits until the server closes the connection; fails if it sends anything before.
    pub fn closed_within(&mut self, limit: Duration) -> Result {
        match self.answer_within(limit)? {
            None => Ok(()),
            Some(answer) => Err(format!("not closed, but answered: {}", answer.head).into()),
        }
    }

    fn next<T>(
        &mut self,
        limit: Duration,
        parse: impl Fn(&[u8]) -> Result<Option<(T, usize)>>,
    ) -> Result<Option<T>> {
        let watch = Stopwatch::start();
        loop {
            if let Some((message, length)) = parse(&self.read)? {
                self.read.drain(..length);
                return Ok(Some(message));
            }
            let left = limit.saturating_sub(watch.elapsed());
            if left.is_zero() {
                return Err(format!("nothing came within {} ms", limit.as_millis()).into());
            }
            self.stream.set_read_timeout(Some(left))?;
            let mut some = [0; 4096];
            match self.stream.read(&mut some) {
                Ok(0) if self.read.is_empty() => return Ok(None),
                Ok(0) => return Err("closed in the middle of a message".into()),
                Ok(length) => self.read.extend_from_slice(some.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error) if is_timeout(error.kind()) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
