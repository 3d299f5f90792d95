//! Alerts about payouts that failed, differ or are late, and about donations that are in none.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::lookup;
use super::{MoneyPlace, NOT_SEEN_AFTER, PayoutRow, StatementState, read_window};
use crate::alert::{
    Alert, AlertChange, DONATIONS_NOT_PAID_OUT, PAYOUT_DIFFERS, PAYOUT_FAILED, PAYOUT_STUCK,
    payout_key,
};
use crate::donation::{DonationFilter, DonationState};
use crate::ids::ObjectId;
use crate::ledger::{PayoutStatus, Reconciliation};
use crate::ports::{PayoutFilter, Store, StoreError};
use crate::time::UnixSeconds;

/// Payouts and donations of so long are looked at: later nothing about them changes by itself.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// The payouts of one step: each takes a call of the store, of which a Worker has fifty a minute.
const PAYOUTS: u32 = 10;

/// The last payouts that are searched for one that made up for a failed one.
const SEARCHED: u32 = 50;

/// The number of donations that are looked up at once.
const PAGE: u32 = 200;

/// A payout that differs is notified if it still does after so long: the ledger may be repaired
/// meanwhile.
pub(super) const DIFFERS_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// A payout is late so long after its day, which is more than any holidays.
const LATE_AFTER: SignedDuration = SignedDuration::from_hours(10 * 24);

/// Stripe names the lines of a payout within hours; after so long something is wrong.
const UNNAMED_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The payouts that differ, with the time at which that was first seen.
pub(super) type Differing = BTreeMap<ObjectId, UnixSeconds>;

/// A review of the payouts and the donations of the last weeks, saved between its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Review {
    Payouts {
        /// The last payout that was looked at.
        after: Option<(UnixSeconds, ObjectId)>,
    },
    Donations {
        after: Option<(UnixSeconds, ObjectId)>,
        /// The donations so far whose money is nowhere, or was left behind.
        count: u64,
        /// One of them.
        first: Option<ObjectId>,
    },
}

impl Review {
    /// Returns the beginning of a review.
    pub(super) fn begin() -> Self {
        Self::Payouts { after: None }
    }
}

/// Does a step of a review: returns the rest of it, if there is any, and the changes of alerts.
pub(super) async fn step(
    store: &dyn Store,
    livemode: bool,
    now: UnixSeconds,
    review: Review,
    differing: &mut Differing,
) -> Result<(Option<Review>, Vec<AlertChange>), StoreError> {
    match review {
        Review::Payouts { after } => payouts(store, livemode, now, after, differing).await,
        Review::Donations { after, count, first } => {
            donations(store, livemode, now, after, (count, first)).await
        }
    }
}

async fn payouts(
    store: &dyn Store,
    livemode: bool,
    now: UnixSeconds,
    after: Option<(UnixSeconds, ObjectId)>,
    differing: &mut Differing,
) -> Result<(Option<Review>, Vec<AlertChange>), StoreError> {
    let mut changes = Vec::new();
    let filter = PayoutFilter {
        livemode: Some(livemode),
        arrives_since: Some(now.after(-LOOKED_AT)),
        ..PayoutFilter::default()
    };
    let position = after.as_ref().map(|(at, id)| (*at, id));
    let rows = store.payouts(&filter, position, PAYOUTS).await?;
    for row in &rows {
        let id = &row.payout.id;
        let statement = lookup::statement(store, row).await?;
        if statement.state == StatementState::Differs {
            let since = *differing.entry(id.clone()).or_insert(now);
            if now.since(since) >= DIFFERS_AFTER.as_secs() {
                changes.push(AlertChange::Raise(differs(row, statement.differences.len() as u64)));
            }
        } else if differing.remove(id).is_some() {
            changes.push(AlertChange::Resolve(payout_key(PAYOUT_DIFFERS, id)));
        }
        changes.extend(late(row, now));
        changes.extend(made_up_for(store, row).await?);
    }
    let last = rows.last().filter(|_| rows.len() >= PAYOUTS as usize);
    let rest = match last {
        Some(last) => {
            Review::Payouts { after: Some((last.payout.created, last.payout.id.clone())) }
        }
        None => Review::Donations { after: None, count: 0, first: None },
    };
    Ok((Some(rest), changes))
}

