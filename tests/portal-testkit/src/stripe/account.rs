//! An account at Stripe: its history with all times, and the view of it at any time.

use std::collections::{BTreeMap, HashMap};

mod held;
mod once;
mod receipt;
mod recurring;
mod sent;

mod afterwards;
mod given_back;

mod billing;
mod bringing;
mod event_making;
mod showing;

pub use afterwards::Verdict;
pub use billing::Renewal;
pub use held::Release;
pub use receipt::Receipt;

use crate::stripe::balance::Balance;
use crate::stripe::endpoint::Endpoint;
use crate::stripe::event::{Event, Health};
use crate::stripe::object::{History, ObjectKind};
use crate::stripe::shelf::Shelf;
use crate::stripe::truth::{Donation, Gift, Money};

/// One account in one mode. It has no clock: stories state their times, and readers pass theirs.
///
/// Stories about different objects may be told in any order of time; the changes of one object are
/// told in their order. A story about a missing object panics.
pub struct Account {
    pub livemode: bool,
    /// The API version of the next events, which `/v1/events` keeps showing them in.
    pub api_version: &'static str,
    /// True if payments name their invoice as a hint from 2025-10-29.clover on
    /// (`payment_details.order_reference`), which was observed but is documented nowhere.
    pub hints: bool,
    pub balance: Balance,
    /// The newest first.
    pub endpoints: Vec<Endpoint>,
    pub(crate) health: Shelf<Health>,
    events: Shelf<Event>,
    objects: BTreeMap<ObjectKind, Shelf<History>>,
    gifts: BTreeMap<String, Gift>,
    /// By the payment, or by the invoice that was paid outside Stripe.
    money: BTreeMap<String, Money>,
    /// The `InvoicePayment`s of each payment.
    invoice_payments: HashMap<String, Vec<String>>,
    ids: u64,
}

impl Account {
    /// Returns an account in live mode.
    #[must_use]
    pub fn live(api_version: &'static str) -> Self {
        Self {
            livemode: true,
            api_version,
            hints: true,
            balance: Balance::default(),
            endpoints: Vec::new(),
            health: Shelf::default(),
            events: Shelf::default(),
            objects: BTreeMap::new(),
            gifts: BTreeMap::new(),
            money: BTreeMap::new(),
            invoice_payments: HashMap::new(),
            ids: 0,
        }
    }

    /// Returns an account in test mode.
    #[must_use]
    pub fn in_test_mode(api_version: &'static str) -> Self {
        Self { livemode: false, ..Self::live(api_version) }
    }

    /// Returns the donations that a complete ledger must have at that time, in the order of their
    /// ids.
    #[must_use]
    pub fn donations(&self, now: i64) -> Vec<Donation> {
        let money = || self.money.values();
        self.gifts.values().filter_map(|it| it.at(now, self.livemode, money())).collect()
    }

    /// Returns the money that came for a donation until that time, each with the id of its payment,
    /// the oldest first.
    pub(crate) fn money_for(&self, gift: &str, now: i64) -> Vec<(&str, &Money)> {
        let is_for = |it: &Money| it.paid_at <= now && it.parts.contains_key(gift);
        let all = self.money.iter().filter(|(_, it)| is_for(it));
        let mut all: Vec<_> = all.map(|(payment, it)| (payment.as_str(), it)).collect();
        all.sort_by_key(|(_, it)| it.paid_at);
        all
    }

    /// Returns the events of all stories, the oldest first, including those that were never made.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.oldest_first()
    }

    /// Returns the last event of that type about that object.
    #[must_use]
    pub fn event(&self, event_type: &str, object: &str) -> Option<&Event> {
        self.events().rev().find(|it| it.object == object && it.event_type == event_type)
    }
}
