//! Donations, which the ledger yields once for each gift.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::ids::{Currency, ObjectId};
use crate::time::UnixSeconds;

/// One gift: a paid invoice, or a payment that belongs to no invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Donation {
    /// The invoice's id (`in_…`), or the payment's (`pi_…`) if there is no invoice.
    pub id: ObjectId,
    pub kind: Kind,
    pub state: DonationState,
    pub currency: Currency,
    /// The amount that was given, or that is expected, in minor units.
    pub amount: i64,
    /// The amount that was refunded, in minor units.
    pub refunded: i64,
    /// The amount that lost disputes took, in minor units.
    pub lost: i64,
    /// The amount that remains, in minor units; 0 unless it is paid.
    pub net: i64,
    pub dispute: Option<DisputeState>,
    /// True while the payment may still prove to belong to an invoice; it is in no total until
    /// then.
    pub provisional: bool,
    /// True if it was paid outside Stripe.
    pub out_of_band: bool,
    pub livemode: bool,
    pub paid_at: Option<UnixSeconds>,
    /// The time of the payment, or of the last change if it is not paid. Periods select by it.
    pub at: UnixSeconds,
}

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A payment that belongs to no invoice.
    OneTime,
    /// An invoice of a subscription.
    Recurring,
    /// An invoice without a subscription, or one whose subscription is not known yet.
    Invoice,
}

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DonationState {
    /// The donor has decided, and the money is on its way (konbini, bank transfer).
    Pending,
    Paid,
    /// The payment failed or expired.
    Failed,
}

/// The state of a dispute.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank has asked a question; no money has moved.
    Inquiry,
    /// The bank has taken the money; the outcome is open.
    Open,
    /// The money came back to the portal.
    Won,
    /// The money stays with the donor.
    Lost,
}

/// A filter over donations; every field that is `None` lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DonationFilter {
    /// Only donations that were paid (or last changed) at this time or later.
    pub since: Option<UnixSeconds>,
    /// Only donations that were paid (or last changed) before this time.
    pub until: Option<UnixSeconds>,
    pub currency: Option<Currency>,
    pub kind: Option<Kind>,
    pub state: Option<DonationState>,
    pub livemode: Option<bool>,
    /// True: only provisional ones; false: only certain ones.
    pub provisional: Option<bool>,
    /// True: only donations that Stripe's API has confirmed; false: only the others.
    pub confirmed: Option<bool>,
    pub dispute: Option<DisputeState>,
    /// Only donations of this amount or more, in minor units.
    pub amount_from: Option<i64>,
    /// Only donations of this amount or less, in minor units.
    pub amount_to: Option<i64>,
}

impl DonationFilter {
    /// The filter by what an index finds: its period, its state and certainty.
    #[must_use]
    pub fn by_index(&self) -> Self {
        let Self { since, until, state, provisional, .. } = *self;
        Self { since, until, state, provisional, ..Self::default() }
    }
}

/// The sum of paid, certain donations of one currency, kind and mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub currency: Currency,
    pub kind: Kind,
    /// Live or test mode, which never share a total.
    pub livemode: bool,
    pub count: u64,
    /// The amount that was given, in minor units.
    pub gross: i64,
    /// The amount that was refunded, in minor units.
    pub refunded: i64,
    /// The amount that lost disputes took, in minor units.
    pub lost: i64,
    /// The amount that remains, in minor units.
    pub net: i64,
}

named_and_read!(Kind, DonationState, DisputeState);
