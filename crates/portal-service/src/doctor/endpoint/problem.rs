//! The problems of an endpoint: their severity, and what is said of them.

use portal_domain::endpoint::Problem;
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::{Text, text};

use super::super::finding::{Check, CheckFinding, Level};

pub(super) fn judge(problem: &Problem) -> CheckFinding {
    let kind = problem.problem;
    CheckFinding::to_do(Check::Endpoint, level(kind), found(problem), advice(kind))
}

fn level(problem: EndpointProblem) -> Level {
    match problem {
        EndpointProblem::Missing | EndpointProblem::Disabled | EndpointProblem::VersionsDiffer => {
            Level::Wrong
        }
        EndpointProblem::TypesMissing
        | EndpointProblem::HoldsUpInvoices
        | EndpointProblem::Duplicated
        | EndpointProblem::VersionUnknown => Level::Warning,
    }
}

fn found(problem: &Problem) -> Text {
    let id = problem.endpoint.as_ref();
    let endpoint = id.map(|it| format!(" ({it})")).unwrap_or_default();
    let endpoint_ja = id.map(|it| format!("（{it}）")).unwrap_or_default();
    let types = problem.types.join(", ");
    match problem.problem {
        EndpointProblem::Missing => text!(
            "no endpoint at Stripe has the URL of this service: events cannot arrive",
            "このサービスの URL を持つエンドポイントが Stripe にないため、イベントが届きません"
        ),
        EndpointProblem::Disabled => text!(
            "the endpoint{endpoint} is disabled at Stripe: events do not arrive",
            "Stripe でエンドポイント{endpoint_ja}が無効になっているため、イベントが届きません"
        ),
        EndpointProblem::TypesMissing => text!(
            "the endpoint{endpoint} lacks event types that money depends on: {types}",
            "寄付の記録に必要なイベントの種類の一部が、エンドポイント{endpoint_ja}で選択されていません: {types}"
        ),
        EndpointProblem::HoldsUpInvoices => text!(
            "the endpoint{endpoint} is sent invoice.created: while this service does not answer, Stripe delays invoices for up to 72 hours",
            "エンドポイント{endpoint_ja}に invoice.created が送られます。このサービスが応答しない間、Stripe は請求書の確定を最長 72 時間保留します"
        ),
        EndpointProblem::VersionsDiffer => text!(
            "a second endpoint{endpoint} has the URL of this service and another API version: each event arrives twice, and the first delivery decides what is recorded",
            "このサービスの URL を持つ二つ目のエンドポイント{endpoint_ja}があり、API バージョンが異なります。同じイベントが 2 回届き、先に届いたほうの内容が記録されます"
        ),
        EndpointProblem::Duplicated => text!(
            "a second endpoint{endpoint} has the URL of this service: each event arrives twice",
            "このサービスの URL を持つ二つ目のエンドポイント{endpoint_ja}があり、同じイベントが 2 回届きます"
        ),
        EndpointProblem::VersionUnknown => text!(
            "the endpoint{endpoint} uses an API version that this program does not know",
            "エンドポイント{endpoint_ja}の API バージョンは、このプログラムでは未知のものです"
        ),
    }
}

fn advice(problem: EndpointProblem) -> Text {
    match problem {
        EndpointProblem::Missing => text!(
            "compare WEBHOOK_URL with Stripe's Dashboard (Workbench → Webhooks): correct it, or register the endpoint",
            "WEBHOOK_URL を Stripe のダッシュボード（ワークベンチ → Webhook）と照合し、設定を直すか、エンドポイントを登録してください"
        ),
        EndpointProblem::Disabled => text!(
            "enable it in Stripe's Dashboard (Workbench → Webhooks); undelivered events are fetched from the API",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で有効に戻してください。届かなかったイベントは API から取得します"
        ),
        EndpointProblem::TypesMissing => text!(
            "select them in Stripe's Dashboard (Workbench → Webhooks); until then these events are fetched from the API and arrive late",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で追加してください。それまでは API から取得するため、反映が遅れます"
        ),
        EndpointProblem::HoldsUpInvoices => text!(
            "deselect it in Stripe's Dashboard (Workbench → Webhooks); if all types are selected (*), select single ones",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で外してください。すべての種類（*）を選んでいる場合は、個別に選び直してください"
        ),
        EndpointProblem::VersionsDiffer => text!(
            "check that deliveries of the endpoint with the newer version are answered 200, then disable the old one in Stripe's Dashboard (Workbench → Webhooks); without STRIPE_SECRET_KEY, donations made meanwhile may stay provisional",
            "新しいバージョンのエンドポイントへの配信に 200 を返していることを確かめてから、Stripe のダッシュボード（ワークベンチ → Webhook）で古いほうを無効にしてください。STRIPE_SECRET_KEY がなければ、その間の寄付が未確定のまま残ることがあります"
        ),
        EndpointProblem::Duplicated => text!(
            "delete one of them in Stripe's Dashboard (Workbench → Webhooks); keep the one with the secret that is configured here",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で、署名シークレットを設定済みのものを残し、もう一方を削除してください"
        ),
        EndpointProblem::VersionUnknown => text!(
            "update this program, or register the endpoint again with another version",
            "このプログラムを更新するか、別のバージョンでエンドポイントを登録し直してください"
        ),
    }
}
