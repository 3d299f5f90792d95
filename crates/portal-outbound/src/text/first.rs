//! The first step for an operator, and its commands.

use portal_domain::alert::LikelyCause;
use portal_domain::{Alert, DeadReason, DisputeState, StoreError};

use super::{channel_failing, endpoint, unread};
use crate::context::MessageContext;
use crate::language::Language;

/// Returns the first step; `None` if the alert is no problem.
pub(super) fn first(alert: &Alert, language: Language) -> Option<String> {
    let first = match alert {
        Alert::EventDead { reason, .. } => of_dead(*reason, language),
        Alert::SignatureRefusals { cause, .. } => of_refusals(*cause, language),
        Alert::StoreUnavailable { reason, .. } => of_store(reason.as_str(), language),
        Alert::Dispute { state, .. } => of_dispute(*state, language),
        // https://docs.stripe.com/refunds#failed-refunds
        Alert::RefundFailed { .. } => language.pick(
            "agree with the donor on another way to return the money.",
            "別の返金方法を寄付者と相談してください。",
        ),
        // https://docs.stripe.com/payouts#payout-failures
        Alert::PayoutFailed { .. } => language.pick(
            "correct the bank account in Stripe's Dashboard, and inform the treasurer: the money comes with a later payout. If the month was exported to the books, export it again.",
            "Stripe のダッシュボードで銀行口座を修正し、会計の担当者に知らせてください。資金は後の入金に含まれます。その月の仕訳を出力済みの場合は、出力し直してください。",
        ),
        Alert::PayoutDiffers { .. } => language.pick(
            "see which lines differ, and reconcile that time:",
            "一致しない明細を確認し、その期間を照合してください。",
        ),
        Alert::PayoutStuck { .. } => language.pick(
            "look the payout up in Stripe's Dashboard, and ask the bank or Stripe's support.",
            "Stripe のダッシュボードで入金の状況を確認し、銀行または Stripe のサポートに問い合わせてください。",
        ),
        Alert::DonationsNotPaidOut { .. } => language.pick(
            "look the donation up in Stripe's Dashboard: its balance transaction and its payout.",
            "Stripe のダッシュボードで、その寄付の残高取引と入金を確認してください。",
        ),
        Alert::Silence { .. } => language.pick(
            "check Stripe's Dashboard for failed deliveries or a disabled endpoint, then the tunnel.",
            "Stripe のダッシュボードで失敗した配信や無効になったエンドポイントがないか、次にトンネルを確認してください。",
        ),
        // https://docs.stripe.com/connect/webhooks
        Alert::ConnectedAccountsOnly { .. } => language.pick(
            "if that account is your own, register an endpoint in it for its own events, instead of one for connected accounts or an organization.",
            "そのアカウントが自分のものであれば、連結アカウントや組織を対象とする送信先の代わりに、そのアカウント自身に、自分のアカウントのイベントを対象とするエンドポイントを登録してください。",
        ),
        Alert::Endpoint { problem, .. } => endpoint::first(*problem, language),
        Alert::EventsNotDelivered { .. } => language.pick(
            "check Stripe's Dashboard for failed deliveries, then the tunnel. No event is lost, but they arrive late.",
            "Stripe のダッシュボードで失敗した配信がないか、次にトンネルを確認してください。イベントは失われませんが、反映が遅れます。",
        ),
        Alert::StripeUnreadable { resource, why } => &unread::first(*resource, *why, language),
        Alert::ReconciliationIncomplete { .. } => language.pick(
            "read the report, repair what it names, then reconcile again:",
            "レポートを読み、原因を取り除いてから、もう一度照合してください。",
        ),
        Alert::ChannelFailing { why, .. } => channel_failing::first(*why, language),
        Alert::Digest(_) | Alert::Test { .. } => return None,
    };
    Some(format!("{}{first}", language.pick("First: ", "最初の対応: ")))
}

fn of_dead(reason: DeadReason, language: Language) -> &'static str {
    match reason {
        DeadReason::FactsMissing | DeadReason::AmountOutOfRange => language.pick(
            "look it up in Stripe's Dashboard, and report it as a bug. A retry helps only after an update.",
            "Stripe のダッシュボードで内容を確認し、不具合として報告してください。再試行は更新後でなければ効果がありません。",
        ),
        DeadReason::LedgerFailed => language.pick(
            "repair the cause that the log names, then retry:",
            "ログに出ている原因を取り除いてから、再試行してください。",
        ),
        DeadReason::ObjectMissing => language.pick(
            "check that STRIPE_SECRET_KEY belongs to the event's account and mode, correct it, then retry:",
            "STRIPE_SECRET_KEY がイベントと同じアカウントと環境のものか確認し、直してから再試行してください。",
        ),
    }
}

fn of_refusals(cause: LikelyCause, language: Language) -> &'static str {
    match cause {
        LikelyCause::WrongSecret => language.pick(
            "check if the signing secret was rolled: compare STRIPE_WEBHOOK_SECRET with the endpoint's page in Stripe's Dashboard. Stripe sends the events again.",
            "署名シークレット（STRIPE_WEBHOOK_SECRET）をロールした直後ではないか、Stripe のダッシュボードと照合してください。イベントは Stripe が再送します。",
        ),
        LikelyCause::Clock => language.pick(
            "correct this machine's clock (NTP). Stripe sends the events again.",
            "サーバーの時計（NTP）を直してください。イベントは Stripe が再送します。",
        ),
        LikelyCause::Forged => language.pick(
            "no action is needed, unless Stripe's Dashboard shows failed deliveries: then STRIPE_WEBHOOK_SECRET lacks the secret of one endpoint (test mode, thin events). The proxy's log has the sender.",
            "対応は不要です。ただし Stripe のダッシュボードに失敗した配信があれば、STRIPE_WEBHOOK_SECRET にそのエンドポイント（テスト環境、シンイベントなど）の署名シークレットがありません。送信元はプロキシのログで分かります。",
        ),
        LikelyCause::Scanner => language.pick(
            "no action is needed unless Stripe's Dashboard shows failed deliveries; then look for a proxy that removes the header.",
            "Stripe のダッシュボードに失敗した配信がなければ、対応は不要です。あれば、ヘッダーを取り除くプロキシがないか確認してください。",
        ),
    }
}

