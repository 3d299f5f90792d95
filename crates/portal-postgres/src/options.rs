//! Options of a URL that are refused, by their names.

use crate::address_error::AddressError;

/// The options that the driver knows, besides those of TLS.
const SUPPORTED: [&str; 18] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// Options that people bring from libpq and from other programs, and that have no effect here.
const UNSUPPORTED: [&str; 37] = [
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "max_protocol_version",
    "min_protocol_version",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "service",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslpassword",
    "sslsni",
    "binary_parameters",
    "connection_limit",
    "currentSchema",
    "pgbouncer",
    "pool_timeout",
    "prepareThreshold",
    "schema",
    "search_path",
    "statement_cache_size",
];

/// Returns the error for an option that cannot be parsed. A name that is in no list may be a part of
/// a password, so it is not repeated.
pub(crate) fn refused(name: &str) -> AddressError {
    let of = |list: &[&'static str]| list.iter().copied().find(|it| *it == name);
    if let Some(name) = of(&SUPPORTED) {
        return AddressError::InvalidOption(name);
    }
    of(&UNSUPPORTED).map_or(AddressError::UnknownOption, AddressError::UnsupportedOption)
}
