//! The address of a database, parsed from its URL.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address_error::AddressError;
use crate::options;
use crate::tls::{self, Trust};

/// The time to wait for a TCP connection before the server counts as unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The time without any answer after which a connection counts as broken.
const SILENCE: Duration = Duration::from_secs(10);

/// The address of a database with user and password. `Display` omits the password.
#[derive(Clone)]
pub struct DatabaseAddress {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
}

impl DatabaseAddress {
    /// Parses `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with libpq's options after a `?`.
    ///
    /// `sslmode` and `sslrootcert` mean what they mean to libpq
    /// (<https://www.postgresql.org/docs/current/libpq-ssl.html>). Without `sslrootcert`,
    /// certificates are checked against Mozilla's list of authorities.
    ///
    /// # Errors
    /// If the URL is invalid, or its certificates cannot be read.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        if url.matches('@').count() > 1 {
            return Err(AddressError::AmbiguousAt);
        }
        let (place, options) = url.split_once('?').unwrap_or((url, ""));
        let (ours, theirs): (Vec<_>, Vec<_>) = options
            .split('&')
            .filter(|it| !it.is_empty())
            .map(|it| it.split_once('=').unwrap_or((it, "")))
            .partition(|(name, _)| ["sslmode", "sslrootcert"].contains(name));
        let given: Vec<_> = theirs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let refused = || {
            let alone =
                |option: &&String| format!("postgres://?{option}").parse::<Config>().is_err();
            let name = given.iter().find(alone).and_then(|it| it.split('=').next());
            name.map_or(AddressError::Malformed, options::refused)
        };
        let whole = format!("{place}?{}", given.join("&"));
        let mut config: Config = whole.parse().map_err(|_| refused())?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressError::NoHost);
        }
        let option = |name| ours.iter().find(|(it, _)| *it == name).map(|(_, value)| *value);
        let root = option("sslrootcert").filter(|it| *it != "system").map(unescaped);
        let (mode, trust) = ssl_mode(option("sslmode").unwrap_or("prefer"), root)?;
        config.ssl_mode(mode);
        if config.get_application_name().is_none() {
            config.application_name("donation-portal");
        }
        config
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 2);
        Ok(Self { config, tls: tls::connector(trust)? })
    }
}

fn ssl_mode(mode: &str, root: Option<PathBuf>) -> Result<(SslMode, Trust), AddressError> {
    Ok(match (mode, root) {
        ("disable", _) => (SslMode::Disable, Trust::Anybody),
        ("prefer" | "allow", _) => (SslMode::Prefer, Trust::Anybody),
        ("require", None) => (SslMode::Require, Trust::Anybody),
        ("require" | "verify-ca", root) => (SslMode::Require, Trust::SignedBy(root)),
        ("verify-full", root) => (SslMode::Require, Trust::SignedForHostBy(root)),
        _ => return Err(AddressError::UnknownSslMode),
    })
}

/// Decodes the percent-encoded name of a file.
fn unescaped(text: &str) -> PathBuf {
    PathBuf::from(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// Formats the address as `postgres://user@host:port/database`.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let mut ports = self.config.get_ports().iter().cycle();
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(folder) => write!(f, "{}", folder.display())?,
            }
            write!(f, ":{}", ports.next().copied().unwrap_or(5432))?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressError, DatabaseAddress};

    #[test]
    fn what_is_shown_has_no_password() {
        let shown = |url: &str| DatabaseAddress::parse(url).unwrap().to_string();
        assert_eq!(shown("postgres://ann:s3cret@db:5433/gifts"), "postgres://ann@db:5433/gifts");
        assert_eq!(
            shown("postgresql://ann:s3cret@db/gifts?sslmode=require"),
            "postgres://ann@db:5432/gifts"
        );
        assert_eq!(
            shown("postgres://ann@%2Frun%2Fpostgresql/gifts"),
            "postgres://ann@/run/postgresql:5432/gifts"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = |url: &str| DatabaseAddress::parse(url).err();
        assert_eq!(refused("mysql://ann@db/gifts"), Some(AddressError::Malformed));
        assert_eq!(
            refused("postgres://ann@db:port/gifts?port=5432"),
            Some(AddressError::Malformed)
        );
        assert_eq!(refused("postgres://ann:a@db:port/gifts"), Some(AddressError::Malformed));
        assert_eq!(refused("postgres:///gifts"), Some(AddressError::NoHost));
        assert_eq!(refused("postgres://ann:a@b@db/gifts"), Some(AddressError::AmbiguousAt));
        assert_eq!(
            refused("postgres://db/gifts?sslmode=maybe"),
            Some(AddressError::UnknownSslMode)
        );
        let missing = "postgres://db/gifts?sslmode=verify-full&sslrootcert=/no/such%20file";
        let path = "/no/such file".into();
        assert_eq!(refused(missing), Some(AddressError::UnreadableRootCertificate(path)));
    }

    #[test]
    fn a_refused_option_is_named_where_it_is_known_and_never_repeated() {
        let refused = |options: &str| {
            DatabaseAddress::parse(&format!("postgres://ann@db/gifts?{options}")).err()
        };
        for name in ["sslcert", "gssencmode", "pgbouncer", "client_encoding"] {
            let due = Some(AddressError::UnsupportedOption(name));
            assert_eq!(refused(&format!("sslmode=require&{name}=canary")), due);
        }
        for name in ["target_session_attrs", "channel_binding", "port", "connect_timeout"] {
            let due = Some(AddressError::InvalidOption(name));
            assert_eq!(refused(&format!("{name}=canary&sslmode=require")), due);
        }
        // It may be a part of a password.
        assert_eq!(refused("canary=1"), Some(AddressError::UnknownOption));
        assert_eq!(refused("canary"), Some(AddressError::UnknownOption));
    }

    #[test]
    fn options_of_libpq_that_matter_here_are_taken() {
        for options in [
            "channel_binding=require&sslmode=require",
            "target_session_attrs=read-write",
            "options=-c%20geqo%3Doff",
            "host=%2Frun%2Fpostgresql",
            "hostaddr=127.0.0.1&port=5433",
            "application_name=gifts&connect_timeout=5&keepalives=1",
        ] {
            let url = format!("postgres://ann@db/gifts?{options}");
            assert_eq!(DatabaseAddress::parse(&url).err(), None, "{options}");
        }
    }

    #[test]
    fn every_sslmode_of_libpq_is_known() {
        for mode in ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] {
            assert!(
                DatabaseAddress::parse(&format!("postgres://db/gifts?sslmode={mode}")).is_ok(),
                "{mode}"
            );
        }
    }
}
