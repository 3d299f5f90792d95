//! One session of the server and the client that has it.

use std::io::{self, BufReader, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::message::{Message, REFUSAL, startup};
use super::{Manner, Pool};

/// The client that has a session.
pub(crate) trait Listener: Send + Sync {
    /// Forwards one of the answers to a request.
    fn hear(&self, answer: &Message);

    /// Forwards the answer that ends a request. If the session is free then, calls `free` before the
    /// client's next request is taken.
    fn hear_the_last(&self, answer: &Message, free: &dyn Fn());

    /// Closes the connection.
    fn close(&self);
}

pub(crate) struct Session {
    stream: UnixStream,
    /// The server's messages about its settings, which each client gets.
    pub(crate) greeting: Vec<u8>,
    client: Mutex<Option<Arc<dyn Listener>>>,
}

impl Session {
    /// Connects by the server's Unix socket, which needs no password.
    pub(crate) fn connect(socket: &Path, database: &str) -> io::Result<Self> {
        let mut stream = UnixStream::connect(socket)?;
        stream.write_all(&startup(database))?;
        let mut greeting = Vec::new();
        loop {
            let message = Message::read(&mut stream)?;
            match message.kind() {
                b'Z' => return Ok(Self { stream, greeting, client: Mutex::default() }),
                b'S' => greeting.extend(message.0),
                b'E' => return Err(io::ErrorKind::ConnectionRefused.into()),
                _ => {}
            }
        }
    }

    pub(crate) fn is_lent_to(&self, client: Arc<dyn Listener>) {
        *self.client() = Some(client);
    }

    pub(crate) fn hear(&self, message: &Message) -> io::Result<()> {
        (&self.stream).write_all(&message.0)
    }

    /// Forwards answers to the client that has the session, until the server ends it.
    pub(crate) fn carry_answers(self: &Arc<Self>, pool: &Pool) {
        let mut answers = BufReader::new(&self.stream);
        while let Ok(answer) = Message::read(&mut answers) {
            let Some(client) = self.client().clone() else { continue };
            let refused = pool.manner == Manner::ByStatement && !answer.is_idle();
            match answer.kind() {
                b'Z' if refused => {
                    client.hear(&Message(REFUSAL.to_vec()));
                    return;
                }
                b'Z' => client.hear_the_last(&answer, &|| {
                    *self.client() = None;
                    pool.give_back(self);
                }),
                _ => client.hear(&answer),
            }
        }
    }

    /// Closes the session.
    pub(crate) fn end(&self) {
        self.close();
        let client = self.client().take();
        client.iter().for_each(|it| it.close());
    }

    pub(crate) fn close(&self) {
        // An error means that it is closed already.
        drop(self.stream.shutdown(Shutdown::Both));
    }

    fn client(&self) -> MutexGuard<'_, Option<Arc<dyn Listener>>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
