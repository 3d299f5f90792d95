//! The donations that are due, as the stories have it.

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

/// What a story says of one gift, with all times.
pub(crate) struct Gift {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    pub(crate) begun_at: i64,
    pub(crate) failed_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
    /// When, and how much.
    pub(crate) refunds: Vec<(i64, i64)>,
    /// When, and how much.
    pub(crate) losses: Vec<(i64, i64)>,
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
            paid_at: None,
            refunds: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// The donation at that time, where there is one yet.
    pub(crate) fn at(&self, now: i64, livemode: bool) -> Option<Donation> {
        let is_past = |at: &i64| *at <= now;
        let paid_at = self.paid_at.filter(is_past);
        let state = match (paid_at, self.failed_at.filter(is_past)) {
            (Some(_), _) => State::Paid,
            (None, Some(_)) => State::Failed,
            (None, None) if is_past(&self.begun_at) => State::Pending,
            (None, None) => return None,
        };
        let sum =
            |parts: &[(i64, i64)]| parts.iter().filter(|it| is_past(&it.0)).map(|it| it.1).sum();
        Some(Donation {
            id: self.id.clone(),
            kind: self.kind,
            state,
            amount: self.amount,
            currency: self.currency,
            refunded: sum(&self.refunds),
            lost: sum(&self.losses),
            livemode,
            paid_at,
        })
    }
}
