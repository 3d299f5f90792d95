//! The runtime of one thread.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// Returns a runtime for the calling thread.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
