use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::{Action, Alert, DeadReason, ReadError, Resource};
use portal_outbound::Language;

use super::text;

use crate::notifications::{
    endpoint, event_dead, events_not_delivered, notification, reconciliation_incomplete,
};
use crate::texts::{assert_resolved, assert_text};

const EN: Language = Language::En;
const JA: Language = Language::Ja;

#[test]
fn a_disabled_endpoint_is_to_be_enabled_and_nothing_is_lost() {
    assert_text(
        endpoint(EndpointProblem::Disabled),
        EN,
        "Events do not arrive: the endpoint (we_1) is disabled at Stripe.
First: enable it in Stripe's Dashboard (Workbench → Webhooks). No event is lost, because missing ones are fetched, but Stripe drops the retries that fall due until then.
donation-portal doctor
Noticed at 2026-11-22 22:50 +09:00.
runbook: endpoint",
    );
    assert_text(
        endpoint(EndpointProblem::Disabled),
        JA,
        "イベントが届きません。Stripe でエンドポイント（we_1）が無効になっています。
最初の対応: Stripe のダッシュボード（ワークベンチ → Webhook）で有効に戻してください。届かなかったイベントは API から取得するため失われませんが、無効の間に予定されていた Stripe の再送は取りやめになります。
donation-portal doctor
2026年11月22日 22:50 +09:00 に検知しました。
runbook: endpoint",
    );
}

#[test]
fn of_two_endpoints_of_different_versions_the_old_one_is_to_be_disabled() {
    assert_text(
        endpoint(EndpointProblem::VersionsDiffer),
        EN,
        "A second endpoint (we_1) at Stripe has this service's URL and another API version: each event arrives twice, and the first delivery decides what is recorded.
First: check that deliveries to the endpoint of the newer version are answered 200, then disable the old one in Stripe's Dashboard (Workbench → Webhooks). Nothing is counted twice; without STRIPE_SECRET_KEY, donations received in between may stay provisional.
donation-portal doctor
Noticed at 2026-11-22 22:50 +09:00.
runbook: endpoint",
    );
    assert_text(
        endpoint(EndpointProblem::VersionsDiffer),
        JA,
        "このサービスの URL を持つ二つ目のエンドポイント（we_1）が、別の API バージョンで Stripe にあります。同じイベントが 2 回届き、先に届いたほうの内容が記録されます。
最初の対応: 新しいバージョンのエンドポイントへの配信に 200 を返していることを確かめてから、Stripe のダッシュボード（ワークベンチ → Webhook）で古いほうを無効にしてください。二重に数えることはありませんが、STRIPE_SECRET_KEY がなければ、その間の寄付が未確定のまま残ることがあります。
donation-portal doctor
2026年11月22日 22:50 +09:00 に検知しました。
runbook: endpoint",
    );
}

#[test]
fn a_missing_endpoint_has_no_id() {
    assert_eq!(
        what(endpoint(EndpointProblem::Missing), EN),
        "Events cannot arrive: no endpoint at Stripe has this service's URL (WEBHOOK_URL).",
    );
    assert_eq!(
        what(endpoint(EndpointProblem::Missing), JA),
        "イベントが届きません。このサービスの URL（WEBHOOK_URL）を持つエンドポイントが Stripe にありません。",
    );
}

#[test]
fn each_problem_of_the_endpoint_reads_differently_from_beginning_to_end() {
    for language in Language::ALL {
        for part in [what, first, over] {
            let said = EndpointProblem::ALL.iter().map(|&it| part(endpoint(it), language));
            let mut said: Vec<String> = said.collect();
            said.sort();
            assert!(said.windows(2).all(|it| it[0] != it[1]), "{said:#?}");
        }
        for &problem in EndpointProblem::ALL {
            let names_it = what(endpoint(problem), language).contains("we_1");
            assert_eq!(names_it, problem != EndpointProblem::Missing, "{problem:?}");
        }
    }
}

#[test]
fn events_that_were_not_delivered_were_fetched() {
    assert_text(
        events_not_delivered(),
        EN,
        "Stripe did not deliver 3 events; they were fetched from the API. Oldest: 15 min.
First: check Stripe's Dashboard for failed deliveries, then the tunnel. No event is lost, but they arrive late.
donation-portal doctor
Noticed at 2026-11-22 22:50 +09:00.
runbook: events_not_delivered",
    );
    assert_text(
        events_not_delivered(),
        JA,
        "Stripe から届かないイベントがあります。代わりに API から 3 件を取得しました。最も古いものは 15 分前に起きたものです。
最初の対応: Stripe のダッシュボードで失敗した配信がないか、次にトンネルを確認してください。イベントは失われませんが、反映が遅れます。
donation-portal doctor
2026年11月22日 22:50 +09:00 に検知しました。
runbook: events_not_delivered",
    );
}

#[test]
fn a_permission_that_is_missing_is_named_as_the_dashboard_names_it() {
    let alert = || Alert::StripeUnreadable {
        resource: Resource::WebhookEndpoints,
        why: ReadError::NotAllowed,
    };
    assert_text(
        alert(),
        EN,
        "Stripe's webhook_endpoints cannot be read (stripe_not_allowed): the key may not read it (403).
First: grant the key this permission in Stripe's Dashboard (API keys): Webhook Endpoints: Read.
donation-portal doctor
Noticed at 2026-11-22 22:50 +09:00.
runbook: stripe_unreadable",
    );
    assert_text(
        alert(),
        JA,
        "Stripe から webhook_endpoints を取得できません（stripe_not_allowed）。キーに読み取り権限がありません（403）。
最初の対応: Stripe のダッシュボード（API キー）で、キーに Webhook Endpoints の読み取り権限を与えてください。
donation-portal doctor
2026年11月22日 22:50 +09:00 に検知しました。
runbook: stripe_unreadable",
    );
    for (resource, permission) in [
        (Resource::Events, "Events"),
        (Resource::PaymentIntents, "PaymentIntents, Charges and Refunds"),
        (Resource::Invoices, "Invoices"),
        (Resource::InvoicePayments, "Invoices"),
        (Resource::Charges, "Charges and Refunds"),
        (Resource::Disputes, "Disputes"),
        (Resource::CheckoutSessions, "Checkout Sessions"),
        (Resource::Subscriptions, "Subscriptions"),
    ] {
        let alert = Alert::StripeUnreadable { resource, why: ReadError::NotAllowed };
        assert!(first(alert.clone(), EN).ends_with(&format!(": {permission}: Read.")));
        assert!(first(alert, JA).contains(&format!("キーに {permission} の読み取り権限")));
    }
}

