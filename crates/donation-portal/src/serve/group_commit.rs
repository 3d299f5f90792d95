//! Group commit: all waiting deliveries share one write.
//!
//! Deliveries that arrive during a write are queued and written together afterwards. So one `fsync`
//! serves many, and a single delivery waits for nothing but its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::Clock;
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::record::record_all;
use portal_domain::{Entry, Ready, Record, Recorded, Store, StoreError, Unavailable};
use portal_service::metrics::Counts;
use portal_service::{ReadinessCache, check_readiness};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::serve::runtime::runtime;

/// The maximum length of the queue: one delivery for each connection that the listener accepts. A
/// full queue is written in one transaction, in a few milliseconds.
pub(crate) const WAITING_MAX: usize = 1024;

/// The time that a batch waits for more deliveries if there are many senders.
const LINGER: Duration = Duration::from_millis(1);

/// The time that a delivery waits for its write. It is shorter than Stripe's timeout of ten seconds
/// or more, so that the sender can still read the 503.
const DEADLINE: Duration = Duration::from_secs(5);

/// The time for which a readiness result is reused, so that checks do not keep the disk busy.
const READY_FOR: Duration = Duration::from_secs(1);

/// The time that a store has to prove that it takes writes. The next deliveries wait meanwhile, and
/// enough of their [`DEADLINE`] must be left for their own write.
const PROOF_DEADLINE: Duration = Duration::from_secs(1);

/// The handle of the writing thread.
pub(crate) struct Writer {
    thread: JoinHandle<()>,
    closing: CancellationToken,
    ended: oneshot::Receiver<()>,
}

/// The end of the queue that a shard holds: its inbox, whose events the writer writes with those of
/// the other shards.
#[derive(Clone)]
pub(crate) struct QueueSender {
    waiting: mpsc::Sender<Waiting>,
    gate: Arc<Gate>,
}

/// The writer's end of the queue.
struct CommitQueue {
    waiting: mpsc::Receiver<Waiting>,
    gate: Arc<Gate>,
}

/// Wakes the writer once when the queue has the length that it waits for.
struct Gate {
    wanted: AtomicUsize,
    reached: Notify,
}

enum Waiting {
    Delivery(WaitingDelivery),
    Ping(Reply<Ready>),
}

struct WaitingDelivery {
    entry: Arc<Entry>,
    reply: Reply<Recorded>,
}

type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

impl Writer {
    /// Starts the writing thread, and returns the inbox that leads to it.
    pub(crate) fn start(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        counts: Arc<Counts>,
    ) -> std::io::Result<(Self, QueueSender)> {
        let (waiting, received) = mpsc::channel(WAITING_MAX);
        let gate = Gate { wanted: AtomicUsize::new(usize::MAX), reached: Notify::new() };
        let sender = QueueSender { waiting, gate: Arc::new(gate) };
        let mut queue = CommitQueue { waiting: received, gate: Arc::clone(&sender.gate) };
        let (end, ended) = oneshot::channel();
        let closing = CancellationToken::new();
        let runtime = runtime()?;
        let thread = {
            let (closing, clock) = (closing.clone(), Arc::clone(clock));
            let store = Arc::clone(store);
            let write = async move {
                let mut previous = 0;
                let mut readiness = ReadinessCache::new(READY_FOR);
                while let Some(batch) = queue.next_batch(previous, &closing).await {
                    previous = batch.deliveries.len();
                    let written = write(batch.deliveries, &*store, &*clock, &counts).await;
                    if let Err(error) = written {
                        // For a while it replaces a check.
                        readiness.keep(Err(Unavailable::Store(error)), &*clock);
                    }
                    // Readiness is checked after the deliveries, so that a slow store delays none.
                    answer(batch.pings, &mut readiness, &*store, &*clock).await;
                }
                drop(end);
            };
            let run = move || runtime.block_on(write);
            std::thread::Builder::new().name("writer".into()).spawn(run)?
        };
        Ok((Self { thread, closing, ended }, sender))
    }

    /// Waits until the thread has ended, which without [`Writer::close`] happens only in a panic.
    pub(crate) async fn ended(&mut self) {
        (&mut self.ended).await.ok();
    }

    /// Refuses new deliveries, writes the queued ones, and closes the store.
    pub(crate) async fn close(mut self) {
        self.closing.cancel();
        self.ended().await;
        if self.thread.join().is_err() {
            tracing::error!(
                outcome = LogOutcome::Unavailable.name(),
                reason = LogReason::WriterPanicked.name(),
                "the writer has panicked"
            );
        }
    }
}

