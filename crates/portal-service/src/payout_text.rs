//! The words of payouts for people, for the command line and the console.

use portal_domain::money::for_people;
use portal_domain::payouts::{MoneyPlace, Part, PayoutDifference, PayoutRow, StatementState};
use portal_domain::{Currency, Text, text};

/// Returns the name of a part.
#[must_use]
pub fn part(part: Part) -> Text {
    match part {
        Part::Donations => text!("donations", "寄付"),
        Part::Refunds => text!("refunds", "返金"),
        Part::Disputes => text!("disputes", "不審請求の申し立て"),
        Part::Fees => text!("fees", "決済手数料"),
        Part::FeeTaxes => text!("tax on fees", "決済手数料の消費税"),
        Part::StripeFees => text!("Stripe's own fees", "Stripe の利用料"),
        Part::Taxes => text!("tax on Stripe's own fees", "Stripe の利用料の消費税"),
        Part::ReturnedPayouts => text!("returned payouts", "戻った入金"),
        Part::MinimumBalance => text!("minimum balance", "最低残高"),
        Part::Reserves => text!("reserves", "留保"),
        Part::Connect => text!("connected accounts", "連結アカウント"),
        Part::Topups => text!("top-ups", "残高の追加"),
        Part::Adjustments => text!("adjustments", "調整"),
        Part::Other => text!("other", "その他"),
    }
}

/// Returns the name of a state, with its reason.
#[must_use]
pub fn state(state: StatementState) -> Text {
    match state {
        StatementState::Waiting => text!("waiting", "内訳待ち"),
        StatementState::Explained => text!("explained", "内訳一致"),
        StatementState::Differs => text!("differs", "差異あり"),
        StatementState::Unreadable(why) => {
            let (en, ja) = (why.text().en, why.text().ja);
            text!("unreadable: {en}", "内訳を読み取れません: {ja}")
        }
        StatementState::NoKey => text!(
            "unreadable: there is no STRIPE_SECRET_KEY",
            "内訳を読み取れません: STRIPE_SECRET_KEY がありません"
        ),
        StatementState::Manual => text!("made by hand", "手動の入金"),
    }
}

/// Returns the sentence on a difference, with amounts in the payout's currency.
#[must_use]
pub fn difference(difference: &PayoutDifference, currency: &Currency) -> Text {
    let money = |amount: i64| for_people(amount, currency);
    match difference {
        PayoutDifference::OwnLine { line: None, .. } => {
            text!("the payout's own line is missing", "入金自身の明細がありません")
        }
        PayoutDifference::OwnLine { line: Some(line), amount } => {
            let amount = money(amount.unwrap_or_default());
            text!(
                "the payout's own line {line} says {amount}, or is not the only one",
                "入金自身の明細 {line} が {amount} になっているか、二つ以上あります"
            )
        }
        PayoutDifference::LineArithmetic { line, amount } => {
            let amount = money(*amount);
            text!(
                "line {line}: its net is off by {amount}",
                "明細 {line}: 純額が {amount} ずれています"
            )
        }
        PayoutDifference::Currency { line, currency } => text!(
            "line {line} is in another currency ({currency})",
            "明細 {line} の通貨が異なります（{currency}）"
        ),
        PayoutDifference::TypeUnknown { line, r#type } => text!(
            "line {line} has a type that this version does not know ({type})",
            "明細 {line} は、このバージョンの知らない種類です（{type}）"
        ),
        PayoutDifference::InTwoPayouts { line, payout } => text!(
            "line {line} is in the payout {payout} as well",
            "明細 {line} は別の入金 {payout} にも含まれています"
        ),
        PayoutDifference::DonationUnknown { line, payment } => text!(
            "line {line}: the ledger has no payment {payment}",
            "明細 {line}: 決済 {payment} が台帳にありません"
        ),
        PayoutDifference::DonationAmount { payment, line_amount, ledger_amount } => text!(
            "payment {payment}: {line_amount} in the line, {ledger_amount} in the ledger (minor units)",
            "決済 {payment}: 明細では {line_amount}、台帳では {ledger_amount} です（最小単位）"
        ),
        PayoutDifference::RefundUnknown { line, refund } => text!(
            "line {line}: the ledger has no refund {refund}",
            "明細 {line}: 返金 {refund} が台帳にありません"
        ),
        PayoutDifference::RefundAmount { refund, line_amount, ledger_amount } => text!(
            "refund {refund}: {line_amount} in the line, {ledger_amount} in the ledger (minor units)",
            "返金 {refund}: 明細では {line_amount}、台帳では {ledger_amount} です（最小単位）"
        ),
        PayoutDifference::DisputeUnknown { line, dispute } => text!(
            "line {line}: the ledger has no dispute {dispute}",
            "明細 {line}: 不審請求の申し立て {dispute} が台帳にありません"
        ),
        PayoutDifference::Sum { amount } => {
            let amount = money(*amount);
            text!(
                "the lines add up to {amount} more than the payout",
                "明細の合計と入金額の差は {amount} です"
            )
        }
    }
}

/// Returns what the bank shows of a payout.
#[must_use]
pub fn bank(row: &PayoutRow) -> Text {
    let payout = &row.payout;
    let (amount, day) = (for_people(payout.amount, &payout.currency), payout.arrives.utc_date());
    if !payout.status.is_returned() {
        return text!("{amount} on {day}", "{day} に {amount}");
    }
    match &row.returned_by {
        None => text!("nothing: the money is in the balance", "なし（資金は残高にあります）"),
        Some(by) => text!(
            "nothing: the money was paid out with {by}",
            "なし（資金は {by} で入金されました）"
        ),
    }
}

/// Returns the name of the place of a donation's money.
#[must_use]
pub fn place(place: MoneyPlace) -> Text {
    match place {
        MoneyPlace::InPayout => text!("in a payout", "入金済み"),
        MoneyPlace::InBalance => text!("in the balance", "残高にあります"),
        MoneyPlace::InAccount => {
            text!("in the account (payouts by hand)", "残高または手動の入金に含まれます")
        }
        MoneyPlace::NotSeen => text!("not seen in the balance", "残高に見当たりません"),
        MoneyPlace::LeftBehind => {
            text!("left behind by later payouts", "後の入金に含まれていません")
        }
        MoneyPlace::Outside => text!("paid outside Stripe", "Stripe 外での支払い"),
        MoneyPlace::BeforeTheFirstRead => {
            text!("older than what was read", "読み取りを始める前の寄付")
        }
    }
}
