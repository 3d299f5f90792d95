//! A pooler: many clients share a few of the server's sessions, one transaction after the other.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Scope};

mod client;
mod message;
mod session;

use client::Client;
use session::Session;

use crate::cluster::{Cluster, url};

/// A pooler on a loopback port, in front of one database.
///
/// It lends a session to a client from the first message of a transaction to the answer that ends it,
/// each time the one that nobody has used for longest. It resets nothing in between: what a client
/// leaves behind in a session, the next one finds.
///
/// Dropping it closes all connections and ends its threads.
pub struct Pooler {
    address: SocketAddr,
    database: String,
    pool: Arc<Pool>,
    thread: Option<JoinHandle<()>>,
}

/// When a session is lent to somebody else, and what becomes of messages on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Between transactions, as clients expect.
    ByTransaction,
    /// After each statement. Whoever begins a transaction is refused, as by `PgBouncer`.
    ByStatement,
    /// Between transactions; what is to commit with `synchronous_commit = on` does so with `off`.
    CommittingSooner,
}

impl Pooler {
    /// Makes so many sessions of the superuser's in the database, and listens on a free port.
    ///
    /// # Errors
    /// When there is no port, no thread or no session.
    pub fn start(
        cluster: &Cluster,
        database: &str,
        sessions: usize,
        manner: Manner,
    ) -> io::Result<Self> {
        let socket = cluster.folder().join(format!(".s.PGSQL.{}", cluster.port()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let pool = Arc::new(Pool {
            socket,
            database: database.into(),
            sessions_max: sessions,
            manner,
            now: Mutex::default(),
            changed: Condvar::new(),
        });
        let made: Vec<_> = (0..sessions).map(|_| pool.connect()).collect::<io::Result<_>>()?;
        let theirs = Arc::clone(&pool);
        let thread = thread::Builder::new()
            .name("pooler".into())
            .spawn(move || listen(&listener, made, &theirs))?;
        Ok(Self { address, database: database.into(), pool, thread: Some(thread) })
    }

    /// The database's address by way of the pooler, for the superuser and without TLS.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address, &self.database)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let mut now = self.pool.now();
        now.over = true;
        now.clients.iter().for_each(|it| it.close());
        now.sessions.iter().for_each(|it| it.close());
        drop(now);
        self.pool.changed.notify_all();
        // The listener only looks up when somebody comes.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic of a thread was printed; there is nothing to add.
            drop(thread.join());
        }
    }
}

/// The sessions, and who is connected.
pub(crate) struct Pool {
    socket: PathBuf,
    database: String,
    sessions_max: usize,
    pub(crate) manner: Manner,
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    /// All sessions that live.
    sessions: Vec<Arc<Session>>,
    /// Those that nobody has, the one that was used last at the end.
    free: VecDeque<Arc<Session>>,
    clients: Vec<Arc<Client>>,
    over: bool,
}

impl Pool {
    fn connect(&self) -> io::Result<Arc<Session>> {
        Session::connect(&self.socket, &self.database).map(Arc::new)
    }

    /// A session that nobody has; waits for one. `None` where there will be none.
    pub(crate) fn lend<'s>(&'s self, scope: &'s Scope<'s, '_>) -> Option<Arc<Session>> {
        let mut now = self.now();
        loop {
            if now.over {
                return None;
            }
            if let Some(session) = now.free.pop_front() {
                return Some(session);
            }
            if now.sessions.len() < self.sessions_max {
                let session = self.connect().ok()?;
                self.live(scope, &session, &mut now);
                return Some(session);
            }
            now = self.changed.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn give_back(&self, session: &Arc<Session>) {
        self.now().free.push_back(Arc::clone(session));
        self.changed.notify_one();
    }

    fn live<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        session: &Arc<Session>,
        now: &mut MutexGuard<'_, Now>,
    ) {
        now.sessions.push(Arc::clone(session));
        let session = Arc::clone(session);
        scope.spawn(move || {
            session.carry_answers(self);
            let mut now = self.now();
            now.sessions.retain(|it| !Arc::ptr_eq(it, &session));
            now.free.retain(|it| !Arc::ptr_eq(it, &session));
            drop(now);
            session.end();
            self.changed.notify_one();
        });
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when the pooler is dropped, and not before every thread it has started has ended.
fn listen(listener: &TcpListener, sessions: Vec<Arc<Session>>, pool: &Pool) {
    let greeting = sessions.first().map(|it| it.greeting.clone()).unwrap_or_default();
    let greeting = &greeting;
    thread::scope(|scope| {
        for session in sessions {
            pool.live(scope, &session, &mut pool.now());
            pool.give_back(&session);
        }
        for stream in listener.incoming() {
            let mut now = pool.now();
            if now.over {
                return;
            }
            let Some(client) = stream.ok().map(Client::new).map(Arc::new) else { continue };
            now.clients.push(Arc::clone(&client));
            drop(now);
            scope.spawn(move || {
                // It ends when either side does, which is all that there is to say.
                drop(client.serve(scope, pool, greeting));
                pool.now().clients.retain(|it| !Arc::ptr_eq(it, &client));
                client.close();
            });
        }
    });
}
