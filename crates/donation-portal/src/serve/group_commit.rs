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
use portal_domain::record::record_all;
use portal_domain::{Entry, Ready, Record, Recorded, Store, StoreError, Unavailable, UnixSeconds};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::serve::runtime::runtime;

/// The maximum length of the queue: one delivery for each connection that the listener accepts. A
/// full queue is written in one transaction, in a few milliseconds.
const WAITING_MAX: usize = 1024;

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

/// The inbox of one shard: queues its events for the writer, which writes them with those of the
/// other shards.
pub(crate) struct ShardInbox {
    queue: QueueSender,
    shard: usize,
}

/// Distributes the results of a batch on one shard's runtime, so that the writer wakes that runtime
/// once for a whole batch.
pub(crate) struct Relay(mpsc::UnboundedReceiver<Vec<RecordOutcome>>);

/// The writer's end of the queue.
struct CommitQueue {
    waiting: mpsc::Receiver<Waiting>,
    gate: Arc<Gate>,
}

/// A shard's end of the queue.
#[derive(Clone)]
struct QueueSender {
    waiting: mpsc::Sender<Waiting>,
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
    shard: usize,
    reply: Reply<Recorded>,
}

/// The result of a delivery, sent back to its shard.
struct RecordOutcome {
    reply: Reply<Recorded>,
    recorded: Result<Recorded, Unavailable>,
    /// Sent back to be freed by the thread that allocated it: freeing it on another one costs more.
    _entry: Arc<Entry>,
}

type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

impl Writer {
    /// Starts the writing thread for `shards` runtimes. Returns an inbox for each, and a relay that
    /// the runtime must run.
    pub(crate) fn start(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        shards: usize,
    ) -> std::io::Result<(Self, Vec<(ShardInbox, Relay)>)> {
        let (waiting, received) = mpsc::channel(WAITING_MAX);
        let gate = Gate { wanted: AtomicUsize::new(usize::MAX), reached: Notify::new() };
        let sender = QueueSender { waiting, gate: Arc::new(gate) };
        let mut queue = CommitQueue { waiting: received, gate: Arc::clone(&sender.gate) };
        let (outcome_senders, relays): (Vec<_>, Vec<_>) =
            (0..shards).map(|_| mpsc::unbounded_channel()).unzip();
        let (end, ended) = oneshot::channel();
        let closing = CancellationToken::new();
        let runtime = runtime()?;
        let thread = {
            let (closing, clock) = (closing.clone(), Arc::clone(clock));
            let store = Arc::clone(store);
            let write = async move {
                let mut previous = 0;
                let mut readiness = Readiness { checked: None };
                while let Some(batch) = queue.next_batch(previous, &closing).await {
                    previous = batch.deliveries.len();
                    let written =
                        write(batch.deliveries, &*store, clock.now(), &outcome_senders).await;
                    if let Err(error) = written {
                        readiness.disproved(error, &*clock);
                    }
                    // Readiness is checked after the deliveries, so that a slow store delays none.
                    readiness.answer(batch.pings, &*store, &*clock).await;
                }
                drop(end);
            };
            let run = move || runtime.block_on(write);
            std::thread::Builder::new().name("writer".into()).spawn(run)?
        };
        let inbox = |shard| ShardInbox { queue: sender.clone(), shard };
        let shard_handles =
            relays.into_iter().enumerate().map(|(shard, relay)| (inbox(shard), Relay(relay)));
        let shard_handles = shard_handles.collect();
        Ok((Self { thread, closing, ended }, shard_handles))
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
                outcome = "unavailable",
                reason = "writer_panicked",
                "the writer has panicked"
            );
        }
    }
}

impl ShardInbox {
    async fn wait<T>(&self, waiting: impl FnOnce(Reply<T>) -> Waiting) -> Result<T, Unavailable> {
        let (reply, outcome) = oneshot::channel();
        self.queue.send(waiting(reply))?;
        match tokio::time::timeout(DEADLINE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Unavailable::ShuttingDown),
            Err(_) => Err(Unavailable::DeadlinePassed),
        }
    }
}

#[async_trait]
impl Record for ShardInbox {
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable> {
        let shard = self.shard;
        self.wait(|reply| Waiting::Delivery(WaitingDelivery { entry, shard, reply })).await
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        self.wait(Waiting::Ping).await
    }
}

