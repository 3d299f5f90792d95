//! The reasons for which the URL of a database is refused.

use std::fmt;
use std::path::PathBuf;

use portal_domain::Advise;

/// The error for an invalid URL. It repeats nothing of the URL except the name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// The URL has another form or an unknown option.
    Malformed,
    /// More than one `@`: what follows the first would be taken for the host, and be shown.
    AmbiguousAt,
    /// The URL names no host.
    NoHost,
    /// The `sslmode` is none of libpq's.
    UnknownSslMode,
    /// The file named by `sslrootcert` cannot be read or has no certificates.
    UnreadableRootCertificate(PathBuf),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it is not a PostgreSQL URL with libpq's options"),
            Self::AmbiguousAt => f.write_str("it has more than one @"),
            Self::NoHost => f.write_str("it names no host"),
            Self::UnknownSslMode => f.write_str("it has an unknown sslmode"),
            Self::UnreadableRootCertificate(path) => {
                write!(f, "no certificate can be read from sslrootcert {}", path.display())
            }
        }
    }
}

impl std::error::Error for AddressError {}

impl Advise for AddressError {
    fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Malformed | Self::NoHost => {
                "use postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters in the password percent-encoded"
            }
            Self::AmbiguousAt => "write each @ of the user name and the password as %40",
            Self::UnknownSslMode => "use disable, allow, prefer, require, verify-ca or verify-full",
            Self::UnreadableRootCertificate(_) => "name a PEM file that this user may read",
        })
    }
}
