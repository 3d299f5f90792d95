//! Journal entries (仕訳) of donations for Japanese bookkeeping, by the day on which they were paid or by
//! the deposits that they are part of.
//!
//! Every row has a debit, a credit or both, and the sides of an entry are equal. Numbers of entries
//! derive from days, so that the same month makes the same file.

use portal_domain::payouts::{BalanceLine, Part, PayoutRow, StatementLine};

/// The names of the accounts, exactly as the bookkeeping has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountNames {
    /// Donations received: 受取寄付金.
    pub donations: String,
    /// Fees: 支払手数料.
    pub fees: String,
    /// The bank account: 普通預金.
    pub bank: String,
    /// The balance at Stripe: 未収金, with the sub-account Stripe.
    pub clearing: String,
    /// Money that Stripe holds back, and what nobody knows yet: 仮払金.
    pub suspense: String,
    /// The tax category (税区分) of fees with consumption tax; empty for the default of the product.
    pub taxed: String,
    /// That of fees without it.
    pub untaxed: String,
}

/// The sub-account (補助科目) of the balance at Stripe.
const CLEARING_SUB: &str = "Stripe";

/// The product whose import takes the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalProduct {
    /// <https://biz.moneyforward.com/support/ac-plus/guide/journal2/import2.html>
    MoneyForward,
    /// <https://support.freee.co.jp/hc/ja/articles/204847430>
    Freee,
}

/// One entry: rows of one day with one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The day, as `2026-10-30`.
    pub day: String,
    /// The place among the entries of its day, from 0.
    pub place: u32,
    pub rows: Vec<JournalRow>,
    /// The summary (摘要): an id and numbers.
    pub summary: String,
}

/// One row; an amount is in yen and above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalRow {
    pub debit: Option<(JournalAccount, i64)>,
    pub credit: Option<(JournalAccount, i64)>,
}

/// An account of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalAccount {
    Donations,
    /// Fees, with consumption tax or without.
    Fees {
        taxed: bool,
    },
    Bank,
    Clearing,
    Suspense,
}

/// The sums of lines that entries are made of, as money that came: fees are below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    donations: i64,
    refunds: i64,
    disputes: i64,
    taxed: i64,
    untaxed: i64,
    stripe_fees: i64,
    taxes: i64,
    rest: i64,
}

impl Sums {
    fn add(&mut self, line: &BalanceLine) {
        let fee = line.fee.saturating_neg();
        let fees = if line.fee_tax == 0 { &mut self.untaxed } else { &mut self.taxed };
        *fees = fees.saturating_add(fee);
        let sum = match line.part() {
            // Money of a payout that failed or was canceled never left, and is no entry.
            None | Some(Part::ReturnedPayouts | Part::Fees | Part::FeeTaxes) => return,
            Some(Part::Donations) => &mut self.donations,
            Some(Part::Refunds) => &mut self.refunds,
            Some(Part::Disputes) => &mut self.disputes,
            Some(Part::StripeFees) => &mut self.stripe_fees,
            Some(Part::Taxes) => &mut self.taxes,
            Some(
                Part::MinimumBalance
                | Part::Reserves
                | Part::Connect
                | Part::Topups
                | Part::Adjustments
                | Part::Other,
            ) => &mut self.rest,
        };
        *sum = sum.saturating_add(line.amount);
    }

    /// Returns each account with the money that came to it, below zero for what went: Stripe's own fees
    /// are taxed where a line of tax is beside them.
    fn items(&self) -> [(JournalAccount, i64); 6] {
        let own = self.stripe_fees.saturating_add(self.taxes);
        let (own_taxed, own_untaxed) = if self.taxes == 0 { (0, own) } else { (own, 0) };
        [
            (JournalAccount::Fees { taxed: true }, self.taxed.saturating_add(own_taxed)),
            (JournalAccount::Fees { taxed: false }, self.untaxed.saturating_add(own_untaxed)),
            (JournalAccount::Donations, self.refunds),
            (JournalAccount::Donations, self.disputes),
            (JournalAccount::Suspense, self.rest),
            (JournalAccount::Donations, self.donations),
        ]
    }
}

