//! The donations that are expected after the stories.

use std::collections::BTreeMap;

use crate::stripe::object::Object;

/// One donation, in the words of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Donation {
    /// The invoice's id, or the payment's if there is no invoice.
    pub id: String,
    pub kind: Kind,
    pub state: State,
    /// In minor units.
    pub amount: i64,
    /// Three lower-case letters.
    pub currency: &'static str,
    /// In minor units.
    pub refunded: i64,
    /// The amount that lost disputes took, in minor units.
    pub lost: i64,
    /// True if all of it was paid outside Stripe.
    pub out_of_band: bool,
    pub livemode: bool,
    /// Unix seconds.
    pub paid_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A payment without an invoice.
    OneTime,
    /// An invoice of a subscription.
    Recurring,
    /// An invoice without a subscription.
    Invoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Paid,
    Failed,
}

impl Kind {
    /// Returns `one_time`, `recurring` or `invoice`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OneTime => "one_time",
            Self::Recurring => "recurring",
            Self::Invoice => "invoice",
        }
    }
}

impl State {
    /// Returns `pending`, `paid` or `failed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }
}

/// The story of one donation with all times, without the money.
pub(crate) struct Gift {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// The requested amount.
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) begun_at: i64,
    pub(crate) failed_at: Option<i64>,
    /// The time from which no further payment is expected.
    pub(crate) given_up_at: Option<i64>,
}

/// Money that was received.
pub(crate) struct Money {
    pub(crate) paid_at: i64,
    pub(crate) amount: i64,
    /// True if it was paid outside Stripe.
    pub(crate) out_of_band: bool,
    /// The donations that it is for, each with its part; the parts add up to the amount.
    pub(crate) parts: BTreeMap<String, i64>,
    /// Time and amount of each refund.
    pub(crate) returned: Vec<(i64, i64)>,
    /// Time and amount of each lost dispute.
    pub(crate) lost: Vec<(i64, i64)>,
}

impl Gift {
    /// Starts a donation of the amount of `object`, pending since `begun_at`.
    pub(crate) fn begin(kind: Kind, object: &Object, begun_at: i64) -> Self {
        Self {
            id: object.id.clone(),
            kind,
            amount: object.amount,
            currency: object.currency,
            begun_at,
            failed_at: None,
            given_up_at: None,
        }
    }

    /// Returns the donation at that time, if there is one yet. Every received amount counts as
    /// given, even if it is less or more than requested.
    pub(crate) fn at<'a>(
        &self,
        now: i64,
        livemode: bool,
        money: impl Iterator<Item = &'a Money>,
    ) -> Option<Donation> {
        let is_past = |at: &i64| *at <= now;
        let came: Vec<_> =
            money.filter(|it| it.paid_at <= now && it.parts.contains_key(&self.id)).collect();
        let sum = |amount: fn(&Money, i64) -> i64| {
            came.iter().map(|it| it.part_of(&self.id, amount(it, now))).sum::<i64>()
        };
        let refunded = sum(|it, now| until(&it.returned, now));
        // The refunded sum is divided together with the lost one, so that a part never loses more
        // than it had.
        let gone = sum(|it, now| until(&it.returned, now) + until(&it.lost, now));
        let state = match (self.failed_at.filter(is_past), self.given_up_at.filter(is_past)) {
            (_, _) if !came.is_empty() => State::Paid,
            (_, Some(_)) => return None,
            (Some(_), None) => State::Failed,
            (None, None) if is_past(&self.begun_at) => State::Pending,
            (None, None) => return None,
        };
        Some(Donation {
            id: self.id.clone(),
            kind: self.kind,
            state,
            amount: if came.is_empty() { self.amount } else { sum(|it, _| it.amount) },
            currency: self.currency,
            refunded,
            lost: gone - refunded,
            out_of_band: !came.is_empty() && came.iter().all(|it| it.out_of_band),
            livemode,
            paid_at: came.iter().map(|it| it.paid_at).min(),
        })
    }
}

impl Money {
    pub(crate) fn for_one(paid_at: i64, amount: i64, gift: &str) -> Self {
        Self::for_gifts(paid_at, amount, [(gift.to_owned(), amount)].into())
    }

    pub(crate) fn for_gifts(paid_at: i64, amount: i64, parts: BTreeMap<String, i64>) -> Self {
        Self { paid_at, amount, out_of_band: false, parts, returned: Vec::new(), lost: Vec::new() }
    }

    /// Returns the part of `sum` that falls to that donation: in proportion, and rounded in the
    /// order of the ids so that all parts add up to the sum.
    pub(crate) fn part_of(&self, gift: &str, sum: i64) -> i64 {
        let up_to = |ids: &dyn Fn(&str) -> bool| {
            let parts: i64 = self.parts.iter().filter(|it| ids(it.0)).map(|it| it.1).sum();
            let exact = i128::from(sum) * i128::from(parts) / i128::from(self.amount.max(1));
            i64::try_from(exact).unwrap_or(sum)
        };
        up_to(&|id| id <= gift) - up_to(&|id| id < gift)
    }
}

fn until(parts: &[(i64, i64)], now: i64) -> i64 {
    parts.iter().filter(|(at, _)| *at <= now).map(|(_, amount)| amount).sum()
}
