//! The answers of the running server about its health.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use portal_domain::{Text, text};
use serde_json::Value;
use ureq::Agent;

/// The maximum number of bytes read of the answer.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// The most characters that are shown of a reason.
const REASON_CHARS_MAX: usize = 200;

/// The answer of whatever listens at the server's address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ServerAnswer {
    Ready,
    /// The server says why it is not ready.
    NotReady(String),
    /// Something answers with this status, and it is not this service.
    Another(u16),
    /// Nothing listens there.
    NotRunning(SocketAddr),
    /// It does not answer in time.
    NoAnswer(SocketAddr),
    /// `LISTEN_ADDR` has port 0, so the server's port is not known.
    PortUnknown,
}

impl ServerAnswer {
    /// The name in data.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady(_) => "not_ready",
            Self::Another(_) => "another_server",
            Self::NotRunning(_) => "not_running",
            Self::NoAnswer(_) => "no_answer",
            Self::PortUnknown => "port_unknown",
        }
    }

    /// Says it to people.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Ready => text!("ready", "準備完了"),
            Self::NotReady(why) => text!("not ready: {why}", "準備未完了（{why}）"),
            Self::Another(status) => text!(
                "another program answers at LISTEN_ADDR ({status})",
                "LISTEN_ADDR で別のプログラムが応答しています（{status}）"
            ),
            Self::NotRunning(address) => text!(
                "not running: nothing answers at {address}",
                "起動していません（{address} に接続できません）"
            ),
            Self::NoAnswer(address) => {
                text!("no answer in time from {address}", "{address} から時間内に応答がありません")
            }
            Self::PortUnknown => {
                text!("unknown: LISTEN_ADDR has port 0", "不明（LISTEN_ADDR のポートが 0 です）")
            }
        }
    }

    /// Returns the server's reason, if it is not ready.
    pub(crate) fn reason(&self) -> Option<&str> {
        if let Self::NotReady(reason) = self { Some(reason) } else { None }
    }
}

/// Asks the server that listens at `address` if it is ready, and waits for its answer until
/// `deadline`.
pub(crate) fn ask(address: SocketAddr, deadline: Duration) -> ServerAnswer {
    read("/health/ready", address, deadline).map_or_else(|none| none, |it| judge(it.0, &it.1))
}

/// Asks the server that listens at `address` if it lives, whether it is ready or not.
///
/// # Errors
/// The answer, or its lack, that shows another state.
pub(crate) fn ask_if_alive(address: SocketAddr, deadline: Duration) -> Result<(), ServerAnswer> {
    match read("/health", address, deadline)? {
        (200, body) if body.trim_end() == "ok" => Ok(()),
        (status, _) => Err(ServerAnswer::Another(status)),
    }
}

/// Reads `path`; returns the status and the body.
fn read(
    path: &str,
    address: SocketAddr,
    deadline: Duration,
) -> Result<(u16, String), ServerAnswer> {
    if address.port() == 0 {
        return Err(ServerAnswer::PortUnknown);
    }
    let address = SocketAddr::new(reachable(address.ip()), address.port());
    let config = Agent::config_builder()
        .timeout_global(Some(deadline))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .user_agent("donation-portal")
        .build();
    match Agent::from(config).get(format!("http://{address}{path}")).call() {
        Ok(mut answer) => {
            let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
            Ok((answer.status().as_u16(), body.unwrap_or_default()))
        }
        Err(ureq::Error::Timeout(_)) => Err(ServerAnswer::NoAnswer(address)),
        Err(_) => Err(ServerAnswer::NotRunning(address)),
    }
}

/// Returns an address that leads to a listener on all addresses.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

fn judge(status: u16, body: &str) -> ServerAnswer {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let reason = body.pointer("/error/message").and_then(Value::as_str);
    match (status, reason) {
        (200, _) if body.get("status").is_some_and(|it| it == "ready") => ServerAnswer::Ready,
        (503, Some(reason)) => {
            // Another program may listen there.
            let shown = |it: &char| it.is_ascii_graphic() || *it == ' ';
            ServerAnswer::NotReady(reason.chars().filter(shown).take(REASON_CHARS_MAX).collect())
        }
        _ => ServerAnswer::Another(status),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ServerAnswer, ask, judge, reachable};

    #[test]
    fn only_this_services_answers_say_if_it_is_ready() {
        assert_eq!(judge(200, r#"{"status":"ready","durable":true}"#), ServerAnswer::Ready);
        assert_eq!(judge(200, "<html>"), ServerAnswer::Another(200));
        let full = r#"{"error":{"code":"unavailable","message":"store: store_full\u001b[2J"}}"#;
        assert_eq!(judge(503, full), ServerAnswer::NotReady("store: store_full[2J".into()));
        assert_eq!(judge(503, ""), ServerAnswer::Another(503));
        assert_eq!(judge(200, r#"{"other":"program"}"#), ServerAnswer::Another(200));
        assert_eq!(judge(404, "{}"), ServerAnswer::Another(404));
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_the_loopback() {
        let at = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!([at("0.0.0.0"), at("::"), at("10.0.0.3")], ["127.0.0.1", "::1", "10.0.0.3"]);
    }

    #[test]
    fn of_port_0_nothing_is_known() {
        let answer = ask("127.0.0.1:0".parse().unwrap(), Duration::from_secs(1));
        assert_eq!(answer, ServerAnswer::PortUnknown);
    }
}
