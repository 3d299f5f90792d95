//! The parts that a payout is the sum of.

use serde::Serialize;
use serde::ser::SerializeMap as _;
use strum::{IntoStaticStr, VariantArray};

/// A part of a payout. Each line belongs to one of them by its type; its fee belongs to
/// [`Part::Fees`] and [`Part::FeeTaxes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    Donations,
    Refunds,
    Disputes,
    /// The fees of lines, without their tax.
    Fees,
    /// The tax on these fees.
    FeeTaxes,
    /// Stripe's own fees, such as those of Billing, which belong to no donation.
    StripeFees,
    /// Taxes on Stripe's own fees.
    Taxes,
    /// Payouts that failed or were canceled, whose money this one pays out again.
    ReturnedPayouts,
    /// A minimum balance that Stripe holds back, or releases.
    MinimumBalance,
    Reserves,
    /// Transfers and fees of connected accounts.
    Connect,
    Topups,
    Adjustments,
    /// Everything else.
    Other,
}

named!(Part);

impl Part {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The parts that are fees or taxes on them, all below zero where Stripe took money.
    pub const FEES: [Self; 4] = [Self::Fees, Self::FeeTaxes, Self::StripeFees, Self::Taxes];

    /// Returns the part of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Returns the part that the amount of a line of that type and category belongs to; `None` for a
    /// payout's own line, which is no part of anything.
    ///
    /// Source: <https://docs.stripe.com/reports/balance-transaction-types> and
    /// <https://docs.stripe.com/reports/reporting-categories>.
    #[must_use]
    pub fn of(kind: &str, category: &str) -> Option<Self> {
        if category == "partial_capture_reversal" {
            return Some(Self::Donations);
        }
        Some(match kind {
            "charge" | "payment" | "payment_reversal" | "payment_failure_refund" => Self::Donations,
            "refund" | "payment_refund" | "refund_failure" => Self::Refunds,
            "adjustment" => match category {
                "refund" | "refund_failure" => Self::Refunds,
                "dispute" | "dispute_reversal" => Self::Disputes,
                "fee" => Self::StripeFees,
                "tax" => Self::Taxes,
                _ => Self::Adjustments,
            },
            "stripe_fee" | "stripe_fx_fee" | "network_cost" | "fee_credit_funding" => {
                Self::StripeFees
            }
            "tax_fee" | "tax_fund" => Self::Taxes,
            "payout" => return None,
            "payout_failure" | "payout_cancel" => Self::ReturnedPayouts,
            "payout_minimum_balance_hold" | "payout_minimum_balance_release" => {
                Self::MinimumBalance
            }
            "reserved_funds" | "reserve_hold" | "reserve_release" => Self::Reserves,
            "reserve_transaction" | "connect_collection_transfer" => Self::Connect,
            "topup" | "topup_reversal" => Self::Topups,
            _ if kind.starts_with("payment_network_reserve_") => Self::Reserves,
            _ if kind.starts_with("transfer") || kind.starts_with("application_fee") => {
                Self::Connect
            }
            _ => Self::Other,
        })
    }

    /// True if a line of this part is about a payment, so that its source must be known.
    #[must_use]
    pub fn is_of_payment(self) -> bool {
        matches!(self, Self::Donations | Self::Refunds | Self::Disputes)
    }
}

/// The sums of all parts, in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts([i64; Part::VARIANTS.len()]);

impl Parts {
    /// Adds an amount to its part, if it has one, and takes away its fee, of which `tax` is a tax.
    pub fn add(&mut self, part: Option<Part>, amount: i64, fee: i64, tax: i64) {
        if let Some(part) = part {
            self.add_to(part, amount);
        }
        self.add_to(Part::Fees, tax.saturating_sub(fee));
        self.add_to(Part::FeeTaxes, tax.saturating_neg());
    }

    fn add_to(&mut self, part: Part, amount: i64) {
        if let Some(sum) = self.0.get_mut(part as usize) {
            *sum = sum.saturating_add(amount);
        }
    }

    /// Returns the sum of one part.
    #[must_use]
    pub fn get(&self, part: Part) -> i64 {
        self.0.get(part as usize).copied().unwrap_or_default()
    }

    /// Returns the sum of all parts.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.0.iter().fold(0, |sum, it| sum.saturating_add(*it))
    }

    /// Returns each part with its sum.
    pub fn iter(&self) -> impl Iterator<Item = (Part, i64)> {
        Part::ALL.iter().map(|&part| (part, self.get(part)))
    }
}

impl Serialize for Parts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Part::ALL.len()))?;
        for (part, sum) in self.iter() {
            map.serialize_entry(part.name(), &sum)?;
        }
        map.end()
    }
}
