//! Disputes.

use super::amount::{Lack, amount, needed};
use super::{Change, Version};
use crate::alert::Alert;
use crate::donation::DisputeState;
use crate::event::Event;
use crate::facts;
use crate::ids::{Currency, ObjectId};
use crate::lenient::Lenient;

/// A dispute of a payment, or an inquiry about one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dispute {
    /// `du_…` or `dp_…`
    pub id: ObjectId,
    pub payment: ObjectId,
    /// The state; `None` if it was closed before money moved.
    pub state: Option<DisputeState>,
    /// In minor units.
    pub amount: i64,
    pub currency: Currency,
    pub livemode: bool,
    pub version: Version,
}

pub(super) fn of_dispute(event: &Event, facts: &facts::Dispute) -> Result<Vec<Change>, Lack> {
    let state = match needed("status", facts.status.get())?.as_str() {
        // Before 2014-11-20 a won dispute of a refunded charge had a status of its own
        // (<https://docs.stripe.com/changelog/2014-11-20/disputes-reported-won-refunded-charge>).
        "won" | "charge_refunded" => Some(DisputeState::Won),
        "lost" => Some(DisputeState::Lost),
        "warning_closed" => None,
        status if status.starts_with("warning_") => Some(DisputeState::Inquiry),
        "needs_response" | "under_review" | "appeal_needs_response" | "appeal_under_review" => {
            Some(DisputeState::Open)
        }
        // A prevented dispute took money on some networks only, so the balance transactions decide.
        status if status == "prevented" || event.is_type("charge.dispute.closed") => {
            takes_money(facts).then_some(DisputeState::Lost)
        }
        _ => Some(DisputeState::Open),
    };
    // Even a lost dispute may be reopened (appeals), so only the time makes a state final.
    let step = match state {
        Some(DisputeState::Inquiry) => 0,
        Some(DisputeState::Open) => 1,
        Some(DisputeState::Won | DisputeState::Lost) | None => 2,
    };
    Ok(vec![Change::Dispute(Dispute {
        id: needed("id", facts.id.get())?,
        payment: needed("payment_intent", facts.payment())?,
        state,
        amount: amount("amount", facts.amount)?,
        currency: needed("currency", facts.currency.get())?,
        livemode: event.livemode,
        version: Version::new(0, event.seen_at(), step, event),
    })])
}

/// True if more was taken from the account than came back.
fn takes_money(facts: &facts::Dispute) -> bool {
    let moved = facts.balance_transactions.get().into_iter().flatten().filter_map(Lenient::get);
    moved.filter_map(|it| it.amount).fold(0, i64::saturating_add) < 0
}

impl Dispute {
    pub(super) fn alert(&self, state: DisputeState) -> Alert {
        Alert::Dispute {
            dispute: self.id.clone(),
            payment: self.payment.clone(),
            state,
            amount: self.amount,
            currency: self.currency.clone(),
            livemode: self.livemode,
        }
    }
}
