//! Requests to a server or a Worker under test.

use std::net::SocketAddr;
use std::time::Duration;

pub use portal_testkit::http::Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use xtask::run::Failure;

/// The longest answer that is expected of a server here.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// The time after which a server without an answer counts as hanging: D1 takes a story in 200
/// orders within one request.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// A connection that is kept open, one of many at once.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; ANSWER_BYTES_MAX] })
    }

    /// Sends `request` and waits for the answer, however long it takes.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let free = self.buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(free).await?;
            if read == 0 {
                return Err("closed without an answer".into());
            }
            filled += read;
            let whole = self.buffer.get(..filled).unwrap_or_default();
            if let Some((answer, _)) = Answer::parse(whole)? {
                return Ok(answer);
            }
        }
    }
}

/// Gets `path`.
pub fn get(address: SocketAddr, path: &str) -> Result<Answer, Failure> {
    ask(address, &format!("GET {path}"), "", "")
}

/// Sends one request of `line`, such as `GET /`, with more `headers`, each ended by CRLF.
pub fn ask(address: SocketAddr, line: &str, headers: &str, body: &str) -> Result<Answer, Failure> {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    );
    exchange(address, request.as_bytes())
}

/// Sends the whole prepared `request` on a connection of its own.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Result<Answer, Failure> {
    portal_testkit::http::exchange(address, request, ANSWER_WITHIN)
}
