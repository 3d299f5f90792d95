//! A stand-in for Stripe that gives scripted answers, one connection after the other.

use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use portal_testkit::http::{Connection, Request};

/// The time after which a stand-in gives up waiting for its test.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct StandIn {
    pub(crate) url: String,
    asked: Receiver<(usize, Request)>,
}

impl StandIn {
    /// Keeps a connection for as long as the client does.
    pub(crate) fn answering(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::new(answers, usize::MAX)
    }

    /// Closes each connection after one answer.
    pub(crate) fn breaking_off(answers: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::new(answers, 1)
    }

    fn new(answers: impl IntoIterator<Item = Vec<u8>>, at_most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut answers = answers.into_iter().collect::<Vec<_>>().into_iter();
        let (send, asked) = channel();
        let mut answer_all = move || -> portal_testkit::Result {
            for number in 1.. {
                if answers.len() == 0 {
                    break;
                }
                let mut connection = Connection::of(listener.accept()?.0);
                for _ in 0..at_most {
                    let Some(request) = connection.request_within(ANSWER_WITHIN)? else { break };
                    send.send((number, request))?;
                    connection.send(answers.next().unwrap_or_default())?;
                }
            }
            Ok(())
        };
        // A client that has read enough closes the connection.
        thread::spawn(move || answer_all().ok());
        Self { url, asked }
    }

    /// Returns the next request, with the number of its connection.
    pub(crate) fn asked(&self) -> (usize, Request) {
        self.asked.recv_timeout(ANSWER_WITHIN).unwrap()
    }
}

/// Returns an answer with `headers`, each with its line end, and `body`.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