impl QueueSender {
    async fn wait<T>(&self, waiting: impl FnOnce(Reply<T>) -> Waiting) -> Result<T, Unavailable> {
        let (reply, outcome) = oneshot::channel();
        self.send(waiting(reply))?;
        match tokio::time::timeout(DEADLINE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Unavailable::ShuttingDown),
            Err(_) => Err(Unavailable::DeadlinePassed),
        }
    }

    /// Returns the number of those that wait for a write.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.max_capacity() - self.waiting.capacity()
    }

    fn send(&self, waiting: Waiting) -> Result<(), Unavailable> {
        self.waiting.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => Unavailable::QueueFull,
            TrySendError::Closed(_) => Unavailable::ShuttingDown,
        })?;
        if self.waiting() >= self.gate.wanted.load(Ordering::Acquire) {
            self.gate.reached.notify_one();
        }
        Ok(())
    }
}

#[async_trait]
impl Record for QueueSender {
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable> {
        self.wait(|reply| Waiting::Delivery(WaitingDelivery { entry, reply })).await
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        self.wait(Waiting::Ping).await
    }
}

impl CommitQueue {
    /// Waits for the next batch; returns `None` after `closing` once the queue is empty.
    ///
    /// `previous` is the size of the batch before. Together with the deliveries that arrived while
    /// it was written it estimates the number of senders. If there are many, the batch waits up to
    /// [`LINGER`] for half of them, because few large writes cost less than many small ones. A lone
    /// delivery does not wait.
    async fn next_batch(&mut self, previous: usize, closing: &CancellationToken) -> Option<Batch> {
        let half_of_senders = previous.saturating_add(self.waiting.len()) / 2;
        let enough = async {
            self.gate.wanted.store(half_of_senders, Ordering::Release);
            while self.waiting.len() < half_of_senders {
                self.gate.reached.notified().await;
            }
        };
        let enough = tokio::time::timeout(LINGER, closing.run_until_cancelled(enough));
        enough.await.ok();
        self.gate.wanted.store(usize::MAX, Ordering::Release);
        let mut waiting = Vec::with_capacity(self.waiting.len());
        let received = self.waiting.recv_many(&mut waiting, WAITING_MAX);
        if closing.run_until_cancelled(received).await.is_none() {
            self.waiting.close();
            self.waiting.recv_many(&mut waiting, WAITING_MAX).await;
        }
        (!waiting.is_empty()).then(|| Batch::of(waiting))
    }
}

struct Batch {
    deliveries: Vec<WaitingDelivery>,
    pings: Vec<Reply<Ready>>,
}

impl Batch {
    fn of(waiting: Vec<Waiting>) -> Self {
        let mut batch = Self { deliveries: Vec::with_capacity(waiting.len()), pings: Vec::new() };
        for waiting in waiting {
            match waiting {
                Waiting::Delivery(delivery) => batch.deliveries.push(delivery),
                Waiting::Ping(reply) => batch.pings.push(reply),
            }
        }
        batch
    }
}

async fn answer(
    mut pings: Vec<Reply<Ready>>,
    readiness: &mut ReadinessCache,
    store: &dyn Store,
    clock: &dyn Clock,
) {
    pings.retain(|it| !it.is_closed());
    if pings.is_empty() {
        return;
    }
    let ready = match readiness.fresh(clock) {
        Some(ready) => ready,
        None => {
            // The future of a store that blocks the thread is ready at its first poll and never
            // times out.
            let check = tokio::time::timeout(PROOF_DEADLINE, check_readiness(store, clock)).await;
            let ready = check.unwrap_or(Err(StoreError::TimedOut)).map_err(Unavailable::Store);
            readiness.keep(ready.clone(), clock);
            ready
        }
    };
    for reply in pings {
        reply.send(ready.clone()).ok();
    }
}

/// Writes one batch and answers each of its deliveries.
///
/// # Errors
/// The last error of the store that is not about the content of the batch.
async fn write(
    mut deliveries: Vec<WaitingDelivery>,
    store: &dyn Store,
    clock: &dyn Clock,
    counts: &Counts,
) -> Result<(), StoreError> {
    // A request that has timed out gets no answer, so its event is not written: Stripe sends it again.
    deliveries.retain(|it| !it.reply.is_closed());
    if deliveries.is_empty() {
        return Ok(());
    }
    let (entries, replies): (Vec<_>, Vec<_>) =
        deliveries.into_iter().map(|it| (it.entry, it.reply)).unzip();
    let started = clock.monotonic();
    let all = record_all(store, &entries, clock.now()).await;
    counts.written(entries.len(), clock.monotonic().saturating_sub(started));
    let mut written = Ok(());
    for (reply, recorded) in replies.into_iter().zip(all) {
        if let Err(error) = &recorded
            && !error.is_of_the_batch()
        {
            written = Err(error.clone());
        }
        // The receiver is gone if the request has timed out or was cancelled.
        reply.send(recorded.map_err(Unavailable::Store)).ok();
    }
    written
}

#[cfg(test)]
mod tests;
