//! One client, and the session that it has for now.

use std::io::{self, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use super::message::{AUTHENTICATED, Beginning, Message, READY};
use super::session::Session;
use super::{Manner, Pool};
use crate::proxy::close;

pub(crate) struct Client {
    stream: TcpStream,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// How many requests the server has not answered.
    outstanding: usize,
    /// Whether a request was begun and not ended.
    within_request: bool,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // What is sent in pieces does not wait for the answer to the one before.
        drop(stream.set_nodelay(true));
        Self { stream, state: Mutex::default() }
    }

    /// Hands requests on until the client ends, or its session does.
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
        // A transaction that was left open ends with its session.
        if let Some(session) = self.state().session.take() {
            session.close();
        }
        ended
    }

    /// The session that is to hear `message`: the one that the client has, or another one. From here
    /// on the client keeps it until all is answered.
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
            session.is_lent_to(self);
            state = self.state();
            state.session = Some(session);
        }
        state.outstanding += usize::from(message.is_request());
        state.within_request = !message.is_request();
        state.session.clone()
    }

    /// Hears one of the answers to a request.
    pub(crate) fn hear(&self, answer: &Message) {
        // One that does not listen any more is noticed where it is read from.
        drop((&self.stream).write_all(&answer.0));
    }

    /// Hears the answer that ends a request; tells whether the session is free now. If so, `free` was
    /// done before the client could ask again.
    pub(crate) fn hear_the_last(&self, answer: &Message, free: impl FnOnce()) -> bool {
        let mut state = self.state();
        self.hear(answer);
        state.outstanding = state.outstanding.saturating_sub(1);
        let ends = answer.is_idle() && state.outstanding == 0 && !state.within_request;
        if ends {
            free();
            state.session = None;
        }
        ends
    }

    pub(crate) fn close(&self) {
        close(&self.stream);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
