//! Paths and methods that do not exist.

use axum::body::Body;
use http::Request;

use crate::answers::{formatted, json};
use crate::support::{NOW, Portal, Result, WEBHOOK};

const OTHER_METHOD: &str =
    r#"{"error":{"code":"method_not_allowed","message":"this path takes another method"}}"#;

#[tokio::test]
async fn another_method_is_answered_with_the_allowed_one() -> Result {
    let portal = Portal::at(NOW)?;
    for (path, allow) in [
        (WEBHOOK, "allow: POST"),
        ("/health", "allow: GET, HEAD"),
        ("/health/ready", "allow: GET, HEAD"),
    ] {
        for method in ["PUT", "TRACE", "BREW"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty())?;
            let answer = portal.answer(request).await?;
            assert_eq!(formatted(&answer), json(405, &[allow], OTHER_METHOD), "{method} {path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn there_is_nothing_at_any_other_path() -> Result {
    let portal = Portal::at(NOW)?;
    let nothing = r#"{"error":{"code":"not_found","message":"there is nothing at this path"}}"#;
    for path in ["/", "//api/webhooks/stripe", "/../etc/passwd"] {
        for method in ["GET", "POST", "PUT", "OPTIONS"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty())?;
            let answer = portal.answer(request).await?;
            assert_eq!(formatted(&answer), json(404, &[], nothing), "{method} {path}");
        }
    }
    Ok(())
}
