//! The webhook endpoint at Stripe.

use std::fmt::Display;

use portal_domain::endpoint::{Problem, problems};
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::stripe::page::{self, Endpoint};
use portal_domain::{ReadError, Resource};

use super::finding::{Check, CheckFinding};
use super::rights::ProbedRead;
use crate::exit::Failure;

const URL_WANTED: &str =
    "set WEBHOOK_URL to this service's public URL, as the endpoint at Stripe has it";

/// Returns the finding if `WEBHOOK_URL` is not set.
pub(super) fn without_url() -> CheckFinding {
    CheckFinding::warning(
        Check::Endpoint,
        "WEBHOOK_URL is not set: it goes unnoticed if Stripe disables the endpoint",
        URL_WANTED,
    )
}

/// Returns the finding for an invalid `WEBHOOK_URL`.
pub(super) fn wrong_url(failure: &Failure) -> CheckFinding {
    CheckFinding::failed(Check::Endpoint, failure, URL_WANTED)
}

/// Judges the endpoints that were read. `url` is this service's, `livemode` the mode of the key.
pub(super) fn judge(asked: &[ProbedRead], url: &str, livemode: bool) -> Vec<CheckFinding> {
    match read(asked) {
        Some(Ok(endpoints)) => {
            let found = problems(&endpoints, url, livemode);
            if found.is_empty() {
                let well =
                    "the endpoint is enabled at Stripe, with all event types that money depends on";
                return vec![CheckFinding::ok(Check::Endpoint, well)];
            }
            found.iter().map(of).collect()
        }
        Some(Err(why)) => vec![unread(why)],
        None => vec![unread("they were not read")],
    }
}

/// Returns the endpoints of the account, or `None` if Stripe did not answer.
pub(super) fn read(asked: &[ProbedRead]) -> Option<Result<Vec<Endpoint>, ReadError>> {
    let read = asked
        .iter()
        .find(|it| it.resource == Resource::WebhookEndpoints)
        .and_then(|it| it.answer.as_ref().ok());
    read.map(page::endpoints)
}

fn unread(why: impl Display) -> CheckFinding {
    CheckFinding::not_checked(
        Check::Endpoint,
        format_args!("could not read the webhook endpoints at Stripe: {why}"),
        "first solve what `key` and `rights` report above",
    )
}

fn of(problem: &Problem) -> CheckFinding {
    let endpoint = problem.endpoint.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    let check = Check::Endpoint;
    match problem.problem {
        EndpointProblem::Missing => CheckFinding::wrong(
            check,
            "no endpoint at Stripe has the URL of this service: events cannot arrive",
            "compare WEBHOOK_URL with Stripe's Dashboard (Workbench → Webhooks): correct it, or register the endpoint",
        ),
        EndpointProblem::Disabled => CheckFinding::wrong(
            check,
            format_args!("the endpoint{endpoint} is disabled at Stripe: events do not arrive"),
            "enable it in Stripe's Dashboard (Workbench → Webhooks); undelivered events are fetched from the API",
        ),
        EndpointProblem::TypesMissing => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} lacks event types that money depends on: {}",
                problem.types.join(", ")
            ),
            "select them in Stripe's Dashboard (Workbench → Webhooks); until then these events are fetched from the API and arrive late",
        ),
        EndpointProblem::HoldsUpInvoices => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} is sent invoice.created: while this service does not answer, Stripe delays invoices for up to 72 hours"
            ),
            "deselect it in Stripe's Dashboard (Workbench → Webhooks); if all types are selected (*), select single ones",
        ),
        EndpointProblem::VersionsDiffer => CheckFinding::wrong(
            check,
            format_args!(
                "a second endpoint{endpoint} has the URL of this service and another API version: each event arrives twice, and the first delivery decides what is recorded"
            ),
            "check that deliveries of the endpoint with the newer version are answered 200, then disable the old one in Stripe's Dashboard (Workbench → Webhooks); without STRIPE_SECRET_KEY, donations made meanwhile may stay provisional",
        ),
        EndpointProblem::Duplicated => CheckFinding::warning(
            check,
            format_args!(
                "a second endpoint{endpoint} has the URL of this service: each event arrives twice"
            ),
            "delete one of them in Stripe's Dashboard (Workbench → Webhooks); keep the one with the secret that is configured here",
        ),
        EndpointProblem::VersionUnknown => CheckFinding::warning(
            check,
            format_args!(
                "the endpoint{endpoint} uses an API version that this program does not know"
            ),
            "update this program, or register the endpoint again with another version",
        ),
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::event_types::MONEY_TYPES;
    use portal_domain::{Fetched, ReadError, Resource, UnixSeconds};
    use serde_json::{Value, json};

    use super::super::finding::{CheckFinding, Level};
    use super::super::rights::ProbedRead;
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
        judge(&[ProbedRead::of(Resource::WebhookEndpoints, answer)], URL, true)
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
        for asked in
            [vec![], vec![ProbedRead::of(Resource::WebhookEndpoints, Err(ReadError::NotAllowed))]]
        {
            let found = judge(&asked, URL, true);
            assert!(matches!(found.as_slice(), [one] if one.level == Level::NotChecked));
        }
    }
}
