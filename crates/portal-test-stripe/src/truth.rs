//! The donations that are due, as the stories have it.

use std::collections::BTreeMap;

use crate::object::Object;

/// One gift, in the words that a ledger of donations uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Donation {
    /// The invoice's id, or that of the payment which belongs to none.
    pub id: String,
    /// Once or repeatedly.
    pub kind: Kind,
    /// How far it has come.
    pub state: State,
    /// In minor units.
    pub amount: i64,
    /// Three small letters.
    pub currency: &'static str,
    /// What went back to the donor, in minor units.
    pub refunded: i64,
    /// What lost disputes took, in minor units.
    pub lost: i64,
    /// Whether all that came, came outside Stripe.
    pub out_of_band: bool,
    /// Live money or a test.
    pub livemode: bool,
    /// When the money was there, in Unix seconds.
    pub paid_at: Option<i64>,
}

/// Once or repeatedly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A payment that belongs to no invoice.
    OneTime,
    /// An invoice that a subscription asked for.
    Recurring,
    /// An invoice without a subscription.
    Invoice,
}

/// How far a donation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The money is on its way.
    Pending,
    /// The money is there.
    Paid,
    /// The money did not come.
    Failed,
}

impl Kind {
    /// `one_time`, `recurring`, `invoice`
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
    /// `pending`, `paid`, `failed`
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }
}

/// What a story says of one gift, with all times, but for the money.
pub(crate) struct Gift {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// What is asked for.
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) begun_at: i64,
    pub(crate) failed_at: Option<i64>,
    /// From when on nobody waits for what is not paid.
    pub(crate) given_up_at: Option<i64>,
}

/// Money that came.
pub(crate) struct Money {
    pub(crate) paid_at: i64,
    pub(crate) amount: i64,
    /// Whether Stripe did not move it.
    pub(crate) out_of_band: bool,
    /// The gifts that it is for, each with its part; they come to the amount.
    pub(crate) parts: BTreeMap<String, i64>,
    /// When, and how much.
    pub(crate) returned: Vec<(i64, i64)>,
    /// When, and how much.
    pub(crate) lost: Vec<(i64, i64)>,
}

impl Gift {
    /// A gift of what `object` asks for, pending since `begun_at`.
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

    /// The donation at that time, where there is one yet. Whatever came for it is given, also where
    /// less came than was asked for, or more.
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
        // Divided together with what was refunded, so that no more is gone of a part than it was.
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

    /// The part of `sum` that falls to that gift: in proportion, and in the order of the gifts' ids
    /// rounded so that all parts together come to the sum.
    fn part_of(&self, gift: &str, sum: i64) -> i64 {
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
