//! One line of the balance.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Part;
use crate::facts::{Charge, Facts, FactsKind};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::ledger::amount::AMOUNT_MAX;
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

/// A balance transaction of Stripe's, without its description.
///
/// Descriptions have held donors' names and addresses. A line never changes, but for becoming
/// available. Source: <https://docs.stripe.com/api/balance_transactions/object>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceLine {
    /// `txn_…`
    pub id: ObjectId,
    /// Stripe's `type`.
    pub kind: EnumWord,
    /// Stripe's `reporting_category`, which tells apart what an `adjustment` may be.
    pub category: EnumWord,
    /// The balance that it is in: `payments`, `risk_reserved`, …; `None` where the API's version has
    /// one only.
    pub balance: Option<EnumWord>,
    /// The currency of the balance, not that of the donor.
    pub currency: Currency,
    /// The gross amount, in minor units, below zero for what goes out.
    pub amount: i64,
    /// The fee; below zero where one is given back.
    pub fee: i64,
    /// The part of the fee that is a tax.
    pub fee_tax: i64,
    /// As Stripe says; it should be `amount - fee`.
    pub net: i64,
    pub source: Option<LineSource>,
    pub created: UnixSeconds,
    pub available_on: UnixSeconds,
    /// By the key that read it: Stripe does not say.
    pub livemode: bool,
}

/// The object that a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSource {
    /// `ch_…`, `re_…`, `du_…`, `po_…`, …
    pub id: ObjectId,
    /// `charge`, `refund`, `dispute`, `payout`, …; `None` if only its id was shown.
    pub object: Option<EnumWord>,
    /// The payment as the ledger has it: its PaymentIntent, or else its charge.
    pub payment: Option<ObjectId>,
    /// The object's own amount in minor units; of a charge, what was captured.
    pub amount: Option<i64>,
    /// The currency of that amount, which is the donor's.
    pub currency: Option<Currency>,
}

impl BalanceLine {
    /// Reads a line from its JSON, with the charge, refund or dispute that it is about.
    ///
    /// `None` if it cannot be read: an amount that is no integer or out of bounds, an object of the
    /// other mode, or one that is needed and not shown.
    #[must_use]
    pub fn read(json: &str, livemode: bool) -> Option<(Self, Option<Facts>)> {
        let fields: LineFields<'_> = serde_json::from_str(json).ok()?;
        let (source, facts) = match fields.source {
            None => (None, None),
            Some(it) => {
                let (source, facts) = LineSource::read(it.get(), livemode)?;
                (Some(source), facts)
            }
        };
        let taxes = fields.fee_details.iter().filter(|it| it.is_tax());
        let fee_tax = taxes.fold(0_i64, |sum, it| sum.saturating_add(it.amount));
        let line = Self {
            id: fields.id,
            kind: fields.kind,
            category: fields.reporting_category,
            balance: fields.balance_type.0,
            currency: fields.currency,
            amount: bounded(fields.amount)?,
            fee: bounded(fields.fee)?,
            fee_tax: bounded(fee_tax)?,
            net: bounded(fields.net)?,
            source,
            created: fields.created,
            available_on: fields.available_on,
            livemode,
        };
        let needs_payment = line.part().is_some_and(Part::is_of_payment);
        (!needs_payment || line.payment().is_some()).then_some((line, facts))
    }

    /// Returns lines as a JSON array of objects, with the columns' names of the table, for stores.
    #[must_use]
    pub fn rows(lines: &[Self]) -> String {
        serde_json::Value::from_iter(lines.iter().map(Self::row)).to_string()
    }

    fn row(&self) -> serde_json::Value {
        let source = self.source.as_ref();
        serde_json::json!({
            "id": self.id,
            "type": self.kind,
            "category": self.category,
            "part": self.part().map(Part::name),
            "balance": self.balance,
            "currency": self.currency,
            "amount": self.amount,
            "fee": self.fee,
            "fee_tax": self.fee_tax,
            "net": self.net,
            "source": source.map(|it| &it.id),
            "source_object": source.map(|it| &it.object),
            "payment": source.map(|it| &it.payment),
            "source_amount": source.map(|it| it.amount),
            "source_currency": source.map(|it| &it.currency),
            "created": self.created,
            "available_on": self.available_on,
            "livemode": self.livemode,
        })
    }

