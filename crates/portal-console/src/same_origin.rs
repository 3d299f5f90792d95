//! The checks that keep other sites from asking through an operator's browser.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};

/// The names of this machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// The ports of https and http.
const DEFAULT_PORTS: [&str; 2] = [":443", ":80"];

/// The header in which a browser says which site a request comes from.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Returns the host that was asked for, with its port, in lower case.
pub(crate) fn host(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get(HOST).and_then(|it| it.to_str().ok());
    header.or_else(|| uri.authority().map(|it| it.as_str())).map(str::to_lowercase)
}

/// True if the console answers under `host`: a name of this machine, or one that is set. Else a site
/// whose name leads to this machine could read it through an operator's browser ("DNS rebinding").
pub(crate) fn is_known_host(host: &str, hosts: &[String]) -> bool {
    let name = without_port(host);
    // Browsers leave out the port that is their scheme's.
    let of_browser = |set: &str| DEFAULT_PORTS.iter().any(|it| set.strip_suffix(it) == Some(host));
    LOOPBACK.contains(&name) || hosts.iter().any(|it| it == host || it == name || of_browser(it))
}

/// True if a request that acts comes from a page of this very host, as the browser says.
///
/// `Sec-Fetch-Site` decides where it is there; browsers leave it out over plain http, and then `Origin`
/// does. `without_either` is the answer where there is neither.
pub(crate) fn is_same_origin(headers: &HeaderMap, host: &str, without_either: bool) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN) else { return without_either };
    let origin = origin.to_str().unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, it)| it.eq_ignore_ascii_case(host))
}

fn without_port(host: &str) -> &str {
    let digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    match host.rsplit_once(':') {
        Some((name, port)) if digits(port) && !name.is_empty() => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{is_known_host, is_same_origin};

    #[test]
    fn the_host_is_this_machine_or_one_that_is_set() {
        let hosts =
            ["console.example.org", "10.0.0.1:9000", "set.example.org:443", "plain.example.org:80"]
                .map(str::to_owned);
        for host in [
            "127.0.0.1:8788",
            "localhost",
            "[::1]:8788",
            "console.example.org",
            "console.example.org:8788",
            "10.0.0.1:9000",
            "set.example.org",
            "set.example.org:443",
            "plain.example.org",
        ] {
            assert!(is_known_host(host, &hosts), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1:1",
            "10.0.0.1",
            "set.example.org:8788",
            "",
            ":8788",
            "::1",
        ] {
            assert!(!is_known_host(host, &hosts), "{host}");
        }
    }

    #[test]
    fn a_form_comes_from_the_console_itself() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                (http::HeaderName::from_static(name), HeaderValue::from_static(value))
            });
            pairs.collect::<HeaderMap>()
        };
        let same = |pairs: &[_]| is_same_origin(&headers(pairs), "localhost:8788", false);
        assert!(same(&[("sec-fetch-site", "same-origin")]));
        assert!(same(&[("origin", "http://localhost:8788")]));
        assert!(!same(&[("sec-fetch-site", "same-site")]));
        assert!(!same(&[("sec-fetch-site", "none")]));
        assert!(!same(&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:8788")]));
        assert!(!same(&[("origin", "http://localhost:8787")]));
        assert!(!same(&[("origin", "null")]));
        assert!(!same(&[]));
        assert!(is_same_origin(&headers(&[]), "localhost:8788", true));
    }
}
