//! A stand-in service that gives one scripted answer and returns the request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

/// The time after which a stand-in gives up waiting for its test.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct StandIn {
    url: String,
    request: JoinHandle<Request>,
}

/// The received request.
pub(crate) struct Request {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl StandIn {
    /// Answers with `status`, such as `200 OK`, and `header`, such as `Retry-After: 7`.
    pub(crate) fn answering(status: &str, header: &str) -> Self {
        Self::answering_with(status, header, "")
    }

    /// The same, with a body.
    pub(crate) fn answering_with(status: &str, header: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\n\r\n{body}");
        let request = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
            let request = Request::read(&stream);
            (&stream).write_all(answer.as_bytes()).unwrap();
            request
        });
        Self { url, request }
    }

    /// Returns the base URL, without a path.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the received request.
    pub(crate) fn request(self) -> Request {
        self.request.join().unwrap()
    }
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut lines = reader.by_ref().lines().map(Result::unwrap);
        let line = lines.next().unwrap();
        let headers: Vec<_> = lines
            .take_while(|it| !it.is_empty())
            .map(|it| it.split_once(": ").map(|(a, b)| (a.to_lowercase(), b.to_owned())).unwrap())
            .collect();
        let mut request = Self { line, headers, body: Value::Null };
        let length = request.header("content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        request.body = serde_json::from_slice(&body).unwrap();
        request
    }

    /// Returns the header of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}
