//! Group commit: all deliveries that wait share one write.
//!
//! While a write is under way the next deliveries collect; when it has ended they go together. So
//! one `fsync` serves many, and a single delivery waits for nothing but its own.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::{Event, Record, Recorded, Store, Unavailable};
use portal_http::Clock;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Deliveries that may wait at once: a second's worth at full speed, and 4 MB of memory.
const WAITING_MAX: usize = 8192;

/// How long a batch waits for more where many senders are around.
const LINGER: Duration = Duration::from_millis(1);

/// Deliveries written in one transaction: bounds how long the first of them waits for the last.
const BATCH_MAX: usize = 1024;

/// How long a delivery may wait for its write. Stripe gives up after ten seconds or more; the
/// sender must still be there to read the 503.
const DEADLINE: Duration = Duration::from_secs(5);

/// Records events in groups, on a thread of its own.
pub(crate) struct GroupCommit {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

/// The thread that writes, and the task that hands its outcomes on.
pub(crate) struct Writer {
    thread: JoinHandle<()>,
    relay: tokio::task::JoinHandle<()>,
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    deliveries: Vec<Delivery>,
    pings: Vec<Reply<()>>,
    closed: bool,
    /// The writer sleeps until so many wait.
    wanted: usize,
}

struct Delivery {
    event: Arc<Event>,
    reply: Reply<Recorded>,
    since: Duration,
}

type Reply<T> = oneshot::Sender<Result<T, Unavailable>>;

/// What one write came to.
struct Written {
    replies: Vec<(Reply<Recorded>, Result<Recorded, Unavailable>)>,
    pings: Vec<Reply<()>>,
    ping: Result<(), Unavailable>,
}

impl GroupCommit {
    /// Starts writing to `store`. Must be called on a runtime, which the outcomes are handed to.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<(Self, Writer)> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            arrived: Condvar::new(),
        });
        let (outcomes, relay) = mpsc::unbounded_channel();
        let relay = tokio::spawn(hand_on(relay));
        let thread = {
            let (shared, clock, runtime) =
                (Arc::clone(&shared), Arc::clone(&clock), Handle::current());
            let write = move || {
                let mut previous = 0;
                while let Some(batch) = shared.next_batch(previous) {
                    previous = batch.deliveries.len();
                    let written = runtime.block_on(batch.write(&*store, &*clock));
                    if outcomes.send(written).is_err() {
                        break;
                    }
                }
            };
            std::thread::Builder::new()
                .name("writer".into())
                .spawn(write)?
        };
        Ok((
            Self {
                shared: Arc::clone(&shared),
                clock,
            },
            Writer {
                thread,
                relay,
                shared,
            },
        ))
    }

    async fn wait<T>(
        &self,
        enqueue: impl FnOnce(&mut Queue, Reply<T>) -> Result<(), Unavailable>,
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
impl Record for GroupCommit {
    async fn record(&self, event: Arc<Event>) -> Result<Recorded, Unavailable> {
        let since = self.clock.monotonic();
        self.wait(|queue, reply| {
            if queue.deliveries.len() >= WAITING_MAX {
                return Err(Unavailable::QueueFull);
            }
            queue.deliveries.push(Delivery {
                event,
                reply,
                since,
            });
            Ok(())
        })
        .await
    }

    async fn ready(&self) -> Result<(), Unavailable> {
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

impl Writer {
    /// Ends when the thread has ended, which it does by itself only where it panicked.
    pub(crate) async fn ended(&mut self) {
        // The relay lives as long as the thread does.
        (&mut self.relay).await.ok();
    }

    /// Takes no more, writes what waits, and closes the store.
    pub(crate) async fn close(mut self) {
        self.shared.close();
        self.ended().await;
        if self.thread.join().is_err() {
            tracing::error!(outcome = "refused", reason = "writer_panicked");
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(
        &self,
        enqueue: impl FnOnce(&mut Queue) -> Result<(), Unavailable>,
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
        while queue.is_empty() {
            if queue.closed {
                return None;
            }
            queue.wanted = 1;
            queue = self
                .arrived
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        queue.wanted = usize::MAX;
        Some(queue.take_batch())
    }

    fn sleep_for<'q>(
        &self,
        linger: Duration,
        mut queue: MutexGuard<'q, Queue>,
        wanted: usize,
    ) -> MutexGuard<'q, Queue> {
        queue.wanted = wanted;
        let too_few = |queue: &mut Queue| queue.len() < wanted && !queue.closed;
        self.arrived
            .wait_timeout_while(queue, linger, too_few)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.deliveries.len() + self.pings.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn take_batch(&mut self) -> Batch {
        let size = self.deliveries.len().min(BATCH_MAX);
        let rest = self.deliveries.split_off(size);
        let deliveries = std::mem::replace(&mut self.deliveries, rest);
        Batch {
            deliveries,
            pings: std::mem::take(&mut self.pings),
        }
    }
}

struct Batch {
    deliveries: Vec<Delivery>,
    pings: Vec<Reply<()>>,
}

impl Batch {
    async fn write(self, store: &dyn Store, clock: &dyn Clock) -> Written {
        let ping = match self.pings.is_empty() {
            true => Ok(()),
            false => store.ping(clock.now()).await.map_err(Unavailable::Store),
        };
        let now = clock.monotonic();
        // Nobody waits for these any more; Stripe will send them again.
        let (late, timely): (Vec<_>, Vec<_>) = self
            .deliveries
            .into_iter()
            .partition(|it| now.saturating_sub(it.since) >= DEADLINE);
        let (events, replies): (Vec<_>, Vec<_>) =
            timely.into_iter().map(|it| (it.event, it.reply)).unzip();
        let outcomes = match store.record(&events).await {
            Ok(recorded) => recorded.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(Unavailable::Store(error)); events.len()],
        };
        let late = late
            .into_iter()
            .map(|it| (it.reply, Err(Unavailable::DeadlinePassed)));
        Written {
            replies: replies.into_iter().zip(outcomes).chain(late).collect(),
            pings: self.pings,
            ping,
        }
    }
}

/// Wakes those who wait from within the runtime: one wake-up from outside for a whole batch.
async fn hand_on(mut outcomes: mpsc::UnboundedReceiver<Written>) {
    while let Some(written) = outcomes.recv().await {
        // Who does not wait any more has given up; there is nobody to tell.
        for (reply, outcome) in written.replies {
            reply.send(outcome).ok();
        }
        for reply in written.pings {
            reply.send(written.ping.clone()).ok();
        }
    }
}
