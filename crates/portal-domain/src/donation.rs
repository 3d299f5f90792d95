//! Donations: what the ledger yields once for each gift.

use serde::{Deserialize, Serialize};

use crate::ids::{Currency, ObjectId};
use crate::time::UnixSeconds;

/// One gift: a paid invoice, or a payment that belongs to no invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Donation {
    /// The invoice's id (`in_…`), or else the payment's (`pi_…`).
    pub id: ObjectId,
    /// Once or repeatedly.
    pub kind: Kind,
    /// How far it has come.
    pub state: DonationState,
    /// Currency of the amounts.
    pub currency: Currency,
    /// What was given, or is to be given, in minor units.
    pub amount: i64,
    /// What went back to the donor, in minor units.
    pub refunded: i64,
    /// What lost disputes took, in minor units.
    pub lost: i64,
    /// What remains, in minor units: 0 where it is not paid.
    pub net: i64,
    /// Whether the donor's bank contests it.
    pub dispute: Option<DisputeState>,
    /// Whether it may turn out to be part of an invoice; then it is in no total.
    pub provisional: bool,
    /// Whether it was paid outside Stripe.
    pub out_of_band: bool,
    /// Live money or a test.
    pub livemode: bool,
    /// When it was paid.
    pub paid_at: Option<UnixSeconds>,
    /// When it was paid, or else when it last changed: what periods go by.
    #[serde(skip)]
    pub at: UnixSeconds,
}

/// Once or repeatedly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A payment that belongs to no invoice.
    OneTime,
    /// An invoice that a subscription asked for.
    Recurring,
    /// An invoice without a subscription, or one of which that is not known yet.
    Invoice,
}

/// How far a donation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonationState {
    /// The donor has decided; the money is on its way (konbini, bank transfer).
    Pending,
    /// The money is there.
    Paid,
    /// The money did not come.
    Failed,
}

/// Whether a donor's bank contests a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank asks; no money has moved.
    Inquiry,
    /// The bank has taken the money; the answer is open.
    Open,
    /// The money is back.
    Won,
    /// The money is gone.
    Lost,
}

/// Which donations to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DonationFilter {
    /// Only what was paid (or else last changed) then or later.
    pub since: Option<UnixSeconds>,
    /// Only what was paid (or else last changed) before then.
    pub until: Option<UnixSeconds>,
    /// Only this currency.
    pub currency: Option<Currency>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only this state.
    pub state: Option<DonationState>,
    /// Only live money, or only tests.
    pub livemode: Option<bool>,
    /// Only provisional ones, or only certain ones.
    pub provisional: Option<bool>,
    /// Only those that Stripe has shown as they are here, or only those that it has not.
    pub confirmed: Option<bool>,
}

/// What paid, certain donations of one currency, kind and mode come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Currency of the amounts.
    pub currency: Currency,
    /// Once or repeatedly.
    pub kind: Kind,
    /// Live money or tests; they never share a total.
    pub livemode: bool,
    /// How many donations.
    pub count: u64,
    /// What was given, in minor units.
    pub gross: i64,
    /// What went back to the donors, in minor units.
    pub refunded: i64,
    /// What lost disputes took, in minor units.
    pub lost: i64,
    /// What remains, in minor units.
    pub net: i64,
}

macro_rules! names {
    ($kind:ident { $($variant:ident => $name:literal,)* }) => {
        impl $kind {
            /// The name in the store and in output.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The one of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

names! { Kind { OneTime => "one_time", Recurring => "recurring", Invoice => "invoice", } }
names! { DonationState { Pending => "pending", Paid => "paid", Failed => "failed", } }
names! { DisputeState { Inquiry => "inquiry", Open => "open", Won => "won", Lost => "lost", } }
