//! Group commit: all deliveries that wait share one write.
//!
//! While a write is under way the next deliveries collect; when it has ended they go together. So
//! one `fsync` serves many, and a single delivery waits for nothing but its own.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::Clock;
use portal_domain::record::record_all;
use portal_domain::{Entry, Ready, Record, Recorded, Store, StoreError, Unavailable, UnixSeconds};
use tokio::sync::{mpsc, oneshot};

use crate::serve::shard;

/// Deliveries that may wait at once: one for each connection that the listener takes. They are
/// written in one transaction, in a few milliseconds.
const WAITING_MAX: usize = 1024;

/// How long a batch waits for more where many senders are around.
const LINGER: Duration = Duration::from_millis(1);

/// How long a delivery may wait for its write. Stripe gives up after ten seconds or more; the
/// sender must still be there to read the 503.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long an answer about readiness is repeated, so that asking does not keep the disk busy.
const READY_FOR: Duration = Duration::from_secs(1);

/// How long a store may take to prove that it takes writes. The next deliveries wait meanwhile: of
/// their [`DEADLINE`], what a store may take for their own write must be left.
const PROOF_DEADLINE: Duration = Duration::from_secs(1);

/// The thread that writes.
pub(crate) struct Writer {
    thread: JoinHandle<()>,
    shared: Arc<CommitQueue>,
    ended: oneshot::Receiver<()>,
}

/// One shard's way to the writer: records its events, together with those of the others.
pub(crate) struct ShardInbox {
    shared: Arc<CommitQueue>,
    shard: usize,
}

/// Hands what was written on to those who wait on one shard's runtime: one wake-up from outside
/// for a whole batch.
pub(crate) struct Relay(mpsc::UnboundedReceiver<Vec<RecordOutcome>>);

struct CommitQueue {
    queue: Mutex<Waiting>,
    arrived: Condvar,
}

struct Waiting {
    deliveries: Vec<WaitingDelivery>,
    pings: Vec<Reply<Ready>>,
    closed: bool,
    /// The writer sleeps until so many wait.
    wanted: usize,
}

struct WaitingDelivery {
    entry: Arc<Entry>,
    shard: usize,
    reply: Reply<Recorded>,
}

/// What became of a delivery, on its way back to who waits for it.
struct RecordOutcome {
    reply: Reply<Recorded>,
    recorded: Result<Recorded, Unavailable>,
    /// Goes back to the thread that made it: memory that another thread frees costs more.
    _entry: Arc<Entry>,
}

type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

impl Writer {
    /// Starts writing to the store for `shards` runtimes: each gets an inbox, and a relay to run.
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
        let runtime = shard::runtime()?;
        let thread = {
            let (shared, clock) = (Arc::clone(&shared), Arc::clone(clock));
            let store = Arc::clone(store);
            let write = move || {
                let mut previous = 0;
                let mut readiness = Readiness { checked: None };
                while let Some(batch) = shared.next_batch(previous) {
                    previous = batch.deliveries.len();
                    runtime.block_on(async {
                        let written =
                            write(batch.deliveries, &*store, clock.now(), &outcome_senders).await;
                        if let Err(error) = written {
                            readiness.disproved(error, &*clock);
                        }
                        // After the deliveries: a store that is slow to prove itself delays none.
                        readiness.answer(batch.pings, &*store, &*clock).await;
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

    /// Ends when the thread has ended, which it does by itself only where it panicked.
    pub(crate) async fn ended(&mut self) {
        (&mut self.ended).await.ok();
    }

    /// Takes no more, writes what waits, and closes the store.
    pub(crate) async fn close(mut self) {
        self.shared.close();
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
    /// Runs until the writer ends.
    pub(crate) async fn run(mut self) {
        while let Some(outcomes) = self.0.recv().await {
            for outcome in outcomes {
                // Who does not wait any more has given up; there is nobody to tell.
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

    /// Waits for work; `None` when there will be no more.
    ///
    /// `previous` is the size of the batch before. Those that came while it was written show how
    /// many senders are around, and where these are many, the next batch waits shortly for half of
    /// them: fewer, larger writes cost less than many small ones. A lone delivery does not wait.
    fn next_batch(&self, previous: usize) -> Option<Batch> {
        let mut queue = self.lock();
        let half_of_those_around = previous.saturating_add(queue.len()) / 2;
        if queue.len() < half_of_those_around {
            queue = self.sleep_for(LINGER, queue, half_of_those_around);
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

/// Whether writing works, as of the last time it was tried.
struct Readiness {
    checked: Option<(Duration, Result<Ready, Unavailable>)>,
}

impl Readiness {
    /// A write has failed: for a while that says as much as a trial would, and sooner.
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
                // From its end on: a proof that takes long is not repeated sooner than another.
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
    // A store that blocks is ready when it is looked at, and never late here.
    tokio::time::timeout(PROOF_DEADLINE, proof).await.unwrap_or(Err(StoreError::TimedOut))
}

/// Writes one batch and hands its outcomes to the shards that wait for them.
///
/// # Errors
/// The last failure of the store, if there was one that was not about what was to be written.
async fn write(
    mut deliveries: Vec<WaitingDelivery>,
    store: &dyn Store,
    now: UnixSeconds,
    outcome_senders: &[mpsc::UnboundedSender<Vec<RecordOutcome>>],
) -> Result<(), StoreError> {
    // Who has given up gets no answer, and Stripe sends the event again.
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
        if let Some(outcomes) = outcomes.get_mut(shard) {
            let recorded = recorded.map_err(Unavailable::Store);
            outcomes.push(RecordOutcome { reply, recorded, _entry: entry });
        }
    }
    for (way, outcomes) in outcome_senders.iter().zip(outcomes) {
        if !outcomes.is_empty() {
            // A shard that has ended has nobody left who waits.
            way.send(outcomes).ok();
        }
    }
    written
}

#[cfg(test)]
mod tests;
