//! Liveness and readiness.

use portal_domain::UnixSeconds;
use portal_testkit::clock;

use crate::host::Failure;
use crate::host::Host;
use crate::host::answer::{assert_error, json};

/// The maximum difference between the host's clock and this one, in seconds: more would endanger
/// signatures.
const SKEW_MAX: u64 = 60;

/// The answer is the same for every `Accept` header except one that asks for JSON.
pub(crate) fn health_is_one_word_for_a_monitor(host: &Host) -> Result<(), Failure> {
    for accept in ["*/*", "text/plain", "text/html,application/xhtml+xml", "application/xml"] {
        for (method, body) in [("GET", "ok"), ("HEAD", "")] {
            let answer = host.ask(method, "/health", &[("Accept", accept)], None)?;
            assert_eq!((answer.status, answer.body.as_str()), (200, body), "{method} {accept}");
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        }
    }
    Ok(())
}

/// The JSON answer has the program's version and its time.
pub(crate) fn health_has_details_in_json(host: &Host) -> Result<(), Failure> {
    for accept in ["application/json", "application/json, text/plain, */*"] {
        let health = json(&host.ask("GET", "/health", &[("Accept", accept)], None)?)?;
        assert_eq!(health["service"], "donation-portal");
        assert_eq!(health["status"], "ok");
        assert!(health["version"].as_str().is_some_and(|it| !it.is_empty()), "{health}");
        let time = health["timestamp"].as_str().and_then(UnixSeconds::from_rfc3339);
        let time = time.ok_or("no time")?.get();
        assert!(time.abs_diff(clock::now()) <= SKEW_MAX, "{health}");
    }
    Ok(())
}

/// The details of readiness depend on the host.
pub(crate) fn a_host_that_can_record_is_ready(host: &Host) -> Result<(), Failure> {
    let answer = host.get("/health/ready")?;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(json(&answer)?["status"], "ready");
    let head = host.ask("HEAD", "/health/ready", &[], None)?;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    Ok(())
}

/// Other methods than GET and HEAD are refused.
pub(crate) fn health_is_for_reading_only(host: &Host) -> Result<(), Failure> {
    for path in ["/health", "/health/ready"] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let answer = host.ask(method, path, &[], Some(b""))?;
            assert_error(&answer, 405, "method_not_allowed")?;
            assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{method} {path}");
        }
    }
    Ok(())
}
