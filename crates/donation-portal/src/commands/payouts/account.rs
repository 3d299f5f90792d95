//! `donation-portal payouts account`

use portal_domain::money::for_people;
use portal_domain::payouts::{Account, Part, lookup};
use portal_domain::{Currency, Text, Window, text};
use portal_outbound::Language;
use portal_service::payout_text;
use portal_service::settings::Settings as _;

use super::filter::Month;
use super::reading_payouts;
use crate::commands::finish;
use crate::config::{Given, Speech};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `payouts account`.
#[derive(clap::Args)]
#[command(
    after_help = "Example: donation-portal payouts account --month 2026-11 --time-zone Asia/Tokyo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    period: Month,
    #[command(flatten)]
    speech: Given<Speech>,

    /// Only this currency, such as jpy
    #[arg(long)]
    currency: Option<String>,

    /// The account of test mode
    #[arg(long)]
    test: bool,

    /// Output format; as JSON, one object for each currency
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let language = args.speech.cli_language()?;
    let window = args.period.window(&args.period.calendar.time_zone()?)?;
    let store = args.period.database.home()?.open_to_read()?;
    let accounts = finish(reading_payouts(), lookup::accounts(&*store, !args.test, window))?;
    let Some(mut accounts) = accounts else { return Err(not_read(window)) };
    let wanted = |it: &Currency| args.currency.as_deref().is_none_or(|code| code == it.as_str());
    accounts.retain(|it| wanted(&it.currency));
    if accounts.is_empty() && args.format == OneFormat::Text {
        output::note("nothing came to the balance in that time");
    }
    for account in &accounts {
        match args.format {
            OneFormat::Json => output::print_json(account)?,
            OneFormat::Text => output::print(lines(account, language))?,
        }
    }
    let adds_up = accounts.iter().all(|it| it.adds_up != Some(false));
    Ok(if adds_up { Exit::Done } else { Exit::FoundWrong })
}

fn not_read(Window { since, until }: Window) -> Failure {
    let why = text!(
        "not all lines of the balance from {since} to {until} were read",
        "{since} から {until} までの残高の明細を、すべては読み取れていません"
    );
    Failure::found_wrong(text!("the account", "残高の推移"), why).advise(text!(
        "read them: donation-portal reconcile --since {since}; the time until now is read once a day",
        "読み取ってください: donation-portal reconcile --since {since}（現在までの分は 1 日に 1 回読み取ります）"
    ))
}

fn lines(account: &Account, language: Language) -> String {
    let say = |text: &Text| language.choose(text).to_owned();
    let money = |amount: i64| for_people(amount, &account.currency);
    let unknown = || say(&text!("not known", "不明"));
    let or_unknown = |amount: Option<i64>| amount.map_or_else(unknown, money);
    let mut rows = vec![vec![say(&text!("opening", "期首残高")), or_unknown(account.opening)]];
    rows.extend(Part::ALL.iter().map(|part| {
        vec![format!("  {}", say(&payout_text::part(*part))), money(account.parts.get(*part))]
    }));
    rows.push(vec![say(&text!("  payouts", "  入金")), money(account.payouts)]);
    rows.push(vec![say(&text!("closing", "期末残高")), or_unknown(account.closing)]);
    if let Some(says) = account.stripe_says {
        let (available, pending) = (money(says.available), money(says.pending));
        rows.push(vec![
            say(&text!("Stripe says", "Stripe の残高")),
            say(&text!(
                "available {available}, pending {pending}",
                "利用可能 {available}、保留中 {pending}"
            )),
        ]);
    }
    let verdict = match account.adds_up {
        Some(true) => text!("it adds up", "一致しています"),
        Some(false) => text!("it does not add up", "一致しません"),
        None => text!("Stripe was not asked at both ends", "両端の残高がそろっていません"),
    };
    format!("{}\n{}", output::aligned(rows), say(&verdict))
}
