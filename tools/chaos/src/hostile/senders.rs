//! Requests of those who know no secret.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use portal_harness::http::Connection;
use portal_testkit::http::delivery;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use xtask::chance::Chance;
use xtask::run::Failure;

/// The longest body that the service takes, in bytes.
const LARGE_BYTES: usize = 1 << 20;

/// A signature of the right form.
const FORGED: &str =
    "t=1800000000,v1=00000000000000000000000000000000000000000000000000000000000000ff";

/// The time after which a sender hangs up.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The requests that are sent.
#[derive(Clone, Copy)]
pub(super) enum Kinds {
    Large,
    /// Drawn from a list, by this seed.
    Small(u64),
}

/// The answers, counted by what they were.
#[derive(Default)]
pub(super) struct Told(BTreeMap<Ended, u64>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ended {
    Answered(u16),
    /// The server closed or refused the connection.
    Closed,
    /// The sender left, as it meant to or because there was no answer.
    Left,
}

/// Sends `count` requests, each on a connection of its own.
pub(super) async fn send(
    address: SocketAddr,
    kinds: Kinds,
    count: u32,
    at_once: usize,
) -> Result<Told, Failure> {
    let requests = Arc::new(kinds.requests());
    let sent = Arc::new(AtomicU32::new(0));
    let mut senders = JoinSet::new();
    for at in 0..at_once {
        let (requests, sent) = (Arc::clone(&requests), Arc::clone(&sent));
        let mut chance = Chance::new(kinds.seed() ^ u64::try_from(at)?);
        senders.spawn(async move {
            let mut told = Told::default();
            while sent.fetch_add(1, Ordering::Relaxed) < count {
                let place = chance.draw() % u64::try_from(requests.len()).unwrap_or(1);
                let place = usize::try_from(place).unwrap_or_default();
                if let Some(request) = requests.get(place) {
                    told.count(request.send(address).await, 1);
                }
            }
            told
        });
    }
    let mut all = Told::default();
    while let Some(told) = senders.join_next().await {
        told?.0.into_iter().for_each(|(ended, count)| all.count(ended, count));
    }
    Ok(all)
}

/// A request, and whether its sender waits for the answer.
struct Request {
    bytes: Vec<u8>,
    waits: bool,
}

impl Request {
    async fn send(&self, address: SocketAddr) -> Ended {
        match timeout(ANSWER_WITHIN, self.exchange(address)).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Ended::Closed,
            Err(_) => Ended::Left,
        }
    }

    async fn exchange(&self, address: SocketAddr) -> Result<Ended, Failure> {
        if self.waits {
            let answer = Connection::open(address).await?.send(&self.bytes).await?;
            return Ok(Ended::Answered(answer.status));
        }
        TcpStream::connect(address).await?.write_all(&self.bytes).await?;
        Ok(Ended::Left)
    }
}

impl Kinds {
    fn requests(self) -> Vec<Request> {
        let waits = |bytes: Vec<u8>| Request { bytes, waits: true };
        let leaves = |bytes: &[u8]| Request { bytes: bytes.to_vec(), waits: false };
        let forged = |body: &str| delivery(body, FORGED);
        match self {
            Self::Large => vec![waits(forged(&"x".repeat(LARGE_BYTES)))],
            Self::Small(_) => vec![
                waits(forged("{}")),
                waits(forged(&"[".repeat(100_000))),
                waits(delivery("{}", "t=,v1=")),
                waits(b"GET /wp-login.php HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
                waits(b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
                waits(b"PUT /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".to_vec()),
                waits(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
                waits(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000)).into_bytes()),
                leaves(b"POST /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Le"),
                leaves(b"POST /api/webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n{"),
                leaves(b""),
            ],
        }
    }

    const fn seed(self) -> u64 {
        match self {
            Self::Large => 0,
            Self::Small(seed) => seed,
        }
    }
}

impl Told {
    /// Counts the answers that a sender without a secret must not get.
    pub(super) fn accepted(&self) -> u64 {
        let accepted = self.0.iter().filter(
            |(ended, _)| matches!(ended, Ended::Answered(status) if (200..300).contains(status)),
        );
        accepted.map(|(_, count)| count).sum()
    }

    fn count(&mut self, ended: Ended, more: u64) {
        *self.0.entry(ended).or_default() += more;
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Large => "forged bodies of 1 MiB",
            Self::Small(_) => "other requests",
        })
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter().map(|(ended, count)| match ended {
            Ended::Answered(status) => format!("{status}: {count}"),
            Ended::Closed => format!("closed without an answer: {count}"),
            Ended::Left => format!("left by the sender: {count}"),
        });
        f.write_str(&counts.collect::<Vec<_>>().join(", "))
    }
}
