//! `donation-portal payouts journal`

use std::collections::BTreeMap;

use clap::ValueEnum;
use portal_domain::ledger::PayoutStatus;
use portal_domain::payouts::{PayoutRow, StatementLine, StatementState, lookup};
use portal_domain::{ObjectId, PayoutFilter, Store, Text, UnixSeconds, Window, text};
use portal_service::journal::{self, AccountNames, JournalEntry, JournalProduct};
use portal_service::period::day_in_zone;
use portal_service::settings::Settings as _;

use super::filter::Month;
use super::{accounts, reading_payouts};
use crate::commands::finish;
use crate::exit::{Exit, Failure};
use crate::output;

/// Arguments of `payouts journal`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal payouts journal --for money-forward --basis deposit --month 2026-10 --time-zone Asia/Tokyo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    period: Month,

    /// The product that imports the file
    #[arg(long = "for", value_enum)]
    product: ProductArg,

    /// The day on which a donation is booked
    #[arg(long, value_enum)]
    basis: Basis,

    /// The account of donations
    #[arg(long, default_value = "受取寄付金", value_parser = name)]
    donations_account: String,

    /// The account of fees
    #[arg(long, default_value = "支払手数料", value_parser = name)]
    fees_account: String,

    /// The account of the bank
    #[arg(long, default_value = "普通預金", value_parser = name)]
    bank_account: String,

    /// The account of the balance at Stripe, whose sub-account is Stripe
    #[arg(long, default_value = "未収金", value_parser = name)]
    clearing_account: String,

    /// The account of money that Stripe holds back
    #[arg(long, default_value = "仮払金", value_parser = name)]
    suspense_account: String,

    /// The tax category (税区分) of fees with consumption tax [default: that of the product]
    #[arg(long, default_value = "", value_parser = name, hide_default_value = true)]
    taxed: String,

    /// The tax category of fees without consumption tax [default: that of the product]
    #[arg(long, default_value = "", value_parser = name, hide_default_value = true)]
    untaxed: String,
}

/// The products whose imports are known.
#[derive(Clone, Copy, ValueEnum)]
enum ProductArg {
    /// マネーフォワード クラウド会計, 仕訳帳
    MoneyForward,
    /// freee, 仕訳インポート
    Freee,
}

/// The day of an entry.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Basis {
    /// When it was paid, through the clearing account
    Paid,
    /// When the deposit that it is part of arrives at the bank
    Deposit,
}

/// The most lines that are read at once.
const PAGE: u32 = 1_000;

/// The most payouts of a period.
const PAYOUTS_MAX: u32 = 1_000;

/// The only currency of these books.
const YEN: &str = "jpy";

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.period.database.home()?.open_to_read()?;
    let entries = match args.basis {
        Basis::Deposit => deposits(&*store, args)?,
        Basis::Paid => paid(&*store, args)?,
    };
    let product = match args.product {
        ProductArg::MoneyForward => JournalProduct::MoneyForward,
        ProductArg::Freee => JournalProduct::Freee,
    };
    let names = args.names();
    output::print(product.heads())?;
    for line in entries.iter().flat_map(|it| product.lines(it, &names)) {
        output::print(line)?;
    }
    Ok(Exit::Done)
}

impl Args {
    fn names(&self) -> AccountNames {
        AccountNames {
            donations: self.donations_account.clone(),
            fees: self.fees_account.clone(),
            bank: self.bank_account.clone(),
            clearing: self.clearing_account.clone(),
            suspense: self.suspense_account.clone(),
            taxed: self.taxed.clone(),
            untaxed: self.untaxed.clone(),
        }
    }
}

/// Returns the live payouts that arrive in the period, in the order of their days and ids; a day of
/// arrival is Stripe's, in no time zone.
fn payouts(store: &dyn Store, args: &Args) -> Result<Vec<PayoutRow>, Failure> {
    let Window { since, until } = args.period.window(&jiff::tz::TimeZone::UTC)?;
    let filter = PayoutFilter {
        livemode: Some(true),
        arrives_since: Some(since),
        arrives_until: Some(until),
    };
    let mut rows = finish(reading_payouts(), store.payouts(&filter, None, PAYOUTS_MAX))?;
    rows.retain(|it| !it.payout.status.is_returned());
    rows.sort_by(|a, b| (a.payout.arrives, &a.payout.id).cmp(&(b.payout.arrives, &b.payout.id)));
    for row in &rows {
        let payout = &row.payout;
        if payout.currency.as_str() != YEN {
            let currency = &payout.currency;
            return Err(refused(
                &payout.id,
                text!(
                    "it is in {currency}, and these books are in yen",
                    "通貨が {currency} です（仕訳は円のみ）"
                ),
            ));
        }
        if payout.status != PayoutStatus::Paid {
            let status = payout.status.name();
            return Err(refused(&payout.id, text!("it is {status}", "状態が {status} です")));
        }
    }
    Ok(rows)
}

