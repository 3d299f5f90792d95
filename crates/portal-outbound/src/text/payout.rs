//! The summaries of alerts about payouts.

use portal_domain::money::number_for_people as number;
use portal_domain::{EnumWord, ObjectId, UnixSeconds};

use super::day_text;
use crate::language::Language;

pub(super) fn failed(
    payout: &ObjectId,
    amount: &str,
    failure: Option<&EnumWord>,
    arrives: UnixSeconds,
    language: Language,
) -> String {
    let code = failure.map_or("unknown", EnumWord::as_str);
    let day = day_text(&arrives.utc_date(), language);
    language.pick(
        format!("A payout failed ({code}): {amount}, expected on {day} ({payout}). The money is back in the balance at Stripe."),
        format!("入金に失敗しました（{code}）: {amount}、{day}着金予定（{payout}）。資金は Stripe の残高に戻っています。"),
    )
}

pub(super) fn differs(
    payout: &ObjectId,
    amount: &str,
    differences: u64,
    language: Language,
) -> String {
    let count = number(differences);
    language.pick(
        format!("A payout of {amount} is not what its lines add up to or what the ledger has: {count} differences ({payout})."),
        format!("{amount} の入金の内訳が、台帳または合計と一致しません。差異は {count} 件です（{payout}）。"),
    )
}

pub(super) fn stuck(
    payout: &ObjectId,
    amount: &str,
    arrives: UnixSeconds,
    language: Language,
) -> String {
    let day = day_text(&arrives.utc_date(), language);
    language.pick(
        format!("A payout is late: {amount}, expected on {day} ({payout})."),
        format!("入金が遅れています: {amount}、{day}着金予定（{payout}）。"),
    )
}

pub(super) fn not_paid_out(donations: u64, first: &ObjectId, language: Language) -> String {
    let count = number(donations);
    language.pick(
        format!("{count} paid donations are in no payout and not in the balance; one is {first}."),
        format!(
            "入金にも残高にも見当たらない支払い済みの寄付が {count} 件あります（例: {first}）。"
        ),
    )
}