/// Returns the entry of a deposit on its day, and the amount that is in suspense. `lines` are those of
/// the payout and of all payouts whose money it paid out again.
#[must_use]
pub fn deposit(row: &PayoutRow, lines: &[&StatementLine], place: u32) -> (JournalEntry, i64) {
    let payout = &row.payout;
    let mut sums = Sums::default();
    let own = lines.iter().map(|it| &it.line).filter(|it| it.is_of_payments());
    own.for_each(|it| sums.add(it));
    let bank = one_sided(JournalAccount::Bank, payout.amount);
    // The other side of what came to the balance.
    let others = sums.items().map(|(account, amount)| one_sided(account, amount.saturating_neg()));
    let rows = [bank].into_iter().chain(others).flatten().collect();
    let count = lines.iter().filter(|it| it.line.part() == Some(Part::Donations)).count();
    let summary = format!("{} 寄付 {count}件", payout.id);
    (JournalEntry { day: payout.arrives.utc_date(), place, rows, summary }, sums.rest)
}

/// Returns the entry of what came to the balance on a day, and the amount that is in suspense; `None` if
/// nothing did.
#[must_use]
pub fn paid(day: &str, lines: &[BalanceLine]) -> Option<(JournalEntry, i64)> {
    let mut sums = Sums::default();
    lines.iter().filter(|it| it.is_of_payments()).for_each(|it| sums.add(it));
    let mut items = sums.items();
    // Donations first, as people read a day.
    items.rotate_right(1);
    let rows: Vec<_> = items.iter().filter_map(|it| against_clearing(it.0, it.1)).collect();
    let count = lines.iter().filter(|it| it.part() == Some(Part::Donations)).count();
    let (day, summary) = (day.to_owned(), format!("Stripe {day} 寄付 {count}件"));
    (!rows.is_empty()).then_some((JournalEntry { day, place: 0, rows, summary }, sums.rest))
}

/// Returns the entry of a paid payout on its day: from the balance to the bank.
#[must_use]
pub fn transfer(row: &PayoutRow, place: u32) -> JournalEntry {
    let payout = &row.payout;
    let rows = against_clearing(JournalAccount::Bank, payout.amount.saturating_neg());
    let (day, summary) = (payout.arrives.utc_date(), payout.id.to_string());
    JournalEntry { day, place, rows: rows.into_iter().collect(), summary }
}

/// Returns the row that puts an amount on the debit side, or below zero on the credit side.
fn one_sided(account: JournalAccount, amount: i64) -> Option<JournalRow> {
    let side = |amount| Some((account, amount));
    match amount {
        0 => None,
        1.. => Some(JournalRow { debit: side(amount), credit: None }),
        _ => Some(JournalRow { debit: None, credit: side(amount.saturating_neg()) }),
    }
}

/// Returns the row of money that came to the balance from an account, or went to it below zero.
fn against_clearing(account: JournalAccount, came: i64) -> Option<JournalRow> {
    let (to, from) = match came {
        0 => return None,
        1.. => (JournalAccount::Clearing, account),
        _ => (account, JournalAccount::Clearing),
    };
    let amount = came.saturating_abs();
    Some(JournalRow { debit: Some((to, amount)), credit: Some((from, amount)) })
}

impl JournalProduct {
    /// Returns the header of the file.
    #[must_use]
    pub fn heads(self) -> String {
        match self {
            Self::MoneyForward => {
                let side = "勘定科目 補助科目 部門 取引先 税区分 インボイス 金額(円) 税額";
                let last = "摘要 仕訳メモ タグ MF仕訳タイプ 決算整理仕訳 作成日時 作成者 最終更新日時 最終更新者";
                heads(&["取引No", "取引日"], side, last)
            }
            Self::Freee => {
                let side = "勘定科目 科目コード 補助科目 取引先 取引先コード 部門 品目 メモタグ セグメント1 \
                            セグメント2 セグメント3 金額 税区分 税額";
                heads(&["日付", "伝票番号", "決算整理仕訳"], side, "摘要")
            }
        }
    }

