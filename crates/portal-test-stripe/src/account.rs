//! An account at Stripe: what happened there, with all times, and what of it shows when.

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
pub use held::Release;
pub use receipt::Receipt;
pub use recurring::Renewal;

use crate::event::{Event, Health};
use crate::object::{History, ObjectKind};
use crate::server::Endpoint;
use crate::shelf::Shelf;
use crate::truth::{Donation, Gift, Money};

/// One account, in one mode. It has no clock: stories say when, and readers say what time it is.
///
/// Stories about different objects may be told in any order of time; what happens to one object is
/// told in its order. A story about an object that there is not panics.
pub struct Account {
    /// Live money or tests; a key sees only the one or the other.
    pub livemode: bool,
    /// The version that the next events are made in, which is how `/v1/events` shows them for ever.
    pub api_version: &'static str,
    /// Whether payments hint at their invoice from 2025-10-29.clover on
    /// (`payment_details.order_reference`): recorded, but promised nowhere.
    pub hints: bool,
    /// Its webhook endpoints, the newest first.
    pub endpoints: Vec<Endpoint>,
    pub(crate) health: Shelf<Health>,
    events: Shelf<Event>,
    objects: BTreeMap<ObjectKind, Shelf<History>>,
    /// By their own ids.
    gifts: BTreeMap<String, Gift>,
    /// By the payment that brought it, or the invoice that it came for outside Stripe.
    money: BTreeMap<String, Money>,
    /// The `InvoicePayment`s of each payment.
    invoice_payments: HashMap<String, Vec<String>>,
    ids: u64,
}

impl Account {
    /// An account with live money.
    #[must_use]
    pub fn live(api_version: &'static str) -> Self {
        Self {
            livemode: true,
            api_version,
            hints: true,
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

    /// An account with test money.
    #[must_use]
    pub fn in_test_mode(api_version: &'static str) -> Self {
        Self { livemode: false, ..Self::live(api_version) }
    }

    /// What a ledger that knows all must have at that time, in the order of their ids.
    #[must_use]
    pub fn donations(&self, now: i64) -> Vec<Donation> {
        let money = || self.money.values();
        self.gifts.values().filter_map(|it| it.at(now, self.livemode, money())).collect()
    }

    /// Every event of every story, the oldest first, also those that were never made.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.oldest_first()
    }

    /// The last event of that type about that object.
    #[must_use]
    pub fn event(&self, event_type: &str, object: &str) -> Option<&Event> {
        self.events().rev().find(|it| it.object == object && it.event_type == event_type)
    }
}
