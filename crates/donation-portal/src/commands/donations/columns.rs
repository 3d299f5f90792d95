//! Donations in columns.

use jiff::tz::TimeZone;
use portal_domain::Donation;
use portal_domain::money::for_people;

use portal_service::donation_columns::mode;
use portal_service::period::in_zone;

/// The column heads of a table of donations.
pub(super) const PEOPLE: [&str; 9] =
    ["id", "kind", "state", "amount", "refunded", "net", "when", "mode", "remarks"];

/// The indices of the amounts in [`PEOPLE`].
pub(super) const AMOUNTS: [usize; 3] = [3, 4, 5];

/// The indices of the columns in [`PEOPLE`] that a narrow terminal can do without: mode, kind,
/// remarks, refunded, the time and the net amount.
pub(super) const SPARE: [usize; 6] = [7, 1, 8, 4, 6, 5];

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
