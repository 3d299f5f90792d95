//! One connection: what it waits for, and since when.
//!
//! hyper bounds neither the time for which a connection is idle apart from that for a head, nor that
//! for which an answer cannot be written (hyperium/hyper#3852). The stream itself notes both, and
//! [`Connections`](super::connections::Connections) closes what waits for too long.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The time for reading the head of a request, from its first byte.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// The time for which a write may make no progress: nobody reads the answer.
const WRITE_STALL: Duration = Duration::from_secs(10);

/// The state of a connection. Only its own task writes it; others read it to choose whom to close.
pub(crate) struct Connection {
    opened: Instant,
    phase: AtomicU8,
    /// Milliseconds from `opened` to the begin of the phase.
    since: AtomicU64,
    /// Milliseconds from `opened` to the time at which a write began to wait, and one more; 0 if none
    /// waits.
    write_waits: AtomicU64,
    /// Asks its task to close it.
    pub(crate) close: Notify,
}

/// The present part of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum ConnectionPhase {
    /// It waits for the first byte of a request.
    Idle,
    /// It reads the head of a request.
    Head,
    /// It reads the body, or the request is being handled. Both have their own deadlines.
    Request,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            phase: AtomicU8::new(ConnectionPhase::Idle as u8),
            since: AtomicU64::new(0),
            write_waits: AtomicU64::new(0),
            close: Notify::new(),
        }
    }

    /// The head of a request is read.
    pub(crate) fn request(&self) {
        self.enter(ConnectionPhase::Request);
    }

    /// The answer is made; the next request may come.
    pub(crate) fn answered(&self) {
        self.enter(ConnectionPhase::Idle);
    }

    /// Returns the time for which its sender has made it wait, and the time allowed for that; `None`
    /// while it waits for this service.
    pub(crate) fn waits(&self, idle_timeout: Duration) -> Option<(Duration, Duration)> {
        let elapsed = |milliseconds| {
            self.opened.elapsed().saturating_sub(Duration::from_millis(milliseconds))
        };
        if let Some(began) = self.write_waits.load(Relaxed).checked_sub(1) {
            return Some((elapsed(began), WRITE_STALL));
        }
        let limit = match self.phase.load(Relaxed) {
            phase if phase == ConnectionPhase::Idle as u8 => idle_timeout,
            phase if phase == ConnectionPhase::Head as u8 => HEAD_DEADLINE,
            _ => return None,
        };
        Some((elapsed(self.since.load(Relaxed)), limit))
    }

    fn enter(&self, phase: ConnectionPhase) {
        self.since.store(self.now(), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    fn read_bytes(&self) {
        if self.phase.load(Relaxed) == ConnectionPhase::Idle as u8 {
            self.enter(ConnectionPhase::Head);
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wrote<T>(&self, written: &Poll<T>) {
        match (written, self.write_waits.load(Relaxed)) {
            (Poll::Pending, 0) => self.write_waits.store(self.now().saturating_add(1), Relaxed),
            (Poll::Ready(_), 1..) => self.write_waits.store(0, Relaxed),
            (Poll::Pending, 1..) | (Poll::Ready(_), 0) => {}
        }
    }
}

/// A stream that notes what its connection waits for.
pub(crate) struct WatchedStream {
    pub(crate) stream: TcpStream,
    pub(crate) connection: Arc<Connection>,
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.connection.read_bytes();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.connection.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.connection.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
