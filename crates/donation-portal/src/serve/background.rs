//! The threads beside the intake: the monitor, a notifier for each channel, the jobs at Stripe, and the
//! figures and gauges for the console and its metrics.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use portal_service::metrics::GaugesJob;
use portal_service::{FiguresJob, Monitor, Notifier, SignaturesJob, StripePoller};
#[cfg(feature = "otlp")]
use portal_service::{metrics::Counts, trace::Trace};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::serve::runtime::runtime;
#[cfg(feature = "otlp")]
use crate::serve::traces::{SpanExporter, TraceConfig};

/// The interval of the monitor: people wait for what it finds.
const MONITOR_EVERY: Duration = Duration::from_secs(5);

/// The interval at which a notifier asks the store: a dispute shall be known at once.
const NOTIFY_EVERY: Duration = Duration::from_secs(2);

/// The interval at which the jobs at Stripe are looked at.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// The interval at which the job of figures looks whether it is due.
const FIGURES_CHECK: Duration = Duration::from_secs(30);

/// The interval of the gauges: half of that at which Prometheus usually asks.
pub(crate) const GAUGES_EVERY: SignedDuration = SignedDuration::from_secs(15);

/// The interval at which the job of gauges looks whether it is due.
const GAUGES_CHECK: Duration = Duration::from_secs(1);

/// The interval at which spans are sent.
#[cfg(feature = "otlp")]
const SPANS_EVERY: Duration = Duration::from_secs(2);

/// The most reads at Stripe in one go, so that an end of the service is heard in between.
const STEPS: u32 = 10;

/// The most thin events whose objects are fetched in one go: each takes a read.
const FETCHED_AT_ONCE: u32 = 20;

/// The time that a notifier may take to end what it has begun. A channel not reached then is notified
/// again after the next start.
const GRACE: Duration = Duration::from_secs(3);

/// The threads; none of them is ever waited for by the intake.
pub(crate) struct Background {
    stop: CancellationToken,
    threads: TaskTracker,
}

impl Background {
    /// Starts the monitor, with what is kept of signatures, the notifiers and, where there are
    /// any, the poller and the jobs of figures and gauges.
    pub(crate) fn start(
        monitor: Arc<Monitor>,
        signatures: SignaturesJob,
        notifiers: Vec<Notifier>,
        poller: Option<StripePoller>,
        figures: Option<FiguresJob>,
        gauges: Option<Arc<GaugesJob>>,
    ) -> io::Result<Self> {
        let background = Self { stop: CancellationToken::new(), threads: TaskTracker::new() };
        background.every("monitor", MONITOR_EVERY, async move || {
            monitor.tick().await;
            signatures.tick().await;
        })?;
        for notifier in notifiers {
            background.every("notifier", NOTIFY_EVERY, async move || notifier.tick().await)?;
        }
        if let Some(poller) = poller {
            background.every("stripe", POLL_EVERY, async move || {
                poller.fetch(FETCHED_AT_ONCE).await;
                poller.poll(STEPS).await;
            })?;
        }
        if let Some(figures) = figures {
            background.every("figures", FIGURES_CHECK, async move || figures.tick().await)?;
        }
        if let Some(gauges) = gauges {
            background.every("gauges", GAUGES_CHECK, async move || gauges.tick().await)?;
        }
        Ok(background)
    }

    /// Traces what `counts` counts, and sends the spans on a thread of its own.
    #[cfg(feature = "otlp")]
    pub(crate) fn trace(&self, to: Option<TraceConfig>, counts: &Arc<Counts>) -> io::Result<()> {
        let Some(config) = to else { return Ok(()) };
        let (exporter, counts) = (Arc::new(SpanExporter::new(&config)), Arc::clone(counts));
        counts.trace_by(Arc::clone(&exporter) as Arc<dyn Trace>);
        self.every("traces", SPANS_EVERY, async move || exporter.tick(&counts).await)
    }

    /// Starts nothing new, and waits a little for what has begun.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.threads.close();
        tokio::time::timeout(GRACE, self.threads.wait()).await.ok();
    }

    /// Calls `run_once` every so often on a thread of its own, until [`Background::stop`].
    fn every(
        &self,
        name: &str,
        interval: Duration,
        run_once: impl AsyncFn() + Send + 'static,
    ) -> io::Result<()> {
        let runtime = runtime()?;
        let (stop, running) = (self.stop.clone(), self.threads.token());
        let run = move || {
            runtime.block_on(async {
                while !stop.is_cancelled() {
                    run_once().await;
                    stop.run_until_cancelled(tokio::time::sleep(interval)).await;
                }
            });
            // The closure's values are dropped before anybody hears that it has ended.
            drop(run_once);
            drop(running);
        };
        std::thread::Builder::new().name(name.into()).spawn(run)?;
        Ok(())
    }
}