    /// Returns the lines of an entry below [`JournalProduct::heads`].
    #[must_use]
    pub fn lines(self, entry: &JournalEntry, names: &AccountNames) -> Vec<String> {
        let date = entry.day.replace('-', "/");
        let number = format!("{}{:02}", entry.day.replace('-', ""), entry.place);
        let row = |row: &JournalRow| {
            let sides = [row.debit, row.credit].map(|it| self.side(it, names)).concat();
            let summary = entry.summary.clone();
            let cells: Vec<String> = match self {
                Self::MoneyForward => {
                    let first = vec![number.clone(), date.clone()];
                    let last = std::iter::once(summary).chain(vec![String::new(); 8]);
                    first.into_iter().chain(sides).chain(last).collect()
                }
                Self::Freee => {
                    let first = vec![date.clone(), number.clone(), String::new()];
                    first.into_iter().chain(sides).chain([summary]).collect()
                }
            };
            cells.join(",")
        };
        entry.rows.iter().map(row).collect()
    }

    /// Returns the cells of one side of a row, which are empty where it has none.
    fn side(self, side: Option<(JournalAccount, i64)>, names: &AccountNames) -> Vec<String> {
        let (name, sub, tax, amount) = match side {
            None => Default::default(),
            Some((account, amount)) => {
                let (name, sub, tax) = names.of(account);
                (name.to_owned(), sub.to_owned(), tax.to_owned(), amount.to_string())
            }
        };
        let empty = String::new;
        match self {
            Self::MoneyForward => {
                vec![name, sub, empty(), empty(), tax, empty(), amount, empty()]
            }
            Self::Freee => {
                let mut cells = vec![name, empty(), sub];
                cells.extend(vec![String::new(); 8]);
                cells.extend([amount, tax, empty()]);
                cells
            }
        }
    }
}

fn heads(first: &[&str], side: &str, last: &str) -> String {
    let of_side = |which| side.split_whitespace().map(move |it| format!("{which}{it}"));
    let first = first.iter().map(ToString::to_string);
    let last = last.split_whitespace().map(ToOwned::to_owned);
    let all: Vec<String> =
        first.chain(of_side("借方")).chain(of_side("貸方")).chain(last).collect();
    all.join(",")
}

impl AccountNames {
    /// Returns the names of the account, of its sub-account and of its tax category.
    fn of(&self, account: JournalAccount) -> (&str, &str, &str) {
        match account {
            JournalAccount::Donations => (&self.donations, "", ""),
            JournalAccount::Fees { taxed: true } => (&self.fees, "", &self.taxed),
            JournalAccount::Fees { taxed: false } => (&self.fees, "", &self.untaxed),
            JournalAccount::Bank => (&self.bank, "", ""),
            JournalAccount::Clearing => (&self.clearing, CLEARING_SUB, ""),
            JournalAccount::Suspense => (&self.suspense, "", ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::JournalProduct;

    #[test]
    fn the_columns_are_those_that_the_products_document() {
        let money_forward = JournalProduct::MoneyForward.heads();
        assert_eq!(money_forward.split(',').count(), 27);
        assert!(money_forward.starts_with("取引No,取引日,借方勘定科目,借方補助科目,借方部門,"));
        assert!(money_forward.contains("借方金額(円),借方税額,貸方勘定科目,"));
        assert!(
            JournalProduct::Freee
                .heads()
                .starts_with("日付,伝票番号,決算整理仕訳,借方勘定科目,借方科目コード,")
        );
        assert!(JournalProduct::Freee.heads().ends_with("貸方金額,貸方税区分,貸方税額,摘要"));
    }
}
