//! The log output: lines are buffered and written many at once.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portal_domain::log_names::LogOutcome;
use tracing_subscriber::fmt::MakeWriter;

/// The time between writes, in which lines collect.
const LINGER: Duration = Duration::from_millis(5);

/// The maximum size of the buffer, in bytes. Further lines are dropped and counted, because a log
/// that nobody reads must not stop the intake.
const WAITING_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The time that shutdown waits for a log that nobody reads.
const FLUSH_DEADLINE: Duration = Duration::from_secs(2);

/// Buffers log lines and writes them on a thread of its own.
#[derive(Clone)]
pub(crate) struct LogSink {
    shared: Arc<LogBuffer>,
}

struct LogBuffer {
    waiting: Mutex<PendingLines>,
    arrived: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct PendingLines {
    lines: Vec<u8>,
    /// Those that no line has told of yet.
    dropped: u64,
    /// All that were dropped.
    lost: u64,
    writing: bool,
}

impl LogSink {
    /// Starts the thread, which writes to `out`.
    pub(crate) fn start(mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(LogBuffer {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            written: Condvar::new(),
        });
        let sink = Self { shared: Arc::clone(&shared) };
        std::thread::Builder::new().name("log".into()).spawn(move || {
            let mut lines = Vec::new();
            loop {
                shared.take(&mut lines);
                // An error of the log cannot be logged.
                out.write_all(&lines).and_then(|()| out.flush()).ok();
                lines.clear();
                shared.lock().writing = false;
                shared.written.notify_all();
                std::thread::sleep(LINGER);
            }
        })?;
        Ok(sink)
    }

    /// Returns the number of lines that were dropped.
    pub(crate) fn lost(&self) -> u64 {
        self.shared.lock().lost
    }

    /// Waits until all lines are written, at most [`FLUSH_DEADLINE`].
    pub(crate) fn flush(&self) {
        let unwritten = |waiting: &mut PendingLines| waiting.writing || !waiting.lines.is_empty();
        let waiting = self.shared.lock();
        // After the deadline the rest is lost: nobody reads the log.
        drop(self.shared.written.wait_timeout_while(waiting, FLUSH_DEADLINE, unwritten));
    }
}

impl LogBuffer {
    fn lock(&self) -> MutexGuard<'_, PendingLines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, lines: &mut Vec<u8>) {
        let mut waiting = self.lock();
        while waiting.lines.is_empty() {
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut waiting.lines, lines);
        waiting.writing = true;
        let dropped = std::mem::take(&mut waiting.dropped);
        drop(waiting);
        if dropped > 0 {
            tracing::warn!(
                outcome = LogOutcome::LogLinesDropped.name(),
                count = dropped,
                "log lines were dropped: nobody reads the output fast enough"
            );
        }
    }
}

impl Write for &LogSink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.shared.lock();
        if waiting.lines.len() > WAITING_BYTES_MAX {
            waiting.dropped += 1;
            waiting.lost += 1;
            return Ok(line.len());
        }
        let first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        if first {
            self.shared.arrived.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogSink {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}