fn deposits(store: &dyn Store, args: &Args) -> Result<Vec<JournalEntry>, Failure> {
    let mut entries: Vec<JournalEntry> = Vec::new();
    for row in payouts(store, args)? {
        let lines = all_lines(store, &row)?;
        let lines: Vec<_> = lines.iter().collect();
        let place = place(&entries, &row);
        let (entry, rest) = journal::deposit(&row, &lines, place);
        note_suspense(&entry, rest);
        entries.push(entry);
    }
    Ok(entries)
}

/// Returns the lines of a payout and of those whose money it paid out again.
fn all_lines(store: &dyn Store, row: &PayoutRow) -> Result<Vec<StatementLine>, Failure> {
    let (mut all, mut wanted) = (Vec::new(), vec![row.clone()]);
    let mut seen: Vec<ObjectId> = Vec::new();
    while let Some(row) = wanted.pop() {
        let (statement, lines) =
            finish(reading_payouts(), lookup::statement_and_lines(store, &row))?;
        if statement.state != StatementState::Explained {
            let state = statement.state.name();
            return Err(refused(
                &row.payout.id,
                text!("it is not explained ({state})", "内訳が一致していません（{state}）"),
            ));
        }
        let returned = lines.iter().filter_map(|it| {
            let source = it.line.source.as_ref()?;
            let is_return = it.line.part() == Some(portal_domain::payouts::Part::ReturnedPayouts);
            (is_return && source.id != row.payout.id).then(|| source.id.clone())
        });
        let returned: Vec<_> = returned.filter(|it| !seen.contains(it)).collect();
        wanted.extend(finish(reading_payouts(), store.payouts_of(&returned))?);
        seen.extend(returned);
        all.extend(lines);
    }
    Ok(all)
}

fn paid(store: &dyn Store, args: &Args) -> Result<Vec<JournalEntry>, Failure> {
    let zone = args.period.calendar.time_zone()?;
    let window = args.period.window(&zone)?;
    let accounts = accounts(store, true, window)?;
    let mut days = BTreeMap::<String, Vec<_>>::new();
    let mut after: Option<(UnixSeconds, ObjectId)> = None;
    loop {
        let position = after.as_ref().map(|(at, id)| (*at, id));
        let page = store.balance_lines(true, window, position, PAGE);
        let page = finish(reading_payouts(), page)?;
        after = page.last().map(|it| (it.created, it.id.clone()));
        let is_last = page.len() < PAGE as usize;
        for line in page {
            if line.currency.as_str() != YEN {
                let currency = &line.currency;
                return Err(refused(
                    &line.id,
                    text!("it is in {currency}", "通貨が {currency} です"),
                ));
            }
            days.entry(day_in_zone(line.created, &zone)).or_default().push(line);
        }
        if is_last {
            break;
        }
    }
    let mut entries = Vec::new();
    for (day, lines) in &days {
        if let Some((entry, rest)) = journal::paid(day, lines) {
            note_suspense(&entry, rest);
            entries.push(entry);
        }
    }
    for row in payouts(store, args)? {
        let place = place(&entries, &row).max(1);
        entries.push(journal::transfer(&row, place));
    }
    entries.sort_by(|a, b| (&a.day, a.place).cmp(&(&b.day, b.place)));
    for account in accounts.iter().filter(|it| it.currency.as_str() == YEN) {
        if let Some(closing) = account.closing {
            let name = &args.clearing_account;
            output::note(format_args!("{name} (Stripe) at the end of the period: {closing} JPY"));
        }
    }
    Ok(entries)
}

/// Returns the next place among the entries of the day on which a payout arrives.
fn place(entries: &[JournalEntry], row: &PayoutRow) -> u32 {
    let day = row.payout.arrives.utc_date();
    let places = entries.iter().filter(|it| it.day == day).map(|it| it.place);
    places.max().map_or(0, |it| it.saturating_add(1))
}

fn note_suspense(entry: &JournalEntry, rest: i64) {
    if rest != 0 {
        let summary = &entry.summary;
        output::note(format_args!("{summary}: {rest} JPY are in suspense; see what they are"));
    }
}

fn refused(id: &ObjectId, why: Text) -> Failure {
    Failure::found_wrong(Text::same(id), why).advise(text!(
        "nothing was written; see: donation-portal payouts list",
        "何も出力していません。確認してください: donation-portal payouts list"
    ))
}

fn name(name: &str) -> Result<String, &'static str> {
    let fits = !name.contains([',', '"', '\n', '\r']);
    if fits {
        Ok(name.to_owned())
    } else {
        Err("give a name without commas, quotes and line breaks")
    }
}
