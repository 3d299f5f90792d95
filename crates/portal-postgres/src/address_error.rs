//! The reasons for which the URL of a database is refused.

use std::fmt;
use std::path::PathBuf;

use portal_domain::Advise;

/// The error for an invalid URL. It repeats nothing of the URL except the name of a file and
/// names of known options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// The URL has another form.
    Malformed,
    /// The value of this option is none that it may have.
    InvalidOption(&'static str),
    /// This option of libpq, or of another program, has no effect here.
    UnsupportedOption(&'static str),
    /// There is no such option. Its name may be a part of a password, and is not repeated.
    UnknownOption,
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
            Self::Malformed => f.write_str("it is not a PostgreSQL URL"),
            Self::InvalidOption(name) => {
                write!(f, "its option {name} has a value that is not known")
            }
            Self::UnsupportedOption(name) => {
                write!(f, "its option {name} is not supported by this program")
            }
            Self::UnknownOption => f.write_str("it has an option that is not known"),
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
            Self::InvalidOption(_) => "correct it, as libpq's documentation has it",
            Self::UnsupportedOption(_) => "remove it",
            Self::UnknownOption => {
                "remove it, or write each ? and & of the password as %3F and %26"
            }
            Self::AmbiguousAt => "write each @ of the user name and the password as %40",
            Self::UnknownSslMode => "use disable, allow, prefer, require, verify-ca or verify-full",
            Self::UnreadableRootCertificate(_) => "name a PEM file that this user may read",
        })
    }
}
