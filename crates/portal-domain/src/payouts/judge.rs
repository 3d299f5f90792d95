//! Alerts about payouts that failed, differ or are late, and about donations that are in none.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::lookup;
use super::{MoneyPlace, NOT_SEEN_AFTER, PayoutRow, StatementState, walked};
use crate::alert::{Alert, AlertChange, DONATIONS_NOT_PAID_OUT, payout_key};
use crate::donation::{DonationFilter, DonationState};
use crate::ids::ObjectId;
use crate::ledger::{PayoutStatus, Reconciliation};
use crate::ports::{PayoutFilter, Store, StoreError};
use crate::time::UnixSeconds;

/// Payouts and donations of so long are looked at: later nothing about them changes by itself.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// The most payouts that are looked at: several a day.
const PAYOUTS_MAX: u32 = 200;

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

/// Looks at the payouts and the donations of the last weeks, and returns the changes of alerts.
pub(super) async fn look(
    store: &dyn Store,
    livemode: bool,
    now: UnixSeconds,
    differing: &mut Differing,
) -> Result<Vec<AlertChange>, StoreError> {
    let mut changes = Vec::new();
    let filter = PayoutFilter {
        livemode: Some(livemode),
        arrives_since: Some(now.after(-LOOKED_AT)),
        ..PayoutFilter::default()
    };
    let rows = store.payouts(&filter, None, PAYOUTS_MAX).await?;
    let mut still = Differing::new();
    for row in &rows {
        let id = &row.payout.id;
        let statement = lookup::statement(store, row).await?;
        if statement.state == StatementState::Differs {
            let since = differing.get(id).copied().unwrap_or(now);
            still.insert(id.clone(), since);
            if now.since(since) >= DIFFERS_AFTER.as_secs() {
                changes.push(AlertChange::Raise(differs(row, statement.differences.len() as u64)));
            }
        } else if differing.contains_key(id) {
            changes.push(AlertChange::Resolve(payout_key("payout_differs", id)));
        }
        changes.extend(late(row, now));
        changes.extend(made_up_for(row, &rows));
    }
    *differing = still;
    changes.push(not_paid_out(store, livemode, now).await?);
    Ok(changes)
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
    may_have_been.then(|| AlertChange::Resolve(payout_key("payout_stuck", &it.id)))
}

/// Ends the alert on a failed payout whose money reached the bank with another one.
fn made_up_for(row: &PayoutRow, all: &[PayoutRow]) -> Option<AlertChange> {
    let it = &row.payout;
    if it.status != PayoutStatus::Failed {
        return None;
    }
    let paid = |other: &&PayoutRow| {
        let other_payout = &other.payout;
        let again = Some(&other_payout.id) == row.returned_by.as_ref()
            || !other_payout.automatic
                && other_payout.created > it.created
                && other_payout.currency == it.currency;
        again && other_payout.status == PayoutStatus::Paid
    };
    all.iter().find(paid).map(|_| AlertChange::Resolve(payout_key("payout_failed", &it.id)))
}

/// Counts the paid donations whose money is nowhere, or was left behind.
async fn not_paid_out(
    store: &dyn Store,
    livemode: bool,
    now: UnixSeconds,
) -> Result<AlertChange, StoreError> {
    let resolved = || AlertChange::Resolve(DONATIONS_NOT_PAID_OUT.into());
    let Some(known) = walked::get(store, livemode).await? else { return Ok(resolved()) };
    let filter = DonationFilter {
        since: Some(known.since.max(now.after(-LOOKED_AT))),
        until: Some(now.after(-NOT_SEEN_AFTER)),
        state: Some(DonationState::Paid),
        livemode: Some(livemode),
        ..DonationFilter::default()
    };
    let (mut count, mut first) = (0_u64, None);
    let mut after: Option<(UnixSeconds, ObjectId)> = None;
    loop {
        let position = after.as_ref().map(|(at, id)| (*at, id));
        let page = store.donations(&filter, position, PAGE).await?;
        for (donation, money) in page.iter().zip(lookup::money_of(store, &page, now).await?) {
            if matches!(money.place, Some(MoneyPlace::NotSeen | MoneyPlace::LeftBehind)) {
                count = count.saturating_add(1);
                first = Some(donation.id.clone());
            }
        }
        after = page.last().map(|it| (it.at, it.id.clone()));
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(first.map_or_else(resolved, |first| {
        AlertChange::Raise(Alert::DonationsNotPaidOut { donations: count, first, livemode })
    }))
}