#[test]
fn each_read_error_leads_to_its_remedy() {
    for (why, en, ja) in [
        (ReadError::WrongKey, "STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY"),
        (ReadError::BudgetSpent, "READ_BUDGET", "READ_BUDGET"),
        (ReadError::TooMany, "status.stripe.com", "status.stripe.com"),
        (ReadError::Failing { status: 503 }, "status.stripe.com", "status.stripe.com"),
        (ReadError::TimedOut, "api.stripe.com", "api.stripe.com"),
        (ReadError::Unreachable, "firewall", "ファイアウォール"),
        (ReadError::NotCounted, "database", "データベース"),
        (ReadError::NotFound, "STRIPE_API_BASE", "STRIPE_API_BASE"),
        (ReadError::Refused { status: 400 }, "report this as a bug", "不具合として報告"),
        (ReadError::Unreadable, "STRIPE_API_BASE", "STRIPE_API_BASE"),
    ] {
        let alert = Alert::StripeUnreadable { resource: Resource::Events, why };
        let name = why.name();
        assert_eq!(
            what(alert.clone(), EN),
            format!("Stripe's events cannot be read ({name}): {why}."),
        );
        let begin = format!("Stripe から events を取得できません（{name}）。");
        assert!(what(alert.clone(), JA).starts_with(&begin));
        assert!(first(alert.clone(), EN).contains(en), "{why:?}");
        assert!(first(alert, JA).contains(ja), "{why:?}");
    }
    let failing = Alert::StripeUnreadable {
        resource: Resource::Events,
        why: ReadError::Failing { status: 503 },
    };
    assert!(what(failing, JA).ends_with("Stripe で障害が起きています（503）。"));
}

#[test]
fn an_incomplete_reconciliation_refers_to_the_report() {
    assert_text(
        reconciliation_incomplete(),
        EN,
        "Reconciliation is incomplete: 2 donations differ, 1 Stripe resource could not be read.
First: read the report, repair what it names, then reconcile again:
donation-portal reports show
donation-portal reconcile
Noticed at 2026-11-22 22:50 +09:00.
runbook: reconciliation_incomplete",
    );
    assert_text(
        reconciliation_incomplete(),
        JA,
        "照合が完了していません。差異のある寄付が 2 件、Stripe から読み取れなかった対象が 1 件あります。
最初の対応: レポートを読み、原因を取り除いてから、もう一度照合してください。
donation-portal reports show
donation-portal reconcile
2026年11月22日 22:50 +09:00 に検知しました。
runbook: reconciliation_incomplete",
    );
}

#[test]
fn an_event_without_its_object_asks_for_the_right_key() {
    let dead = event_dead(DeadReason::ObjectMissing);
    assert_eq!(
        what(dead.clone(), EN),
        "Event evt_1 (invoice.paid) could not be processed: Stripe has no object of the id that it names (object_missing).",
    );
    assert_eq!(
        what(dead.clone(), JA),
        "イベント evt_1（invoice.paid）を処理できませんでした。オブジェクトの ID だけを持ち、その ID のものが Stripe にありません（object_missing）。",
    );
    for language in Language::ALL {
        assert!(first(dead.clone(), language).contains("STRIPE_SECRET_KEY"));
    }
}

#[test]
fn each_end_is_notified() {
    let unread = Alert::StripeUnreadable { resource: Resource::Events, why: ReadError::TimedOut };
    for (alert, en, ja) in [
        (
            endpoint(EndpointProblem::Disabled),
            "the endpoint is no longer disabled.",
            "エンドポイントは無効ではなくなりました。",
        ),
        (
            events_not_delivered(),
            "Stripe delivers events again.",
            "イベントが Stripe から届くようになりました。",
        ),
        (unread, "Stripe's API can be read again.", "Stripe に照会できるようになりました。"),
        (
            reconciliation_incomplete(),
            "the last completeness report is complete: every donation is recorded once.",
            "最新の照合レポートで、すべての寄付が一度ずつ記録されていることを確認しました。",
        ),
    ] {
        let en = format!("Resolved: {en}\nNoticed at 2026-11-22 22:50 +09:00.");
        assert_resolved(alert.clone(), EN, &en);
        let ja = format!("解消: {ja}\n2026年11月22日 22:50 +09:00 に検知しました。");
        assert_resolved(alert, JA, &ja);
    }
}

fn what(alert: Alert, language: Language) -> String {
    line(alert, Action::Trigger, 0, language)
}

fn first(alert: Alert, language: Language) -> String {
    line(alert, Action::Trigger, 1, language)
}

fn over(alert: Alert, language: Language) -> String {
    line(alert, Action::Resolve, 0, language)
}

fn line(alert: Alert, action: Action, place: usize, language: Language) -> String {
    text(&notification(alert, action, 1), language).lines().nth(place).unwrap().to_owned()
}
