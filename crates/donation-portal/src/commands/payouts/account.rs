//! `donation-portal payouts account`

use portal_domain::money::for_people;
use portal_domain::payouts::{Account, Part};
use portal_domain::{Currency, Text, text};
use portal_outbound::Language;
use portal_service::payout_text;
use portal_service::settings::Settings as _;

use super::accounts;
use super::filter::Month;
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
    let mut accounts = accounts(&*store, !args.test, window)?;
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
