//! A stand-in for Slack, Discord or PagerDuty that can fail on request.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::Result;
use crate::clock::wait_for;
use crate::http::{Connection, Request};

/// The time in which a client must complete a request.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// The behaviour of the stand-in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Accepts every notification.
    Well,
    /// Answers this status with this header, such as `Retry-After: 7`, or with none.
    Answers(u16, &'static str),
    /// Reads the request and never answers.
    Hangs,
}

/// The stand-in; it stops when dropped.
pub struct Channel {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    mood: Mutex<Mood>,
    /// The requests, each with whether it was accepted.
    requests: Mutex<Vec<(Request, bool)>>,
    gone: Mutex<bool>,
}

impl Channel {
    /// Listens on the loopback.
    ///
    /// # Errors
    /// If no port is free.
    pub fn open(mood: Mood) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (mood, gone) = (Mutex::new(mood), Mutex::new(false));
        let shared = Arc::new(Shared { mood, requests: Mutex::default(), gone });
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&theirs.gone) {
                    break;
                }
                let theirs = Arc::clone(&theirs);
                std::thread::spawn(move || theirs.serve(stream).ok());
            }
        });
        Ok(Self { address, shared })
    }

    /// Returns the URL that notifications are posted to.
    #[must_use]
    pub fn url(&self) -> String {
        self.base() + "/notifications"
    }

    /// Returns the URL without a path.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Behaves like this from now on.
    pub fn becomes(&self, mood: Mood) {
        *lock(&self.shared.mood) = mood;
    }

    /// Returns all requests so far, accepted or not, in their order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.requests).iter().map(|(request, _)| request.clone()).collect()
    }

    /// Returns the accepted notifications as JSON, in their order.
    #[must_use]
    pub fn taken(&self) -> Vec<Value> {
        let requests = lock(&self.shared.requests);
        let taken = requests.iter().filter(|(_, accepted)| *accepted);
        taken.map(|(it, _)| serde_json::from_slice(&it.body).unwrap_or_default()).collect()
    }

    /// Returns the texts of the accepted notifications.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.taken().iter().map(ToString::to_string).collect()
    }

    /// Waits for the text of the accepted notification with this number, counted from 0.
    ///
    /// # Errors
    /// If it does not come within `limit`.
    pub fn text(&self, number: usize, limit: Duration) -> Result<String> {
        wait_for("a notification", limit, || Ok(self.texts().get(number).cloned()))
    }

    /// Returns the number of requests that were not accepted.
    #[must_use]
    pub fn turned_away(&self) -> usize {
        lock(&self.shared.requests).iter().filter(|(_, accepted)| !accepted).count()
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        *lock(&self.shared.gone) = true;
        // The connection wakes the accepting thread.
        TcpStream::connect(self.address).ok();
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> Result {
        let mut connection = Connection::of(stream);
        let Some(request) = connection.request_within(REQUEST_LIMIT)? else { return Ok(()) };
        let mood = *lock(&self.mood);
        lock(&self.requests).push((request, mood == Mood::Well));
        let (status, header) = match mood {
            Mood::Well => (200, ""),
            Mood::Answers(status, header) => (status, header),
            Mood::Hangs => {
                while *lock(&self.mood) == Mood::Hangs && !*lock(&self.gone) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
        };
        let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
        connection.send(format!(
            "HTTP/1.1 {status} Said\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