fn differs(row: &PayoutRow, differences: u64) -> Alert {
    let it = &row.payout;
    Alert::PayoutDiffers {
        payout: it.id.clone(),
        amount: it.amount,
        currency: it.currency.clone(),
        differences,
        livemode: it.livemode,
    }
}

fn late(row: &PayoutRow, now: UnixSeconds) -> Option<AlertChange> {
    let it = &row.payout;
    let on_its_way = matches!(it.status, PayoutStatus::Pending | PayoutStatus::InTransit);
    let is_late = on_its_way && now.since(it.arrives) > LATE_AFTER.as_secs();
    let unnamed = it.automatic && it.reconciliation == Reconciliation::InProgress;
    if is_late || unnamed && now.since(it.created) > UNNAMED_AFTER.as_secs() {
        return Some(AlertChange::Raise(Alert::PayoutStuck {
            payout: it.id.clone(),
            amount: it.amount,
            currency: it.currency.clone(),
            arrives: it.arrives,
            livemode: it.livemode,
        }));
    }
    // It can have been late only after so long.
    let may_have_been = now.since(it.created) > UNNAMED_AFTER.as_secs();
    may_have_been.then(|| AlertChange::Resolve(payout_key(PAYOUT_STUCK, &it.id)))
}

/// Ends the alert on a failed payout whose money reached the bank with another one.
async fn made_up_for(
    store: &dyn Store,
    row: &PayoutRow,
) -> Result<Option<AlertChange>, StoreError> {
    let it = &row.payout;
    if it.status != PayoutStatus::Failed {
        return Ok(None);
    }
    let of_the_mode = PayoutFilter { livemode: Some(it.livemode), ..PayoutFilter::default() };
    let others = store.payouts(&of_the_mode, None, SEARCHED).await?;
    let made_up = others.iter().map(|other| &other.payout).any(|other| {
        let by_hand =
            !other.automatic && other.created > it.created && other.currency == it.currency;
        let again = Some(&other.id) == row.returned_by.as_ref() || by_hand;
        again && other.status == PayoutStatus::Paid
    });
    Ok(made_up.then(|| AlertChange::Resolve(payout_key(PAYOUT_FAILED, &it.id))))
}

/// Counts the paid donations of a page whose money is nowhere, or was left behind.
async fn donations(
    store: &dyn Store,
    livemode: bool,
    now: UnixSeconds,
    after: Option<(UnixSeconds, ObjectId)>,
    (mut count, mut first): (u64, Option<ObjectId>),
) -> Result<(Option<Review>, Vec<AlertChange>), StoreError> {
    let Some(known) = read_window::get(store, livemode).await? else {
        return Ok((None, Vec::new()));
    };
    let filter = DonationFilter {
        since: Some(known.since.max(now.after(-LOOKED_AT))),
        until: Some(now.after(-NOT_SEEN_AFTER)),
        state: Some(DonationState::Paid),
        livemode: Some(livemode),
        ..DonationFilter::default()
    };
    let position = after.as_ref().map(|(at, id)| (*at, id));
    let page = store.donations(&filter, position, PAGE).await?;
    for (donation, money) in page.iter().zip(lookup::money_of(store, &page, now).await?) {
        if matches!(money.place, Some(MoneyPlace::NotSeen | MoneyPlace::LeftBehind)) {
            count = count.saturating_add(1);
            first = Some(donation.id.clone());
        }
    }
    if let Some(last) = page.last().filter(|_| page.len() >= PAGE as usize) {
        let after = Some((last.at, last.id.clone()));
        return Ok((Some(Review::Donations { after, count, first }), Vec::new()));
    }
    let change = match first {
        None => AlertChange::Resolve(DONATIONS_NOT_PAID_OUT.into()),
        Some(first) => {
            AlertChange::Raise(Alert::DonationsNotPaidOut { donations: count, first, livemode })
        }
    };
    Ok((None, vec![change]))
}
