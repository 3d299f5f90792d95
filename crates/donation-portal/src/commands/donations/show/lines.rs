//! The output of `donations show` for people.

use jiff::tz::TimeZone;
use portal_domain::breakdown::{CountedReason, CountsIn, DonationLine, LineKind};
use portal_domain::money::for_people;
use portal_domain::payouts::{DonationMoney, MoneyPlace};
use portal_domain::{Breakdown, Donation, DonationState, Event};
use portal_service::donation_columns::mode;
use portal_service::payout_text;
use portal_service::period::in_zone;

use super::super::columns::remarks;
use super::join;
use crate::exit::Failure;
use crate::output;

/// An amount, its description and the event that told it.
type TextRow = [String; 3];

pub(super) fn print(
    it: &Breakdown,
    money: &DonationMoney,
    events: &[Event],
    zone: &TimeZone,
) -> Result<(), Failure> {
    let donation = &it.donation;
    let (counted, not_counted): (Vec<_>, Vec<_>) =
        it.lines.iter().partition(|line| line.counted != 0);
    let mut counted: Vec<TextRow> = counted.into_iter().map(|line| row(line, donation)).collect();
    counted.push(net(donation));
    let not_counted: Vec<TextRow> =
        not_counted.into_iter().map(|line| row(line, donation)).collect();

    output::print(head(donation, zone))?;
    print_rows(&counted)?;
    if !not_counted.is_empty() {
        output::print("does not count:")?;
        print_rows(&not_counted)?;
    }
    if !it.shared_with.is_empty() {
        output::print(format_args!("its payment also paid: {}", join(&it.shared_with)))?;
    }
    if let Some(in_balance) = in_balance(money) {
        output::print(in_balance)?;
    }
    output::print("events:")?;
    for event in events {
        let (created, state) = (in_zone(event.created, zone), event.state);
        output::print(format_args!("  {created}  {}  {} · {state}", event.id, event.event_type))?;
    }
    let all = format_args!("  all of them: donation-portal events list --object {}", donation.id);
    output::print(all)
}

/// Returns the line on the balance at Stripe: `balance: 4,820 JPY of 5,000 JPY, fee 180 JPY · in po_1`.
fn in_balance(money: &DonationMoney) -> Option<String> {
    let place = money.place.filter(|it| *it != MoneyPlace::BeforeTheFirstRead)?;
    let place = match &money.payout {
        Some(payout) => format!("in {payout}"),
        None => payout_text::place(place).en.to_string(),
    };
    let (Some(currency), Some(net), Some(amount), Some(fee)) =
        (&money.balance_currency, money.balance_net, money.balance_amount, money.fee)
    else {
        return Some(format!("balance: {place}"));
    };
    let [net, amount, fee] = [net, amount, fee].map(|it| for_people(it, currency));
    Some(format!("balance: {net} of {amount}, fee {fee} · {place}"))
}

/// Returns the first line: `in_1  invoice · paid 2026-11-24 10:11:00 +09:00 · live`.
fn head(donation: &Donation, zone: &TimeZone) -> String {
    let state = format!("{} {}", donation.state.name(), in_zone(donation.at, zone));
    let parts = [donation.kind.name().to_owned(), state, mode(donation.livemode).to_owned()];
    let parts = parts.into_iter().chain([remarks(donation)]).filter(|it| !it.is_empty());
    format!("{}  {}", donation.id, parts.collect::<Vec<_>>().join(" · "))
}

fn net(donation: &Donation) -> TextRow {
    let money = |amount| for_people(amount, &donation.currency);
    let Donation { amount, refunded, lost, net, state, .. } = donation;
    let is = match state {
        DonationState::Paid if *refunded == 0 && *lost == 0 => "net".to_owned(),
        DonationState::Paid => format!(
            "net: {} given, {} refunded, {} lost",
            money(*amount),
            money(*refunded),
            money(*lost)
        ),
        DonationState::Pending | DonationState::Failed => {
            format!("net: the donation is {}", state.name())
        }
    };
    [money(*net), is, String::new()]
}

fn row(line: &DonationLine, donation: &Donation) -> TextRow {
    let event = line.event.as_ref().map(ToString::to_string).unwrap_or_default();
    let told = for_people(line.amount, &line.currency);
    let why = why(line);
    if line.counted == 0 {
        let why = if why.is_empty() { why } else { format!(": {why}") };
        return [told, subject(line) + &why, event];
    }
    let says_how_much = matches!(line.kind, LineKind::ChargeTotal | LineKind::Difference);
    let of =
        if line.reason.is_some() && !says_how_much { format!(" ({told})") } else { String::new() };
    let why = if why.is_empty() { why } else { format!(", {why}") };
    let text = format!("{}: {}{of}{why}", effect(line, donation), subject(line));
    [for_people(line.counted, &donation.currency), text, event]
}

/// Returns the word for the object's part in the donation.
fn effect(line: &DonationLine, donation: &Donation) -> &'static str {
    match (line.kind, line.counts_in) {
        (LineKind::Released, _) => "not refunded",
        (_, CountsIn::Amount) if donation.out_of_band => "paid out of band",
        (_, CountsIn::Amount) => donation.state.name(),
        (_, CountsIn::Refunded) if line.state == Some("pending") => "refund pending",
        (_, CountsIn::Refunded) => "refunded",
        (_, CountsIn::Lost) => "lost",
    }
}

fn subject(line: &DonationLine) -> String {
    let id = &line.id;
    let of_payment = line.payment.as_ref().map(|it| format!(" of payment {it}"));
    let of_payment = of_payment.unwrap_or_default();
    match line.kind {
        LineKind::Payment => {
            let linked_by = line.linked_by.map(|it| format!(", linked by {it}"));
            format!("payment {id}{}", linked_by.unwrap_or_default())
        }
        LineKind::Invoice if line.reason == Some(CountedReason::NotReceived) => {
            format!("invoice {id}")
        }
        LineKind::Invoice => format!("invoice {id} says so"),
        LineKind::Refund => match &line.charge {
            Some(charge) => format!("refund {id} of charge {charge}"),
            None => format!("refund {id}{of_payment}"),
        },
        LineKind::ChargeTotal => {
            let in_all = for_people(line.amount, &line.currency);
            format!("charge {id} says that {in_all} was refunded in all")
        }
        LineKind::CreditNote => format!("credit note {id}, outside Stripe"),
        LineKind::Released => format!("what the authorisation of charge {id} released"),
        LineKind::Dispute => format!("dispute {id}{of_payment}"),
        LineKind::Difference => {
            "follows from no row of the ledger; run donation-portal ledger check".to_owned()
        }
    }
}

/// Returns the reason why another amount counts than that of the object, or an empty text.
fn why(line: &DonationLine) -> String {
    match line.reason {
        Some(CountedReason::State) => line.state.unwrap_or_default().to_owned(),
        Some(reason) => reason.to_string(),
        None => String::new(),
    }
}

fn print_rows(rows: &[TextRow]) -> Result<(), Failure> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let (amounts, texts) = (width(0), width(1));
    for [amount, text, event] in rows {
        let line = format!("  {amount:>amounts$}  {text:<texts$}  {event}");
        output::print(line.trim_end())?;
    }
    Ok(())
}
