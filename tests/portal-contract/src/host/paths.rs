//! Paths and methods.

use crate::host::Failure;
use crate::host::answer::assert_error;
use portal_testkit::http::WEBHOOK;

use crate::host::Host;

/// Another method is answered 405 with the allowed one.
pub(crate) fn the_webhook_takes_post_only(host: &Host) -> Result<(), Failure> {
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = host.ask(method, WEBHOOK, &[], None)?;
        assert_error(&answer, 405, "method_not_allowed")?;
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    let head = host.ask("HEAD", WEBHOOK, &[], None)?;
    assert_eq!((head.status, head.header("allow")), (405, Some("POST")));
    assert_eq!(head.body, "");
    Ok(())
}

/// Stripe follows no redirect, and an endpoint is easily registered with the slash.
pub(crate) fn a_slash_at_the_end_of_the_path_is_taken(host: &Host) -> Result<(), Failure> {
    let path = format!("{WEBHOOK}/");
    assert_error(&host.get(&path)?, 405, "method_not_allowed")?;
    assert_error(&host.ask("POST", &path, &[], Some(b"{}"))?, 400, "bad_request").map(drop)
}

/// Similar paths are answered 404.
pub(crate) fn there_is_nothing_at_any_other_path(host: &Host) -> Result<(), Failure> {
    for path in [
        "/",
        "/api",
        "/api/webhooks",
        "/api/webhooks/stripe//",
        "/api/webhooks/Stripe",
        "/api/webhooks/stripe/evt_1",
        "/api/webhooks/%73tripe",
        "/health/",
        "/health/live",
        "/healthz",
        "/metrics",
        "/favicon.ico",
    ] {
        for method in ["GET", "PUT", "OPTIONS"] {
            assert_error(&host.ask(method, path, &[], None)?, 404, "not_found")?;
        }
        assert_error(&host.ask("POST", path, &[], Some(b"{}"))?, 404, "not_found")?;
    }
    Ok(())
}

/// The answer and the route are those without the query.
pub(crate) fn a_query_changes_nothing(host: &Host) -> Result<(), Failure> {
    assert_eq!(host.get("/health?verbose=1")?.body, "ok");
    assert_error(&host.get(&format!("{WEBHOOK}?x=y"))?, 405, "method_not_allowed")?;
    Ok(())
}
