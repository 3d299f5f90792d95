//! Donations in columns.

use jiff::tz::TimeZone;
use portal_domain::Donation;
use portal_domain::money::{decimal, for_people};

use crate::period::{day_in_zone, in_zone};

/// The CSV header of donations, which is a contract. Amounts are in minor units except those named
/// `…_decimal`; `paid_at` is in Unix seconds, `paid_on` is the date in the chosen time zone.
pub(super) const CSV: [&str; 18] = [
    "id",
    "kind",
    "state",
    "currency",
    "amount",
    "refunded",
    "lost",
    "net",
    "amount_decimal",
    "refunded_decimal",
    "lost_decimal",
    "net_decimal",
    "dispute",
    "provisional",
    "out_of_band",
    "livemode",
    "paid_at",
    "paid_on",
];

/// The column heads of a table of donations.
pub(super) const PEOPLE: [&str; 9] =
    ["id", "kind", "state", "amount", "refunded", "net", "when", "mode", "remarks"];

/// The indices of the amounts in [`PEOPLE`].
pub(super) const AMOUNTS: [usize; 3] = [3, 4, 5];

/// The indices of the columns in [`PEOPLE`] that a narrow terminal can do without: mode, kind,
/// remarks, refunded, the time and the net amount.
pub(super) const SPARE: [usize; 6] = [7, 1, 8, 4, 6, 5];

pub(super) fn csv(donation: &Donation, zone: &TimeZone) -> Vec<String> {
    let decimal = |amount| decimal(amount, &donation.currency);
    vec![
        donation.id.to_string(),
        donation.kind.name().to_owned(),
        donation.state.name().to_owned(),
        donation.currency.to_string(),
        donation.amount.to_string(),
        donation.refunded.to_string(),
        donation.lost.to_string(),
        donation.net.to_string(),
        decimal(donation.amount),
        decimal(donation.refunded),
        decimal(donation.lost),
        decimal(donation.net),
        donation.dispute.map(|it| it.name().to_owned()).unwrap_or_default(),
        donation.provisional.to_string(),
        donation.out_of_band.to_string(),
        donation.livemode.to_string(),
        donation.paid_at.map(|it| it.get().to_string()).unwrap_or_default(),
        donation.paid_at.map(|it| day_in_zone(it, zone)).unwrap_or_default(),
    ]
}

pub(super) fn people(donation: &Donation, zone: &TimeZone) -> Vec<String> {
    let money = |amount| for_people(amount, &donation.currency);
    vec![
        donation.id.to_string(),
        donation.kind.name().to_owned(),
        donation.state.name().to_owned(),
        money(donation.amount),
        money(donation.refunded),
        money(donation.net),
        in_zone(donation.at, zone),
        mode(donation.livemode).to_owned(),
        remarks(donation),
    ]
}

/// Returns remarks on a donation that is out of the ordinary, or an empty text.
pub(super) fn remarks(donation: &Donation) -> String {
    let dispute = donation.dispute.map(|it| format!("dispute {}", it.name()));
    let lost = (donation.lost > 0)
        .then(|| format!("lost {}", for_people(donation.lost, &donation.currency)));
    let provisional = donation.provisional.then(|| "provisional".to_owned());
    let out_of_band = donation.out_of_band.then(|| "out of band".to_owned());
    let remarks = [provisional, out_of_band, dispute, lost];
    remarks.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn mode(livemode: bool) -> &'static str {
    if livemode { "live" } else { "test" }
}