    /// Returns the payment that the line is about.
    #[must_use]
    pub fn payment(&self) -> Option<&ObjectId> {
        self.source.as_ref()?.payment.as_ref()
    }

    /// Returns the part of a payout that its amount belongs to; `None` for a payout's own line.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        Part::of(self.kind.as_str(), self.category.as_str())
    }

    /// True for a type that Stripe's list did not have when this was written: its amount is in
    /// [`Part::Other`], and nobody knows what it means.
    #[must_use]
    pub fn is_of_unknown_type(&self) -> bool {
        self.part() == Some(Part::Other) && self.kind.as_str() != "payment_unreconciled"
    }

    /// True for the balance that payouts are paid from.
    #[must_use]
    pub fn is_of_payments(&self) -> bool {
        self.balance.as_ref().is_none_or(|it| it.as_str() == "payments")
    }

    /// True if it is about the payout `id`: its own line, or that of its return.
    #[must_use]
    pub fn is_of_payout(&self, id: &ObjectId) -> bool {
        self.source.as_ref().is_some_and(|it| it.id == *id)
    }
}

/// The fields that are kept.
#[derive(Deserialize)]
struct LineFields<'j> {
    id: ObjectId,
    #[serde(rename = "type")]
    kind: EnumWord,
    reporting_category: EnumWord,
    #[serde(default)]
    balance_type: Lenient<EnumWord>,
    currency: Currency,
    amount: i64,
    fee: i64,
    #[serde(default)]
    fee_details: Vec<FeeDetail>,
    net: i64,
    #[serde(default, borrow)]
    source: Option<&'j RawValue>,
    created: UnixSeconds,
    available_on: UnixSeconds,
}

/// One of `fee_details`, without its description.
#[derive(Deserialize)]
struct FeeDetail {
    amount: i64,
    #[serde(default, rename = "type")]
    kind: Lenient<EnumWord>,
}

impl FeeDetail {
    fn is_tax(&self) -> bool {
        self.kind.get().is_some_and(|it| matches!(it.as_str(), "tax" | "withheld_tax"))
    }
}

impl LineSource {
    /// Reads a source, which is an id or the object itself. `None` if an object cannot be read or is of
    /// the other mode.
    fn read(json: &str, livemode: bool) -> Option<(Self, Option<Facts>)> {
        #[derive(Deserialize)]
        struct Named {
            id: ObjectId,
            object: EnumWord,
            #[serde(default)]
            livemode: Lenient<bool>,
        }
        if let Ok(id) = serde_json::from_str::<ObjectId>(json) {
            let source = Self { id, object: None, payment: None, amount: None, currency: None };
            return Some((source, None));
        }
        let Named { id, object, livemode: mode } = serde_json::from_str(json).ok()?;
        if mode.get().is_some_and(|it| *it != livemode) {
            return None;
        }
        let facts = match FactsKind::of_object(object.as_str()) {
            Some(kind @ (FactsKind::Charge | FactsKind::Refund | FactsKind::Dispute)) => {
                Some(kind.read(json).ok()?)
            }
            _ => None,
        };
        let (payment, amount, currency) = match &facts {
            Some(Facts::Charge(it)) => {
                (payment_of(it), it.amount_captured.or(it.amount), &it.currency)
            }
            Some(Facts::Refund(it)) => (it.payment().cloned(), it.amount, &it.currency),
            Some(Facts::Dispute(it)) => (it.payment().cloned(), it.amount, &it.currency),
            _ => (None, None, &Lenient(None)),
        };
        if amount.is_some_and(|it| bounded(it).is_none()) {
            return None;
        }
        let currency = currency.get().cloned();
        Some((Self { id, object: Some(object), payment, amount, currency }, facts))
    }
}

fn payment_of(charge: &Charge) -> Option<ObjectId> {
    charge.payment_intent.get().or_else(|| charge.id.get()).cloned()
}

fn bounded(amount: i64) -> Option<i64> {
    (-AMOUNT_MAX..=AMOUNT_MAX).contains(&amount).then_some(amount)
}
