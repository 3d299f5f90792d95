//! Just enough HTTP/1.1: whole prepared requests out, whole answers in.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest answer that is expected of a server here.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// The time after which a server without an answer counts as hanging: D1 takes a story in 200
/// orders within one request.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// An answer.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    head: &'a str,
    /// The body.
    pub body: Cow<'a, str>,
}

impl<'a> Answer<'a> {
    /// Reads an answer from the beginning of `bytes`; `None` while it is not whole.
    pub fn parse(bytes: &'a [u8]) -> io::Result<Option<Self>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => return Ok(None),
            Err(_) => return Err(malformed()),
        };
        let Some((head, rest)) = text.split_once("\r\n\r\n") else {
            return Ok(None);
        };
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(malformed)?;
        let mut answer = Self { status, head, body: Cow::default() };
        let body = if answer.header("transfer-encoding") == Some("chunked") {
            unchunked(rest)?.map(Cow::Owned)
        } else {
            let length = answer.header("content-length").and_then(|length| length.parse().ok());
            rest.get(..length.ok_or_else(malformed)?).map(Cow::Borrowed)
        };
        Ok(body.map(|body| {
            answer.body = body;
            answer
        }))
    }

    /// The value of the header `name`.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        headers.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A connection that is kept open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; ANSWER_BYTES_MAX] })
    }

    /// Sends `request` and waits for the answer, however long it takes.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let free = self.buffer.get_mut(filled..).unwrap_or_default();
            let read = self.stream.read(free).await?;
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            // Parsed twice, as a borrow that is returned from within a loop would last too long.
            if Answer::parse(self.buffer.get(..filled).unwrap_or_default())?.is_some() {
                break;
            }
        }
        let whole = self.buffer.get(..filled).unwrap_or_default();
        Answer::parse(whole)?.ok_or_else(malformed)
    }
}

/// Gets `path`, and hands the answer to `look`.
pub fn get<T>(
    address: SocketAddr,
    path: &str,
    look: impl FnOnce(Answer<'_>) -> T,
) -> io::Result<T> {
    ask(address, &format!("GET {path}"), "", "", look)
}

/// Sends one request of `line`, such as `GET /`, with more `headers`, each ended by CRLF.
pub fn ask<T>(
    address: SocketAddr,
    line: &str,
    headers: &str,
    body: &str,
    look: impl FnOnce(Answer<'_>) -> T,
) -> io::Result<T> {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    );
    exchange(address, request.as_bytes(), look)
}

/// Sends the whole prepared `request` on a connection of its own, and hands the answer to `look`.
pub fn exchange<T>(
    address: SocketAddr,
    request: &[u8],
    look: impl FnOnce(Answer<'_>) -> T,
) -> io::Result<T> {
    let mut stream = std::net::TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.write_all(request)?;
    let (mut bytes, mut part) = (Vec::new(), vec![0; ANSWER_BYTES_MAX]);
    // Not to the end of the connection: not every server closes it as soon as it is asked to.
    loop {
        let read = stream.read(&mut part)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        bytes.extend(part.iter().take(read));
        if let Some(answer) = Answer::parse(&bytes)? {
            return Ok(look(answer));
        }
    }
}

/// The text of all chunks; `None` while the last one is missing.
fn unchunked(mut chunks: &str) -> io::Result<Option<String>> {
    let mut text = String::new();
    loop {
        let Some((size, rest)) = chunks.split_once("\r\n") else { return Ok(None) };
        let size = usize::from_str_radix(size, 16).map_err(|_| malformed())?;
        let (Some(chunk), Some(next)) = (rest.get(..size), rest.get(size + 2..)) else {
            return Ok(None);
        };
        if chunk.is_empty() {
            return Ok(Some(text));
        }
        text.push_str(chunk);
        chunks = next;
    }
}

fn malformed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "no HTTP answer, or not a whole one")
}

#[cfg(test)]
mod tests {
    use super::Answer;

    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\ncontent-length: 2\r\n\r\nno";

    #[test]
    fn an_answer_is_read() {
        let answer = Answer::parse(ANSWER).unwrap().unwrap();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert_eq!(answer.body, "no");
    }

    const IN_CHUNKS: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nal\r\nA\r\nl is well.\r\n0\r\n\r\n";

    #[test]
    fn an_answer_in_chunks_is_read() {
        assert_eq!(Answer::parse(IN_CHUNKS).unwrap().unwrap().body, "all is well.");
    }

    #[test]
    fn half_an_answer_is_none() {
        for whole in [ANSWER, IN_CHUNKS] {
            let half = &whole[..whole.len() - 1];
            assert!(Answer::parse(half).unwrap().is_none());
        }
    }
}
