//! The cases of `samples/signature-cases.json` over HTTP.

use portal_domain::UnixSeconds;
use portal_testkit::clock;
use portal_testkit::events::signature_at;
use portal_testkit::http::Answer;

use crate::host::Failure;
use crate::host::Host;
use crate::host::answer::assert_error;
use crate::host::signatures::{MALFORMED, MISSING, NO_MATCH, UNTIMELY};
use portal_testkit::signature_cases::{self, Case, REFUSED_AT_START};

/// The cases are changed as if they had been made for this host, now.
pub(crate) fn every_signature_case_gets_its_verdict(host: &Host) -> Result<(), Failure> {
    for case in signature_cases::all()? {
        if case.portal == REFUSED_AT_START {
            continue;
        }
        let header = made_for(&case, &host.secret, clock::now())?;
        let headers: Vec<&str> = header.iter().map(String::as_str).collect();
        let answer = host.post(case.body()?, &headers)?;
        assert_eq!(verdict(&answer)?, case.portal, "{}: {answer:?}", case.name);
    }
    Ok(())
}

/// Returns the verdict of an answer, in the words of the file.
fn verdict(answer: &Answer) -> Result<&'static str, Failure> {
    let message = match answer.status {
        200 => return Ok("accept"),
        _ => assert_error(answer, 400, "bad_request")?,
    };
    Ok(match message.as_str() {
        MISSING => "reject: no signature header",
        MALFORMED => "reject: malformed signature header",
        NO_MATCH => "reject: no signature matches",
        UNTIMELY => "reject: timestamp outside tolerance",
        // The signature was accepted, and the body is no event.
        body if body.starts_with("the body is not ") => "accept",
        _ => return Err(format!("another refusal: {answer:?}").into()),
    })
}

/// Returns the header of a case, in which signatures with the case's secret are replaced by ones with
/// `secret`, and all times are moved so that they are as far from `now` as from the case's own time.
fn made_for(case: &Case, secret: &str, now: i64) -> Result<Option<String>, Failure> {
    let Some(header) = &case.header else { return Ok(None) };
    let body = case.body()?;
    let mut made = header.clone();
    let times = header.split(',').filter_map(|it| it.trim().strip_prefix("t=")?.parse().ok());
    for at in times.chain([case.now]) {
        let later = at + now - case.now;
        if UnixSeconds::new(at).is_none() || UnixSeconds::new(later).is_none() {
            continue;
        }
        // Times are replaced before signatures, because a new signature may contain the old time.
        made = made.replace(&at.to_string(), &later.to_string());
        let [old, new] =
            [signature_at(at, &case.secret, &body), signature_at(later, secret, &body)];
        let signatures = old.split_once("v1=").zip(new.split_once("v1="));
        let ((_, old), (_, new)) = signatures.ok_or("no v1")?;
        made = made.replace(old, new).replace(&old.to_uppercase(), &new.to_uppercase());
    }
    Ok(Some(made))
}

#[cfg(test)]
mod tests {
    use portal_domain::{Secrets, SignatureRefusal, Tolerance, verify};

    use super::*;

    #[test]
    fn a_case_that_is_made_for_another_secret_and_time_keeps_its_verdict() {
        let now = UnixSeconds::new(1_890_123_456).unwrap();
        let secrets = Secrets::new("whsec_of_a_test").unwrap();
        let [mut accepted, mut untimely] = [0, 0];
        for case in signature_cases::all().unwrap() {
            if case.portal == REFUSED_AT_START {
                continue;
            }
            let header = made_for(&case, "whsec_of_a_test", now.get()).unwrap();
            let header = header.as_deref().map(str::as_bytes);
            let body = case.body().unwrap().into();
            let verdict = match verify(header, body, &secrets, Tolerance::DEFAULT, now) {
                Ok(_) => "accept",
                Err(SignatureRefusal::NoHeader) => "reject: no signature header",
                Err(SignatureRefusal::MalformedHeader) => "reject: malformed signature header",
                Err(SignatureRefusal::NoMatch | SignatureRefusal::SelfTest) => {
                    "reject: no signature matches"
                }
                Err(SignatureRefusal::TimestampOutsideTolerance { .. }) => {
                    "reject: timestamp outside tolerance"
                }
            };
            assert_eq!(verdict, case.portal, "{}", case.name);
            accepted += usize::from(verdict == "accept");
            untimely += usize::from(verdict.ends_with("tolerance"));
        }
        assert!(accepted > 15 && untimely > 3, "{accepted} {untimely}");
    }
}
