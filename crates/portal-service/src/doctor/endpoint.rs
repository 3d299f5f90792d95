//! The webhook endpoint at Stripe.

mod problem;

use portal_domain::endpoint::{SeenEndpoint, at_url, problems};
use portal_domain::stripe::page::{self, Endpoint};
use portal_domain::{ReadError, Resource, Text, text};

use super::finding::{Check, CheckFinding};
use super::first_solve_access;
use super::rights::ProbedRead;

/// Returns the finding if `WEBHOOK_URL` is not set.
pub(super) fn without_url() -> CheckFinding {
    CheckFinding::warning(
        Check::Endpoint,
        text!(
            "WEBHOOK_URL is not set: it goes unnoticed if Stripe disables the endpoint",
            "WEBHOOK_URL が設定されていないため、Stripe がエンドポイントを無効にしても分かりません"
        ),
        url_wanted(),
    )
}

fn url_wanted() -> Text {
    text!(
        "set WEBHOOK_URL to this service's public URL, as the endpoint at Stripe has it",
        "WEBHOOK_URL を、このサービスの公開 URL（Stripe のエンドポイントと同じもの）に設定してください"
    )
}

/// Judges the endpoints that were read. `url` is this service's, `livemode` the mode of the key.
pub(super) fn judge(asked: &[ProbedRead], url: &str, livemode: bool) -> Vec<CheckFinding> {
    match read(asked) {
        Some(Ok(endpoints)) => of_seen(&at_url(&endpoints, url, livemode)),
        Some(Err(why)) => vec![unread(&why.text())],
        None => vec![unread(&text!("they were not read", "照会していません"))],
    }
}

/// Judges the endpoints that post to this service.
#[must_use]
pub fn of_seen(endpoints: &[SeenEndpoint]) -> Vec<CheckFinding> {
    let found = problems(endpoints);
    if found.is_empty() {
        let well = text!(
            "the endpoint is enabled at Stripe, with all event types that money depends on",
            "エンドポイントは Stripe で有効で、寄付の記録に必要なイベントの種類がすべて選択されています"
        );
        return vec![CheckFinding::ok(Check::Endpoint, well)];
    }
    found.iter().map(problem::judge).collect()
}

/// Returns the endpoints of the account, or `None` if Stripe did not answer.
pub(super) fn read(asked: &[ProbedRead]) -> Option<Result<Vec<Endpoint>, ReadError>> {
    let read = asked
        .iter()
        .find(|it| it.resource == Resource::WebhookEndpoints)
        .and_then(|it| it.answer.as_ref().ok());
    read.map(page::endpoints)
}

fn unread(why: &Text) -> CheckFinding {
    let what = text!(
        "could not read the webhook endpoints at Stripe",
        "Stripe からエンドポイントの一覧を取得できませんでした"
    );
    CheckFinding::not_checked(Check::Endpoint, what.about(why), first_solve_access())
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
        let (missing, holds_up) = (&missing.found.en, &holds_up.found.en);
        assert!(missing.contains(": payment_intent.succeeded, "), "{missing}");
        assert!(!missing.contains("charge.refunded"), "{missing}");
        assert!(holds_up.contains("invoice.created"), "{holds_up}");
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
