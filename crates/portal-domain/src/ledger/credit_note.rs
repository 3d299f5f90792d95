//! Credit notes.

use super::amount::{Lack, amount, needed};
use super::{Change, Version};
use crate::event::Event;
use crate::facts;
use crate::ids::{EnumWord, ObjectId};

/// The part of an invoice that one credit note gave back outside Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CreditNote {
    /// `cn_…`
    pub id: ObjectId,
    pub invoice: ObjectId,
    /// In minor units of the invoice's currency; 0 if the note is void.
    pub amount: i64,
    pub version: Version,
}

/// A void credit note stays void (<https://docs.stripe.com/api/credit_notes/void>).
mod finality {
    pub(super) const VOID: u8 = 2;
    pub(super) const ISSUED: u8 = 1;
}

/// Refunds cover money that goes back through Stripe, and customer credit has not left the portal,
/// so only the out-of-band amount counts.
pub(super) fn of_credit_note(
    event: &Event,
    facts: &facts::CreditNote,
) -> Result<Vec<Change>, Lack> {
    let Some(given_back) = facts.out_of_band_amount.filter(|&it| it != 0) else {
        return Ok(Vec::new());
    };
    let given_back = amount("out_of_band_amount", Some(given_back))?;
    let is_void = event.is_type("credit_note.voided")
        || facts.status.get().map(EnumWord::as_str) == Some("void");
    let (amount, finality) =
        if is_void { (0, finality::VOID) } else { (given_back, finality::ISSUED) };
    Ok(vec![Change::CreditNote(CreditNote {
        id: needed("id", facts.id.get())?,
        invoice: needed("invoice", facts.invoice.get())?,
        amount,
        version: Version::new(finality, event.seen_at(), 0, event),
    })])
}
