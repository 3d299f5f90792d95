//! That a trouble has ended.

use portal_domain::{Alert, DisputeState, ObjectId};

use super::endpoint;
use crate::language::Language;

pub(super) fn over(alert: &Alert, language: Language) -> String {
    let says = |en: &str, ja: &str| language.pick(en, ja).to_owned();
    let over = match alert {
        Alert::EventDead { .. } => {
            says("no event is dead any more.", "処理できなかったイベントはなくなりました。")
        }
        Alert::SignatureRefusals { .. } => {
            says("signatures are as usual again.", "署名の検証による拒否は収まりました。")
        }
        Alert::StoreUnavailable { .. } => says(
            "events can be stored again. Stripe sends those that were refused.",
            "イベントを保存できるようになりました。拒否したイベントは Stripe が再送します。",
        ),
        Alert::Dispute { dispute, payment, state, .. } => {
            of_dispute(dispute, payment, *state, language)
        }
        Alert::RefundFailed { refund, payment, .. } => language.pick(
            format!("the failed refund of {payment} ({refund})."),
            format!("{payment} の返金の失敗（{refund}）は解決しました。"),
        ),
        Alert::Silence { .. } => says("events come in again.", "イベントが再び届いています。"),
        Alert::ConnectedAccountsOnly { .. } => says(
            "events about money of the portal's own account have come.",
            "自分のアカウントの寄付に関するイベントが届きました。",
        ),
        Alert::Endpoint { problem, .. } => endpoint::over(*problem, language).into(),
        Alert::EventsNotDelivered { .. } => {
            says("Stripe delivers events again.", "イベントが Stripe から届くようになりました。")
        }
        Alert::StripeUnreadable { .. } => {
            says("Stripe can be asked again.", "Stripe に照会できるようになりました。")
        }
        Alert::ReconciliationIncomplete { .. } => says(
            "the last completeness report says that all is here, once.",
            "最新の照合レポートで、すべての寄付が一度ずつ記録されていることを確認しました。",
        ),
        Alert::Digest(digest) => {
            let day = &digest.day;
            language.pick(format!("the digest of {day}."), format!("{day} の集計は終わりました。"))
        }
        Alert::Test => says("the test of the alerts.", "アラートのテストは終わりました。"),
    };
    format!("{}{over}", language.pick("Resolved: ", "解消: "))
}

fn of_dispute(
    dispute: &ObjectId,
    payment: &ObjectId,
    state: DisputeState,
    language: Language,
) -> String {
    match state {
        // What was a question may be a dispute now; that is told by itself.
        DisputeState::Inquiry => language.pick(
            format!("the bank's question about {payment} ({dispute}) is no longer open."),
            format!("{payment} への照会（{dispute}）は終わりました。"),
        ),
        DisputeState::Open | DisputeState::Won | DisputeState::Lost => language.pick(
            format!("the dispute about {payment} ({dispute}) is no longer open. How it ended stands in Stripe's Dashboard."),
            format!("{payment} への不審請求の申し立て（{dispute}）は終わりました。結果は Stripe のダッシュボードで確認できます。"),
        ),
    }
}
