//! One connection: what it waits for, and since when.
//!
//! hyper bounds neither the time for which a connection is idle apart from that for a head, nor that
//! for which an answer cannot be written (hyperium/hyper#3852). The stream itself notes both, and
//! [`Connections`](super::connections::Connections) closes what waits for too long. Nor does hyper let
//! a sender read an answer that comes before its body has ended: the stream does (lingering close).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use portal_http::BODY_BYTES_MAX;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The time for reading the head of a request, from its first byte.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);

/// The time for which a write may make no progress: nobody reads the answer.
const WRITE_STALL: Duration = Duration::from_secs(10);

/// The time for which the rest of a body is read and dropped after its answer.
const LINGER: Duration = Duration::from_secs(10);

/// The bytes of a body that are read and dropped after its answer.
const LINGER_BYTES_MAX: usize = 16 * BODY_BYTES_MAX;

/// The state of a connection. Only its own task writes it; others read it to choose whom to close.
pub(crate) struct Connection {
    opened: Instant,
    phase: AtomicU8,
    /// Milliseconds from `opened` to the begin of the phase.
    since: AtomicU64,
    /// Milliseconds from `opened` to the time at which a write began to wait, and one more; 0 if none
    /// waits.
    write_waits: AtomicU64,
    /// The body of the last request was dropped before its end.
    unread_body: AtomicBool,
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
    /// It is answered, and drops the rest of a body.
    Lingering,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            phase: AtomicU8::new(ConnectionPhase::Idle as u8),
            since: AtomicU64::new(0),
            write_waits: AtomicU64::new(0),
            unread_body: AtomicBool::new(false),
            close: Notify::new(),
        }
    }

    /// The head of a request is read.
    pub(crate) fn request(&self) {
        self.unread_body.store(false, Relaxed);
        self.enter(ConnectionPhase::Request);
    }

    /// The body of the request was dropped before its end.
    pub(crate) fn left_body_unread(&self) {
        self.unread_body.store(true, Relaxed);
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
            phase if phase == ConnectionPhase::Lingering as u8 => LINGER,
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
    stream: TcpStream,
    connection: Arc<Connection>,
    /// The bytes that were dropped since its sending side has ended; `None` before.
    dropped: Option<usize>,
}

impl WatchedStream {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self { stream, connection, dropped: None }
    }

    /// Reads and drops up to [`LINGER_BYTES_MAX`] until the sender ends its side, too. The system
    /// resets a connection that is closed with unread bytes, and a sender that is still sending would
    /// not get the answer.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 16 * 1024];
        while self.dropped < Some(LINGER_BYTES_MAX) {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            match buffer.filled().len() {
                0 => break,
                read => self.dropped = self.dropped.map(|before| before + read),
            }
        }
        Poll::Ready(Ok(()))
    }
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
        if self.dropped.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            if !self.connection.unread_body.load(Relaxed) {
                return Poll::Ready(Ok(()));
            }
            self.connection.enter(ConnectionPhase::Lingering);
            self.dropped = Some(0);
        }
        self.poll_linger(context)
    }
}
