//! What has happened: the first line, which stands alone as PagerDuty's summary.

use portal_domain::alert::LikelyCause;
use portal_domain::money::for_people;
use portal_domain::{AccountPath, Alert, DeadReason, DisputeState, UnixSeconds};

use super::lasting::lasting;
use super::{endpoint, unread};
use crate::language::Language;

pub(super) fn what(alert: &Alert, language: Language) -> String {
    match alert {
        Alert::EventDead { event, event_type, reason } => {
            let (name, because) = (reason.name(), because(*reason, language));
            language.pick(
                format!("The ledger could not take an event: {event} ({event_type}), because {because} ({name})."),
                format!("イベント {event}（{event_type}）を処理できませんでした。{because}（{name}）。"),
            )
        }
        Alert::SignatureRefusals { count, window_seconds, cause } => {
            let (window, cause) = (lasting(*window_seconds, language), likely(*cause, language));
            language.pick(
                format!("{count} deliveries within {window} were refused for their signature. Likely cause: {cause}."),
                format!("{window}の間に {count} 件の配信を署名の検証で拒否しました。考えられる原因: {cause}。"),
            )
        }
        Alert::StoreUnavailable { reason, refused } => language.pick(
            format!("Events cannot be stored ({reason}). Deliveries answered 503 so far: {refused}."),
            format!("イベントを保存できません（{reason}）。これまでに 503 を返した配信は {refused} 件です。"),
        ),
        Alert::Dispute { dispute, payment, state, amount, currency, .. } => {
            let (before, after) = dispute_is(*state, language);
            let amount = for_people(*amount, currency);
            language.pick(
                format!("{before}: {amount}, {payment} ({dispute}). {after}"),
                format!("{before}: {amount}、{payment}（{dispute}）。{after}"),
            )
        }
        Alert::RefundFailed { refund, payment, amount, currency, .. } => {
            let amount = for_people(*amount, currency);
            language.pick(
                format!("A refund did not reach the donor: {amount}, {payment} ({refund}). The money is back in the account."),
                format!("返金が寄付者に届きませんでした: {amount}、{payment}（{refund}）。資金はアカウントに戻っています。"),
            )
        }
        Alert::Silence { last_received_at, usual_seconds } => {
            let usual = lasting(*usual_seconds, language);
            language.pick(
                format!("No event has come since {last_received_at}. The longest silence before was {usual}."),
                format!("{last_received_at} を最後にイベントが届いていません。これまでの最長の間隔は {usual}でした。"),
            )
        }
        Alert::ConnectedAccountsOnly { account, events, last_received_at } => {
            connected_accounts_only(account.as_ref(), *events, *last_received_at, language)
        }
        Alert::Endpoint { problem, endpoint } => {
            endpoint::what(*problem, endpoint.as_ref(), language)
        }
        Alert::EventsNotDelivered { events, oldest_seconds } => {
            events_not_delivered(*events, *oldest_seconds, language)
        }
        Alert::StripeUnreadable { resource, why } => unread::what(*resource, *why, language),
        Alert::ReconciliationIncomplete { open, unread } => language.pick(
            format!("The last completeness report does not say that all is here. Donations that differ: {open}; places that could not be looked at: {unread}."),
            format!("最新の照合レポートで、すべての寄付の記録を確認できませんでした。差異のある寄付は {open} 件、照会できなかった対象は {unread} 件です。"),
        ),
        Alert::Digest(digest) => {
            let day = &digest.day;
            language.pick(format!("Donations of {day}"), format!("{day} の寄付"))
        }
        Alert::Test => language
            .pick(
                "This is a test of the alerts. This channel works; there is nothing to do.",
                "アラートのテストです。このチャネルに正しく届いています。対応は不要です。",
            )
            .into(),
    }
}

fn connected_accounts_only(
    account: Option<&AccountPath>,
    events: u64,
    last: UnixSeconds,
    language: Language,
) -> String {
    let in_brackets = |it| language.pick(format!(" ({it})"), format!("（{it}）"));
    let account = account.map(in_brackets).unwrap_or_default();
    language.pick(
        format!("No donation is recorded: events about money come from connected accounts only{account}, and are ignored. They were {events} in four weeks, the last at {last}."),
        format!("寄付が記録されていません。届いているのは連結アカウント{account}のイベントだけで、対象外になります。直近 4 週間に {events} 件、最後は {last} です。"),
    )
}

fn events_not_delivered(events: u64, oldest_seconds: i64, language: Language) -> String {
    let oldest = lasting(oldest_seconds, language);
    language.pick(
        format!("Stripe does not deliver all events. Fetched in place of that: {events}; the first of them had happened {oldest} before."),
        format!("Stripe から届かないイベントがあります。代わりに API から {events} 件を取得しました。最も古いものは {oldest}前に起きたものです。"),
    )
}

fn because(reason: DeadReason, language: Language) -> &'static str {
    match reason {
        DeadReason::FactsMissing => language.pick(
            "it lacks an id, an amount, a currency or a status",
            "ID、金額、通貨、状態のいずれかが欠けています",
        ),
        DeadReason::AmountOutOfRange => {
            language.pick("an amount is negative or too large", "金額が負であるか、大きすぎます")
        }
        DeadReason::LedgerFailed => language.pick(
            "the database did not take what it changes, or working that out failed",
            "台帳への変更を保存できなかったか、変更内容を決められませんでした",
        ),
        DeadReason::ObjectMissing => language.pick(
            "it only names its object, and Stripe has none of that id",
            "オブジェクトの ID だけを持ち、その ID のものが Stripe にありません",
        ),
    }
}

fn likely(cause: LikelyCause, language: Language) -> &'static str {
    match cause {
        LikelyCause::WrongSecret => language.pick("a wrong secret", "シークレットの誤り"),
        LikelyCause::Clock => language.pick("a wrong clock", "時計のずれ"),
        LikelyCause::Scanner => language.pick("not sent by Stripe", "Stripe 以外からの送信"),
    }
}

/// What stands before and after the payment.
fn dispute_is(state: DisputeState, language: Language) -> (&'static str, &'static str) {
    match state {
        DisputeState::Inquiry => language.pick(
            ("A donor's bank asks about a payment", "No money has moved."),
            ("寄付者の銀行から決済についての照会がありました", "資金はまだ動いていません。"),
        ),
        DisputeState::Open => language.pick(
            ("A donor's bank contests a payment", "The bank has taken the money."),
            ("決済に不審請求の申し立てがありました", "該当の金額は引き落とされています。"),
        ),
        DisputeState::Won => language.pick(
            ("A dispute was won", "The money is back."),
            ("不審請求の申し立てで、こちらの主張が認められました", "資金は戻っています。"),
        ),
        DisputeState::Lost => language.pick(
            ("A dispute was lost", "The money is gone."),
            ("不審請求の申し立てで、こちらの主張が認められませんでした", "資金は戻りません。"),
        ),
    }
}
