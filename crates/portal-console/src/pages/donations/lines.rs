//! The lines that a donation's amounts are made of: one for each row of the ledger.

use maud::{Markup, html};
use portal_domain::breakdown::{CountedReason, CountsIn, DonationLine, LineKind};
use portal_domain::{Donation, DonationState};

use crate::ids::linked;
use crate::money_cells::money;
use crate::page_request::PageRequest;

/// The heads of the columns, with `true` for those of numbers.
pub(crate) fn line_heads(page: &PageRequest) -> [(&'static str, bool); 5] {
    [
        (page.pick("Counts", "算入額"), true),
        (page.pick("As", "区分"), false),
        (page.pick("Object", "対象"), false),
        (page.pick("Its amount", "対象の金額"), true),
        (page.pick("Event", "イベント"), false),
    ]
}

pub(crate) fn line_cells(page: &PageRequest, line: &DonationLine, donation: &Donation) -> Markup {
    let counted = money(page, line.counted, &donation.currency);
    html! {
        td .number { (counted) }
        td {
            @if line.counted == 0 { (page.pick("not counted", "算入しない")) } @else { (effect(page, line, donation)) }
            @if let Some(why) = why(page, line) { ": " (why) }
        }
        td {
            (subject(page, line)) " " span .id { (line.id) }
            @if let Some(state) = line.state { " · " (state) }
            @if let Some(evidence) = line.linked_by { " · " (page.pick("linked by", "関連の根拠")) " " (evidence) }
        }
        td .number { (money(page, line.amount, &line.currency)) }
        td { @if let Some(event) = &line.event { (linked(event.as_str())) } }
    }
}

/// Returns the object's part in the donation.
fn effect(page: &PageRequest, line: &DonationLine, donation: &Donation) -> &'static str {
    match (line.kind, line.counts_in) {
        (LineKind::Released, _) => page.pick("not refunded", "返金ではない"),
        (_, CountsIn::Amount) if donation.out_of_band => {
            page.pick("paid out of band", "Stripe 外での支払い")
        }
        (_, CountsIn::Amount) => match donation.state {
            DonationState::Paid => page.pick("paid", "支払い"),
            DonationState::Pending => page.pick("expected", "入金予定"),
            DonationState::Failed => page.pick("failed", "失敗"),
        },
        (_, CountsIn::Refunded) => page.pick("refunded", "返金"),
        (_, CountsIn::Lost) => page.pick("lost", "不審請求による減額"),
    }
}

fn subject(page: &PageRequest, line: &DonationLine) -> &'static str {
    match line.kind {
        LineKind::Payment => page.pick("payment", "支払い"),
        LineKind::Invoice => page.pick("invoice", "請求書"),
        LineKind::Refund => page.pick("refund", "返金"),
        LineKind::ChargeTotal => page.pick("refunded in all, by charge", "決済の返金の合計"),
        LineKind::CreditNote => {
            page.pick("credit note, outside Stripe", "クレジットノート（Stripe 外での返金）")
        }
        LineKind::Released => {
            page.pick("released authorisation of charge", "確定しなかったオーソリ")
        }
        LineKind::Dispute => page.pick("dispute", "不審請求の申し立て"),
        LineKind::Difference => page.pick(
            "follows from no row of the ledger; run donation-portal ledger check:",
            "台帳のどの行からも導かれません。donation-portal ledger check を実行してください:",
        ),
    }
}

/// Returns the reason why another amount counts than that of the object.
fn why(page: &PageRequest, line: &DonationLine) -> Option<String> {
    let reason = line.reason?;
    let japanese = match reason {
        CountedReason::State => "この状態のものは算入しません",
        CountedReason::Share => "按分した分だけを算入します",
        CountedReason::NotReceived => "これについてのイベントを受信していません",
        CountedReason::DonationNotPaid => "寄付が支払われていません",
        CountedReason::OtherCurrency => "請求書と通貨が異なります",
        CountedReason::AllIsLost => "通貨が異なるため、支払い全額を失ったものとします",
        CountedReason::AlreadyLost => "支払い全額をすでに減額しています",
        CountedReason::InPayments => "支払いの合計に含まれます",
        CountedReason::BeyondPayments => "支払いの合計を超える分です",
        CountedReason::LargerCounts => "大きいほうの金額を算入します",
        CountedReason::InChargeTotal => "決済の返金の合計に含まれます",
        CountedReason::InRefunds => "個々の返金の合計がこれに達しています",
        CountedReason::CameBack => "うち失敗した返金が戻りました",
        CountedReason::NotInChargeTotal => "決済の返金の合計に含まれていません",
        CountedReason::AtMostGiven => "寄付された金額を上限とします",
    };
    Some(page.pick(reason.to_string(), japanese.to_owned()))
}
