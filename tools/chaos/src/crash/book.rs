//! A book of what was sent and what was acknowledged.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::http::Answer;
use xtask::chance::Chance;
use xtask::run::Failure;

/// One in so many deliveries repeats an event that was acknowledged before.
const REPEAT_ONE_IN: u64 = 10;

/// The deliveries and their answers.
pub(crate) struct Book {
    deliveries: Deliveries,
    ids: Ids,
    chance: Chance,
    /// Ids that were answered 200: each must be in the inbox.
    pub(crate) acknowledged: Vec<String>,
    /// Ids that were not: each may be in the inbox, and is to be sent again.
    pub(crate) open: Vec<String>,
    pub(crate) unanswered: u64,
    /// Deliveries answered 503 …
    pub(crate) refused: u64,
    /// … and how many of them while the database was away, as far as the senders are concerned.
    pub(crate) excused: u64,
    /// True while it is.
    pub(crate) database_away: bool,
    /// Acknowledged deliveries by server.
    pub(crate) by_server: HashMap<SocketAddr, u64>,
    repeats: u64,
}

/// A book that several senders write.
pub(crate) type Shared = Arc<Mutex<Book>>;

/// One delivery on its way.
pub(crate) struct Outgoing {
    id: String,
    /// The whole request.
    pub(crate) request: Vec<u8>,
    repeat: bool,
    /// True if the database was away when it was sent: then it may be refused, however much later.
    database_away: bool,
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
            excused: 0,
            database_away: false,
            by_server: HashMap::new(),
            repeats: 0,
        })))
    }

    /// Returns the next delivery: mostly a new event.
    pub(crate) fn next(&mut self) -> Outgoing {
        let repeated = match self.chance.draw() % REPEAT_ONE_IN {
            0 => self.chance.pick(&self.acknowledged).cloned(),
            _ => None,
        };
        let repeat = repeated.is_some();
        let id = repeated.or_else(|| self.open.pop()).unwrap_or_else(|| self.ids.draw());
        let request = self.deliveries.request(&id);
        Outgoing { request, id, repeat, database_away: self.database_away }
    }

    /// Notes an answer; fails where there should be no such answer.
    pub(crate) fn answered(
        &mut self,
        sent: Outgoing,
        by: SocketAddr,
        answer: &Answer,
    ) -> Result<(), Failure> {
        if answer.status == 200 {
            *self.by_server.entry(by).or_default() += 1;
        }
        match answer.status {
            200 if sent.repeat => self.repeats += 1,
            200 => self.acknowledged.push(sent.id),
            503 if answer.header("retry-after").is_none() => {
                return Err("503 without Retry-After".into());
            }
            503 => {
                self.refused += 1;
                self.excused += u64::from(sent.database_away || self.database_away);
                self.leave_open(sent);
            }
            status => {
                return Err(format!("a delivery was answered {status}: {}", answer.body).into());
            }
        }
        Ok(())
    }

    /// Notes that there was no answer.
    pub(crate) fn unanswered(&mut self, sent: Outgoing) {
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

/// Returns the numbers of acknowledged events and of refused deliveries so far.
pub(crate) fn counts(book: &Shared) -> (usize, u64) {
    let book = lock(book);
    (book.acknowledged.len(), book.refused)
}

/// The book, to read or to write.
pub(crate) fn lock(book: &Shared) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Book, lock};
    use portal_harness::http::Answer;

    #[test]
    fn a_refusal_is_excused_where_the_database_was_away_at_either_end_of_it() {
        let (book, server) = (Book::open(1).unwrap(), ([127, 0, 0, 1], 1).into());
        let refusal =
            b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n";
        for (away_before, away_after) in [(true, false), (false, true), (false, false)] {
            let mut book = lock(&book);
            book.database_away = away_before;
            let sent = book.next();
            book.database_away = away_after;
            let (answer, _) = Answer::parse(refusal).unwrap().unwrap();
            book.answered(sent, server, &answer).unwrap();
        }
        let book = lock(&book);
        assert_eq!((book.refused, book.excused, book.acknowledged.len()), (3, 2, 0));
    }
}