fn of_store(reason: &str, language: Language) -> &'static str {
    let is = |error: &StoreError| reason == error.name();
    if is(&StoreError::QuotaExhausted) {
        language.pick(
            "upgrade to the Workers Paid plan to continue now, or wait: Cloudflare's row limit of the day is used up until midnight UTC. Stripe sends the events again.",
            "Cloudflare の 1 日の行数の上限に達しました（UTC の 0 時に戻ります）。すぐに再開するには Workers Paid プランに変更してください。イベントは Stripe が再送します。",
        )
    } else if is(&StoreError::Full) {
        language.pick(
            "make room on the database's disk. Stripe sends the events again.",
            "データベースのディスクの空きを増やしてください。イベントは Stripe が再送します。",
        )
    } else if is(&StoreError::Missing) {
        language.pick(
            "put the database's file back, with its -wal, before any restart; do not run migrate, which would make an empty one. Stripe sends the events again.",
            "再起動する前に、データベースのファイルを -wal とともに元の場所に戻してください。migrate は実行しないでください（空のデータベースができます）。イベントは Stripe が再送します。",
        )
    } else if is(&StoreError::ReadOnly) || is(&StoreError::AccessDenied(String::new())) {
        language.pick(
            "let the service's user write to the database, or make its disk writable again. Stripe sends the events again.",
            "サービスのユーザーに書き込みの権限を与えるか、ディスクの読み取り専用を解除してください。イベントは Stripe が再送します。",
        )
    } else if is(&StoreError::Corrupt) {
        language.pick(
            "the database is damaged: keep the file, and restore the last backup (runbook, section 9).",
            "データベースが破損しています。ファイルを残したまま、最新のバックアップから復元してください（運用手順書の §9）。",
        )
    } else if is(&StoreError::Unreachable) || is(&StoreError::TimedOut) {
        language.pick(
            "check whether the database's server runs and can be reached. Stripe sends the events again.",
            "データベースのサーバーが動作し、接続できるか確認してください。イベントは Stripe が再送します。",
        )
    } else {
        language.pick(
            "let doctor say what is wrong with the database. Stripe sends the events again.",
            "doctor でデータベースの問題を確認してください。イベントは Stripe が再送します。",
        )
    }
}

fn of_dispute(state: DisputeState, language: Language) -> &'static str {
    match state {
        DisputeState::Inquiry | DisputeState::Open => language.pick(
            "respond in Stripe's Dashboard before the deadline shown there.",
            "Stripe のダッシュボードで、表示されている期限までに回答してください。",
        ),
        DisputeState::Won | DisputeState::Lost => {
            language.pick("inform the treasurer.", "会計の担当者に知らせてください。")
        }
    }
}

/// Returns the commands, which are the same in all languages.
pub(super) fn commands(alert: &Alert, context: &MessageContext) -> Vec<String> {
    let commands: &[&str] = match alert {
        // A retry comes to the same until the program knows more.
        Alert::EventDead {
            event,
            reason: DeadReason::FactsMissing | DeadReason::AmountOutOfRange,
            ..
        } => return vec![format!("donation-portal events show {event}")],
        Alert::EventDead { .. } => &[
            "donation-portal events list --state dead",
            "donation-portal events retry --state dead --yes",
        ],
        Alert::SignatureRefusals { cause: LikelyCause::WrongSecret, .. } => {
            &["donation-portal config"]
        }
        Alert::SignatureRefusals { cause: LikelyCause::Clock, .. } => &["timedatectl"],
        Alert::StoreUnavailable { reason, .. } if reason.as_str() == StoreError::Full.name() => {
            let path = context.database.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
            return vec![format!("df -h{path}")];
        }
        Alert::StoreUnavailable { reason, .. }
            if reason.as_str() == StoreError::QuotaExhausted.name() =>
        {
            &[]
        }
        Alert::StoreUnavailable { .. } => &["donation-portal doctor"],
        Alert::Dispute { payment, .. } | Alert::RefundFailed { payment, .. } => {
            return vec![format!("donation-portal donations show {payment}")];
        }
        Alert::PayoutFailed { payout, .. }
        | Alert::PayoutDiffers { payout, .. }
        | Alert::PayoutStuck { payout, .. } => {
            return vec![format!("donation-portal payouts show {payout}")];
        }
        Alert::DonationsNotPaidOut { first, .. } => {
            return vec![format!("donation-portal donations show {first}")];
        }
        Alert::Silence { .. } => &["donation-portal events list --limit 3"],
        Alert::ConnectedAccountsOnly { .. }
        | Alert::Endpoint { .. }
        | Alert::EventsNotDelivered { .. }
        | Alert::StripeUnreadable { .. } => &["donation-portal doctor"],
        Alert::ChannelFailing { .. } => &["donation-portal alerts test"],
        Alert::ReconciliationIncomplete { .. } => {
            &["donation-portal reports show", "donation-portal reconcile"]
        }
        Alert::SignatureRefusals { cause: LikelyCause::Scanner | LikelyCause::Forged, .. }
        | Alert::Digest(_)
        | Alert::Test { .. } => &[],
    };
    commands.iter().map(|&it| it.to_owned()).collect()
}
