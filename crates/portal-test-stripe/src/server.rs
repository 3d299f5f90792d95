//! The account over HTTP, on a loopback port.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

mod connection;
mod fault;
mod http;
mod request;

mod routes;

mod endpoint;
mod lists;
mod params;
mod refusal;

pub use endpoint::Endpoint;
pub use fault::Fault;
pub use request::Request;

use crate::account::Account;
use crate::look::Resource;
use fault::Faults;

/// An account's API at `http://127.0.0.1:…`, for one key.
///
/// Dropping it closes all connections and ends its threads.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections share.
struct Shared {
    key: String,
    clock: Arc<AtomicI64>,
    account: Mutex<Account>,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<Request>>,
    over: AtomicBool,
}

impl Server {
    /// Listens on a free port. `clock` is what time it is at Stripe, in Unix seconds: nothing that
    /// is later shows, and the header `Date` tells it.
    ///
    /// # Errors
    /// When there is no port or no thread.
    pub fn start(account: Account, key: &str, clock: Arc<AtomicI64>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            key: key.to_owned(),
            clock,
            account: Mutex::new(account),
            faults: Mutex::default(),
            requests: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let theirs = Arc::clone(&shared);
        let thread = Builder::new()
            .name("stripe".into())
            .spawn(move || connection::listen(&listener, &theirs))?;
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// What stands for `https://api.stripe.com`, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account, for more stories or for the truth; no request is answered while it is held.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        locked(&self.shared.account)
    }

    /// What happens to the next requests, one after the other, before any other fault; then all is
    /// as it was.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).next.extend(faults);
    }

    /// What happens to every request there from now on; [`Fault::None`] ends it, also for those
    /// that hang.
    pub fn always(&self, look: Resource, fault: Fault) {
        locked(&self.shared.faults).always.insert(look, fault);
    }

    /// All requests until now, in the order in which they came.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.shared.requests).clone()
    }

    /// How many requests of each path there were until now.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for request in locked(&self.shared.requests).iter() {
            *counts.entry(request.path.clone()).or_default() += 1;
        }
        counts
    }
}

impl Shared {
    fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // The listener only looks up when somebody comes.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic of a thread was printed; there is nothing to add.
            drop(thread.join());
        }
    }
}

/// A test that panicked while it held the lock has failed already.
fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
