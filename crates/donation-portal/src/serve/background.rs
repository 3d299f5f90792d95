//! What goes on beside the intake: the watch, a teller for each channel, and the job.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::serve::monitor::{self, Monitor, MonitorState};
use crate::serve::notifier::{self, Notifier};
use crate::serve::shard;
use crate::serve::stripe_poller::{self, StripePoller};

/// How long a teller may take to end what it has begun. What it does not get to know then is told
/// again after the next start.
const GRACE: Duration = Duration::from_secs(3);

/// The threads; none of them is ever waited for by the intake.
pub(crate) struct Background {
    stops: Vec<Sender<()>>,
    ended: Receiver<()>,
}

impl Background {
    /// Starts the watch, the tellers and, where there is one, the job.
    pub(crate) fn start(
        watch: Monitor,
        notifiers: Vec<Notifier>,
        job: Option<StripePoller>,
    ) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let mut stops = Vec::new();
        let runtime = shard::runtime()?;
        let mut memory = MonitorState::default();
        stops.push(every("watch", monitor::LOOK_EVERY, end.clone(), move || {
            runtime.block_on(watch.run_once(&mut memory));
        })?);
        for notifier in notifiers {
            let runtime = shard::runtime()?;
            stops.push(every("teller", notifier::LOOK_EVERY, end.clone(), move || {
                runtime.block_on(notifier.run_once());
            })?);
        }
        if let Some(job) = job {
            let runtime = shard::runtime()?;
            stops.push(every("job", stripe_poller::LOOK_EVERY, end.clone(), move || {
                runtime.block_on(job.run_once());
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
    mut run_once: impl FnMut() + Send + 'static,
) -> io::Result<Sender<()>> {
    let (stop, stopped) = mpsc::channel::<()>();
    std::thread::Builder::new().name(name.into()).spawn(move || {
        loop {
            run_once();
            if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        // What it holds is gone before anybody hears that it has ended.
        drop(run_once);
        drop(end);
    })?;
    Ok(stop)
}
