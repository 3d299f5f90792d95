//! The endpoint, as Stripe has it.

use std::fmt::Display;

use portal_domain::ReadError;
use portal_domain::endpoint::{EndpointProblem, Problem, problems};
use portal_domain::stripe::page::{self, Endpoint};

use super::finding::{Check, CheckFinding};
use super::rights::{ENDPOINTS, ProbedRead};
use crate::exit::Failure;

const URL_WANTED: &str =
    "set WEBHOOK_URL to this service's public URL, as the endpoint at Stripe has it";

/// What to say where nobody knows which one it is.
pub(super) fn without_url() -> CheckFinding {
    CheckFinding::warning(
        Check::Endpoint,
        "WEBHOOK_URL is not set: nobody sees when Stripe disables the endpoint",
        URL_WANTED,
    )
}

/// What to say where it cannot be any.
pub(super) fn wrong_url(failure: &Failure) -> CheckFinding {
    CheckFinding::failed(Check::Endpoint, failure, URL_WANTED)
}

/// Judges what was read of it; `url` is this service's, and `livemode` what the key may see.
pub(super) fn judge(asked: &[ProbedRead], url: &str, livemode: bool) -> Vec<CheckFinding> {
    match read(asked) {
        Some(Ok(endpoints)) => {
            let found = problems(&endpoints, url, livemode);
            if found.is_empty() {
                let well = "Stripe has the endpoint enabled, with all types that money depends on";
                return vec![CheckFinding::ok(Check::Endpoint, well)];
            }
            found.iter().map(of).collect()
        }
        Some(Err(why)) => vec![unread(why)],
        None => vec![unread("they could not be read")],
    }
}

/// The endpoints of the account, where they could be read.
pub(super) fn read(asked: &[ProbedRead]) -> Option<Result<Vec<Endpoint>, ReadError>> {
    let read = asked.iter().find(|it| it.what == ENDPOINTS).and_then(|it| it.answer.as_ref().ok());
    read.map(page::endpoints)
}

fn unread(why: impl Display) -> CheckFinding {
    CheckFinding::not_checked(
        Check::Endpoint,
        format_args!("could not see Stripe's webhook endpoints: {why}"),
        "first see to what `key` and `rights` say above",
    )
}

fn of(problem: &Problem) -> CheckFinding {
    let endpoint = problem.endpoint.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let check = Check::Endpoint;
    match problem.problem {
        EndpointProblem::Missing => CheckFinding::wrong(
            check,
            "no endpoint at Stripe has this service's URL: events cannot arrive",
            "compare WEBHOOK_URL with Stripe's Dashboard (Workbench → Webhooks): correct it, or register the endpoint",
        ),
        EndpointProblem::Disabled => CheckFinding::wrong(
            check,
            format_args!("Stripe has the endpoint{endpoint} disabled: events do not arrive"),
            "enable it in Stripe's Dashboard (Workbench → Webhooks); what was not delivered is fetched",
        ),
        EndpointProblem::TypesMissing => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} is not sent all types that money depends on: {}",
                problem.types.join(", ")
            ),
            "choose them in Stripe's Dashboard (Workbench → Webhooks); until then they are fetched, and come late",
        ),
        EndpointProblem::HoldsUpInvoices => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} is sent invoice.created: while this service does not answer, Stripe holds invoices back, for up to 72 hours"
            ),
            "remove it in Stripe's Dashboard (Workbench → Webhooks); where all types are chosen (*), choose single ones",
        ),
        EndpointProblem::VersionsDiffer => CheckFinding::wrong(
            check,
            format_args!(
                "a second endpoint{endpoint} has this service's URL and another API version: each event comes twice, and the one that comes first decides what is recorded"
            ),
            "see that deliveries of the endpoint of the newer version are answered 200, then disable the old one in Stripe's Dashboard (Workbench → Webhooks); without STRIPE_SECRET_KEY donations of the meantime may stay provisional",
        ),
        EndpointProblem::Duplicated => CheckFinding::warning(
            check,
            format_args!(
                "a second endpoint{endpoint} has this service's URL: each event comes twice"
            ),
            "delete one of them in Stripe's Dashboard (Workbench → Webhooks), and keep the one whose secret is configured here",
        ),
        EndpointProblem::VersionUnknown => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} makes its events in an API version that this program does not know"
            ),
            "update this program, or register the endpoint anew with another version",
        ),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::event_types::MONEY_TYPES;
    use portal_domain::{Fetched, ReadError, UnixSeconds};
    use serde_json::{Value, json};

    use super::super::finding::{CheckFinding, Level};
    use super::super::rights::{ENDPOINTS, ProbedRead};
    use super::judge;

    const URL: &str = "https://portal.example.org/api/webhooks/stripe";

    fn endpoint(status: &str, types: &[&str]) -> Value {
        json!({
            "id": "we_1", "object": "webhook_endpoint", "url": URL, "status": status,
            "enabled_events": types, "api_version": null, "livemode": true,
        })
    }

    fn judged(endpoints: &[Value]) -> Vec<CheckFinding> {
        let body = json!({ "object": "list", "data": endpoints, "has_more": false });
        let body = body.to_string().into_bytes().into();
        let answer = Ok(Fetched { body, at: UnixSeconds::default() });
        judge(&[ProbedRead::of(ENDPOINTS, answer)], URL, true)
    }

    #[test]
    fn an_enabled_endpoint_with_all_types_is_as_it_should_be() {
        let found = judged(&[endpoint("enabled", &MONEY_TYPES)]);
        assert!(matches!(found.as_slice(), [one] if one.level == Level::Ok), "{found:?}");
    }

    #[test]
    fn what_keeps_events_away_is_wrong() {
        for endpoints in [&[][..], &[endpoint("disabled", &MONEY_TYPES)]] {
            let found = judged(endpoints);
            assert!(matches!(found.as_slice(), [one] if one.level == Level::Wrong), "{found:?}");
        }
    }

    #[test]
    fn the_missing_types_are_listed_and_each_problem_is_a_finding() {
        let found = judged(&[endpoint("enabled", &["charge.refunded", "invoice.created"])]);
        let [missing, holds_up] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((missing.level, holds_up.level), (Level::Warning, Level::Warning));
        assert!(missing.found.contains(": payment_intent.succeeded, "), "{}", missing.found);
        assert!(!missing.found.contains("charge.refunded"), "{}", missing.found);
        assert!(holds_up.found.contains("invoice.created"), "{}", holds_up.found);
    }

    #[test]
    fn what_could_not_be_read_is_not_judged() {
        for asked in [vec![], vec![ProbedRead::of(ENDPOINTS, Err(ReadError::NotAllowed))]] {
            let found = judge(&asked, URL, true);
            assert!(matches!(found.as_slice(), [one] if one.level == Level::NotChecked));
        }
    }
}
