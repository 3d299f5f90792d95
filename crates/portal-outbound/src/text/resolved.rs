//! The end of a problem.

use portal_domain::money::number_for_people as number;
use portal_domain::{Alert, DisputeState, ObjectId};

use super::{day_text, endpoint};
use crate::language::Language;

pub(super) fn resolved(alert: &Alert, language: Language) -> String {
    let says = |en: &str, ja: &str| language.pick(en, ja).to_owned();
    let ended = match alert {
        Alert::EventDead { .. } => {
            says("no event is dead.", "処理できなかったイベントはなくなりました。")
        }
        Alert::SignatureRefusals { .. } => {
            says("few or no signatures are refused now.", "署名の検証による拒否は収まりました。")
        }
        Alert::StoreUnavailable { refused, .. } => {
            let refused = number(*refused);
            language.pick(
                format!("events can be stored again. Deliveries answered 503: {refused}; Stripe sends them again."),
                format!("イベントを保存できるようになりました。503 を返した配信は {refused} 件で、Stripe が再送します。"),
            )
        }
        Alert::Dispute { dispute, payment, state, .. } => {
            of_dispute(dispute, payment, *state, language)
        }
        Alert::RefundFailed { refund, payment, .. } => language.pick(
            format!("the failed refund of {payment} ({refund}) is closed."),
            format!("{payment} の返金の失敗（{refund}）は解決しました。"),
        ),
        Alert::PayoutFailed { payout, .. } => language.pick(
            format!("the money of the failed payout {payout} was paid out."),
            format!("失敗した入金 {payout} の資金が、あらためて入金されました。"),
        ),
        Alert::PayoutDiffers { payout, .. } => language.pick(
            format!("the payout {payout} is explained."),
            format!("入金 {payout} の内訳が一致しました。"),
        ),
        Alert::PayoutStuck { payout, .. } => language.pick(
            format!("the payout {payout} has moved."),
            format!("入金 {payout} の処理が進みました。"),
        ),
        Alert::DonationsNotPaidOut { .. } => says(
            "each paid donation is in a payout or in the balance.",
            "支払い済みの寄付は、すべて入金または残高に含まれています。",
        ),
        Alert::Silence { .. } => says("events are received again.", "イベントが再び届いています。"),
        Alert::ConnectedAccountsOnly { .. } => says(
            "an event about money of the portal's own account was received.",
            "自分のアカウントの寄付に関するイベントが届きました。",
        ),
        Alert::Endpoint { problem, .. } => endpoint::resolved(*problem, language).into(),
        Alert::EventsNotDelivered { .. } => {
            says("Stripe delivers events again.", "イベントが Stripe から届くようになりました。")
        }
        Alert::StripeUnreadable { .. } => {
            says("Stripe's API can be read again.", "Stripe に照会できるようになりました。")
        }
        Alert::ReconciliationIncomplete { .. } => says(
            "the last completeness report is complete: every donation is recorded once.",
            "最新の照合レポートで、すべての寄付が一度ずつ記録されていることを確認しました。",
        ),
        Alert::ChannelFailing { channel, .. } => language.pick(
            format!("the channel {channel} takes notifications again, or is no longer set."),
            format!("通知先 {channel} への通知を再開したか、設定から外されました。"),
        ),
        Alert::Digest(digest) => {
            let day = day_text(digest.day.as_str(), language);
            language.pick(
                format!("the digest of {day} is closed."),
                format!("{day}の集計は終わりました。"),
            )
        }
        Alert::Test { .. } => says("the test alert is closed.", "アラートのテストは終わりました。"),
    };
    format!("{}{ended}", language.pick("Resolved: ", "解消: "))
}

fn of_dispute(
    dispute: &ObjectId,
    payment: &ObjectId,
    state: DisputeState,
    language: Language,
) -> String {
    match state {
        // An inquiry may have become a dispute, which has an alert of its own.
        DisputeState::Inquiry => language.pick(
            format!("the inquiry about {payment} ({dispute}) is closed."),
            format!("{payment} への照会（{dispute}）は終わりました。"),
        ),
        DisputeState::Open | DisputeState::Won | DisputeState::Lost => language.pick(
            format!("the dispute about {payment} ({dispute}) is closed. Stripe's Dashboard shows its outcome."),
            format!("{payment} への不審請求の申し立て（{dispute}）は終わりました。結果は Stripe のダッシュボードで確認できます。"),
        ),
    }
}