impl Relay {
    /// Distributes results until the writer ends.
    pub(crate) async fn run(mut self) {
        while let Some(outcomes) = self.0.recv().await {
            for outcome in outcomes {
                // The receiver is gone if the request has timed out or was cancelled.
                outcome.reply.send(outcome.recorded).ok();
            }
        }
    }
}

impl QueueSender {
    fn send(&self, waiting: Waiting) -> Result<(), Unavailable> {
        self.waiting.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => Unavailable::QueueFull,
            TrySendError::Closed(_) => Unavailable::ShuttingDown,
        })?;
        let length = self.waiting.max_capacity() - self.waiting.capacity();
        if length >= self.gate.wanted.load(Ordering::Acquire) {
            self.gate.reached.notify_one();
        }
        Ok(())
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

/// The readiness of the store, from the last write or check.
struct Readiness {
    checked: Option<(Duration, Result<Ready, Unavailable>)>,
}

impl Readiness {
    /// Notes a failed write, which for [`READY_FOR`] replaces a check.
    fn disproved(&mut self, error: StoreError, clock: &dyn Clock) {
        self.checked = Some((clock.monotonic(), Err(Unavailable::Store(error))));
    }

    async fn answer(&mut self, mut pings: Vec<Reply<Ready>>, store: &dyn Store, clock: &dyn Clock) {
        pings.retain(|it| !it.is_closed());
        if pings.is_empty() {
            return;
        }
        let now = clock.monotonic();
        let ready = match self.checked.take() {
            Some((at, ready)) if now.saturating_sub(at) < READY_FOR => (at, ready),
            _ => {
                let ready = check(store, clock.now()).await.map_err(Unavailable::Store);
                // The time counts from the end of the check, so that slow checks are not made more
                // often than fast ones.
                (clock.monotonic(), ready)
            }
        };
        for reply in pings {
            reply.send(ready.1.clone()).ok();
        }
        self.checked = Some(ready);
    }
}

async fn check(store: &dyn Store, now: UnixSeconds) -> Result<Ready, StoreError> {
    let proof = async {
        let clock_ahead_seconds = store.ping(now).await?.map(|theirs| now.since(theirs));
        Ok(Ready { backlog: store.backlog().await?, clock_ahead_seconds })
    };
    // The future of a store that blocks the thread is ready at its first poll and never times out.
    tokio::time::timeout(PROOF_DEADLINE, proof).await.unwrap_or(Err(StoreError::TimedOut))
}

/// Writes one batch and sends its results to the shards.
///
/// # Errors
/// The last error of the store that is not about the content of the batch.
async fn write(
    mut deliveries: Vec<WaitingDelivery>,
    store: &dyn Store,
    now: UnixSeconds,
    outcome_senders: &[mpsc::UnboundedSender<Vec<RecordOutcome>>],
) -> Result<(), StoreError> {
    // A request that has timed out gets no answer, so its event is not written: Stripe sends it again.
    deliveries.retain(|it| !it.reply.is_closed());
    if deliveries.is_empty() {
        return Ok(());
    }
    let entries: Vec<_> = deliveries.iter().map(|it| Arc::clone(&it.entry)).collect();
    let recorded = record_all(store, &entries, now).await;
    drop(entries);
    let mut written = Ok(());
    let mut outcomes: Vec<Vec<RecordOutcome>> =
        outcome_senders.iter().map(|_| Vec::new()).collect();
    for (WaitingDelivery { entry, shard, reply }, recorded) in deliveries.into_iter().zip(recorded)
    {
        if let Err(error) = &recorded
            && !error.is_of_the_batch()
        {
            written = Err(error.clone());
        }
        let outcomes = outcomes.get_mut(shard);
        debug_assert!(outcomes.is_some(), "shard {shard} has no relay");
        if let Some(outcomes) = outcomes {
            let recorded = recorded.map_err(Unavailable::Store);
            outcomes.push(RecordOutcome { reply, recorded, _entry: entry });
        }
    }
    for (sender, outcomes) in outcome_senders.iter().zip(outcomes) {
        if !outcomes.is_empty() {
            // A shard that has ended has no waiting requests.
            sender.send(outcomes).ok();
        }
    }
    written
}

#[cfg(test)]
mod tests;
