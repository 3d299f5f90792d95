//! Payouts: alerts about them.

#![expect(clippy::wildcard_enum_match_arm, reason = "all other alerts have their texts elsewhere")]

use portal_domain::money::number_for_people as number;
use portal_domain::{Alert, EnumWord};

use super::{amount_text, day_text};
use crate::language::Language;

/// Returns the summary of an alert about payouts; `None` of any other.
pub(super) fn summary(alert: &Alert, language: Language) -> Option<String> {
    Some(match alert {
        Alert::PayoutFailed { payout, amount, currency, failure, arrives, .. } => {
            let (amount, day) = (amount_text(*amount, currency, language), arrives.utc_date());
            let day = day_text(&day, language);
            let code = failure.as_ref().map_or("unknown", EnumWord::as_str);
            language.pick(
                format!("A payout failed ({code}): {amount}, expected on {day} ({payout}). The money is back in the balance at Stripe."),
                format!("入金に失敗しました（{code}）: {amount}、{day}着金予定（{payout}）。資金は Stripe の残高に戻っています。"),
            )
        }
        Alert::PayoutDiffers { payout, amount, currency, differences, .. } => {
            let (amount, count) = (amount_text(*amount, currency, language), number(*differences));
            language.pick(
                format!("A payout of {amount} is not what its lines add up to or what the ledger has: {count} differences ({payout})."),
                format!("{amount} の入金の内訳が、台帳または合計と一致しません。差異は {count} 件です（{payout}）。"),
            )
        }
        Alert::PayoutStuck { payout, amount, currency, arrives, .. } => {
            let (amount, day) = (amount_text(*amount, currency, language), arrives.utc_date());
            let day = day_text(&day, language);
            language.pick(
                format!("A payout is late: {amount}, expected on {day} ({payout})."),
                format!("入金が遅れています: {amount}、{day}着金予定（{payout}）。"),
            )
        }
        Alert::DonationsNotPaidOut { donations, first, .. } => {
            let count = number(*donations);
            language.pick(
                format!("{count} paid donations are in no payout and not in the balance; one is {first}."),
                format!("入金にも残高にも見当たらない支払い済みの寄付が {count} 件あります（例: {first}）。"),
            )
        }
        _ => return None,
    })
}

/// Returns the first step.
pub(super) fn first(alert: &Alert, language: Language) -> Option<&'static str> {
    Some(match alert {
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
        _ => return None,
    })
}

/// Returns the end of the problem.
pub(super) fn resolved(alert: &Alert, language: Language) -> Option<String> {
    Some(match alert {
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
        Alert::DonationsNotPaidOut { .. } => language
            .pick(
                "each paid donation is in a payout or in the balance.",
                "支払い済みの寄付は、すべて入金または残高に含まれています。",
            )
            .to_owned(),
        _ => return None,
    })
}

/// Returns the payout that the alert is about.
pub(super) fn command(alert: &Alert) -> Option<String> {
    Some(match alert {
        Alert::PayoutFailed { payout, .. }
        | Alert::PayoutDiffers { payout, .. }
        | Alert::PayoutStuck { payout, .. } => format!("donation-portal payouts show {payout}"),
        Alert::DonationsNotPaidOut { first, .. } => {
            format!("donation-portal donations show {first}")
        }
        _ => return None,
    })
}
