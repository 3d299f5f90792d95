//! A stand-in for Slack, Discord or PagerDuty that can fail on request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::Result;

/// The behaviour of the stand-in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Accepts every notification.
    Well,
    /// Answers this status with this header.
    Answers(u16, &'static str),
    /// Reads the request and never answers.
    Hangs,
}

/// The stand-in; it stops when dropped.
pub(crate) struct Channel {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    mood: Mutex<Mood>,
    taken: Mutex<Vec<Value>>,
    turned_away: Mutex<u32>,
    gone: Mutex<bool>,
}

impl Channel {
    pub(crate) fn open(mood: Mood) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            mood: Mutex::new(mood),
            taken: Mutex::default(),
            turned_away: Mutex::default(),
            gone: Mutex::new(false),
        });
        let taking = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&taking.gone) {
                    break;
                }
                let taking = Arc::clone(&taking);
                std::thread::spawn(move || taking.serve(stream).ok());
            }
        });
        Ok(Self { address, shared })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/notifications", self.address)
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *lock(&self.shared.mood) = mood;
    }

    /// Returns the accepted notifications as JSON, in their order.
    pub(crate) fn taken(&self) -> Vec<Value> {
        lock(&self.shared.taken).clone()
    }

    /// Returns the texts of the accepted notifications.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.taken().iter().map(ToString::to_string).collect()
    }

    /// Returns the number of requests that were not accepted.
    pub(crate) fn turned_away(&self) -> u32 {
        *lock(&self.shared.turned_away)
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
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            line.clear();
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mood = *lock(&self.mood);
        let (status, header) = match mood {
            Mood::Well => {
                lock(&self.taken).push(serde_json::from_slice(&body)?);
                (200, "X-Well: yes")
            }
            Mood::Answers(status, header) => {
                *lock(&self.turned_away) += 1;
                (status, header)
            }
            Mood::Hangs => {
                *lock(&self.turned_away) += 1;
                while *lock(&self.mood) == Mood::Hangs && !*lock(&self.gone) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
        };
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status} Said\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )?;
        Ok(())
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
