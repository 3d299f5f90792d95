//! The output of a process, collected while it runs.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A stream that a thread reads to its end, so that the process never waits for a reader.
pub(crate) struct Output {
    said: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Output {
    pub(crate) fn of(mut stream: impl Read + Send + 'static) -> Self {
        let said = Arc::new(Mutex::default());
        let reader = {
            let said = Arc::clone(&said);
            std::thread::spawn(move || {
                let mut some = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut some) {
                    let some = some.get(..length).unwrap_or_default();
                    lock(&said).extend_from_slice(some);
                }
            })
        };
        Self { said, reader }
    }

    /// Returns the output so far.
    pub(crate) fn so_far(&self) -> Vec<u8> {
        lock(&self.said).clone()
    }

    /// Returns the whole output, once the process has ended.
    pub(crate) fn whole(self) -> Vec<u8> {
        // The thread does not panic, and what it has read is kept anyway.
        self.reader.join().ok();
        lock(&self.said).clone()
    }
}

fn lock(said: &Mutex<Vec<u8>>) -> std::sync::MutexGuard<'_, Vec<u8>> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}
