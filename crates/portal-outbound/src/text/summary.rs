//! The summary of an alert: the first line, which stands alone as PagerDuty's summary.

use portal_domain::alert::LikelyCause;
use portal_domain::money::number_for_people as number;
use portal_domain::{
    AccountPath, Alert, DeadReason, DisputeState, EnumWord, EventId, EventType, ObjectId,
};

use super::duration::duration;
use super::{amount_text, channel_failing, day_text, endpoint, payout, unread};
use crate::context::MessageContext;
use crate::language::Language;

pub(super) fn summary(alert: &Alert, context: &MessageContext) -> String {
    let (locale, language) = (&context.locale, context.language());
    match alert {
        Alert::EventDead { event, event_type, reason, missing } => {
            let because = because(*reason, missing.as_ref(), language);
            event_dead(event, event_type, &because, reason.name(), language)
        }
        Alert::SignatureRefusals { count, accepted, window_seconds, cause, ahead_seconds } => {
            let cause = likely(*cause, *ahead_seconds, language);
            signature_refusals([*count, *accepted], *window_seconds, &cause, language)
        }
        Alert::StoreUnavailable { reason, refused, free_bytes, .. } => {
            let place = place(context.database.as_deref(), *free_bytes, language);
            store_unavailable(reason, *refused, &place, language)
        }
        Alert::Dispute { dispute, payment, state, amount, currency, .. } => {
            let amount = amount_text(*amount, currency, language);
            disputed(dispute, payment, *state, &amount, language)
        }
        Alert::RefundFailed { refund, payment, amount, currency, .. } => {
            refund_failed(refund, payment, &amount_text(*amount, currency, language), language)
        }
        Alert::PayoutFailed { payout, amount, currency, failure, arrives, .. } => {
            let amount = amount_text(*amount, currency, language);
            payout::failed(payout, &amount, failure.as_ref(), *arrives, language)
        }
        Alert::PayoutDiffers { payout, amount, currency, differences, .. } => {
            payout::differs(payout, &amount_text(*amount, currency, language), *differences, language)
        }
        Alert::PayoutStuck { payout, amount, currency, arrives, .. } => {
            payout::stuck(payout, &amount_text(*amount, currency, language), *arrives, language)
        }
        Alert::DonationsNotPaidOut { donations, first, .. } => {
            payout::not_paid_out(*donations, first, language)
        }
        Alert::Silence { last_received_at, usual_seconds } => {
            silence(&locale.time(*last_received_at), *usual_seconds, language)
        }
        Alert::ConnectedAccountsOnly { account, events, last_received_at } => {
            let last = locale.time(*last_received_at);
            connected_accounts_only(account.as_ref(), *events, &last, language)
        }
        Alert::Endpoint { problem, endpoint } => {
            endpoint::summary(*problem, endpoint.as_ref(), language)
        }
        Alert::EventsNotDelivered { events, oldest_seconds } => {
            events_not_delivered(*events, *oldest_seconds, language)
        }
        Alert::StripeUnreadable { resource, why } => unread::summary(*resource, *why, language),
        Alert::ReconciliationIncomplete { open, unread } => language.pick(
            incomplete(*open, *unread),
            format!("照合が完了していません。差異のある寄付が {open} 件、Stripe から読み取れなかった対象が {unread} 件あります。"),
        ),
        Alert::ChannelFailing { channel, why } => {
            channel_failing::summary(channel.as_str(), *why, language)
        }
        Alert::Digest(digest) => {
            let day = day_text(digest.day.as_str(), language);
            language.pick(format!("Donations of {day}"), format!("{day}の寄付"))
        }
        Alert::Test { .. } => language
            .pick(
                "This is a test alert. The channel works; no action is needed.",
                "アラートのテストです。この通知先に正しく届いています。対応は不要です。",
            )
            .into(),
    }
}

fn event_dead(
    event: &EventId,
    event_type: &EventType,
    because: &str,
    name: &str,
    language: Language,
) -> String {
    language.pick(
        format!("Event {event} ({event_type}) could not be processed: {because} ({name})."),
        format!("イベント {event}（{event_type}）を処理できませんでした。{because}（{name}）。"),
    )
}

fn store_unavailable(reason: &EnumWord, refused: u64, place: &str, language: Language) -> String {
    let refused = number(refused);
    language.pick(
        format!("Events cannot be stored ({reason}). Deliveries answered 503 so far: {refused}.{place}"),
        format!("イベントを保存できません（{reason}）。これまでに 503 を返した配信は {refused} 件です。{place}"),
    )
}

fn signature_refusals(
    refused_and_accepted: [u64; 2],
    window_seconds: i64,
    cause: &str,
    language: Language,
) -> String {
    let window = duration(window_seconds, language);
    let [count, accepted] = refused_and_accepted.map(number);
    language.pick(
        format!("Within {window}, {count} deliveries were refused for their signature and {accepted} accepted. Likely cause: {cause}."),
        format!("{window}の間に、署名の検証で {count} 件の配信を拒否し、{accepted} 件を受け付けました。考えられる原因: {cause}。"),
    )
}

fn disputed(
    dispute: &ObjectId,
    payment: &ObjectId,
    state: DisputeState,
    amount: &str,
    language: Language,
) -> String {
    let (before, after) = dispute_is(state, language);
    language.pick(
        format!("{before}: {amount}, {payment} ({dispute}). {after}"),
        format!("{before}: {amount}、{payment}（{dispute}）。{after}"),
    )
}

