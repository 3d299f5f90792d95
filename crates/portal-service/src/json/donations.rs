//! Donations with what made them.

use portal_domain::payouts::DonationMoney;
use portal_domain::{Breakdown, Event};
use serde::Serialize;

use super::EventSummary;

/// The contract of `donations show --format json`. Times are Unix seconds.
#[derive(Serialize)]
pub struct DonationDetail<'d> {
    #[serde(flatten)]
    breakdown: &'d Breakdown,
    #[serde(flatten)]
    money: &'d DonationMoney,
    /// The last of its events, in the order in which they happened.
    events: Vec<EventSummary<'d>>,
}

impl<'d> DonationDetail<'d> {
    #[must_use]
    pub fn of(breakdown: &'d Breakdown, money: &'d DonationMoney, events: &'d [Event]) -> Self {
        Self { breakdown, money, events: events.iter().map(EventSummary::of).collect() }
    }
}
