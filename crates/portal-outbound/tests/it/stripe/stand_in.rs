//! A stand-in for Stripe over sockets that gives scripted answers, one connection after the other.

use std::io::{BufRead as _, BufReader, Write as _};
use std::iter;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// The time after which a stand-in gives up waiting for its test.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct StandIn {
    pub(crate) url: String,
    asked: Receiver<Head>,
}

/// The head of a request: the number of its connection, its first line and its headers.
pub(crate) struct Head {
    pub(crate) connection: usize,
    pub(crate) lines: Vec<String>,
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
        let answers: Vec<_> = answers.into_iter().collect();
        let (send, asked) = channel();
        thread::spawn(move || {
            let mut answers = answers.into_iter().peekable();
            for connection in 1.. {
                if answers.peek().is_none() {
                    return;
                }
                let (stream, _) = listener.accept().unwrap();
                stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
                for lines in heads(&stream).take(at_most) {
                    let answer = answers.next().unwrap_or_default();
                    let asked = send.send(Head { connection, lines });
                    // A client that has read enough closes the connection.
                    if asked.is_err() || { &stream }.write_all(&answer).is_err() {
                        break;
                    }
                }
            }
        });
        Self { url, asked }
    }

    /// Returns the next request.
    pub(crate) fn asked(&self) -> Head {
        self.asked.recv_timeout(ANSWER_WITHIN).unwrap()
    }
}

/// Returns the lines of each request until the client closes the connection.
fn heads(stream: &TcpStream) -> impl Iterator<Item = Vec<String>> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head = move || lines.by_ref().take_while(|it| !it.is_empty()).collect();
    iter::repeat_with(head).take_while(|it: &Vec<_>| !it.is_empty())
}

/// Returns an answer with `headers`, each with its line end, and `body`.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
