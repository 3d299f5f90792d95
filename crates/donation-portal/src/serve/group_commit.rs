//! Group commit: all waiting deliveries share one write.
//!
//! Deliveries that arrive during a write are queued and written together afterwards. So one `fsync`
//! serves many, and a single delivery waits for nothing but its own.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::Clock;
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::record::record_all;
use portal_domain::{Entry, Ready, Record, Recorded, Store, StoreError, Unavailable, UnixSeconds};
use portal_service::{ReadinessCache, check_readiness};
use tokio::sync::{mpsc, oneshot};

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
    shared: Arc<CommitQueue>,
    ended: oneshot::Receiver<()>,
}

/// The inbox of one shard: queues its events for the writer, which writes them with those of the
/// other shards.
pub(crate) struct ShardInbox {
    shared: Arc<CommitQueue>,
    shard: usize,
}

/// Distributes the results of a batch on one shard's runtime, so that the writer wakes that runtime
/// once for a whole batch.
pub(crate) struct Relay(mpsc::UnboundedReceiver<Vec<RecordOutcome>>);

struct CommitQueue {
    queue: Mutex<Waiting>,
    arrived: Condvar,
}

struct Waiting {
    deliveries: Vec<WaitingDelivery>,
    pings: Vec<Reply<Ready>>,
    closed: bool,
    /// The queue length at which the writer is woken.
    wanted: usize,
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
        let queue = Waiting { deliveries: Vec::new(), pings: Vec::new(), closed: false, wanted: 1 };
        let shared = Arc::new(CommitQueue { queue: Mutex::new(queue), arrived: Condvar::new() });
        let (outcome_senders, relays): (Vec<_>, Vec<_>) =
            (0..shards).map(|_| mpsc::unbounded_channel()).unzip();
        let (end, ended) = oneshot::channel();
        let runtime = runtime()?;
        let thread = {
            let (shared, clock) = (Arc::clone(&shared), Arc::clone(clock));
            let store = Arc::clone(store);
            let write = move || {
                let mut previous = 0;
                let mut readiness = ReadinessCache::new(READY_FOR);
                while let Some(batch) = shared.next_batch(previous) {
                    previous = batch.deliveries.len();
                    runtime.block_on(async {
                        let written =
                            write(batch.deliveries, &*store, clock.now(), &outcome_senders).await;
                        if let Err(error) = written {
                            // For a while it replaces a check.
                            readiness.keep(Err(Unavailable::Store(error)), &*clock);
                        }
                        // Readiness is checked after the deliveries, so that a slow store delays none.
                        answer(batch.pings, &mut readiness, &*store, &*clock).await;
                    });
                }
                drop(end);
            };
            std::thread::Builder::new().name("writer".into()).spawn(write)?
        };
        let inbox = |shard| ShardInbox { shared: Arc::clone(&shared), shard };
        let shard_handles =
            relays.into_iter().enumerate().map(|(shard, relay)| (inbox(shard), Relay(relay)));
        let shard_handles = shard_handles.collect();
        Ok((Self { thread, shared, ended }, shard_handles))
    }

    /// Waits until the thread has ended, which without [`Writer::close`] happens only in a panic.
    pub(crate) async fn ended(&mut self) {
        (&mut self.ended).await.ok();
    }

    /// Refuses new deliveries, writes the queued ones, and closes the store.
    pub(crate) async fn close(mut self) {
        self.shared.close();
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

impl ShardInbox {
    async fn wait<T>(
        &self,
        enqueue: impl FnOnce(&mut Waiting, Reply<T>) -> Result<(), Unavailable>,
    ) -> Result<T, Unavailable> {
        let (reply, outcome) = oneshot::channel();
        self.shared.enqueue(|queue| enqueue(queue, reply))?;
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
        self.wait(|queue, reply| {
            if queue.deliveries.len() >= WAITING_MAX {
                return Err(Unavailable::QueueFull);
            }
            queue.deliveries.push(WaitingDelivery { entry, shard, reply });
            Ok(())
        })
        .await
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        self.wait(|queue, reply| {
            if queue.pings.len() >= WAITING_MAX {
                return Err(Unavailable::QueueFull);
            }
            queue.pings.push(reply);
            Ok(())
        })
        .await
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

impl CommitQueue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(
        &self,
        enqueue: impl FnOnce(&mut Waiting) -> Result<(), Unavailable>,
    ) -> Result<(), Unavailable> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(Unavailable::ShuttingDown);
        }
        enqueue(&mut queue)?;
        let enough = queue.len() >= queue.wanted;
        drop(queue);
        if enough {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Waits for the next batch; returns `None` after [`CommitQueue::close`] once the queue is empty.
    ///
    /// `previous` is the size of the batch before. Together with the deliveries that arrived while
    /// it was written it estimates the number of senders. If there are many, the batch waits up to
    /// [`LINGER`] for half of them, because few large writes cost less than many small ones. A lone
    /// delivery does not wait.
    fn next_batch(&self, previous: usize) -> Option<Batch> {
        let mut queue = self.lock();
        let half_of_senders = previous.saturating_add(queue.len()) / 2;
        if queue.len() < half_of_senders {
            queue = self.sleep_for(LINGER, queue, half_of_senders);
        }
        if queue.is_empty() {
            queue = self.sleep_for(Duration::MAX, queue, 1);
        }
        if queue.is_empty() && queue.closed {
            return None;
        }
        queue.wanted = usize::MAX;
        Some(queue.take_batch())
    }

    fn sleep_for<'q>(
        &self,
        duration: Duration,
        mut queue: MutexGuard<'q, Waiting>,
        wanted: usize,
    ) -> MutexGuard<'q, Waiting> {
        queue.wanted = wanted;
        let too_few = |queue: &mut Waiting| queue.len() < wanted && !queue.closed;
        self.arrived
            .wait_timeout_while(queue, duration, too_few)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }
}

impl Waiting {
    fn len(&self) -> usize {
        self.deliveries.len() + self.pings.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take_batch(&mut self) -> Batch {
        let deliveries = std::mem::take(&mut self.deliveries);
        Batch { deliveries, pings: std::mem::take(&mut self.pings) }
    }
}

struct Batch {
    deliveries: Vec<WaitingDelivery>,
    pings: Vec<Reply<Ready>>,
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
