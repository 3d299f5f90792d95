//! One client and the session lent to it.

use std::io::{self, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use super::message::{AUTHENTICATED, Beginning, Message, READY};
use super::session::{Listener, Session};
use super::{Manner, Pool};
use crate::postgres::proxy::close;

pub(crate) struct Client {
    stream: TcpStream,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// The number of unanswered requests.
    outstanding: usize,
    /// True if a request is incomplete.
    within_request: bool,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Without Nagle's algorithm a piece does not wait for the acknowledgement of the previous one.
        drop(stream.set_nodelay(true));
        Self { stream, state: Mutex::default() }
    }

    /// Forwards requests until the client or its session ends.
    pub(crate) fn serve<'s>(
        self: &Arc<Self>,
        scope: &'s Scope<'s, '_>,
        pool: &'s Pool,
        greeting: &[u8],
    ) -> io::Result<()> {
        let mut requests = BufReader::new(&self.stream);
        loop {
            match Beginning::read(&mut requests)? {
                Beginning::Negotiation => (&self.stream).write_all(b"N")?,
                Beginning::Startup => break,
                Beginning::Cancel => return Ok(()),
            }
        }
        (&self.stream).write_all(&[AUTHENTICATED, greeting, READY].concat())?;
        let ended = loop {
            let message = match Message::read(&mut requests) {
                Ok(message) if message.kind() == b'X' => break Ok(()),
                Ok(message) => message,
                Err(error) => break Err(error),
            };
            let message = match pool.manner {
                Manner::ByTransaction | Manner::ByStatement => message,
                Manner::CommittingSooner => {
                    message.replaced(b"synchronous_commit = on;", b"synchronous_commit= off;")
                }
            };
            let Some(session) = self.ask(&message, scope, pool) else { break Ok(()) };
            if let Err(error) = session.hear(&message) {
                break Err(error);
            }
        };
        // An open transaction ends with its session.
        if let Some(session) = self.state().session.take() {
            session.close();
        }
        ended
    }

    /// Returns the session for `message`: the client's present one, or a free one. The client keeps it
    /// until everything is answered.
    fn ask<'s>(
        self: &Arc<Self>,
        message: &Message,
        scope: &'s Scope<'s, '_>,
        pool: &'s Pool,
    ) -> Option<Arc<Session>> {
        let mut state = self.state();
        if state.session.is_none() {
            drop(state);
            let session = pool.lend(scope)?;
            session.is_lent_to(Arc::<Self>::clone(self));
            state = self.state();
            state.session = Some(session);
        }
        state.outstanding += usize::from(message.is_request());
        state.within_request = !message.is_request();
        state.session.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Client {
    fn hear(&self, answer: &Message) {
        // The reading side notices a client that has gone.
        drop((&self.stream).write_all(&answer.0));
    }

    fn hear_the_last(&self, answer: &Message, free: &dyn Fn()) {
        let mut state = self.state();
        self.hear(answer);
        state.outstanding = state.outstanding.saturating_sub(1);
        if answer.is_idle() && state.outstanding == 0 && !state.within_request {
            free();
            state.session = None;
        }
    }

    fn close(&self) {
        close(&self.stream);
    }
}
