//! `donation-portal payouts fees`

use portal_domain::money::for_people;
use portal_domain::payouts::{Account, Part, Parts};
use portal_domain::{Currency, Window};
use portal_outbound::Language;
use portal_service::payout_text;
use portal_service::settings::Settings as _;
use serde::Serialize;

use super::accounts;
use super::filter::Month;
use crate::config::{Given, Speech};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `payouts fees`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal payouts fees --month 2026-11")]
pub(crate) struct Args {
    #[command(flatten)]
    period: Month,
    #[command(flatten)]
    speech: Given<Speech>,

    /// Output format; as JSON, one object for each currency
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

/// The fees of one currency in minor units, above zero for what Stripe took.
#[derive(Serialize)]
struct FeesLine {
    currency: Currency,
    since: i64,
    until: i64,
    fees: i64,
    fee_taxes: i64,
    stripe_fees: i64,
    taxes: i64,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let language = args.speech.cli_language()?;
    // As Stripe's invoice counts it.
    let window = args.period.window(&jiff::tz::TimeZone::UTC)?;
    let store = args.period.database.home()?.open_to_read()?;
    for Account { currency, parts, .. } in accounts(&*store, true, window)? {
        match args.format {
            OneFormat::Json => output::print_json(&line(currency, window, &parts))?,
            OneFormat::Text => output::print(lines(&currency, &parts, language))?,
        }
    }
    output::note("months of UTC, as Stripe's invoice has them; a month of TIME_ZONE may differ");
    Ok(Exit::Done)
}

fn line(currency: Currency, window: Window, parts: &Parts) -> FeesLine {
    let [fees, fee_taxes, stripe_fees, taxes] = Part::FEES.map(|it| parts.get(it).saturating_neg());
    let (since, until) = (window.since.get(), window.until.get());
    FeesLine { currency, since, until, fees, fee_taxes, stripe_fees, taxes }
}

fn lines(currency: &Currency, parts: &Parts, language: Language) -> String {
    output::aligned(Part::FEES.map(|part| {
        let amount = for_people(parts.get(part).saturating_neg(), currency);
        vec![language.choose(&payout_text::part(part)).to_owned(), amount]
    }))
}
