//! What goes on beside the intake: the watch, a teller for each channel, and the errand.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::serve::errand::{self, Errand};
use crate::serve::shard;
use crate::serve::telling::{self, Teller};
use crate::serve::watching::{self, Memory, Watch};

/// How long a teller may take to end what it has begun. What it does not get to know then is told
/// again after the next start.
const GRACE: Duration = Duration::from_secs(3);

/// The threads; none of them is ever waited for by the intake.
pub(crate) struct Background {
    stops: Vec<Sender<()>>,
    ended: Receiver<()>,
}

impl Background {
    /// Starts the watch, the tellers and, where there is one, the errand.
    pub(crate) fn start(
        watch: Watch,
        tellers: Vec<Teller>,
        errand: Option<Errand>,
    ) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let mut stops = Vec::new();
        let runtime = shard::runtime()?;
        let mut memory = Memory::default();
        stops.push(every("watch", watching::LOOK_EVERY, end.clone(), move || {
            runtime.block_on(watch.look(&mut memory));
        })?);
        for teller in tellers {
            let runtime = shard::runtime()?;
            stops.push(every("teller", telling::LOOK_EVERY, end.clone(), move || {
                runtime.block_on(teller.look());
            })?);
        }
        if let Some(errand) = errand {
            let runtime = shard::runtime()?;
            stops.push(every("errand", errand::LOOK_EVERY, end.clone(), move || {
                runtime.block_on(errand.look());
            })?);
        }
        Ok(Self { stops, ended })
    }

    /// Starts nothing new, and waits a little for what has begun.
    pub(crate) fn stop(self) {
        drop(self.stops);
        // Every thread holds a sender until it ends; nothing is ever sent.
        self.ended.recv_timeout(GRACE).ok();
    }
}

/// Calls `look` every so often on a thread of its own, until the sender is dropped.
fn every(
    name: &str,
    interval: Duration,
    end: Sender<()>,
    mut look: impl FnMut() + Send + 'static,
) -> io::Result<Sender<()>> {
    let (stop, stopped) = mpsc::channel::<()>();
    std::thread::Builder::new().name(name.into()).spawn(move || {
        loop {
            look();
            if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        // What it holds is gone before anybody hears that it has ended.
        drop(look);
        drop(end);
    })?;
    Ok(stop)
}