fn refund_failed(
    refund: &ObjectId,
    payment: &ObjectId,
    amount: &str,
    language: Language,
) -> String {
    language.pick(
        format!("A refund failed: {amount}, {payment} ({refund}). The money is back in the account."),
        format!("返金が寄付者に届きませんでした: {amount}、{payment}（{refund}）。資金はアカウントに戻っています。"),
    )
}

fn silence(last: &str, usual_seconds: i64, language: Language) -> String {
    let usual = duration(usual_seconds, language);
    language.pick(
        format!("No event was received since {last}. The longest silence before was {usual}."),
        format!("受信の途絶: {last} を最後にイベントが届いていません。これまでの最長の間隔は {usual}でした。"),
    )
}

fn connected_accounts_only(
    account: Option<&AccountPath>,
    events: u64,
    last: &str,
    language: Language,
) -> String {
    let in_brackets = |it| language.pick(format!(" ({it})"), format!("（{it}）"));
    let account = account.map(in_brackets).unwrap_or_default();
    language.pick(
        format!("No donations are recorded: all events about money come from connected accounts{account} and are ignored ({events} in four weeks, the last at {last})."),
        format!("寄付が記録されていません。届いているのは連結アカウント{account}のイベントだけで、対象外になります。直近 4 週間に {events} 件、最後は {last} です。"),
    )
}

fn events_not_delivered(events: u64, oldest_seconds: i64, language: Language) -> String {
    let oldest = duration(oldest_seconds, language);
    let were_fetched =
        if events == 1 { "1 event; it was".into() } else { format!("{events} events; they were") };
    language.pick(
        format!("Stripe did not deliver {were_fetched} fetched from the API. Oldest: {oldest}."),
        format!("Stripe から届かないイベントがあります。代わりに API から {events} 件を取得しました。最も古いものは {oldest}前に起きたものです。"),
    )
}

fn incomplete(open: u64, unread: u64) -> String {
    let differ =
        if open == 1 { "1 donation differs".into() } else { format!("{open} donations differ") };
    let resources = if unread == 1 { "resource" } else { "resources" };
    format!(
        "Reconciliation is incomplete: {differ}, {unread} Stripe {resources} could not be read."
    )
}

/// Returns the sentence on the database's file and the room beside it, where they are known.
fn place(path: Option<&str>, free_bytes: Option<u64>, language: Language) -> String {
    let Some(path) = path else { return String::new() };
    let free = free_bytes
        .map(number)
        .map(|it| language.pick(format!(", {it} bytes free"), format!("（空き {it} バイト）")));
    let free = free.unwrap_or_default();
    language.pick(format!(" Database: {path}{free}."), format!("データベース: {path}{free}。"))
}

fn because(reason: DeadReason, missing: Option<&EnumWord>, language: Language) -> String {
    match missing {
        Some(fact) => language.pick(format!("{fact} is missing"), format!("{fact} がありません")),
        None => because_of(reason, language).to_owned(),
    }
}

fn because_of(reason: DeadReason, language: Language) -> &'static str {
    match reason {
        DeadReason::FactsMissing => language.pick(
            "an id, an amount, a currency or a status is missing",
            "ID、金額、通貨、状態のいずれかが欠けています",
        ),
        DeadReason::AmountOutOfRange => {
            language.pick("an amount is negative or too large", "金額が負であるか、大きすぎます")
        }
        DeadReason::LedgerFailed => language.pick(
            "its changes could not be written or decided",
            "台帳への変更を保存できなかったか、変更内容を決められませんでした",
        ),
        DeadReason::ObjectMissing => language.pick(
            "Stripe has no object of the id that it names",
            "オブジェクトの ID だけを持ち、その ID のものが Stripe にありません",
        ),
    }
}

fn likely(cause: LikelyCause, ahead_seconds: Option<i64>, language: Language) -> String {
    let likely = match cause {
        LikelyCause::WrongSecret => {
            language.pick("a wrong signing secret", "署名シークレットの誤り")
        }
        LikelyCause::Clock => return wrong_clock(ahead_seconds, language),
        LikelyCause::Forged => {
            language.pick("somebody else sends forged deliveries", "第三者が偽の配信を送っています")
        }
        LikelyCause::Scanner => language.pick("not sent by Stripe", "Stripe 以外からの送信"),
    };
    likely.into()
}

fn wrong_clock(ahead_seconds: Option<i64>, language: Language) -> String {
    let Some(ahead) = ahead_seconds else {
        return language.pick("a wrong clock", "時計のずれ").into();
    };
    let seconds = number(ahead.unsigned_abs());
    let (en, ja) =
        if ahead < 0 { ("behind", "遅れています") } else { ("ahead", "進んでいます") };
    language.pick(
        format!("this machine's clock is {seconds} s {en}"),
        format!("サーバーの時計が {seconds} 秒{ja}"),
    )
}

/// Returns the texts before and after the payment.
fn dispute_is(state: DisputeState, language: Language) -> (&'static str, &'static str) {
    match state {
        DisputeState::Inquiry => language.pick(
            ("A donor's bank inquires about a payment", "No money has moved."),
            ("寄付者の銀行から決済についての照会がありました", "資金はまだ動いていません。"),
        ),
        DisputeState::Open => language.pick(
            ("A payment is disputed", "The bank has withdrawn the money."),
            ("決済に不審請求の申し立てがありました", "該当の金額は引き落とされています。"),
        ),
        DisputeState::Won => language.pick(
            ("A dispute was won", "The money is back."),
            ("不審請求の申し立てで、こちらの主張が認められました", "資金は戻っています。"),
        ),
        DisputeState::Lost => language.pick(
            ("A dispute was lost", "The money will not come back."),
            ("不審請求の申し立てで、こちらの主張が認められませんでした", "資金は戻りません。"),
        ),
    }
}
