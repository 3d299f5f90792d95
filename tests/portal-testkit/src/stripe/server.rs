//! Serves the account over HTTP, on a loopback port.

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
mod lines;
mod lists;
mod params;
mod refusal;

pub use fault::Fault;
pub use request::Request;

use crate::stripe::account::Account;
use crate::stripe::resource::Resource;
use fault::Faults;

/// An account's API at `http://127.0.0.1:…`, for one key.
///
/// Dropping it closes all connections and ends its threads.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// The state that connections share.
struct Shared {
    key: String,
    clock: Arc<AtomicI64>,
    account: Mutex<Account>,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<Request>>,
    over: AtomicBool,
}

impl Server {
    /// Listens on a free port. `clock` is the time at Stripe, in Unix seconds: nothing later is
    /// visible, and the header `Date` shows it.
    ///
    /// # Errors
    /// The system's error if there is no port or no thread.
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

    /// Returns the URL that replaces `https://api.stripe.com`, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Locks the account, for more stories or for its donations. No request is answered meanwhile.
    pub fn account(&self) -> MutexGuard<'_, Account> {
        locked(&self.shared.account)
    }

    /// Sets the faults of the next requests, one for each, before any other fault.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).next.extend(faults);
    }

    /// Sets the fault of every request for that resource from now on. [`Fault::None`] ends it, also
    /// for requests that hang.
    pub fn always(&self, resource: Resource, fault: Fault) {
        locked(&self.shared.faults).always.insert(resource, fault);
    }

    /// Returns all requests so far, in the order in which they came.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.shared.requests).clone()
    }

    /// Returns the number of requests so far, by path.
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
        // The listener checks for the end only when a client connects.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // The panic of a thread was printed already.
            drop(thread.join());
        }
    }
}

/// A test that panicked while it held the lock has failed already.
fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
