//! Deliveries over several connections, and a book of what was acknowledged.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::delivery::{Deliveries, IdShape, Ids};
use crate::http::{Answer, Connection};
use crate::run::Failure;

/// One in so many deliveries repeats an event that was acknowledged before.
const REPEAT_ONE_IN: u64 = 10;

/// How long an answer may take: so long Stripe waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a sender pauses that was told to come again.
const PAUSE: Duration = Duration::from_millis(10);

/// What was sent, and what was said to it.
pub(crate) struct Book {
    deliveries: Deliveries,
    ids: Ids,
    chance: Chance,
    /// Ids that were answered 200: each must be in the inbox.
    pub(crate) acknowledged: Vec<String>,
    /// Ids that were not: each may be in the inbox, and is to be sent again.
    pub(crate) open: Vec<String>,
    /// How many deliveries got no answer.
    pub(crate) unanswered: u64,
    /// How many deliveries were answered 503.
    pub(crate) refused: u64,
    repeats: u64,
}

/// A book that several senders write.
pub(crate) type Shared = Arc<Mutex<Book>>;

/// One delivery on its way.
struct Outgoing {
    id: String,
    request: Vec<u8>,
    repeat: bool,
}

impl Book {
    /// A book with nothing in it.
    pub(crate) fn open(seed: u64) -> Result<Shared, Failure> {
        Ok(Arc::new(Mutex::new(Self {
            deliveries: Deliveries::new()?,
            ids: Ids::new(IdShape::Stripe, seed),
            chance: Chance::new(seed),
            acknowledged: Vec::new(),
            open: Vec::new(),
            unanswered: 0,
            refused: 0,
            repeats: 0,
        })))
    }

    fn next(&mut self) -> Outgoing {
        let repeated = match self.chance.draw() % REPEAT_ONE_IN {
            0 => self.chance.pick(&self.acknowledged).cloned(),
            _ => None,
        };
        let repeat = repeated.is_some();
        let id = repeated.or_else(|| self.open.pop()).unwrap_or_else(|| self.ids.draw());
        Outgoing { request: self.deliveries.request(&id), id, repeat }
    }

    fn answered(&mut self, sent: Outgoing, answer: Answer<'_>) -> Result<(), Failure> {
        match answer.status {
            200 if sent.repeat => self.repeats += 1,
            200 => self.acknowledged.push(sent.id),
            503 if answer.header("retry-after").is_none() => {
                return Err("503 without Retry-After".into());
            }
            503 => {
                self.refused += 1;
                self.leave_open(sent);
            }
            status => {
                return Err(format!("a delivery was answered {status}: {}", answer.body).into());
            }
        }
        Ok(())
    }

    fn unanswered(&mut self, sent: Outgoing) {
        self.unanswered += 1;
        self.leave_open(sent);
    }

    fn leave_open(&mut self, sent: Outgoing) {
        if !sent.repeat {
            self.open.push(sent.id);
        }
    }
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repeats, unanswered, refused, .. } = self;
        write!(
            f,
            "{repeats} repeats acknowledged, {unanswered} deliveries unanswered, {refused} refused"
        )
    }
}

/// How many events were acknowledged, and how many deliveries refused, so far.
pub(crate) fn counts(book: &Shared) -> (usize, u64) {
    let book = lock(book);
    (book.acknowledged.len(), book.refused)
}

/// The book, to read or to write.
pub(crate) fn lock(book: &Shared) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Senders at work.
pub(crate) struct Load {
    senders: JoinSet<Result<(), Failure>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Connects, and starts to send.
    pub(crate) async fn start(
        address: SocketAddr,
        book: &Shared,
        connections: usize,
    ) -> Result<Self, Failure> {
        let mut load = Self { senders: JoinSet::new(), stop: Arc::default() };
        for _ in 0..connections {
            let connection = Connection::open(address).await?;
            load.senders.spawn(send(connection, Arc::clone(book), Arc::clone(&load.stop)));
        }
        Ok(load)
    }

    /// Lets them send for `time`; fails where a connection ends meanwhile.
    pub(crate) async fn run_for(&mut self, time: Duration) -> Result<(), Failure> {
        match tokio::time::timeout(time, self.senders.join_next()).await {
            Err(_) => Ok(()),
            Ok(ended) => {
                ended.transpose()?.transpose()?;
                Err("a connection ended while the server was to run".into())
            }
        }
    }

    /// Waits for the answers that are still to come, where there is a server to send them.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.senders.join_next().await {
            ended??;
        }
        Ok(())
    }
}

async fn send(
    mut connection: Connection,
    book: Shared,
    stop: Arc<AtomicBool>,
) -> Result<(), Failure> {
    while !stop.load(Ordering::Relaxed) {
        let sent = lock(&book).next();
        let answer = tokio::time::timeout(PATIENCE, connection.send(&sent.request)).await;
        let answer = answer.map_err(|_| format!("no answer to a delivery within {PATIENCE:?}"))?;
        let Ok(answer) = answer else {
            lock(&book).unanswered(sent);
            break;
        };
        let refused = answer.status == 503;
        lock(&book).answered(sent, answer)?;
        if refused {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
