//! Facts of one payment, however many attempts it took.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::{FromJson, Lenient, Nullable};
use crate::time::UnixSeconds;

facts! {
    /// A payment. Source: <https://docs.stripe.com/api/payment_intents/object>.
    PaymentIntent {
        /// `pi_…`
        id: Lenient<ObjectId>,
        /// What is to be paid, in minor units.
        amount: Option<i64>,
        /// What is authorised but not collected yet, in minor units.
        amount_capturable: Option<i64>,
        /// What has been collected, in minor units: the donation.
        amount_received: Option<i64>,
        /// When it was canceled, in seconds.
        canceled_at: Lenient<UnixSeconds>,
        /// Why it was canceled: `abandoned`, `duplicate`, `void_invoice`, ….
        cancellation_reason: Lenient<EnumWord>,
        /// When the money is collected: `automatic`, `automatic_async` or `manual`.
        capture_method: Lenient<EnumWord>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amounts.
        currency: Lenient<Currency>,
        /// The invoice that it pays, or null; gone since 2025-03-31.basil.
        invoice: Nullable<ObjectId>,
        /// Why the last attempt failed.
        last_payment_error: Lenient<LastPaymentError>,
        /// The newest attempt.
        latest_charge: Lenient<ObjectId>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// The donor's next step.
        next_action: Lenient<NextAction>,
        /// What the merchant or Stripe notes on the payment; since 2025-10-29.clover.
        payment_details: Lenient<PaymentDetails>,
        /// The ways to pay that are offered: `card`, `konbini`, ….
        payment_method_types: Lenient<Vec<Lenient<EnumWord>>>,
        /// What the donor saw, where that was another currency.
        presentment_details: Lenient<PresentmentDetails>,
        /// `succeeded`, `processing`, `requires_payment_method`, `canceled`, ….
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// `last_payment_error` of a [`PaymentIntent`], without its texts and the donor's card.
    LastPaymentError {
        /// What went wrong: `card_declined`, `expired_card`, ….
        code: Lenient<EnumWord>,
        /// Why the donor's bank said no: `insufficient_funds`, `do_not_honor`, ….
        decline_code: Lenient<EnumWord>,
        /// The class of the error: `card_error`, `api_error`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}

facts! {
    /// `next_action` of a [`PaymentIntent`], without what is shown to the donor.
    NextAction {
        /// `use_stripe_sdk`, `redirect_to_url`, `konbini_display_details`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}

facts! {
    /// `payment_details` of a [`PaymentIntent`].
    PaymentDetails {
        /// The invoice that Stripe seems to name; a hint, because a merchant may set it too.
        order_reference: Lenient<InvoiceHint>,
    }
}

facts! {
    /// `presentment_details` of a [`PaymentIntent`].
    PresentmentDetails {
        /// What the donor was asked for, in minor units of `presentment_currency`.
        presentment_amount: Option<i64>,
        /// The currency that the donor saw.
        presentment_currency: Lenient<Currency>,
    }
}

/// An order reference with the shape of an invoice's id: `in_`, then letters and digits.
///
/// Merchants may write anything into an order reference, so all other shapes are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct InvoiceHint(ObjectId);

impl InvoiceHint {
    /// The id that an invoice would have.
    #[must_use]
    pub fn id(&self) -> &ObjectId {
        &self.0
    }
}

impl FromJson for InvoiceHint {
    fn from_text(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("in_").filter(|rest| !rest.is_empty())?;
        if !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        ObjectId::new(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for InvoiceHint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Lenient::deserialize(deserializer)?.0.ok_or_else(|| D::Error::custom("not an invoice's id"))
    }
}
