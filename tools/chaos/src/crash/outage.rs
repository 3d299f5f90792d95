//! A database that goes away and comes back, while the load goes on.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use portal_testkit::postgres::Cluster;
use xtask::figures;
use xtask::run::{Failure, wait_for};

use crate::crash::book::{Shared, lock};

/// The time that it stays away, besides the time that its end and its start take.
const AWAY: Duration = Duration::from_millis(300);

/// The time in which each server must acknowledge deliveries once it is back.
const LIMIT: Duration = Duration::from_secs(5);

/// The outages so far.
#[derive(Default)]
pub(crate) struct Outages {
    stops: u32,
    kills: u32,
    /// The longest time from the database's return to a server's first acknowledgement.
    worst: Duration,
    refused: u64,
}

impl Outages {
    /// Makes the database of `servers` go away, in an orderly way or not, by turns, and come back.
    pub(crate) fn make_one(
        &mut self,
        cluster: &Cluster,
        book: &Shared,
        servers: &[SocketAddr],
    ) -> Result<(), Failure> {
        lock(book).database_away = true;
        if self.stops > self.kills {
            self.kills += 1;
            cluster.kill()?;
        } else {
            self.stops += 1;
            cluster.stop()?;
        }
        std::thread::sleep(AWAY);
        cluster.start_again()?;
        self.wait_for_all(book, servers)?;
        let mut book = lock(book);
        book.database_away = false;
        self.refused = book.excused;
        Ok(())
    }

    /// Tells its numbers as figures.
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        figures::sum("PostgreSQL stopped or killed", self.stops + self.kills)?;
        let worst = self.worst.as_millis();
        figures::highest("each server acknowledges again after, ms", worst)
    }

    fn wait_for_all(&mut self, book: &Shared, servers: &[SocketAddr]) -> Result<(), Failure> {
        let acknowledged = |server| lock(book).by_server.get(server).copied().unwrap_or_default();
        let before = servers.iter().map(acknowledged).collect::<Vec<_>>();
        let back = Instant::now();
        for (server, before) in servers.iter().zip(before) {
            let what = format!("{server} to acknowledge deliveries again");
            wait_for(&what, LIMIT, || Ok((acknowledged(server) > before).then_some(())))?;
        }
        self.worst = self.worst.max(back.elapsed());
        Ok(())
    }
}

impl fmt::Display for Outages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stops, kills, worst, refused } = self;
        let worst = worst.as_millis();
        write!(
            f,
            "PostgreSQL was stopped {stops} times and killed {kills} times, and {refused} deliveries \
             were refused meanwhile; each server acknowledged again after {worst} ms at most"
        )
    }
}
