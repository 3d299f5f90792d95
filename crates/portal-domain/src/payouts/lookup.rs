//! Looks up what people ask: the statement of a payout, the money of donations, the account.

use std::collections::{BTreeMap, BTreeSet};

use super::place::RETURNS_MAX;
use super::{
    Account, AccountedDonation, CarriedReading, DonationMoney, MoneyLine, PayoutRow,
    PayoutStatement, PlaceContext, StatementLine, read_window,
};
use crate::donation::Donation;
use crate::ids::{Currency, ObjectId};
use crate::ports::{Store, StoreError};
use crate::stripe::Window;
use crate::time::UnixSeconds;

/// Judges a payout by its lines.
///
/// # Errors
/// If the store failed.
pub async fn statement(store: &dyn Store, row: &PayoutRow) -> Result<PayoutStatement, StoreError> {
    statement_and_lines(store, row).await.map(|it| it.0)
}

/// Judges a payout by its lines, and returns both.
///
/// # Errors
/// If the store failed.
pub async fn statement_and_lines(
    store: &dyn Store,
    row: &PayoutRow,
) -> Result<(PayoutStatement, Vec<StatementLine>), StoreError> {
    let lines = store.payout_lines(&row.payout.id).await?;
    // A key of its mode has read the balance at least once.
    let has_key =
        row.reading.is_some() || read_window::get(store, row.payout.livemode).await?.is_some();
    Ok((PayoutStatement::of(row, &lines, has_key), lines))
}

/// Returns the donations, each with what it brought to the balance and where that is.
///
/// # Errors
/// If the store failed.
pub async fn accounted(
    store: &dyn Store,
    donations: Vec<Donation>,
    now: UnixSeconds,
) -> Result<Vec<AccountedDonation>, StoreError> {
    let money = money_of(store, &donations, now).await?;
    let both = donations.into_iter().zip(money);
    Ok(both.map(|(donation, money)| AccountedDonation { donation, money }).collect())
}

/// Returns for each donation what it brought to the balance, and where that is.
///
/// # Errors
/// If the store failed.
pub async fn money_of(
    store: &dyn Store,
    donations: &[Donation],
    now: UnixSeconds,
) -> Result<Vec<DonationMoney>, StoreError> {
    let ids: Vec<_> = donations.iter().map(|it| it.id.clone()).collect();
    let mut lines = vec![Vec::new(); donations.len()];
    for (place, line) in store.lines_of(&ids).await? {
        lines.get_mut(place).ok_or(StoreError::Corrupt)?.push(line);
    }
    let payouts = payouts_of(store, &lines).await?;
    let mut by_mode = BTreeMap::new();
    for livemode in donations.iter().map(|it| it.livemode).collect::<BTreeSet<_>>() {
        let known = read_window::get(store, livemode).await?;
        let history: BTreeMap<_, _> = store.payout_history(livemode).await?.into_iter().collect();
        by_mode.insert(livemode, (known, history));
    }
    let money = donations.iter().zip(&lines).map(|(donation, lines)| {
        let (known, history) = by_mode.get(&donation.livemode).ok_or(StoreError::Corrupt)?;
        let context = PlaceContext { known: *known, history, payouts: &payouts, now };
        Ok(DonationMoney::of(donation, lines, context))
    });
    money.collect()
}

/// The same of one donation.
///
/// # Errors
/// If the store failed.
pub async fn money_of_one(
    store: &dyn Store,
    donation: &Donation,
    now: UnixSeconds,
) -> Result<DonationMoney, StoreError> {
    let money = money_of(store, std::slice::from_ref(donation), now).await?;
    money.into_iter().next().ok_or(StoreError::Corrupt)
}

/// Returns the payouts of the lines, and those that paid out again what came back.
async fn payouts_of(
    store: &dyn Store,
    lines: &[Vec<MoneyLine>],
) -> Result<BTreeMap<ObjectId, PayoutRow>, StoreError> {
    let mut found = BTreeMap::new();
    let mut wanted: BTreeSet<_> =
        lines.iter().flatten().filter_map(|it| it.payout.clone()).collect();
    for _ in 0..RETURNS_MAX {
        if wanted.is_empty() {
            break;
        }
        let ids: Vec<_> = std::mem::take(&mut wanted).into_iter().collect();
        for row in store.payouts_of(&ids).await? {
            wanted.extend(row.returned_by.clone());
            found.insert(row.payout.id.clone(), row);
        }
        wanted.retain(|it| !found.contains_key(it));
    }
    Ok(found)
}

/// Returns the account of each currency over `window`; `None` if not all of its lines are known.
///
/// # Errors
/// If the store failed.
pub async fn accounts(
    store: &dyn Store,
    livemode: bool,
    window: Window,
) -> Result<Option<Vec<Account>>, StoreError> {
    let known = read_window::get(store, livemode).await?;
    if known.is_none_or(|it| it.since > window.since || it.until < window.until) {
        return Ok(None);
    }
    let before = carried(store, livemode, window.since).await?;
    let last = carried(store, livemode, window.until).await?;
    let mut sums = BTreeMap::<Currency, Vec<_>>::new();
    for (currency, sum) in store.line_sums(livemode, window).await? {
        sums.entry(currency).or_default().push(sum);
    }
    for currency in last.keys() {
        sums.entry(currency.clone()).or_default();
    }
    let account = |(currency, sums): (Currency, Vec<_>)| {
        let (before, last) = (before.get(&currency), last.get(&currency));
        Account::of(currency, window, &sums, before, last)
    };
    Ok(Some(sums.into_iter().map(account).collect()))
}

/// Returns the last reading of each currency up to `until`, with the lines since then.
async fn carried(
    store: &dyn Store,
    livemode: bool,
    until: UnixSeconds,
) -> Result<BTreeMap<Currency, CarriedReading>, StoreError> {
    let mut carried = BTreeMap::new();
    for reading in store.last_balance(livemode, until).await? {
        let since = Window { since: reading.at, until };
        let sums = store.line_sums(livemode, since).await?;
        let own = sums.iter().filter(|(currency, _)| *currency == reading.currency);
        let net = own.fold(0_i64, |sum, (_, it)| sum.saturating_add(it.net));
        carried.insert(reading.currency.clone(), CarriedReading { reading, net });
    }
    Ok(carried)
}
