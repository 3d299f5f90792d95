//! The problems of the webhook endpoint.

use portal_domain::ObjectId;
use portal_domain::endpoint_problem::EndpointProblem;

use crate::language::Language;

pub(super) fn summary(
    problem: EndpointProblem,
    endpoint: Option<&ObjectId>,
    language: Language,
) -> String {
    let in_brackets = |it| language.pick(format!(" ({it})"), format!("（{it}）"));
    let id = endpoint.map(in_brackets).unwrap_or_default();
    match problem {
        EndpointProblem::Missing => language.pick(
            "Events cannot arrive: no endpoint at Stripe has this service's URL (WEBHOOK_URL).".into(),
            "イベントが届きません。このサービスの URL（WEBHOOK_URL）を持つエンドポイントが Stripe にありません。".into(),
        ),
        EndpointProblem::Disabled => language.pick(
            format!("Events do not arrive: the endpoint{id} is disabled at Stripe."),
            format!("イベントが届きません。Stripe でエンドポイント{id}が無効になっています。"),
        ),
        EndpointProblem::TypesMissing => language.pick(
            format!("The endpoint{id} is not subscribed to all event types that money depends on."),
            format!("寄付の記録に必要なイベントの種類の一部が、エンドポイント{id}で選択されていません。"),
        ),
        // https://docs.stripe.com/billing/subscriptions/webhooks
        EndpointProblem::HoldsUpInvoices => language.pick(
            format!("The endpoint{id} is subscribed to invoice.created: while this service does not answer, Stripe delays invoices by up to 72 hours."),
            format!("エンドポイント{id}に invoice.created が送られます。このサービスが応答しない間、Stripe は請求書の確定を最長 72 時間保留します。"),
        ),
        EndpointProblem::VersionsDiffer => language.pick(
            format!("A second endpoint{id} at Stripe has this service's URL and another API version: each event arrives twice, and the first delivery decides what is recorded."),
            format!("このサービスの URL を持つ二つ目のエンドポイント{id}が、別の API バージョンで Stripe にあります。同じイベントが 2 回届き、先に届いたほうの内容が記録されます。"),
        ),
        EndpointProblem::Duplicated => language.pick(
            format!("Each event arrives twice: a second endpoint{id} at Stripe has this service's URL."),
            format!("同じイベントが 2 回届きます。このサービスの URL を持つ二つ目のエンドポイント{id}が Stripe にあります。"),
        ),
        EndpointProblem::VersionUnknown => language.pick(
            format!("The endpoint{id} has an API version that this service does not know."),
            format!("エンドポイント{id}のイベントは、このサービスの知らない API バージョンで作られます。"),
        ),
    }
}

pub(super) fn first(problem: EndpointProblem, language: Language) -> &'static str {
    match problem {
        EndpointProblem::Missing => language.pick(
            "compare WEBHOOK_URL with Stripe's Dashboard (Workbench → Webhooks), then correct it or register the endpoint.",
            "WEBHOOK_URL を Stripe のダッシュボード（ワークベンチ → Webhook）と照合し、設定を直すか、エンドポイントを登録してください。",
        ),
        EndpointProblem::Disabled => language.pick(
            "enable it in Stripe's Dashboard (Workbench → Webhooks). No event is lost, because missing ones are fetched, but Stripe drops the retries that fall due until then.",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で有効に戻してください。届かなかったイベントは API から取得するため失われませんが、無効の間に予定されていた Stripe の再送は取りやめになります。",
        ),
        EndpointProblem::TypesMissing => language.pick(
            "add them in Stripe's Dashboard (Workbench → Webhooks). Until then these events are fetched, and arrive late. List the missing types:",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で追加してください。それまでは API から取得するため、反映が遅れます。足りない種類は次のコマンドで分かります。",
        ),
        EndpointProblem::HoldsUpInvoices => language.pick(
            "remove invoice.created from its event types in Stripe's Dashboard (Workbench → Webhooks). If all types are selected (*), select them one by one.",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で、イベントの種類から invoice.created を外してください。すべての種類（*）を選んでいる場合は、個別に選び直してください。",
        ),
        // https://docs.stripe.com/webhooks/versioning
        EndpointProblem::VersionsDiffer => language.pick(
            "check that deliveries to the endpoint of the newer version are answered 200, then disable the old one in Stripe's Dashboard (Workbench → Webhooks). Nothing is counted twice; without STRIPE_SECRET_KEY, donations received in between may stay provisional.",
            "新しいバージョンのエンドポイントへの配信に 200 を返していることを確かめてから、Stripe のダッシュボード（ワークベンチ → Webhook）で古いほうを無効にしてください。二重に数えることはありませんが、STRIPE_SECRET_KEY がなければ、その間の寄付が未確定のまま残ることがあります。",
        ),
        EndpointProblem::Duplicated => language.pick(
            "delete one of them in Stripe's Dashboard (Workbench → Webhooks), and keep the one whose secret is configured here. Nothing is counted twice.",
            "Stripe のダッシュボード（ワークベンチ → Webhook）で、署名シークレットを設定済みのものを残し、もう一方を削除してください。二重に数えることはありません。",
        ),
        EndpointProblem::VersionUnknown => language.pick(
            "update this program, or register the endpoint again with another version. Until then watch for dead events.",
            "このプログラムを更新するか、別のバージョンでエンドポイントを登録し直してください。それまでは、処理できないイベントがないか注意してください。",
        ),
    }
}

/// These texts also hold if the endpoint was deleted or disabled, which has an alert of its own.
pub(super) fn resolved(problem: EndpointProblem, language: Language) -> &'static str {
    match problem {
        EndpointProblem::Missing => language.pick(
            "an endpoint at Stripe has this service's URL.",
            "このサービスの URL を持つエンドポイントが Stripe にあります。",
        ),
        EndpointProblem::Disabled => language.pick(
            "the endpoint is no longer disabled.",
            "エンドポイントは無効ではなくなりました。",
        ),
        EndpointProblem::TypesMissing => language.pick(
            "no endpoint lacks an event type.",
            "エンドポイントに不足しているイベントの種類はなくなりました。",
        ),
        EndpointProblem::HoldsUpInvoices => language.pick(
            "no endpoint delays invoices.",
            "請求書の確定がこのサービスの応答を待つことはなくなりました。",
        ),
        EndpointProblem::VersionsDiffer => language.pick(
            "no second endpoint has this service's URL and another API version.",
            "このサービスの URL を持ち API バージョンの異なるエンドポイントはなくなりました。",
        ),
        EndpointProblem::Duplicated => language.pick(
            "no second endpoint has this service's URL.",
            "このサービスの URL を持つ二つ目のエンドポイントはなくなりました。",
        ),
        EndpointProblem::VersionUnknown => language.pick(
            "no endpoint has an unknown API version.",
            "エンドポイントの API バージョンの問題はなくなりました。",
        ),
    }
}
