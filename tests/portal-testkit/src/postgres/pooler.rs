//! A pooler: many clients share a few sessions of the server, one transaction after the other.

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
use session::{Listener as _, Session};

use crate::postgres::cluster::{Cluster, url};

/// A pooler on a loopback port, in front of one database.
///
/// It lends a session to a client from the first message of a transaction to the answer that ends it;
/// each time the one that has been free for longest. It resets nothing in between, so a client finds
/// the settings that another one left in the session.
///
/// Dropping it closes all connections and ends its threads.
pub struct Pooler {
    address: SocketAddr,
    database: String,
    pool: Arc<Pool>,
    thread: Option<JoinHandle<()>>,
}

/// The time at which a session may go to another client, and the changes of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Between transactions, as clients expect.
    ByTransaction,
    /// After each statement. Transactions are refused, as by `PgBouncer`.
    ByStatement,
    /// Between transactions; `synchronous_commit = on` is replaced by `off`.
    CommittingSooner,
}

impl Pooler {
    /// Opens `sessions` sessions of the superuser in the database, and listens on a free port.
    ///
    /// # Errors
    /// If there is no port, no thread or no session.
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

    /// Returns the URL of the database through the pooler, for the superuser and without TLS.
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
        // The listener checks for the end only when a client connects.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic of the thread has been printed already.
            drop(thread.join());
        }
    }
}

/// The sessions and the connected clients.
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
    /// All open sessions.
    sessions: Vec<Arc<Session>>,
    /// The free sessions, the most recently used at the end.
    free: VecDeque<Arc<Session>>,
    clients: Vec<Arc<Client>>,
    over: bool,
}

impl Pool {
    fn connect(&self) -> io::Result<Arc<Session>> {
        Session::connect(&self.socket, &self.database).map(Arc::new)
    }

    /// Waits for a free session; returns `None` if there will be none.
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

/// Accepts clients until the pooler is dropped and every thread has ended.
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
                // The connection ends when either side does; the error has no further meaning.
                drop(client.serve(scope, pool, greeting));
                pool.now().clients.retain(|it| !Arc::ptr_eq(it, &client));
                client.close();
            });
        }
    });
}
