//! Copying the write-ahead log into the database, beside the intake.
//!
//! Done by the commit that fills the log, as SQLite does by itself, the copy makes deliveries wait
//! for tens of milliseconds. Here a thread copies while writing goes on; what came meanwhile is
//! little, and the writer copies that itself, so that the log starts over and does not grow.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags};

/// Pages in the log after which they are copied: 16 MiB. More makes pages that are written often
/// cheaper, less keeps the log small.
const CHECKPOINT_PAGES: i32 = 4096;

/// Copies as far as nobody who reads is in the way.
const CHECKPOINT: &str = "pragma wal_checkpoint(passive)";

thread_local! {
    /// Pages in the log after this thread's last commit.
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// The copying for one database file.
pub(crate) struct Checkpoints {
    path: PathBuf,
    /// Set by the thread when it has ended; none where no thread was started.
    copied: Mutex<Option<Arc<AtomicBool>>>,
}

impl Checkpoints {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), copied: Mutex::new(None) }
    }

    /// To be called after each commit on `connection`.
    ///
    /// A copy that fails is tried again after the next commit; what was committed is safe in the
    /// log, and a disk that takes no more is noticed there.
    pub(crate) fn after_commit(&self, connection: &Connection) {
        let mut copied = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
        match &*copied {
            None if PAGES.get() >= CHECKPOINT_PAGES => *copied = Some(copy_beside(&self.path)),
            Some(done) if done.load(Ordering::Acquire) => {
                *copied = None;
                checkpoint(connection);
            }
            None | Some(_) => {}
        }
    }
}

/// Makes `connection` tell its log's size instead of copying by itself.
pub(crate) fn watch(connection: &Connection) {
    connection.wal_hook(Some(|_: &Wal, pages| {
        PAGES.set(pages);
        Ok(())
    }));
}

fn checkpoint(connection: &Connection) {
    connection.query_row(CHECKPOINT, [], |_| Ok(())).ok();
}

/// Starts the copying, on a connection of its own.
fn copy_beside(path: &Path) -> Arc<AtomicBool> {
    let done = Arc::new(AtomicBool::new(false));
    let copy = {
        let (path, done) = (path.to_owned(), Arc::clone(&done));
        move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            if let Ok(connection) = Connection::open_with_flags(path, flags) {
                checkpoint(&connection);
            }
            done.store(true, Ordering::Release);
        }
    };
    if std::thread::Builder::new().name("checkpoint".into()).spawn(copy).is_err() {
        done.store(true, Ordering::Release);
    }
    done
}
