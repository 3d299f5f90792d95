//! The threads beside the intake: the monitor, a notifier for each channel, and the jobs at Stripe.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use portal_service::{Monitor, Notifier, StripePoller};

use crate::serve::runtime::runtime;

/// The interval of the monitor: people wait for what it finds.
const MONITOR_EVERY: Duration = Duration::from_secs(5);

/// The interval at which a notifier asks the store: a dispute shall be known at once.
const NOTIFY_EVERY: Duration = Duration::from_secs(2);

/// The interval at which the jobs at Stripe are looked at.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// The most reads at Stripe in one go, so that an end of the service is heard in between.
const STEPS: u32 = 10;

/// The most thin events whose objects are fetched in one go: each takes a read.
const FETCHED_AT_ONCE: u32 = 20;

/// The time that a notifier may take to end what it has begun. A channel not reached then is notified
/// again after the next start.
const GRACE: Duration = Duration::from_secs(3);

/// The threads; none of them is ever waited for by the intake.
pub(crate) struct Background {
    stops: Vec<Sender<()>>,
    ended: Receiver<()>,
}

impl Background {
    /// Starts the monitor, the notifiers and, where there is one, the poller.
    pub(crate) fn start(
        monitor: Arc<Monitor>,
        notifiers: Vec<Notifier>,
        poller: Option<StripePoller>,
    ) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let mut stops = Vec::new();
        let on_this_thread = runtime()?;
        stops.push(every("monitor", MONITOR_EVERY, end.clone(), move || {
            on_this_thread.block_on(monitor.tick());
        })?);
        for notifier in notifiers {
            let on_this_thread = runtime()?;
            stops.push(every("notifier", NOTIFY_EVERY, end.clone(), move || {
                on_this_thread.block_on(notifier.tick());
            })?);
        }
        if let Some(poller) = poller {
            let on_this_thread = runtime()?;
            stops.push(every("stripe", POLL_EVERY, end.clone(), move || {
                on_this_thread.block_on(async {
                    poller.fetch(FETCHED_AT_ONCE).await;
                    poller.poll(STEPS).await;
                });
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

/// Calls `run_once` every so often on a thread of its own, until the sender is dropped.
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
