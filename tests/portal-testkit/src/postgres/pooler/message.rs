//! Messages of PostgreSQL's protocol, as far as a pooler reads them.
//!
//! <https://www.postgresql.org/docs/15/protocol-message-formats.html>

use std::io::{self, Read};

use crate::postgres::cluster::USER;

/// The codes of requests for TLS or for encryption by GSSAPI.
const NEGOTIATIONS: [u32; 2] = [80_877_103, 80_877_104];

/// The code of a request to cancel another connection's query.
const CANCEL: u32 = 80_877_102;

/// The code of protocol version 3.0.
const VERSION: u32 = 196_608;

/// The message that no password is needed.
pub(crate) const AUTHENTICATED: &[u8] = b"R\0\0\0\x08\0\0\0\0";

/// The message that the server is ready and in no transaction.
pub(crate) const READY: &[u8] = b"Z\0\0\0\x05I";

/// The error with which `PgBouncer` refuses transactions if it pools by statement.
pub(crate) const REFUSAL: &[u8] = b"E\0\0\0\x4d\
    SFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0";

/// The first message of a client.
pub(crate) enum Beginning {
    Negotiation,
    Startup,
    Cancel,
}

/// A message, with its kind and length.
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut kind = [0];
        stream.read_exact(&mut kind)?;
        let body = read_with_length(stream)?;
        Ok(Self([&kind[..], &length(body.len()), &body].concat()))
    }

    pub(crate) fn kind(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// Returns true if the server answers it with a [`READY`] of its own.
    pub(crate) fn is_request(&self) -> bool {
        matches!(self.kind(), b'Q' | b'S' | b'F')
    }

    /// Returns true if it is [`READY`].
    pub(crate) fn is_idle(&self) -> bool {
        self.0 == READY
    }

    /// Replaces `old` by `new`, which has the same length.
    pub(crate) fn replaced(mut self, old: &[u8], new: &[u8]) -> Self {
        let places: Vec<_> = self.0.windows(old.len()).map(|it| it == old).collect();
        for (place, _) in places.iter().enumerate().filter(|(_, it)| **it) {
            if let Some(here) = self.0.get_mut(place..place + new.len()) {
                here.copy_from_slice(new);
            }
        }
        self
    }
}

impl Beginning {
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Self> {
        let body = read_with_length(stream)?;
        let code = body.first_chunk().map(|it| u32::from_be_bytes(*it));
        Ok(match code {
            Some(code) if NEGOTIATIONS.contains(&code) => Self::Negotiation,
            Some(CANCEL) => Self::Cancel,
            Some(_) | None => Self::Startup,
        })
    }
}

/// Returns the first message of the pooler to the server.
pub(crate) fn startup(database: &str) -> Vec<u8> {
    let mut body = VERSION.to_be_bytes().to_vec();
    for text in ["user", USER, "database", database, "application_name", "pooler", ""] {
        body.extend(text.as_bytes());
        body.push(0);
    }
    [&length(body.len())[..], &body].concat()
}

fn read_with_length(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    // The length includes its own four bytes.
    let count = u32::from_be_bytes(length).saturating_sub(4);
    let mut body = Vec::new();
    stream.take(count.into()).read_to_end(&mut body)?;
    if u32::try_from(body.len()) == Ok(count) {
        Ok(body)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn length(body: usize) -> [u8; 4] {
    u32::try_from(body + 4).unwrap_or_default().to_be_bytes()
}
