//! The expected donations of a story.

use portal_domain::{DisputeState, Donation, DonationState, Kind, UnixSeconds};
use serde::Deserialize;

use crate::samples::at;
use crate::stripe::BEGIN;

/// An expected donation. In files it has the form of `donations list --format json`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedDonation {
    id: String,
    kind: Kind,
    state: DonationState,
    amount: i64,
    currency: String,
    refunded: i64,
    lost: i64,
    net: i64,
    dispute: Option<DisputeState>,
    provisional: bool,
    out_of_band: bool,
    livemode: bool,
    /// The time of payment, compared only if the story sets it.
    paid_at: Option<UnixSeconds>,
}

/// Returns a paid one-time donation of 1000 JPY.
pub(crate) fn one_time(id: &str) -> ExpectedDonation {
    paid(id, Kind::OneTime)
}

/// Returns a paid recurring donation of 1000 JPY.
pub(crate) fn recurring(id: &str) -> ExpectedDonation {
    paid(id, Kind::Recurring)
}

/// Returns a paid invoice of 1000 JPY without a subscription.
pub(crate) fn invoiced(id: &str) -> ExpectedDonation {
    paid(id, Kind::Invoice)
}

fn paid(id: &str, kind: Kind) -> ExpectedDonation {
    ExpectedDonation {
        id: id.into(),
        kind,
        state: DonationState::Paid,
        amount: 1000,
        currency: "jpy".into(),
        refunded: 0,
        lost: 0,
        net: 1000,
        dispute: None,
        provisional: false,
        out_of_band: false,
        livemode: true,
        paid_at: None,
    }
}

impl ExpectedDonation {
    /// Makes it pending.
    pub(crate) fn pending(self) -> Self {
        Self { state: DonationState::Pending, net: 0, ..self }
    }

    /// Makes it failed.
    pub(crate) fn failed(self) -> Self {
        Self { state: DonationState::Failed, net: 0, ..self }
    }

    /// Sets amount and currency.
    pub(crate) fn of(self, amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.into(), net: amount, ..self }
    }

    /// Sets the refunded amount.
    pub(crate) fn refunded(self, refunded: i64) -> Self {
        Self { refunded, net: self.net - refunded, ..self }
    }

    /// Sets the amount lost to a dispute.
    pub(crate) fn lost(self, lost: i64) -> Self {
        Self { lost, net: self.net - lost, ..self }
    }

    /// Sets the state of its dispute.
    pub(crate) fn disputed(self, state: DisputeState) -> Self {
        Self { dispute: Some(state), ..self }
    }

    /// Makes it provisional: it may belong to an invoice, and is in no total.
    pub(crate) fn provisional(self) -> Self {
        Self { provisional: true, ..self }
    }

    /// Marks it as paid outside Stripe.
    pub(crate) fn out_of_band(self) -> Self {
        Self { out_of_band: true, ..self }
    }

    /// Sets the time of payment, in seconds after [`BEGIN`].
    pub(crate) fn paid_after(self, second: i64) -> Self {
        Self { paid_at: Some(at(BEGIN + second)), ..self }
    }

    /// Changes it to test mode.
    pub(crate) fn in_test_mode(self) -> Self {
        Self { livemode: false, ..self }
    }

    /// Converts the donation `it`, to compare it with the one in `all` that has the same id.
    #[must_use]
    pub fn seen(it: &Donation, all: &[Self]) -> Self {
        let due = all.iter().find(|due| due.id == it.id.as_str());
        Self {
            id: it.id.to_string(),
            kind: it.kind,
            state: it.state,
            amount: it.amount,
            currency: it.currency.to_string(),
            refunded: it.refunded,
            lost: it.lost,
            net: it.net,
            dispute: it.dispute,
            provisional: it.provisional,
            out_of_band: it.out_of_band,
            livemode: it.livemode,
            paid_at: due.and_then(|due| due.paid_at).and(it.paid_at),
        }
    }
}
