//! The donations that a story comes to.

use portal_domain::{DisputeState, Donation, DonationState, Kind, UnixSeconds};
use serde::Deserialize;

use crate::samples::at;
use crate::stripe::BEGIN;

/// A donation that is due in the end. In a file it stands as `donations list` prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
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
    /// Compared only where the story says it.
    paid_at: Option<UnixSeconds>,
}

/// A one-time gift of 1000 JPY that is paid.
#[must_use]
pub fn one_time(id: &str) -> Due {
    paid(id, Kind::OneTime)
}

/// A gift of 1000 JPY that a subscription asked for and that is paid.
#[must_use]
pub fn recurring(id: &str) -> Due {
    paid(id, Kind::Recurring)
}

/// An invoice of 1000 JPY without a subscription that is paid.
#[must_use]
pub fn invoiced(id: &str) -> Due {
    paid(id, Kind::Invoice)
}

fn paid(id: &str, kind: Kind) -> Due {
    Due {
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

impl Due {
    /// The money is on its way.
    #[must_use]
    pub fn pending(self) -> Self {
        Self { state: DonationState::Pending, net: 0, ..self }
    }

    /// The money did not come.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { state: DonationState::Failed, net: 0, ..self }
    }

    /// Another sum.
    #[must_use]
    pub fn of(self, amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.into(), net: amount, ..self }
    }

    /// So much went back.
    #[must_use]
    pub fn refunded(self, refunded: i64) -> Self {
        Self { refunded, net: self.net - refunded, ..self }
    }

    /// So much was lost to a dispute.
    #[must_use]
    pub fn lost(self, lost: i64) -> Self {
        Self { lost, net: self.net - lost, ..self }
    }

    /// The donor's bank contests it.
    #[must_use]
    pub fn disputed(self, state: DisputeState) -> Self {
        Self { dispute: Some(state), ..self }
    }

    /// It may belong to an invoice, and is in no total.
    #[must_use]
    pub fn provisional(self) -> Self {
        Self { provisional: true, ..self }
    }

    /// Paid outside Stripe.
    #[must_use]
    pub fn out_of_band(self) -> Self {
        Self { out_of_band: true, ..self }
    }

    /// The money came so many seconds after [`BEGIN`].
    #[must_use]
    pub fn paid_after(self, second: i64) -> Self {
        Self { paid_at: Some(at(BEGIN + second)), ..self }
    }

    /// Test money.
    #[must_use]
    pub fn in_test_mode(self) -> Self {
        Self { livemode: false, ..self }
    }

    /// The donation `it`, to compare with the one of `all` that has its id.
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
