//! A stand-in for Slack: it takes every notice.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use xtask::run::Failure;

/// The time that a notification may be on its way.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The stand-in. Its thread ends with the task.
pub(crate) struct Channel {
    address: SocketAddr,
    notices: Receiver<String>,
}

impl Channel {
    /// Listens on the loopback.
    pub(crate) fn open() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (taken, notices) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Err(failure) = take(stream, &taken) {
                    eprintln!("a notice did not arrive whole: {failure}");
                }
            }
        });
        Ok(Self { address, notices })
    }

    /// Returns the URL of the channel.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/notices", self.address)
    }

    /// Waits for the next notice.
    pub(crate) fn next(&self, limit: Duration) -> Result<String, Failure> {
        Ok(self.notices.recv_timeout(limit).map_err(|_| "the channel was told nothing")?)
    }
}

fn take(mut stream: TcpStream, taken: &Sender<String>) -> Result<(), Failure> {
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        line.clear();
    }
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")?;
    Ok(taken.send(body)?)
}
