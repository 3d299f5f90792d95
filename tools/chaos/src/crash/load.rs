//! Deliveries over several connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portal_harness::http::Connection;
use tokio::task::JoinSet;
use xtask::run::Failure;

use crate::crash::book::{Shared, lock};

/// The time that an answer may take: Stripe waits no longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The pause of a sender after a 503.
const PAUSE: Duration = Duration::from_millis(10);

/// Senders at work.
pub(crate) struct Load {
    book: Shared,
    senders: JoinSet<Result<(), Failure>>,
    stop: Arc<AtomicBool>,
}

/// One sender: it keeps a connection to one of `servers`. Where that ends it goes on with the next
/// server that takes it, as a load balancer would, and ends where there is none.
struct Sender {
    servers: Arc<[SocketAddr]>,
    /// The place of its server; counts on.
    at: usize,
    book: Shared,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Connects to each of `servers` in turn, and starts to send.
    pub(crate) async fn start(
        servers: &[SocketAddr],
        book: &Shared,
        connections: usize,
    ) -> Result<Self, Failure> {
        let (stop, servers) = (Arc::default(), Arc::from(servers));
        let mut load = Self { book: Arc::clone(book), senders: JoinSet::new(), stop };
        for at in 0..connections {
            let (book, stop) = (Arc::clone(book), Arc::clone(&load.stop));
            let mut sender = Sender { servers: Arc::clone(&servers), at, book, stop };
            let connection = sender.connect().await.ok_or("no server takes a connection")?;
            load.senders.spawn(sender.send(connection));
        }
        Ok(load)
    }

    /// Lets them send for `time`; fails where a connection ends meanwhile.
    pub(crate) async fn run_for(&mut self, time: Duration) -> Result<(), Failure> {
        let before = lock(&self.book).unanswered;
        self.go_on_for(time).await?;
        if lock(&self.book).unanswered == before {
            return Ok(());
        }
        Err("a connection ended while the server was to run".into())
    }

    /// The same while servers come and go: fails where nobody sends any more.
    pub(crate) async fn go_on_for(&mut self, time: Duration) -> Result<(), Failure> {
        match tokio::time::timeout(time, self.senders.join_next()).await {
            Err(_) => Ok(()),
            Ok(ended) => {
                ended.transpose()?.transpose()?;
                Err("a sender found no server any more".into())
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

impl Sender {
    async fn send(mut self, mut connection: Connection) -> Result<(), Failure> {
        while !self.stop.load(Ordering::Relaxed) {
            if self.deliver(&mut connection).await? {
                continue;
            }
            self.at += 1;
            let Some(next) = self.connect().await else { break };
            connection = next;
        }
        Ok(())
    }

    /// Delivers once; tells whether there was an answer.
    async fn deliver(&self, connection: &mut Connection) -> Result<bool, Failure> {
        let sent = lock(&self.book).next();
        let answer = tokio::time::timeout(ANSWER_WITHIN, connection.send(&sent.request)).await;
        let answer =
            answer.map_err(|_| format!("no answer to a delivery within {ANSWER_WITHIN:?}"))?;
        let Ok(answer) = answer else {
            lock(&self.book).unanswered(sent);
            return Ok(false);
        };
        let refused = answer.status == 503;
        let by = self.server().ok_or("no server")?;
        lock(&self.book).answered(sent, by, &answer)?;
        if refused {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(true)
    }

    async fn connect(&mut self) -> Option<Connection> {
        for _ in 0..self.servers.len() {
            if let Ok(connection) = Connection::open(self.server()?).await {
                return Some(connection);
            }
            self.at += 1;
        }
        None
    }

    fn server(&self) -> Option<SocketAddr> {
        self.servers.get(self.at.checked_rem(self.servers.len())?).copied()
    }
}
