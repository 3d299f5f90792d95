//! Answers of the service.

pub(crate) use portal_testkit::http::{
    Answer, Connection, WEBHOOK, bare as request, delivery, delivery_head,
};

use super::Result;

/// Returns `error.code` of the body.
pub(crate) fn error_code(answer: &Answer) -> Result<String> {
    let body = answer.json()?;
    let code = body.pointer("/error/code").and_then(|it| it.as_str());
    Ok(code.ok_or("no error code in the body")?.to_owned())
}

/// Asserts that a delivery was answered 503.
#[track_caller]
pub(crate) fn assert_unavailable(answer: &Answer) -> Result {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(error_code(answer)?, "unavailable");
    let seconds = answer.header("retry-after").map(str::parse::<u32>);
    assert!(matches!(seconds, Some(Ok(1..=60))), "{answer:?}");
    Ok(())
}
