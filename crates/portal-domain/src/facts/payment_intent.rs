//! Facts of one payment, whatever number of attempts it took.

use serde::Serialize;

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::{FromJson, Lenient, Nullable};
use crate::time::UnixSeconds;

facts! {
    /// A payment. Source: <https://docs.stripe.com/api/payment_intents/object>.
    PaymentIntent {
        /// `pi_…`
        id: Lenient<ObjectId>,
        /// The amount to collect, in minor units.
        amount: Option<i64>,
        /// The amount that is authorised but not collected yet, in minor units.
        amount_capturable: Option<i64>,
        /// The amount that was collected, in minor units: the donation.
        amount_received: Option<i64>,
        /// Unix seconds.
        canceled_at: Lenient<UnixSeconds>,
        /// `abandoned`, `duplicate`, `void_invoice`, ….
        cancellation_reason: Lenient<EnumWord>,
        /// The time of collection: `automatic`, `automatic_async` or `manual`.
        capture_method: Lenient<EnumWord>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The invoice that it pays, or null; removed in 2025-03-31.basil.
        invoice: Nullable<ObjectId>,
        last_payment_error: Lenient<LastPaymentError>,
        /// The most recent attempt.
        latest_charge: Lenient<ObjectId>,
        livemode: Lenient<bool>,
        /// The step that the donor has to take next.
        next_action: Lenient<NextAction>,
        /// The references that the merchant or Stripe set on the payment; since 2025-10-29.clover.
        payment_details: Lenient<PaymentDetails>,
        /// The payment methods that are offered: `card`, `konbini`, ….
        payment_method_types: Lenient<Vec<Lenient<EnumWord>>>,
        /// The amount that the donor saw, if it was in another currency.
        presentment_details: Lenient<PresentmentDetails>,
        /// `succeeded`, `processing`, `requires_payment_method`, `canceled`, ….
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// `last_payment_error` of a [`PaymentIntent`], without its texts and the donor's card.
    LastPaymentError {
        /// The error's code: `card_declined`, `expired_card`, ….
        code: Lenient<EnumWord>,
        /// The reason that the donor's bank gave: `insufficient_funds`, `do_not_honor`, ….
        decline_code: Lenient<EnumWord>,
        /// The class of the error: `card_error`, `api_error`, ….
        kind = "type": Lenient<EnumWord>,
    }
}

facts! {
    /// `next_action` of a [`PaymentIntent`], without what is shown to the donor.
    NextAction {
        /// `use_stripe_sdk`, `redirect_to_url`, `konbini_display_details`, ….
        kind = "type": Lenient<EnumWord>,
    }
}

facts! {
    /// `payment_details` of a [`PaymentIntent`].
    PaymentDetails {
        /// The invoice that Stripe seems to name. It is a hint only, because a merchant may set it
        /// too.
        order_reference: Lenient<InvoiceHint>,
    }
}

facts! {
    /// `presentment_details` of a [`PaymentIntent`].
    PresentmentDetails {
        /// In minor units of `presentment_currency`.
        presentment_amount: Option<i64>,
        presentment_currency: Lenient<Currency>,
    }
}

/// An order reference in the shape of an invoice's id: `in_`, then letters and digits.
///
/// Merchants may write anything into an order reference, so every other shape is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct InvoiceHint(ObjectId);

impl InvoiceHint {
    /// Returns the text as the id of an invoice.
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
